"""What goes wrong with models and accelerators, from the command line: one clear line, its exit code, nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub import Hub, serve

MUSETALK = "TMElyralab/MuseTalk"
REVISION = "3ef28bc5cff08c90ad8178a25f1b570cd800170f"


def avatar(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command with everything it keeps below `folder`."""
    names = ("LIBRARY", "CACHE", "MODELS", "WORKERS")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AVATAR_", "HF_"))}
    own = {f"AVATAR_{name}": str(folder / name.lower()) for name in names}
    return subprocess.run(
        [sys.executable, "-m", "avatar", *words], env=clean | own | {"AVATAR_CONFIG": str(folder / "none.toml")} | more,
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def refuses(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def driver(folder: Path, said: str) -> str:
    """A PATH on which the NVIDIA driver's program says that."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("", 3, ("cuda was asked for, and is not here", "no NVIDIA driver answers", "set device to auto or cpu")),
        ("NVIDIA GeForce GTX 1080, 8192, 8000, 470.10", 3, ("470.10 is too old", "580 or newer")),
        ("NVIDIA GeForce RTX 4090, 24564, 100, 590.44", 4, ("needs 900 MiB", "90 MiB may be used")),
    ],
    ids=["no driver", "an old driver", "a GPU that is taken"],
)
def test_the_accelerator_that_was_asked_for(tmp_path: Path, said: str, code: int, words: tuple[str, ...]) -> None:
    path = driver(tmp_path, said) if said else "/nowhere"
    words_given = ("pipeline", "run", "Hello.", "--speech", "pocket-tts", "-o", "a.mp4")
    refuses(avatar(tmp_path, *words_given, PATH=path, AVATAR_DEVICE="cuda"), code, *words)
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Hello.", "ja", ("no language of pocket-tts is called 'ja'",)),
        ("reasonable " * 10_000, "en", ("110,000", "split it")),
    ],
    ids=["a language it does not speak", "ten thousand words"],
)
def test_a_text_it_cannot_speak(tmp_path: Path, text: str, language: str, words: tuple[str, ...]) -> None:
    (tmp_path / "text.txt").write_text(text)
    given = ("pipeline", "run", "@text.txt", "--speech", "pocket-tts", "--language", language, "-o", "a.mp4")
    refuses(avatar(tmp_path, *given), 2, *words)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"gone": {MUSETALK}}, (f"{MUSETALK} is not on the hub", "choose another backend")),
        ({"gone": {REVISION}}, ("no longer has the revision 3ef28bc5cf",)),
        ({"gated": {MUSETALK: "right"}}, (f"{MUSETALK} is gated", "set HF_TOKEN")),
    ],
    ids=["a model that is gone", "a revision that is gone", "a gated model"],
)
def test_what_the_hub_no_longer_gives(tmp_path: Path, fault: dict[str, object], words: tuple[str, ...]) -> None:
    (tmp_path / "hub" / MUSETALK).mkdir(parents=True)
    with serve(tmp_path / "hub") as hub:
        for name, value in fault.items():
            setattr(hub, name, value)
        refuses(avatar(tmp_path, "models", "pull", "musetalk", HF_ENDPOINT=hub.url), 3, *words)
    assert not list((tmp_path / "workers").glob("*/")), "no environment is built for what cannot be had"


def test_the_wrong_account_is_told_from_none(tmp_path: Path, hub: Hub) -> None:
    hub.gated = {MUSETALK: "right"}
    refuses(avatar(tmp_path, "models", "pull", "musetalk", HF_ENDPOINT=hub.url, HF_TOKEN="wrong"), 3, "is gated")


def test_folders_that_cannot_be_made(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "file").touch()
    given = {"HF_ENDPOINT": hub.url, "AVATAR_MODELS": str(tmp_path / "file" / "models")}
    (hub.folder / MUSETALK / "musetalkV15").mkdir(parents=True, exist_ok=True)
    refuses(avatar(tmp_path, "models", "pull", "musetalk", **given), 2, "models cannot be kept in", "AVATAR_MODELS")


@pytest.mark.parametrize("words", [("status",), ("status", "--explain"), ("models", "list")])
def test_looking_asks_the_hub_for_nothing(tmp_path: Path, hub: Hub, words: tuple[str, ...]) -> None:
    done = avatar(tmp_path, *words, HF_ENDPOINT=hub.url, HF_TOKEN="right")
    assert done.returncode == 0, done.stderr
    assert hub.asked == []
    assert not list(tmp_path.glob("models/*")), "nothing was fetched or made"
