"""The real code of each neural backend, in its own environment, on tiny random models pulled from a local hub.

Half an hour with a slow disk: part of `make soak`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from stand import Stand

from avatar import pipeline
from avatar.codec import read_recording
from avatar.media import Audio, Utterance, join
from avatar.pipeline.workshop import seated
from avatar.workers import manifest as manifests
from avatar.workers.lipsync import WorkerLipSync, assumed_points
from avatar.workers.painter import WorkerPainter
from avatar.workers.speech import WorkerSpeech

pytestmark = pytest.mark.soak

NAMES = ("pocket-tts", "sdxl", "musetalk")
SIZE = (320, 256)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = Stand(tmp_path_factory.mktemp("neural"), dict(zip(("speech", "painter", "lipsync"), NAMES, strict=True)))
    for name in NAMES:
        made.add(name)
    yield made
    made.workshop.close()


def hum(seconds: float, rate: int = 16000) -> Utterance:
    times = np.arange(round(seconds * rate)) / rate
    sound = 0.3 * np.sin(2 * np.pi * 150 * times) * (times % 0.5 < 0.3)
    return Utterance("hm", "en", Audio(sound.astype(np.float32), rate))


def test_pocket_tts_speaks_and_learns(stand: Stand) -> None:
    speech = WorkerSpeech(stand.manifests["pocket-tts"], stand.workshop)
    first, again = (join(speech.speak("Hello there.", speech.default_voice(), "en")) for _ in range(2))
    assert first.audio.rate == 24000
    assert first.audio.duration > 0.1
    assert np.isfinite(first.audio.samples).all()
    assert np.array_equal(first.audio.samples, again.audio.samples), "seeded"
    rng = np.random.default_rng(0)
    voice = speech.learn("mine", Audio((0.1 * rng.normal(size=22050 * 4)).astype(np.float32), 22050), None)
    assert len(voice.state) > 1000
    learnt = join(speech.speak("Hello there.", voice, "en")).audio
    assert not np.array_equal(learnt.samples[:2000], first.audio.samples[:2000]), "another state, another sound"


def test_sdxl_paints_by_seed(stand: Stand) -> None:
    painter = WorkerPainter(stand.manifests["sdxl"], stand.workshop)
    first, again, other = (painter.paint("a person", seed, SIZE) for seed in (1, 1, 2))
    assert first.image.shape == (256, 320, 4)
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)
    assert "face" in first.parameters["notes"][0], "nothing looked for a face, and that is said"


def test_a_prompt_that_yields_no_face_is_tried_three_times_and_said(stand: Stand) -> None:
    tried: list[int] = []
    painter = WorkerPainter(stand.manifests["sdxl"], stand.workshop, lambda frame: tried.append(1))  # type: ignore[func-returns-value]
    portrait = painter.paint("a person", 1, SIZE)
    assert len(tried) == 3
    assert portrait.parameters["face"] is None
    assert "no face was found in 3 pictures" in portrait.parameters["notes"][0]


def test_musetalk_moves_the_mouth_and_nothing_else(stand: Stand) -> None:
    points = assumed_points((0.3, 0.1, 0.7, 0.9), SIZE)
    lips = WorkerLipSync(stand.manifests["musetalk"], stand.workshop, lambda frame: points)
    portrait = WorkerPainter(stand.manifests["sdxl"], stand.workshop).paint("a person", 1, SIZE)
    frames = np.stack([frame.copy() for frame in lips.animate(portrait, hum(1.2), fps=25, size=SIZE, seed=0)])
    assert frames.shape == (30, 256, 320, 4)
    assert np.ptp(frames[:, :100].astype(int), axis=0).max() == 0, "above the nose nothing moves"
    assert np.ptp(frames[:, 140:].astype(int), axis=0).max() > 0, "the mouth does"
    assert lips.notes == ()
    assert len(list(lips.animate(portrait, hum(1.0), fps=30, size=SIZE, seed=0))) == 30
    assert "25 frames" in lips.notes[0]


@pytest.mark.parametrize("name", NAMES)
def test_no_gradients_are_kept_and_a_cancelled_call_ends(stand: Stand, name: str) -> None:
    manifest = stand.manifests[name]
    with stand.workshop.lend(manifest, "any") as worker:
        assert worker.process.gradients is not None
        assert worker.process.alive
        worker.process.kill()
    with stand.workshop.lend(manifest, "any again") as worker:
        call, options, arrays = {
            "pocket-tts": ("speak", {"text": "Hello.", "seed": 1}, {}),
            "sdxl": ("paint", {"prompt": "x", "negative": "", "seed": 1, "size": SIZE}, {}),
            "musetalk": (
                "animate",
                {"frames": 2},
                {
                    "image": np.zeros((256, 320, 3), np.uint8),
                    "points": assumed_points((0.3, 0.1, 0.7, 0.9), SIZE),
                    "samples": hum(0.1).audio.samples,
                },
            ),
        }[name]
        list(worker.process.run(call, options, arrays))
        assert worker.process.gradients is False


def test_text_to_mp4_by_three_models(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, and the honest warnings."""
    monkeypatch.setattr(manifests, "named", stand.manifests.__getitem__)
    request = pipeline.Request("Hello there. How are you?", tmp_path / "o.mp4", prompt="a woman with red hair", seed=4)
    with pipeline.open_studio(stand.settings) as studio:
        made = pipeline.render(request, studio, lambda stage, fraction: None)
    assert (made.voice.backend, made.portrait["backend"], made.lipsync.backend) == NAMES  # type: ignore[union-attr]
    assert any("face" in warning for warning in made.warnings)
    assert read_recording(tmp_path / "o.mp4", longest=60).audio.duration == pytest.approx(made.duration_s, abs=0.1)


def test_the_seats_of_a_studio_are_these(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "named", stand.manifests.__getitem__)
    for kind, made, name in (
        ("speech", WorkerSpeech, "pocket-tts"),
        ("painter", WorkerPainter, "sdxl"),
        ("lipsync", WorkerLipSync, "musetalk"),
    ):
        backend = seated(kind, made, name, stand.workshop, stand.settings)
        assert backend.name == name


def test_without_anything_pulled_the_command_says_what_to_type(tmp_path: Path) -> None:
    environment = os.environ | {
        f"AVATAR_{name}": str(tmp_path / name.lower()) for name in ("LIBRARY", "CACHE", "MODELS", "WORKERS")
    }
    words = ["pipeline", "run", "Hi.", "-o", tmp_path / "o.mp4", "--speech", "pocket-tts"]
    done = subprocess.run(
        [Path(sys.executable).parent / "avatar", *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "avatar models pull pocket-tts" in done.stderr
    assert "Traceback" not in done.stderr
