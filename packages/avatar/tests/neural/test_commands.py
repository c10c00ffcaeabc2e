"""Text to mp4 as a person types it: the shipped manifests, the real code of every model, tiny or random weights.

Chatterbox's are of its one size, 1.6 GB at half precision. Half an hour with a slow disk: part of `make soak`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hub as hubs
import pytest
from stand import Stand

from avatar.codec import probe, read_recording, write_audio
from avatar.testing.contracts import voiced_reference

pytestmark = pytest.mark.soak

TEXT = "Hello there. How are you?"
FACE = Path(__file__).parents[4] / ".cache/models/face"
PAIRS = {
    "pocket-tts": ("sdxl", ()),
    "xtts": ("sdxl-turbo", ("made by 'xtts': no commercial use", "made by 'sdxl-turbo': no commercial use")),
    "qwen3-tts": ("flux2-klein", ()),
    "chatterbox": ("z-image-turbo", ()),
}
"""Speech, painter, and what of the two must be said; each with musetalk."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = Stand(tmp_path_factory.mktemp("commands"))
    made.add("musetalk")
    write_audio(voiced_reference(), made.root / "me.wav")
    yield made
    made.workshop.close()


def avatar(stand: Stand, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command, with the folders of the stand and nothing else set."""
    names = ("library", "cache", "models", "workers", "memory_mib", "device")
    own = {f"AVATAR_{name.upper()}": str(getattr(stand.settings, name)) for name in names}
    return subprocess.run(
        [sys.executable, "-m", "avatar", *words], cwd=stand.root, env=os.environ | own | more,
        capture_output=True, text=True, check=False, timeout=3000,
    )  # fmt: skip


def filmed(stand: Stand, speech: str, painter: str, *more: str) -> tuple[dict[str, object], list[str]]:
    """The result, and the notes a person reads on standard error."""
    output = f"{speech}.mp4"
    line = ("pipeline", "run", TEXT, "--speech", speech, "--painter", painter, "--lipsync", "musetalk")
    done = avatar(stand, *line, "--size", "320x256", "-o", output, *more)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    again = avatar(stand, *line, "--size", "320x256", "-o", output, "--json", *more)
    result = json.loads(again.stdout)
    assert all(stage["cached"] for stage in result["stages"]), "nothing is done twice"
    return result, [text.removeprefix("note: ") for text in done.stderr.splitlines() if text.startswith("note: ")]


@pytest.mark.parametrize("speech", PAIRS)
def test_text_to_mp4_as_it_is_typed(stand: Stand, speech: str) -> None:
    painter, said = PAIRS[speech]
    for name in (speech, painter):
        if name not in stand.manifests:
            stand.add(name)
    voice = ("--voice", "me.wav", "--consent", "Nobody, a synthetic sound for a test", "--transcript", "Hm hm hm.")
    result, notes = filmed(stand, speech, painter, *(() if speech == "pocket-tts" else voice))
    assert (result["voice"]["backend"], result["portrait"]["backend"]) == (speech, painter)  # type: ignore[index]
    assert result["lipsync"]["backend"] == "musetalk"  # type: ignore[index]
    for words in (*said, "nothing here can look for faces", "no face was measured"):
        assert any(words in note for note in notes), notes
    output = stand.root / f"{speech}.mp4"
    clip = probe(output)
    assert (clip.width, clip.height, clip.fps) == (320, 256, 25)
    assert read_recording(output, longest=120).audio.duration == pytest.approx(clip.duration, abs=0.1)


@pytest.mark.skipif(not FACE.exists(), reason="the face model is not here")
def test_a_prompt_that_yields_no_face_is_said_where_a_person_reads_it(stand: Stand) -> None:
    """Random weights paint no face; three are painted and looked at by the real detector."""
    if "sdxl-turbo" not in stand.manifests:
        stand.add("sdxl-turbo")
    (stand.settings.models / "face").symlink_to(FACE)
    try:
        line = ("portrait", "generate", "a person", "--size", "320x256", "-o", "p.png")
        done = avatar(stand, *line, AVATAR_PAINTER="sdxl-turbo")
    finally:
        (stand.settings.models / "face").unlink()
    assert done.returncode == 0, done.stderr
    assert "no face was found in 3 pictures" in done.stderr


def test_a_model_is_pulled_verified_mended_and_removed(stand: Stand) -> None:
    """`avatar models pull` and nothing else: SDXL's files are held against the hub's own hashes."""
    if "sdxl" not in stand.manifests:
        stand.add("sdxl")
    own = {"AVATAR_MODELS": str(stand.root / "pulled")}
    with hubs.serve(stand.root / "hub") as hub:
        own["HF_ENDPOINT"] = hub.url
        done = avatar(stand, "models", "pull", "sdxl", **own)
        assert (done.returncode, done.stdout) == (0, "sdxl is ready\n"), done.stderr
        assert "Open RAIL++-M" in done.stderr
        (unet,) = (stand.root / "pulled").rglob("unet/*.safetensors")
        data = bytearray(unet.read_bytes())
        data[-1] ^= 1
        unet.write_bytes(data)
        assert "is not what was pulled" in avatar(stand, "models", "verify", "sdxl", **own).stderr
        hub.asked.clear()
        mended = avatar(stand, "models", "pull", "sdxl", "--again", **own)
        assert mended.returncode == 0, mended.stderr
        fetched = [path for method, path, _ in hub.asked if method == "GET" and "/resolve/" in path]
        assert [path.partition("/unet/")[2] for path in fetched] == [unet.name], "one file, not seven gigabytes"
    assert avatar(stand, "models", "verify", "sdxl", **own).returncode == 0
    facts = json.loads(avatar(stand, "status", "--json", **own).stdout)["neural"]
    assert [each["ready"] for each in facts if each["name"] == "sdxl"] == [True]
