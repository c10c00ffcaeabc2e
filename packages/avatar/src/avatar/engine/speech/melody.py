"""Gives speech another melody behind the synthesiser, its resonances kept.

espeak-ng's Klatt voices are made for a man's pitch: told to speak higher, lower or livelier they sound harsher, though
the same speech with its pitch changed by a vocoder does not. So the synthesiser speaks as it always does, and WORLD
(Morise et al. 2016) moves the pitch of every frame that has one. Bursts and hisses have none and stay the
synthesiser's own: a vocoder makes them of noise and smears them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyworld
from numpy.typing import NDArray

from avatar.media import Phone

FRAME_MS = 5.0
"""Between two measures of pitch and spectrum: at 10 ms half of what is won is lost again (0.1 of DNSMOS)."""

PITCHES = (40.0, 250.0)
"""Hz in which the synthesiser's own pitch is sought."""

REACH = (50.0, 500.0)
"""Hz within which a changed pitch stays: below it creaks, above are no vowels."""

EDGE = 6
"""Frames before and behind what was found voiced that are voiced as well: the pitch of a sound that begins or ends is
not found, and with it left as it was two voices would be heard (0.02 to 0.2 of DNSMOS). When the vocoder makes all the
rest too, 0.1 to 0.2 and 4 points of words are lost."""

VOICELESS = frozenset("ptkcqʈʔfsʃθçxχhħɸʂɕʜ")
"""First letters of sounds without a pitch, in the IPA. All others have one, found or not."""

BREATH = ((0.0, 3000.0, 8000.0, 11025.0), (-50.0, -40.0, -15.0, -10.0))
"""Hz, and dB of noise in a voiced sound there. Measuring it takes twice the time of all else and sounds no better: the
synthesiser's own voice has next to none."""

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Melody:
    """From a voice whose median pitch is `own` Hz to one of `median` Hz that moves `width` times as far, in octaves."""

    own: float
    median: float
    width: float

    def of(self, f0: Floats) -> Floats:
        """What becomes of pitches in Hz; 0, unvoiced, stays."""
        voiced = f0 > 0
        moved = self.median * (np.where(voiced, f0, self.own) / self.own) ** self.width
        return np.where(voiced, np.clip(moved, *REACH), 0.0)

    def to_json(self) -> dict[str, float]:
        """Rounded to what can be heard."""
        return {name: round(value, 3) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Melody":
        """The inverse; raises KeyError, TypeError or ValueError."""
        own, median, width = (float(values[name]) for name in ("own", "median", "width"))
        if not (own > 0 and median > 0 and width >= 0):
            raise ValueError("a melody has pitches above 0 Hz")
        return cls(own, median, width)


def moved(samples: Samples, rate: int, melody: Melody, phones: Sequence[Phone]) -> Samples:
    """(n,) speech of these phones, as long as before, with this melody; as it is where nothing sounds."""
    if not samples.any():
        return samples
    # a little noise keeps DIO from finding pitch in digital silence
    quiet = samples.astype(np.float64) + np.random.default_rng(0).normal(0, 1e-5, len(samples))
    lowest, highest = PITCHES
    f0, times = pyworld.dio(quiet, rate, f0_floor=lowest, f0_ceil=highest, frame_period=FRAME_MS, speed=4)
    f0 = _completed(pyworld.stonemask(quiet, f0, times, rate), phones)
    envelope = pyworld.cheaptrick(quiet, f0, times, rate)
    out = pyworld.synthesize(melody.of(f0), envelope, _aperiodicity(f0 > 0, envelope.shape[1], rate), rate, FRAME_MS)
    out = np.pad(out, (0, max(0, len(samples) - len(out))))[: len(samples)]
    share = np.interp(np.arange(len(samples)) / rate, times, f0 > 0)
    return np.asarray(share * out + (1 - share) * samples, dtype=np.float32)


def _completed(f0: Floats, phones: Sequence[Phone]) -> Floats:
    """Pitches in Hz by frame, with those that were not found: at the edges of voiced stretches and in voiced phones."""
    at = np.flatnonzero(f0 > 0)
    if not len(at):
        return f0
    frames = np.arange(len(f0))
    after = at[np.minimum(np.searchsorted(at, frames), len(at) - 1)]
    before = at[np.maximum(np.searchsorted(at, frames, side="right") - 1, 0)]
    voiced = np.minimum(np.abs(after - frames), np.abs(frames - before)) <= EDGE
    for phone in phones:
        if phone.symbol and phone.symbol[0] not in VOICELESS:
            voiced[round(1000 * phone.start / FRAME_MS) : round(1000 * phone.end / FRAME_MS) + 1] = True
    return np.where(voiced, np.interp(frames, at, f0[at]), 0.0)


def _aperiodicity(voiced: NDArray[np.bool_], bins: int, rate: int) -> Floats:
    """(frames, bins) share of noise, as WORLD wants it: all of it where there is no pitch."""
    hertz, decibels = BREATH
    share = 10 ** (np.interp(np.linspace(0, rate / 2, bins), hertz, decibels) / 20)
    return np.where(voiced[:, None], share, 1 - 1e-12)
