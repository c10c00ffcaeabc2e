"""Worker backends behind the seams: the suite every speech backend passes, on a real worker in its own environment."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hub import Hub

from avatar.errors import BackendUnavailable, InputError
from avatar.media import Audio, Delivery
from avatar.testing.contracts import SpeechContract, voiced_reference
from avatar.workers.environments import Environments
from avatar.workers.manifest import Manifest
from avatar.workers.models import Models
from avatar.workers.process import Worker
from avatar.workers.speech import WorkerSpeech, chunks, faded
from avatar.workers.stretch import stretched
from avatar.workers.workshop import Choice, Workshop


def workshop(built: Environments, models: Models, toy: Manifest, *keys: str) -> Workshop:
    for key in keys:
        models.pull(toy.model(key), lambda path, so_far, total: None)
    return Workshop(built, models, Choice(device="cpu", memory_mib=1000))


class TestSpeechByAWorker(SpeechContract):
    shop: ClassVar[Any] = None

    @pytest.fixture(autouse=True)
    def _shop(self, built: Environments, models: Models, toy: Manifest) -> Any:
        type(self).shop, self.toy = workshop(built, models, toy, "hum", "cloning"), toy
        yield
        self.shop.close()

    def make(self) -> WorkerSpeech:
        return WorkerSpeech(self.toy, self.shop)


def test_weights_that_cannot_clone_say_so_and_never_lend_a_stock_voice(
    built: Environments, models: Models, toy: Manifest
) -> None:
    shop = workshop(built, models, toy, "hum")
    with pytest.raises(BackendUnavailable, match="gated") as caught:
        WorkerSpeech(toy, shop).learn("mine", voiced_reference(), None)
    assert "HF_TOKEN" in caught.value.hint
    shop.close()


def test_without_weights_or_environment_it_says_what_to_type(
    built: Environments, models: Models, toy: Manifest, tmp_path: Path, hub: Hub
) -> None:
    for shop in (Workshop(built, models), Workshop(Environments(tmp_path), models)):
        speech = WorkerSpeech(toy, shop)
        with pytest.raises(BackendUnavailable) as caught:
            list(speech.speak("Hello.", speech.default_voice(), "en"))
        assert "avatar models pull toy" in caught.value.hint
        models.pull(toy.model("hum"), lambda path, so_far, total: None)


def test_what_it_cannot_do_is_said(built: Environments, models: Models, toy: Manifest) -> None:
    shop = workshop(built, models, toy, "hum", "cloning")
    speech = WorkerSpeech(toy, shop)
    voice = speech.default_voice()
    with pytest.raises(InputError, match="SSML"):
        list(speech.speak("<speak>Hi</speak>", voice, "en", Delivery(ssml=True)))
    (spoken,) = speech.speak("Hello.", voice, "en", Delivery(lexicon={"hello": "h"}))
    assert "lexicon" in spoken.notes[0]
    learnt = speech.learn("mine", voiced_reference(40.0), None, likeness=0.5)
    assert any("likeness" in warning for warning in learnt.parameters["warnings"])
    assert any("first 30" in warning for warning in learnt.parameters["warnings"])
    shop.close()


def test_memory_that_is_too_small_is_refused_before_the_worker_starts(
    built: Environments, models: Models, toy: Manifest
) -> None:
    models.pull(toy.model("hum"), lambda path, so_far, total: None)
    shop = Workshop(built, models, Choice(device="cpu", memory_mib=50))
    speech = WorkerSpeech(toy, shop)
    with pytest.raises(Exception, match=r"100 MiB .* 50 MiB may be used"):
        list(speech.speak("Hello.", speech.default_voice(), "en"))


def test_one_worker_serves_many_calls(built: Environments, models: Models, toy: Manifest) -> None:
    shop = workshop(built, models, toy, "hum")
    pids = []
    for _ in range(2):
        with shop.lend(toy, "speech") as worker:
            assert isinstance(worker.process, Worker)
            pids.append(worker.process.pid)
    assert pids[0] == pids[1]
    shop.close()
    assert not worker.process.alive


@pytest.mark.parametrize("longest", [0, 10, 40, 200])
def test_chunks_hold_all_words_within_the_limit(longest: int) -> None:
    text = "One sentence, of several parts; with unbelievableandunbreakablecompound words — and so on, on and on."
    pieces = chunks(text, longest)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= longest for piece in pieces) or longest == 0


def test_pieces_are_joined_without_a_click() -> None:
    times = np.arange(8000) / 16000
    piece = np.sin(2 * np.pi * 100 * times).astype(np.float32)
    joined = faded([piece, piece, piece], 16000)
    assert len(joined) == 3 * 8000 - 2 * 320
    assert np.abs(np.diff(joined)).max() < 2 * np.abs(np.diff(piece)).max()


@pytest.mark.parametrize("pace", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_another_pace_keeps_the_pitch(pace: float) -> None:
    rate = 16000
    sound = (0.4 * np.sin(2 * np.pi * 250 * np.arange(2 * rate) / rate)).astype(np.float32)
    other = stretched(sound, rate, pace)
    assert len(other) == round(len(sound) / pace)
    spectrum = np.abs(np.fft.rfft(other * np.hanning(len(other))))
    assert spectrum.argmax() * rate / len(other) == pytest.approx(250, abs=2)
    middle = Audio(other[rate // 4 : -rate // 4], rate).samples
    assert np.abs(middle).max() == pytest.approx(0.4, rel=0.1), "neither holes nor sums"
