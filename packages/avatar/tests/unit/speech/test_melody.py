"""Another melody, given behind the synthesiser."""

import numpy as np
import pytest

from avatar.engine.speech import EmbeddedSpeech, melody
from avatar.engine.speech.analysis import analyse, band_centres
from avatar.engine.speech.melody import Melody, moved
from avatar.media import Audio, Phone, Utterance, join

HIGHER = Melody(100, 150, 1)
TEXT = "The tall ship left the harbor before dawn."


@pytest.fixture(scope="module")
def base(engine: EmbeddedSpeech) -> Utterance:
    return join(engine.speak(TEXT, engine.default_voice(), "en"))


@pytest.mark.parametrize(("ratio", "width"), [(0.8, 1.0), (1.3, 1.0), (1.7, 1.0), (1.0, 2.0), (1.6, 1.5)])
def test_every_pitch_is_moved_and_the_melody_widened(base: Utterance, ratio: float, width: float) -> None:
    sound = base.audio
    before = analyse(sound)
    median, _ = before.pitch()
    wanted = Melody(median, ratio * median, width)
    after = analyse(Audio(moved(sound.samples, sound.rate, wanted, base.phones or ()), sound.rate))
    both = before.voiced & after.voiced
    assert both.sum() > 0.85 * before.voiced.sum()
    expected, found = wanted.of(before.f0[both]), after.f0[both]
    assert np.median(found / expected) == pytest.approx(1, rel=0.01)
    first, second = (np.log(np.percentile(f0, [16, 84])) for f0 in (expected, found))
    assert np.ptp(second) / 2 == pytest.approx(np.ptp(first) / 2, abs=0.02)


def test_no_pitch_leaves_the_reach_of_a_voice() -> None:
    f0 = np.array([0.0, 60.0, 100.0, 240.0])
    assert Melody(100, 200, 2).of(f0) == pytest.approx([0, 72, 200, 500])
    assert Melody(100, 60, 2).of(f0) == pytest.approx([0, 50, 60, 345.6])


@pytest.mark.parametrize("values", [{}, {"own": 0, "median": 1, "width": 1}, {"own": "a", "median": 1, "width": 1}])
def test_a_damaged_melody_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Melody.from_json(values)


def test_the_resonances_stay(base: Utterance) -> None:
    """A recording played faster would move them up with the pitch."""
    sound = base.audio
    faster = sound.samples[np.round(np.arange(0, len(sound.samples) - 1, 1.5)).astype(int)]
    between = (band_centres() > 300) & (band_centres() < 5000)  # lower lies the pitch itself

    def away(samples: melody.Samples) -> float:
        heard = [analyse(Audio(s, sound.rate)) for s in (sound.samples, samples)]
        both = [a.voiced for a in heard]
        if len(both[0]) == len(both[1]):
            both = [both[0] & both[1]] * 2
        first, second = (a.bands[v].mean(axis=0)[between] for a, v in zip(heard, both, strict=True))
        return float(np.std(first - second))

    assert away(moved(sound.samples, sound.rate, HIGHER, base.phones or ())) < 1
    assert away(faster) > 5


def test_it_is_as_long_and_the_same_each_time(base: Utterance) -> None:
    sound = base.audio
    first, second = (moved(sound.samples, sound.rate, HIGHER, base.phones or ()) for _ in range(2))
    assert len(first) == len(sound.samples)
    assert np.array_equal(first, second)


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_silence_and_scraps_are_left(length: int) -> None:
    silence = np.zeros(length, np.float32)
    assert np.array_equal(moved(silence, 22050, HIGHER, ()), silence)
    scrap = np.full(length, 0.1, np.float32)
    assert len(moved(scrap, 22050, HIGHER, ())) == length


def test_what_has_no_pitch_stays_as_it_is(base: Utterance) -> None:
    """A vocoder makes hisses of other noise and smears bursts."""
    sound = base.audio
    same = moved(sound.samples, sound.rate, HIGHER, base.phones or ()) == sound.samples

    def kept(symbols: str) -> float:
        phones = [p for p in base.phones or () if p.symbol and p.symbol[0] in symbols]
        pieces = [same[round(sound.rate * p.start) : round(sound.rate * p.end)] for p in phones]
        return float(np.mean(np.concatenate(pieces)))

    assert kept("ptʃfh") > 0.4
    assert kept("aɑɔəɪlnbdð") < 0.01


def test_a_sound_is_moved_from_where_it_begins_to_where_it_ends() -> None:
    """What is found voiced begins late and ends early: the rest would sound at the old pitch."""
    f0 = np.zeros(60)
    f0[20:30], f0[50:55] = 100.0, 120.0
    assert np.flatnonzero(melody._completed(f0, ())).tolist() == [*range(14, 36), *range(44, 60)]
    vowel, hiss = Phone("a", 0.0, 0.2), Phone("s", 0.2, 0.3)
    assert np.flatnonzero(melody._completed(f0, (vowel, hiss))).tolist() == [*range(41), *range(44, 60)]
    assert not melody._completed(np.zeros(5), (vowel,)).any()
