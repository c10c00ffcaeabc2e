"""Loudness after ITU-R BS.1770-4 and a limiter that keeps peaks below full scale."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

TARGET = -16.0
"""Integrated loudness of speech, LUFS."""

CEILING = 0.88
"""Highest true peak after limiting, -1.1 dBTP: fourfold oversampling may miss a tenth of a decibel."""

REACH = 12.0
"""dB by which a sentence is turned up or down at most: a whisper stays one."""

TAPS = 32
"""Of the oversampling filters."""

Samples = NDArray[np.float32]


def integrated(samples: Samples, rate: int) -> float:
    """Gated loudness in LUFS of mono sound of at least 0.4 s; -inf for silence.

    The K weighting is applied to the power spectrum of each 0.4 s block (overlap 75 %) instead of by its two
    recursive filters: the same within 0.1 LU for speech, and fast without scipy.
    """
    size, hop = int(0.4 * rate), int(0.1 * rate)
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    blocks = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    power = np.concatenate([_power(part, rate) for part in np.array_split(blocks, 1 + len(blocks) // 256)])
    return _gated(power)


def _power(blocks: Samples, rate: int) -> NDArray[np.float64]:
    """Mean K-weighted power of each block."""
    size = blocks.shape[1]
    spectrum = np.abs(np.fft.rfft(blocks.astype(np.float64), axis=1)) ** 2
    weight = k_weight(np.arange(spectrum.shape[1]) * (rate / size))
    power: NDArray[np.float64] = 2 * (spectrum @ weight) / size**2
    return power


def k_weight(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """|H|² of BS.1770's two stages (shelf and high-pass), from their analogue prototypes."""
    s = 1j * frequencies
    shelf, q = 1681.974450955533, 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    first = (high * s**2 + middle * shelf / q * s + shelf**2) / (s**2 + shelf / q * s + shelf**2)
    cut, q2 = 38.13547087602444, 0.5003270373238773
    second = s**2 / (s**2 + cut / q2 * s + cut**2)
    weight: NDArray[np.float64] = np.abs(first * second) ** 2
    return weight


def _gated(power: NDArray[np.float64]) -> float:
    """BS.1770's absolute gate at -70 LUFS, then the relative one 10 LU below the mean of what is left."""
    offset = -0.691
    level = offset + 10 * np.log10(power + 1e-12)
    loud = power[level > -70]
    if not len(loud):
        return float("-inf")
    relative = offset + 10 * np.log10(loud.mean()) - 10
    kept = power[(level > -70) & (level > relative)]
    return float(offset + 10 * np.log10(kept.mean()))


def levelled(samples: Samples, rate: int) -> Samples:
    """Brought to `TARGET` by a gain of at most `REACH`, with true peaks held below `CEILING`."""
    gain, out = 0.0, samples
    for _ in range(4):  # what the limiter takes away is made up
        out = limit((samples * np.float32(10 ** (gain / 20))).astype(np.float32), rate)
        gap = TARGET - integrated(out, rate)
        if not abs(gap) > 0.05 or not np.isfinite(gap):
            break
        gain = float(np.clip(gain + gap, -REACH, REACH))
    return out


def limit(samples: Samples, rate: int, ceiling: float = CEILING) -> Samples:
    """Turn down around true peaks above `ceiling`, smoothly over 5 ms on each side; nothing else changes."""
    peaks = true_peaks(samples)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    reach = int(0.005 * rate)
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    padded = np.pad(needed, 2 * reach, mode="edge")
    lowest = _lowest(padded, 2 * reach + 1)
    window = np.hanning(2 * reach + 3)[1:-1]
    gain = np.convolve(lowest, window / window.sum(), mode="valid")
    return np.clip(samples * gain, -ceiling, ceiling).astype(np.float32)


def _lowest(values: Samples, width: int) -> Samples:
    """The lowest of each `width` neighbours, by windows that double."""
    size = 1
    while 2 * size <= width:
        values = np.minimum(values[:-size], values[size:])
        size *= 2
    return values if size == width else np.minimum(values[: size - width], values[width - size :])


def true_peaks(samples: Samples) -> Samples:
    """(n,) the highest magnitude at or just behind each sample, between samples too: 4 times oversampled."""
    peaks = np.abs(samples)
    if not len(samples):
        return peaks
    for kernel in _between():
        peaks = np.maximum(peaks, np.abs(np.convolve(samples, kernel)[TAPS // 2 - 1 : TAPS // 2 - 1 + len(samples)]))
    return peaks.astype(np.float32)


@cache
def _between() -> tuple[Samples, ...]:
    """Kernels that give the signal a quarter, a half and three quarters of a sample later."""
    places = np.arange(TAPS) - (TAPS // 2 - 1)
    window = np.kaiser(TAPS + 2, 8.0)[1:-1]
    kernels = [np.sinc(places + part) * window for part in (0.25, 0.5, 0.75)]
    return tuple((kernel / kernel.sum()).astype(np.float32) for kernel in kernels)
