"""Bad luck and bad input around workers: too little memory, no such device, no such language, ten thousand words."""

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import BackendUnavailable, NotFound
from avatar.media import Audio, Portrait, Utterance
from avatar.workers import manifest as manifests
from avatar.workers.environments import Environments
from avatar.workers.lipsync import WorkerLipSync, assumed_points
from avatar.workers.manifest import Manifest
from avatar.workers.models import Models
from avatar.workers.painter import WorkerPainter
from avatar.workers.process import OutOfMemory
from avatar.workers.speech import WorkerSpeech
from avatar.workers.workshop import Choice, Workshop

HERE = Path(__file__).parent
LONG = "this goes on and on until it no longer fits, and then goes on until it ends."


@pytest.fixture
def tight(toy: Manifest, tmp_path: Path) -> Manifest:
    folder = tmp_path / "toy"  # the toy's own environment serves it too
    folder.mkdir()
    shutil.copy(HERE / "tight.py", folder / "worker.py")
    shutil.copy(toy.lock, folder / "requirements.txt")
    nothing = toy.models[0].model_copy(update={"needed_for": "nothing"})
    return toy.model_copy(update={"folder": folder, "models": (nothing,), "longest_chunk": 80})


@pytest.fixture
def shop(built: Environments, models: Models) -> Iterator[Workshop]:
    opened = Workshop(built, models, Choice(device="cpu", memory_mib=1000))
    yield opened
    opened.close()


def test_a_sentence_is_spoken_in_smaller_pieces_when_memory_runs_out(tight: Manifest, shop: Workshop) -> None:
    speech = WorkerSpeech(tight, shop)
    (said,) = speech.speak(LONG, speech.default_voice(), "en")
    assert "pieces of 40 characters" in said.notes[0]
    assert said.audio.duration > 0.9 * 0.05 * len(LONG) - 0.2, "every word"


def test_what_does_not_fit_in_small_pieces_either_is_said(tight: Manifest, shop: Workshop) -> None:
    speech = WorkerSpeech(tight.model_copy(update={"options": {"room": 0}}), shop)
    with pytest.raises(OutOfMemory, match="ran out of memory"):
        list(speech.speak(LONG, speech.default_voice(), "en"))
    assert shop.residency.resident() == {}, "everything was ended"


def test_a_picture_is_painted_smaller_and_that_is_said(tight: Manifest, shop: Workshop) -> None:
    portrait = WorkerPainter(tight, shop).paint("a person", 1, (320, 256))
    assert portrait.image.shape == (256, 320, 4)
    assert any("painted at 160x128" in note for note in portrait.parameters["notes"])


def test_frames_that_are_missing_are_made_one_by_one(tight: Manifest, shop: Workshop) -> None:
    lips = WorkerLipSync(tight, shop, lambda frame: assumed_points((0.3, 0.1, 0.7, 0.9), (64, 64)))
    portrait = Portrait("", "photo", np.zeros((64, 64, 4), np.uint8), {}, "", 1)
    sound = Utterance("hm", "en", Audio(np.zeros(16000 * 10 // 25, np.float32), 16000))
    frames = [frame[0, 0, 0] for frame in lips.animate(portrait, sound, fps=25, size=(64, 64), seed=0)]
    assert frames == list(range(10)), "each once, in order"
    assert "one at a time" in lips.notes[-1]


def test_a_device_that_was_asked_for_and_is_not_here_is_no_reason_to_take_another(
    built: Environments, models: Models, tight: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    speech = WorkerSpeech(tight, Workshop(built, models, Choice(device="cuda", memory_mib=1000)))
    with pytest.raises(BackendUnavailable, match="cuda was asked for, and is not here: no NVIDIA driver"):
        list(speech.speak("Hello.", speech.default_voice(), "en"))


def test_ten_thousand_words_come_sentence_by_sentence(toy: Manifest, shop: Workshop) -> None:
    shop.models.pull(toy.model("hum"), lambda path, so_far, total: None)
    speech = WorkerSpeech(toy, shop)
    words = 10_000
    text = "ha ha ha ha ha ha ha ha ha ha. " * (words // 10)
    spoken = speech.speak(text, speech.default_voice(), "en")
    assert sum(utterance.audio.duration > 1 for utterance in spoken) == words // 10
    (breathless,) = speech.speak("ha " * 1000, speech.default_voice(), "en")
    assert breathless.audio.duration > 100


def test_a_language_it_does_not_speak_names_those_it_does(toy: Manifest, shop: Workshop) -> None:
    speech = WorkerSpeech(toy, shop)
    with pytest.raises(NotFound, match="language of toy") as caught:
        list(speech.speak("Hej.", speech.default_voice(), "sv"))
    assert "en" in caught.value.hint


@pytest.mark.parametrize("name", [name for name, each in manifests.shipped().items() if each.commercial() is False])
def test_works_of_weights_that_forbid_commerce_say_so(name: str) -> None:
    assert "no commercial use" in manifests.named(name).restriction()


def test_those_that_allow_it_say_nothing(toy: Manifest) -> None:
    assert toy.restriction() == ""


def pulled(tmp_path: Path, endpoint: str, answer: str | None, *words: str) -> tuple[int, str]:
    """Exit code and all output of `avatar models pull xtts`; `answer` typed at a terminal, None without one."""
    environment = os.environ | {
        f"AVATAR_{name}": str(tmp_path / name.lower()) for name in ("LIBRARY", "CACHE", "MODELS", "WORKERS")
    } | {"HF_ENDPOINT": endpoint}  # fmt: skip
    command = [str(Path(sys.executable).parent / "avatar"), "models", "pull", "xtts", *words]
    if answer is None:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, answer.encode() + b"\n")
        said = b""
        try:
            while got := os.read(ours, 4096):
                said += got
        except OSError:  # Linux's word for the other end having gone
            pass
        code = process.wait(60)
    os.close(ours)
    return code, " ".join(said.decode().split())


@pytest.mark.parametrize(
    ("answer", "words", "ends"),
    [
        (None, (), (2, "--accept-licence")),
        (None, ("--accept-licence",), (3, "coqui/XTTS-v2")),
        ("n", (), (2, "may not be used commercially")),
        ("y", (), (3, "cannot be reached")),
    ],
)
def test_a_licence_is_shown_before_anything_is_fetched(
    tmp_path: Path, answer: str | None, words: tuple[str, ...], ends: tuple[int, str]
) -> None:
    code, said = pulled(tmp_path, "http://127.0.0.1:9", answer, *words)
    assert code == ends[0], said
    assert ends[1] in said
    assert "Coqui Public Model License" in said
    assert "Traceback" not in said
    assert ("Accept this licence?" in said) == (answer is not None)
