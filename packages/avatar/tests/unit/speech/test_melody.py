"""Another melody, given behind the synthesiser."""

import numpy as np
import pytest

from avatar.engine.speech import EmbeddedSpeech, melody
from avatar.engine.speech.analysis import analyse, band_centres
from avatar.engine.speech.melody import Melody, moved
from avatar.media import Audio, join

HIGHER = Melody(100, 150, 1)
TEXT = "The tall ship left the harbor before dawn."


@pytest.fixture(scope="module")
def base(engine: EmbeddedSpeech) -> Audio:
    return join(engine.speak(TEXT, engine.default_voice(), "en")).audio


@pytest.mark.parametrize(("ratio", "width"), [(0.8, 1.0), (1.3, 1.0), (1.7, 1.0), (1.0, 2.0), (1.6, 1.5)])
def test_every_pitch_is_moved_and_the_melody_widened(base: Audio, ratio: float, width: float) -> None:
    median, spread = analyse(base).pitch()
    wanted = Melody(median, ratio * median, width)
    found, other = analyse(Audio(moved(base.samples, base.rate, wanted), base.rate)).pitch()
    assert found == pytest.approx(ratio * median, rel=0.03)
    assert other == pytest.approx(width * spread, abs=0.02)


def test_no_pitch_leaves_the_reach_of_a_voice() -> None:
    f0 = np.array([0.0, 60.0, 100.0, 240.0])
    assert Melody(100, 200, 2).of(f0) == pytest.approx([0, 72, 200, 500])
    assert Melody(100, 60, 2).of(f0) == pytest.approx([0, 50, 60, 345.6])


@pytest.mark.parametrize("values", [{}, {"own": 0, "median": 1, "width": 1}, {"own": "a", "median": 1, "width": 1}])
def test_a_damaged_melody_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Melody.from_json(values)


def test_the_resonances_stay(base: Audio) -> None:
    """A recording played faster would move them up with the pitch."""
    faster = base.samples[np.round(np.arange(0, len(base.samples) - 1, 1.5)).astype(int)]
    between = (band_centres() > 300) & (band_centres() < 5000)  # lower lies the pitch itself

    def away(samples: melody.Samples) -> float:
        bands = [analyse(Audio(s, base.rate)) for s in (base.samples, samples)]
        first, second = (a.bands[a.voiced].mean(axis=0)[between] for a in bands)
        return float(np.std(first - second))

    assert away(moved(base.samples, base.rate, HIGHER)) < 1
    assert away(faster) > 5


def test_it_is_as_long_and_the_same_each_time(base: Audio) -> None:
    first, second = (moved(base.samples, base.rate, HIGHER) for _ in range(2))
    assert len(first) == len(base.samples)
    assert np.array_equal(first, second)


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_silence_and_scraps_are_left(length: int) -> None:
    silence = np.zeros(length, np.float32)
    assert np.array_equal(moved(silence, 22050, HIGHER), silence)
    scrap = np.full(length, 0.1, np.float32)
    assert len(moved(scrap, 22050, HIGHER)) == length
