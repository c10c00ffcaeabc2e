"""Recordings find their sounds: in noise, in other languages, with pauses, with wrong texts."""

from functools import cache

import numpy as np
import pytest

from avatar.engine.alignment import Aligner, dtw, sphinx
from avatar.engine.alignment.arpabet import arpabet
from avatar.engine.alignment.script import Script, Sound
from avatar.engine.speech import EmbeddedSpeech
from avatar.media import Audio, Utterance, join
from avatar.testing.contracts import AlignerContract

TEXTS = {
    "en": "The train to the coast leaves from the second platform at nine.",
    "de": "Die Kinder spielten im Garten, bis es dunkel wurde.",
    "hi": "बच्चे बगीचे में खेल रहे थे और गाना गा रहे थे।",
}
OTHER = "Completely different things stand here, and nobody ever said them aloud."


@cache
def spoken(language: str = "en") -> Utterance:
    """Another voice than the aligner's own: higher, quicker, with a smaller head, and some noise."""
    with EmbeddedSpeech() as engine:
        voice = engine.default_voice()
        parameters = dict(voice.parameters) | {"pitch": [180, 260], "formants": 112, "rate": 185, "klatt": 2}
        said = join(engine.speak(TEXTS[language], type(voice)("other", voice.backend, parameters), language))
    noise = np.random.default_rng(0).normal(0, 1e-3, len(said.audio.samples)).astype(np.float32)
    audio = Audio(said.audio.samples * 0.5 + noise, said.audio.rate)
    return Utterance(said.text, language, audio, said.phones, said.words)


class TestWarping(AlignerContract):
    def make(self) -> Aligner:
        return Aligner(use_pocketsphinx=False)

    def spoken(self) -> tuple[Utterance, str]:
        return spoken(), "en"


class TestWarpingGerman(TestWarping):
    def spoken(self) -> tuple[Utterance, str]:
        return spoken("de"), "de"


class TestWarpingHindi(TestWarping):
    def spoken(self) -> tuple[Utterance, str]:
        return spoken("hi"), "hi"


@pytest.mark.skipif(
    not sphinx.installed(), reason="pocketsphinx is not installed: pip install 'avatar-pipeline[align]'"
)
class TestPocketsphinx(AlignerContract):
    def make(self) -> Aligner:
        return Aligner(use_pocketsphinx=True)

    def spoken(self) -> tuple[Utterance, str]:
        return spoken(), "en"


@pytest.fixture(scope="module")
def aligner():
    with Aligner(use_pocketsphinx=False) as made:
        yield made


def test_a_pause_nobody_wrote_is_silence(aligner: Aligner) -> None:
    truth = spoken()
    at = round(truth.words[4].end * truth.audio.rate)
    quiet = np.random.default_rng(1).normal(0, 1e-3, truth.audio.rate).astype(np.float32)
    samples = np.concatenate([truth.audio.samples[:at], quiet, truth.audio.samples[at:]])
    words = aligner.align(Audio(samples, truth.audio.rate), truth.text, "en").words
    assert words[5].start - words[4].end == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("rate", [8000, 48000, 192000])
def test_any_sample_rate(aligner: Aligner, rate: int) -> None:
    from avatar.engine.speech.analysis import resampled

    truth = spoken()
    audio = Audio(resampled(truth.audio.samples, truth.audio.rate, rate), rate)
    words = aligner.align(audio, truth.text, "en").words
    assert np.median([abs(a.start - b.start) for a, b in zip(words, truth.words, strict=True)]) < 0.06


def test_a_long_recording_is_followed_in_a_band(aligner: Aligner, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = spoken()
    times = 5
    monkeypatch.setattr(dtw, "WHOLE", 100_000)
    audio = Audio(np.tile(truth.audio.samples, times), truth.audio.rate)
    words = aligner.align(audio, " ".join([truth.text] * times), "en").words
    starts = [word.start + k * truth.audio.duration for k in range(times) for word in truth.words]
    assert len(words) == len(starts)
    assert np.percentile(np.abs(np.array([w.start for w in words]) - starts), 95) < 0.25


def test_a_wrong_text_is_told(aligner: Aligner) -> None:
    found = aligner.align(spoken().audio, OTHER, "en")
    assert found.method == "sound"
    assert "does not seem to be what the recording says" in found.warnings[0]
    fit = aligner.align(spoken().audio, spoken().text, "en").fit
    assert fit is not None
    assert fit < 0.85


def test_in_noise_the_text_is_doubted_not_thrown_away(aligner: Aligner) -> None:
    clean = spoken().audio
    noise = np.random.default_rng(2).normal(0, 0.1, len(clean.samples)).astype(np.float32)
    found = aligner.align(Audio(clean.samples * 0.5 + noise, clean.rate), OTHER, "en")
    assert found.method == "aligned:dtw"
    assert "too noisy to tell" in found.warnings[0]


def test_a_short_word_alone_before_a_pause_belongs_behind_it() -> None:
    symbols = [("n", 0), ("u", 0), ("n", 0), ("", -1), ("ə", 1), ("l", 2), ("a", 2)]
    sounds = tuple(Sound(symbol, 0, 0.1 * i, 0.1 * i + 0.1, word) for i, (symbol, word) in enumerate(symbols))
    script = Script(sounds, ("noon.", "A", "large"), np.zeros((1, 27), np.float32))
    spans: dtw.Spans = [(0.0, 0.1), (0.1, 0.2), (0.2, 0.3), None, (0.3, 0.4), (4.4, 4.5), (4.5, 4.6)]
    assert dtw.rejoined(script, spans)[4] == pytest.approx((4.3, 4.4))
    brief = [*spans[:5], (0.83, 0.9), (0.9, 1.0)]
    assert dtw.rejoined(script, brief)[4] == pytest.approx((0.73, 0.83)), "half a second is a pause too"
    spans[4] = (3.9, 4.0)
    assert dtw.rejoined(script, spans) == spans
    spans[4] = (0.3, 0.9)  # a word drawn out
    assert dtw.rejoined(script, spans) == spans


def test_far_too_many_words(aligner: Aligner) -> None:
    found = aligner.align(spoken().audio, "word " * 150, "en")
    assert found.method == "sound"
    assert "far too many words" in found.warnings[0]


def test_an_unknown_language_falls_to_the_sound(aligner: Aligner) -> None:
    found = aligner.align(spoken().audio, "nuqneH", "tlh")
    assert (found.method, found.words) == ("sound", ())
    assert "'tlh'" in found.warnings[0]


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3])
def test_hardly_any_sound(aligner: Aligner, seconds: float) -> None:
    audio = Audio(np.zeros(round(seconds * 16000), np.float32), 16000)
    assert aligner.align(audio, "Hello there, world, how are you?", "en").method == "sound"


def test_ipa_becomes_arpabet() -> None:
    assert arpabet("oʊ") == ["OW"]
    assert arpabet("ts") == ["T", "S"]
    assert arpabet("tʲ") == ["T"]
    assert arpabet("") == []
