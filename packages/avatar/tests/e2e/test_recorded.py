"""Speech that exists already: with its text, without, and with another."""

from pathlib import Path

import numpy as np
import pytest

from avatar import codec
from avatar.engine.speech import EmbeddedSpeech
from avatar.media import Audio, join

from .conftest import Command, refuses

TEXT = "The train to the coast leaves from the second platform at nine."
OTHER = "Completely different things stand here, and nobody ever said them aloud."


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence with a little room noise, so that it is nobody's own samples."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    with EmbeddedSpeech() as engine:
        spoken = join(engine.speak(TEXT, engine.default_voice(), "en")).audio
    noise = np.random.default_rng(0).normal(0, 1e-3, len(spoken.samples)).astype(np.float32)
    codec.write_audio(Audio(spoken.samples * 0.5 + noise, spoken.rate), path)
    return path


def filmed(avatar: Command, speech: Path, *extra: str):
    return avatar("pipeline", "run", *extra, "--audio", speech, "--size", "320x180", "-o", "talk.mp4", "--json")


def test_a_recording_with_its_text_is_aligned(avatar: Command, speech: Path) -> None:
    done = filmed(avatar, speech, TEXT, "--keep-stages")
    assert done.code == 0, done.err
    assert done.json["lipsync"]["timing"].startswith("aligned:")
    assert done.json["voice"] is None
    assert [stage["name"] for stage in done.json["stages"]] == ["alignment", "portrait", "video"]
    kept = next(avatar.folder.glob("*/speech.json")).read_text("utf-8")
    assert '"platform"' in kept
    again = filmed(avatar, speech, TEXT)
    assert all(stage["cached"] for stage in again.json["stages"])


def test_a_recording_without_text(avatar: Command, speech: Path) -> None:
    done = filmed(avatar, speech)
    assert done.code == 0, done.err
    assert done.json["lipsync"]["timing"] in {"recognised", "sound"}
    assert any("without a text" in warning for warning in done.json["warnings"])


def test_another_text_is_told_and_not_used(avatar: Command, speech: Path) -> None:
    done = filmed(avatar, speech, OTHER)
    assert done.code == 0, done.err
    assert done.json["lipsync"]["timing"] in {"recognised", "sound"}
    assert any("does not seem to be what the recording says" in warning for warning in done.json["warnings"])


def test_a_language_that_cannot_be_aligned_is_named(avatar: Command, speech: Path) -> None:
    done = filmed(avatar, speech, TEXT, "--language", "tlh")
    assert done.json["lipsync"]["timing"] == "sound"
    assert any("'tlh'" in warning for warning in done.json["warnings"])


def test_a_portrait_speaks_a_recording_with_text(avatar: Command, speech: Path) -> None:
    avatar("portrait", "generate", "a man", "-o", "man.png", "--size", "320x180")
    done = avatar("video", "lipsync", "man.png", speech, "--text", TEXT, "-o", "talk.mp4", "--json")
    assert done.code == 0, done.err
    assert done.json["lipsync"]["timing"].startswith("aligned:")


def test_neither_text_nor_recording(avatar: Command) -> None:
    refuses(avatar("pipeline", "run", "-o", "talk.mp4"), 2, "TEXT")


def test_a_recording_needs_no_voice(avatar: Command, speech: Path) -> None:
    refuses(filmed(avatar, speech, "--voice", "me.wav"), 2, "leave out --voice")
