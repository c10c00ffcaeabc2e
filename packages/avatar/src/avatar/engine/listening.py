"""Phones guessed from sound alone, for speech that comes without its text.

A coarse ear: it tells silence, hiss, hum and five vowel colours apart by band energies (after the
vowel formant tables of Peterson and Barney, 1952), which is enough to move lips in time and no more.
It does not recognise words, and what uses it says so in its result.
"""

from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from avatar.media import Audio, Phone

_HOP = 0.010
_WINDOW = 0.025
_SILENCE_DB = -32.0
"""Below the loud passages by this much is silence."""
_EDGES = (0, 350, 600, 1000, 1600, 2600, 4500, 8000)


def listen(audio: Audio) -> tuple[Phone, ...]:
    """Phones that tile the audio, each one of "" (silence), s, ʃ, f, m, a, ɛ, i, o, u."""
    if audio.duration < _WINDOW:
        return (Phone("", 0.0, audio.duration),)
    bands = _band_energies(audio)
    labels = _steady([_label(row, loud) for row, loud in zip(bands, _loudness(bands), strict=True)])
    return _tile(labels, audio.duration)


def _band_energies(audio: Audio) -> NDArray[np.float64]:
    """(frames, 7) power in the bands between `_EDGES`, one row every 10 ms."""
    hop, window = int(_HOP * audio.rate), int(_WINDOW * audio.rate)
    count = 1 + (len(audio.samples) - window) // hop
    taper = np.hanning(window).astype(np.float32)
    cuts = np.searchsorted(np.fft.rfftfreq(window, 1 / audio.rate), _EDGES)
    rows = np.empty((count, len(_EDGES) - 1))
    # In blocks, so that an hour of sound needs no more memory than a minute.
    for first in range(0, count, 4096):
        starts = np.arange(first, min(first + 4096, count)) * hop
        power = np.abs(np.fft.rfft(audio.samples[starts[:, None] + np.arange(window)] * taper)) ** 2
        for band, (low, high) in enumerate(pairwise(cuts)):
            rows[first : first + len(starts), band] = power[:, low:high].sum(axis=1)
    return rows


def _loudness(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level of each row in dB below the loud passages (95th percentile)."""
    level = 10 * np.log10(bands.sum(axis=1) + 1e-9)
    return np.asarray(level - max(np.percentile(level, 95), -40.0))


def _label(row: NDArray[np.float64], loudness: float) -> str:
    """The one sound of the coarse alphabet that a row of band energies resembles most."""
    if loudness < _SILENCE_DB:
        return ""
    share = row / (row.sum() + 1e-12)
    hiss = share[5] + share[6]
    if hiss > 0.5:
        return "s" if share[6] > share[5] else "ʃ"
    if loudness < -14 and hiss > 0.2:
        return "f"
    if loudness < -11 and share[0] > 0.85:
        return "m"
    return _vowel(share)


def _vowel(share: NDArray[np.float64]) -> str:
    """Open vowels carry energy at 600-1600 Hz, front ones above, rounded ones hardly any above 1 kHz."""
    if share[2] + share[3] > 0.35:
        return "a" if share[3] > 0.12 else "o"
    if share[4] + share[5] > 0.06:
        return "i" if share[1] < 0.3 else "ɛ"
    return "o" if share[1] > 0.45 else "u"


def _steady(labels: list[str]) -> list[str]:
    """Labels with flickers shorter than 30 ms given to what stood before them."""
    out: list[str] = []
    for label, run in groupby(labels):
        length = len(list(run))
        out += [out[-1] if out and length < 3 else label] * length
    return out


def _tile(labels: list[str], duration: float) -> tuple[Phone, ...]:
    phones = []
    at = 0
    for label, run in groupby(labels):
        start, at = at, at + len(list(run))
        phones.append(Phone(label, start * _HOP, at * _HOP))
    last = phones[-1]
    return (*phones[:-1], Phone(last.symbol, last.start, duration))
