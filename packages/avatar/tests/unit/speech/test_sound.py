"""Loudness, limiter, filter and measures on signals whose answer is known."""

import numpy as np
import pytest

from avatar.engine.speech import loudness, tone
from avatar.engine.speech.analysis import BANDS, HOP, analyse, closed, resampled
from avatar.engine.speech.languages import canonical, resolve, table
from avatar.errors import NotFound
from avatar.media import Audio, Phone

RATE = 22050
TIME = np.arange(5 * RATE) / RATE


def sine(hz: float, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * TIME)).astype(np.float32)


def test_loudness_of_the_standard_s_sine() -> None:
    # BS.1770: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LUFS
    assert loudness.integrated(sine(997, 1.0), RATE) == pytest.approx(-3.01, abs=0.1)
    assert loudness.integrated(sine(997, 0.1), RATE) == pytest.approx(-23.01, abs=0.1)


def test_loudness_ignores_silence_and_hears_bass_less() -> None:
    padded = np.concatenate([sine(997, 0.1), np.zeros(10 * RATE, np.float32)])
    assert loudness.integrated(padded, RATE) == pytest.approx(-23.01, abs=0.5)
    assert loudness.integrated(sine(40, 0.1), RATE) < -26
    assert loudness.integrated(np.zeros(RATE, np.float32), RATE) == float("-inf")


def test_limiter_holds_the_ceiling_and_leaves_the_rest_alone() -> None:
    samples = sine(200, 0.5)
    samples[50_000:50_100] *= 3
    out = loudness.limit(samples, RATE)
    assert np.abs(out).max() <= loudness.CEILING
    assert np.array_equal(out[:49_000], samples[:49_000])
    assert np.array_equal(loudness.limit(sine(200, 0.5), RATE), sine(200, 0.5))


@pytest.mark.parametrize(("symbol", "gain"), [("a", 6.0), ("s", -6.0)])
def test_filter_gives_each_class_its_gain(symbol: str, gain: float) -> None:
    flat = tone.Tone((6.0,) * BANDS, (-6.0,) * BANDS)
    samples = sine(1000, 0.2)
    out = tone.apply(samples, RATE, [Phone(symbol, 0.0, 5.0)], flat)
    assert len(out) == len(samples)
    inside = slice(RATE, 4 * RATE)
    assert np.allclose(out[inside], samples[inside] * 10 ** (gain / 20), atol=1e-3)


def test_filter_of_nothing_changes_nothing() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    out = tone.apply(samples, RATE, [Phone("a", 0.0, 1.0)], tone.Tone((0.0,) * BANDS, (0.0,) * BANDS))
    assert np.allclose(out, samples, atol=1e-5)


def test_pitch_of_a_buzz_that_glides() -> None:
    f0 = 120 + 40 * np.sin(2 * np.pi * 0.5 * TIME)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 15)) * 0.1
    buzz *= np.sin(2 * np.pi * 2 * TIME) > -0.5  # with pauses, as in speech
    heard = analyse(Audio(np.asarray(buzz, np.float32), RATE))
    truth = f0[np.minimum(np.arange(len(heard.f0)) * HOP, len(f0) - 1)]
    assert heard.voiced.sum() > 150
    assert np.median(np.abs(heard.f0 / truth - 1)[heard.voiced]) < 0.02


def test_resampling_keeps_a_tone() -> None:
    out = resampled(sine(1000), RATE, 16000)
    assert len(out) == 5 * 16000
    assert np.allclose(out, 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(out)) / 16000), atol=5e-3)


def test_short_holes_are_filled_but_not_the_ends() -> None:
    flags = np.array([0, 1, 0, 1, 0, 0, 0, 1, 0], bool)
    assert closed(flags, 1).astype(int).tolist() == [0, 1, 1, 1, 0, 0, 0, 1, 0]


def test_language_table_and_lookup() -> None:
    voices = [
        {"file": "gmw/en", "tags": [["en-gb", 2], ["en", 2]]},
        {"file": "gmw/en-US", "tags": [["en-us", 2], ["en", 3]]},
        {"file": "sit/cmn", "tags": [["cmn", 5]]},
    ]
    known = table(voices)
    assert known["en"] == known["en-US"] == "gmw/en-US"
    assert known["zh"] == known["zh-CN"] == "sit/cmn"
    assert resolve("EN_gb", known) == "en-GB"
    assert resolve("en-AU", known) == "en"
    assert canonical("cmn-latn-pinyin") == "cmn-Latn-pinyin"
    assert canonical("EN-gb-X-RP") == "en-GB-x-rp"
    with pytest.raises(NotFound):
        resolve("tlh", known)
