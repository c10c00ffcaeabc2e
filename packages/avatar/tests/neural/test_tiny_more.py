"""The other backends' real code on tiny random models: voices that speak many tongues, painters of few steps.

An hour with a slow disk: part of `make soak`.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from stand import Stand

from avatar.errors import InputError, NotFound
from avatar.media import Audio, join
from avatar.workers.models import sha256_of
from avatar.workers.painter import WorkerPainter
from avatar.workers.process import Cancelled
from avatar.workers.speech import WorkerSpeech

pytestmark = pytest.mark.soak

SIZE = (320, 256)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = Stand(tmp_path_factory.mktemp("more"))
    yield made
    made.workshop.close()


def reference(seconds: float = 4) -> Audio:
    noise = 0.1 * np.random.default_rng(0).normal(size=round(16000 * seconds))
    return Audio(noise.astype(np.float32), 16000)


def spoken(speech: WorkerSpeech, text: str, language: str = "en", **voice: object) -> np.ndarray:
    sound = join(speech.speak(text, voice.get("voice") or speech.default_voice(), language)).audio  # type: ignore[arg-type]
    assert np.isfinite(sound.samples).all()
    assert sound.rate == 24000
    return sound.samples


def test_xtts_speaks_learns_and_refuses(stand: Stand) -> None:
    manifest = stand.add("xtts")
    speech = WorkerSpeech(manifest, stand.workshop)
    weights = stand.workshop.models.folder(manifest.models[0]) / "model.pth"
    before = sha256_of(weights)
    first, again = spoken(speech, "Hello there."), spoken(speech, "Hello there.")
    assert np.array_equal(first, again), "seeded"
    voice = speech.learn("mine", reference(), None)
    assert len(voice.state) > 2000
    assert not np.array_equal(spoken(speech, "Hello there.", voice=voice), first), "another voice"
    assert len(spoken(speech, "Guten Tag, meine Damen und Herren.", "de")) > 2400
    assert sha256_of(weights) == before, "what was pulled is left as it was"
    said = next(iter(speech.speak("Hi.", voice, "en"))).notes
    assert any("no commercial use" in note for note in said)
    with pytest.raises(NotFound, match="language of xtts"):
        spoken(speech, "Hej.", "sv")
    with pytest.raises(InputError, match="write them as words"):
        spoken(speech, "Ahoj 12.", "cs")


def test_xtts_never_hears_more_than_its_limit(stand: Stand) -> None:
    """A sentence of 6,000 characters, in pieces the tokenizer does not warn of."""
    manifest = stand.manifests.get("xtts") or stand.add("xtts")
    speech = WorkerSpeech(manifest, stand.workshop)
    spoken(speech, "ein Wort und noch ein Wort, " * 60, "de")
    with stand.workshop.lend(manifest, "speech") as worker:
        assert "exceeds the character limit" not in worker.process.log()
        list(worker.process.run("speak", {"text": "wort " * 60, "language": "de", "seed": 1}))
        assert "exceeds the character limit" in worker.process.log(), "this would have been heard"


@pytest.mark.parametrize("transcript", ["Hello, this is how I speak.", None])
def test_qwen3_speaks_only_with_a_voice_it_heard(stand: Stand, transcript: str | None) -> None:
    manifest = stand.manifests.get("qwen3-tts") or stand.add("qwen3-tts")
    speech = WorkerSpeech(manifest, stand.workshop)
    with pytest.raises(InputError, match="no voice of its own"):
        spoken(speech, "Hello there.")
    voice = speech.learn("mine", reference(), transcript)
    first = spoken(speech, "Hello there.", voice=voice)
    assert np.array_equal(first, spoken(speech, "Hello there.", voice=voice)), "seeded"
    assert len(first) > 2400


@pytest.mark.parametrize("name", ["sdxl-turbo", "flux2-klein", "z-image-turbo"])
def test_painters_of_few_steps(stand: Stand, name: str) -> None:
    painter = WorkerPainter(stand.add(name), stand.workshop)
    first, again, other = (painter.paint("a person", seed, SIZE) for seed in (1, 1, 2))
    assert first.image.shape == (256, 320, 4)
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)
    licensed = any("no commercial use" in note for note in first.parameters["notes"])
    assert licensed == (name == "sdxl-turbo")
    guided = painter.paint("a person", 1, SIZE, {"guidance": 3.0})
    assert guided.image.shape == first.image.shape


def test_chatterbox_of_its_one_size_speaks_and_learns(stand: Stand) -> None:
    """Eight hundred million random parameters: its classes know no fewer."""
    manifest = stand.add("chatterbox")
    speech = WorkerSpeech(manifest, stand.workshop)
    first = spoken(speech, "Hello.")
    assert len(first) > 2400
    assert np.array_equal(first, spoken(speech, "Hello.")), "seeded"
    voice = speech.learn("mine", reference(), None)
    assert not np.array_equal(spoken(speech, "Hello.", voice=voice), first), "another voice"


@pytest.mark.parametrize("name", ["xtts", "qwen3-tts", "chatterbox"])
def test_a_long_sentence_gives_signs_of_life_and_is_cancelled_between_two(stand: Stand, name: str) -> None:
    """On a slow machine one may take longer than a hang: each token says that it is none."""
    manifest = stand.manifests.get(name) or stand.add(name)
    state = WorkerSpeech(manifest, stand.workshop).learn("mine", reference(), None).state
    arrays = {"state": np.frombuffer(state, np.uint8)}
    options = {"text": "Hello there, how are you?", "language": "en", "seed": 1}
    with stand.workshop.lend(manifest, "speech") as worker:
        signs: list[float] = []
        (part,) = worker.process.run("speak", options, arrays, signs.append)
        assert len(part[1]["samples"]) > 2400
        assert len(signs) > 3
        with pytest.raises(Cancelled):
            list(worker.process.run("speak", options, arrays, lambda fraction: worker.process.cancel()))
        assert worker.process.alive, "it ended the call by itself, and keeps its models"
