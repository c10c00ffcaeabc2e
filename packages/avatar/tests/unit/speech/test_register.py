"""A voice moved up or down behind the synthesiser."""

import numpy as np
import pytest

from avatar.engine.speech import EmbeddedSpeech, register
from avatar.engine.speech.analysis import analyse, band_centres
from avatar.media import Audio, join

TEXT = "The tall ship left the harbor before dawn."


@pytest.fixture(scope="module")
def base(engine: EmbeddedSpeech) -> Audio:
    return join(engine.speak(TEXT, engine.default_voice(), "en")).audio


@pytest.mark.parametrize("ratio", [0.8, 1.3, 1.7])
def test_the_melody_is_kept_and_every_pitch_multiplied(base: Audio, ratio: float) -> None:
    (median, spread), (moved, other) = (
        analyse(audio).pitch() for audio in (base, Audio(register.moved(base.samples, base.rate, ratio), base.rate))
    )
    assert moved == pytest.approx(ratio * median, rel=0.03)
    assert other == pytest.approx(spread, abs=0.02)


def test_the_resonances_stay(base: Audio) -> None:
    """A recording played faster would move them up with the pitch."""
    faster = base.samples[np.round(np.arange(0, len(base.samples) - 1, 1.5)).astype(int)]
    between = (band_centres() > 300) & (band_centres() < 5000)  # lower lies the pitch itself

    def away(samples: register.Samples) -> float:
        bands = [analyse(Audio(s, base.rate)) for s in (base.samples, samples)]
        first, second = (a.bands[a.voiced].mean(axis=0)[between] for a in bands)
        return float(np.std(first - second))

    assert away(register.moved(base.samples, base.rate, 1.5)) < 1
    assert away(faster) > 5


def test_it_is_as_long_and_the_same_each_time(base: Audio) -> None:
    first, second = (register.moved(base.samples, base.rate, 1.5) for _ in range(2))
    assert len(first) == len(base.samples)
    assert np.array_equal(first, second)


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_silence_and_scraps_are_left(length: int) -> None:
    silence = np.zeros(length, np.float32)
    assert np.array_equal(register.moved(silence, 22050, 1.5), silence)
    scrap = np.full(length, 0.1, np.float32)
    assert len(register.moved(scrap, 22050, 1.5)) == length
