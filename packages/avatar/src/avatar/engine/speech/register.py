"""Moves a voice up or down behind the synthesiser, its resonances kept.

espeak-ng's Klatt voices are made for a man's pitch: told to speak an octave higher they sound harsher, though the
same speech, spoken low and moved up by a vocoder, does not. So the synthesiser speaks where it is best, with the
melody of the voice, and the pitch of every frame is multiplied by WORLD (Morise et al. 2016).
"""

import numpy as np
import pyworld
from numpy.typing import NDArray

FRAME_MS = 5.0
"""Between two measures of pitch and spectrum: at 10 ms half of what is won is lost again (0.1 of DNSMOS)."""

PITCHES = (40.0, 250.0)
"""Hz in which the synthesiser's own pitch is sought."""

BREATH = ((0.0, 3000.0, 8000.0, 11025.0), (-50.0, -40.0, -15.0, -10.0))
"""Hz, and dB of noise in a voiced sound there. Measuring it takes twice the time of all else and sounds no better: the
synthesiser's own voice has next to none."""

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


def moved(samples: Samples, rate: int, ratio: float) -> Samples:
    """(n,) speech as long as before, each pitch times `ratio`; as it is where the ratio is 1 or nothing sounds."""
    if ratio == 1 or not samples.any():
        return samples
    # a little noise keeps DIO from finding pitch in digital silence
    quiet = samples.astype(np.float64) + np.random.default_rng(0).normal(0, 1e-5, len(samples))
    lowest, highest = PITCHES
    f0, times = pyworld.dio(quiet, rate, f0_floor=lowest, f0_ceil=highest, frame_period=FRAME_MS, speed=4)
    f0 = pyworld.stonemask(quiet, f0, times, rate)
    envelope = pyworld.cheaptrick(quiet, f0, times, rate)
    out = pyworld.synthesize(f0 * ratio, envelope, _aperiodicity(f0 > 0, envelope.shape[1], rate), rate, FRAME_MS)
    return np.pad(out, (0, max(0, len(samples) - len(out))))[: len(samples)].astype(np.float32)


def _aperiodicity(voiced: NDArray[np.bool_], bins: int, rate: int) -> Floats:
    """(frames, bins) share of noise, as WORLD wants it: all of it where there is no pitch."""
    hertz, decibels = BREATH
    share = 10 ** (np.interp(np.linspace(0, rate / 2, bins), hertz, decibels) / 20)
    return np.where(voiced[:, None], share, 1 - 1e-12)
