"""What every backend behind a seam must do. Subclass with a `make` and pytest runs the rest.

class TestMine(SpeechContract):
    def make(self):
        return MySpeech()
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from avatar.backends import LipSync, Painter, Speech
from avatar.errors import InputError, NotFound
from avatar.media import Audio, Delivery, Phone, Portrait, Utterance, join

SIZE = (320, 180)
FPS = 25
SHORT, LONG = "Good morning.", "Good morning. The train to the coast leaves from the second platform at nine."


@contextmanager
def closing(backend: Any) -> Iterator[Any]:
    """The backend, closed afterwards where it can be."""
    try:
        yield backend
    finally:
        close = getattr(backend, "close", None)
        if close is not None:
            close()


def voiced_reference(seconds: float = 6.0, hz: float = 180.0, rate: int = 22050) -> Audio:
    """A buzzing, syllable-like sound at `hz` with pauses: enough of a voice to learn from, and nobody's."""
    times = np.arange(round(seconds * rate)) / rate
    pitch = hz * (1 + 0.06 * np.sin(2 * np.pi * 0.7 * times))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(k * phase) / k**1.2 for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * times), 0, None) ** 0.5
    noise = np.random.default_rng(0).normal(0, 3e-4, len(times))
    return Audio((0.12 * buzz * syllables + noise).astype(np.float32), rate)


class SpeechContract:
    """For `avatar.backends.Speech`."""

    def make(self) -> Speech:
        """A fresh backend."""
        raise NotImplementedError

    @pytest.fixture
    def speech(self) -> Iterator[Speech]:
        """The backend under test."""
        with closing(self.make()) as backend:
            yield backend

    def test_is_a_speech_backend(self, speech: Speech) -> None:
        """It has the members and says which languages it speaks."""
        assert isinstance(speech, Speech)
        assert "en" in speech.languages()
        assert speech.default_voice().name == "default"
        assert speech.default_voice().backend == speech.name

    def test_sound_is_in_range(self, speech: Speech) -> None:
        """Mono float32 within full scale, finite, at 16 kHz or more, and not silent."""
        audio = join(speech.speak(LONG, speech.default_voice(), "en")).audio
        assert audio.rate >= 16000
        assert np.isfinite(audio.samples).all()
        assert 0.05 < np.abs(audio.samples).max() <= 1.0

    def test_phones_tile_the_sound(self, speech: Speech) -> None:
        """No gap, no overlap, from 0 to the end, with something between the silences."""
        spoken = join(speech.speak(LONG, speech.default_voice(), "en"))
        if spoken.phones is None:
            pytest.skip("this backend does not know its phones")
        assert spoken.phones[0].start == 0
        assert spoken.phones[-1].end == pytest.approx(spoken.audio.duration, abs=1e-3)
        assert all(a.end == pytest.approx(b.start, abs=1e-6) for a, b in pairwise(spoken.phones))
        assert all(phone.end > phone.start for phone in spoken.phones)
        assert sum(1 for phone in spoken.phones if phone.symbol) >= 10

    def test_words_are_in_order_and_inside(self, speech: Speech) -> None:
        """Words come in reading order and end before the sound does."""
        spoken = join(speech.speak(LONG, speech.default_voice(), "en"))
        assert all(a.start <= b.start for a, b in pairwise(spoken.words))
        assert all(0 <= word.start <= word.end <= spoken.audio.duration for word in spoken.words)

    def test_sentences_come_one_by_one(self, speech: Speech) -> None:
        """Two sentences are two utterances, so that the first can be heard early."""
        assert len(list(speech.speak(LONG, speech.default_voice(), "en"))) == 2

    def test_more_text_takes_longer(self, speech: Speech) -> None:
        """Length follows the text."""
        voice = speech.default_voice()
        short, long = (join(speech.speak(text, voice, "en")).audio.duration for text in (SHORT, LONG))
        assert long > 2 * short

    def test_the_same_again_sounds_the_same(self, speech: Speech) -> None:
        """Deterministic, sample for sample."""
        voice = speech.default_voice()
        first, second = (join(speech.speak(LONG, voice, "en")).audio.samples for _ in range(2))
        assert np.array_equal(first, second)

    def test_it_can_be_slower(self, speech: Speech) -> None:
        """At 0.7 times the pace the same words take longer."""
        voice = speech.default_voice()
        plain, slow = (join(speech.speak(LONG, voice, "en", Delivery(rate))).audio.duration for rate in (1.0, 0.7))
        assert slow > 1.2 * plain

    def test_nothing_to_say_is_refused(self, speech: Speech) -> None:
        """Empty text is the caller's mistake."""
        with pytest.raises(InputError):
            list(speech.speak("   ", speech.default_voice(), "en"))

    def test_unknown_language_is_refused(self, speech: Speech) -> None:
        """By name, never by speaking another."""
        with pytest.raises(NotFound):
            list(speech.speak(SHORT, speech.default_voice(), "tlh-x-none"))

    def test_learns_a_voice_it_can_speak_with(self, speech: Speech) -> None:
        """The voice is JSON, names its backend, and speaks."""
        voice = speech.learn("mine", voiced_reference(), None)
        assert (voice.name, voice.backend) == ("mine", speech.name)
        json.dumps(dict(voice.parameters))
        assert join(speech.speak(SHORT, voice, "en")).audio.duration > 0.2

    def test_too_short_a_recording_is_refused(self, speech: Speech) -> None:
        """0.2 seconds hold no voice."""
        with pytest.raises(InputError):
            speech.learn("mine", voiced_reference(0.2), None)


class PainterContract:
    """For `avatar.backends.Painter`."""

    def make(self) -> Painter:
        """A fresh backend."""
        raise NotImplementedError

    @pytest.fixture
    def painter(self) -> Iterator[Painter]:
        """The backend under test."""
        with closing(self.make()) as backend:
            yield backend

    def test_is_a_painter(self, painter: Painter) -> None:
        """It has the members, and paints an opaque RGBA picture of the size asked for."""
        assert isinstance(painter, Painter)
        portrait = painter.paint("a person", 1, SIZE)
        assert portrait.image.shape == (SIZE[1], SIZE[0], 4)
        assert portrait.image.dtype == np.uint8
        assert (portrait.image[..., 3] == 255).all()
        assert portrait.backend == painter.name

    def test_the_same_again_looks_the_same(self, painter: Painter) -> None:
        """Deterministic, pixel for pixel."""
        first, second = (painter.paint("a person", 3, SIZE).image for _ in range(2))
        assert np.array_equal(first, second)

    def test_another_seed_is_another_person(self, painter: Painter) -> None:
        """At least a twentieth of the pixels differ."""
        first, second = (painter.paint("", seed, SIZE).image.astype(int) for seed in (1, 2))
        assert (np.abs(first - second).max(axis=2) > 8).mean() > 0.05

    def test_parameters_are_json(self, painter: Painter) -> None:
        """So that a portrait can be kept and drawn again."""
        parameters = dict(painter.paint("a person", 1, SIZE).parameters)
        assert json.loads(json.dumps(parameters)) == parameters

    def test_parameters_given_back_are_kept_whatever_the_words_and_the_seed(self, painter: Painter) -> None:
        """So that a chosen look can be written down and used again."""
        chosen = painter.paint("a person", 1, SIZE)
        again = painter.paint("", 2, SIZE, given=chosen.parameters)
        assert np.array_equal(chosen.image, again.image)

    def test_unknown_words_are_reported(self, painter: Painter) -> None:
        """Never passed over in silence."""
        assert "qwzxv" in painter.paint("a qwzxv person", 1, SIZE).parameters["unknown_words"]


class LipSyncContract:
    """For `avatar.backends.LipSync`."""

    def make(self) -> LipSync:
        """A fresh backend."""
        raise NotImplementedError

    def portrait(self) -> Portrait:
        """A portrait the backend accepts, of SIZE."""
        raise NotImplementedError

    @pytest.fixture
    def lipsync(self) -> Iterator[LipSync]:
        """The backend under test."""
        with closing(self.make()) as backend:
            yield backend

    def frames(self, lipsync: LipSync, utterance: Utterance, seed: int = 1) -> np.ndarray[Any, Any]:
        """All frames, copied, as (n, height, width, 4)."""
        portrait = self.portrait()
        stream = lipsync.animate(portrait, utterance, fps=FPS, size=SIZE, seed=seed)
        return np.stack([frame.copy() for frame in stream])

    def test_is_a_lip_sync_backend(self, lipsync: LipSync) -> None:
        """It has the members and accepts its own portrait."""
        assert isinstance(lipsync, LipSync)
        assert self.portrait().backend in lipsync.accepts

    def test_frames_are_counted_and_sized(self, lipsync: LipSync) -> None:
        """round(duration * fps) frames, all of the size asked for."""
        frames = self.frames(lipsync, babble(2.5))
        assert frames.shape == (round(2.5 * FPS), SIZE[1], SIZE[0], 4)
        assert frames.dtype == np.uint8

    def test_the_same_again_moves_the_same(self, lipsync: LipSync) -> None:
        """Deterministic by seed."""
        assert np.array_equal(self.frames(lipsync, babble(1.2)), self.frames(lipsync, babble(1.2)))

    def test_the_mouth_follows_the_phones(self, lipsync: LipSync) -> None:
        """Frames of an open vowel differ from frames of silence more than silence differs from itself."""
        frames = self.frames(lipsync, babble(4.0)).astype(np.int16)
        times = (np.arange(len(frames)) + 0.5) / FPS
        open_, shut = frames[(times % 0.8 > 0.15) & (times % 0.8 < 0.3)], frames[times % 0.8 > 0.6]
        typical = np.median(shut, axis=0)
        far, near = (np.abs(part - typical).max(axis=3).mean(axis=(1, 2)).mean() for part in (open_, shut))
        assert far > 1.5 * near

    def test_the_corners_do_not_move(self, lipsync: LipSync) -> None:
        """The top corners are background; it stands still."""
        frames = self.frames(lipsync, babble(2.0))
        for corner in (frames[:, :12, :12], frames[:, :12, -12:]):
            assert np.ptp(corner.astype(int), axis=0).max() <= 2


def babble(seconds: float, rate: int = 16000) -> Utterance:
    """An open vowel for 0.4 s in every 0.8 s, silence between."""
    times = np.arange(round(seconds * rate)) / rate
    sound = (0.3 * np.sin(2 * np.pi * 200 * times) * (times % 0.8 < 0.4)).astype(np.float32)
    phones: list[Phone] = []
    at = 0.0
    while at < seconds - 1e-9:
        middle, end = min(at + 0.4, seconds), min(at + 0.8, seconds)
        phones.append(Phone("a", at, middle, stress=2))
        if end > middle:
            phones.append(Phone("", middle, end))
        at += 0.8
    return Utterance("ah", "en", Audio(sound, rate), tuple(phones))


class AlignerContract:
    """For what has the `align` of `avatar.engine.alignment.Aligner`."""

    def make(self) -> Any:
        """A fresh aligner."""
        raise NotImplementedError

    def spoken(self) -> tuple[Utterance, str]:
        """An utterance whose phones and words are known, and its language."""
        raise NotImplementedError

    @pytest.fixture
    def aligner(self) -> Iterator[Any]:
        """The aligner under test."""
        with closing(self.make()) as aligner:
            yield aligner

    def test_phones_tile_the_recording(self, aligner: Any) -> None:
        """From 0 to its end without gaps, in order, with sounds between the silences."""
        truth, language = self.spoken()
        for text in (truth.text, ""):
            phones = aligner.align(truth.audio, text, language).phones
            assert phones[0].start == 0
            assert phones[-1].end == pytest.approx(truth.audio.duration, abs=1e-3)
            assert all(a.end == pytest.approx(b.start, abs=1e-6) for a, b in pairwise(phones))
            assert all(phone.end > phone.start for phone in phones)
            assert any(phone.symbol for phone in phones)

    def test_every_word_is_where_it_is_said(self, aligner: Any) -> None:
        """In order, inside, and most begin within 60 ms of the truth."""
        truth, language = self.spoken()
        words = aligner.align(truth.audio, truth.text, language).words
        assert [word.text for word in words] == [word.text for word in truth.words]
        assert all(a.end <= b.start + 1e-6 for a, b in pairwise(words))
        assert all(0 <= word.start < word.end <= truth.audio.duration for word in words)
        off = [abs(found.start - known.start) for found, known in zip(words, truth.words, strict=True)]
        assert np.median(off) < 0.06

    def test_the_method_is_named(self, aligner: Any) -> None:
        """What followed no text says so and warns."""
        truth, language = self.spoken()
        assert aligner.align(truth.audio, truth.text, language).method.startswith("aligned:")
        heard = aligner.align(truth.audio, "", language)
        assert heard.method in {"recognised", "sound"}
        assert heard.words == ()
        assert heard.warnings

    def test_the_same_again_is_the_same(self, aligner: Any) -> None:
        """Deterministic."""
        truth, language = self.spoken()
        assert aligner.align(truth.audio, truth.text, language) == aligner.align(truth.audio, truth.text, language)
