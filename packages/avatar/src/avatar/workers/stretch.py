"""Slower or faster without another pitch, for models that have no pace of their own.

WSOLA: Verhelst and Roelands, "An overlap-add technique based on waveform similarity", ICASSP 1993.
"""

import numpy as np
from numpy.typing import NDArray

_WINDOW_SECONDS, _SEARCH_SECONDS = 0.03, 0.008


def stretched(samples: NDArray[np.float32], rate: int, pace: float) -> NDArray[np.float32]:
    """The sound, (n,) at `rate` Hz, `pace` times as fast: round(n / pace) samples, same pitch."""
    size = round(len(samples) / pace)
    hop = round(rate * _WINDOW_SECONDS / 2)
    search = round(rate * _SEARCH_SECONDS)
    if abs(pace - 1) < 1e-3 or len(samples) < 4 * hop:
        return samples
    window = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    padded = np.concatenate([np.zeros(hop + search, np.float32), samples, np.zeros(3 * hop + 2 * search, np.float32)])
    out = np.zeros(size + 3 * hop, np.float32)
    follows = search  # where the last piece would go on
    for start in range(0, size + hop, hop):
        centre = min(round(start * pace) + search, len(padded) - 2 * hop - search - 1)
        at = _most_alike(padded, follows, centre, hop, search)
        out[start : start + 2 * hop] += window * padded[at : at + 2 * hop]
        follows = min(at + hop, len(padded) - 2 * hop - 1)
    return out[hop : hop + size]


def _most_alike(sound: NDArray[np.float32], follows: int, centre: int, hop: int, search: int) -> int:
    """Where near `centre` the sound goes on most like it does at `follows`."""
    target = sound[follows : follows + 2 * hop]
    low = max(0, centre - search)
    region = sound[low : centre + search + 2 * hop]
    alike = np.correlate(region, target, "valid")
    energy = np.convolve(region**2, np.ones(2 * hop, np.float32), "valid")
    return low + int(np.argmax(alike / np.sqrt(energy + 1e-6)))
