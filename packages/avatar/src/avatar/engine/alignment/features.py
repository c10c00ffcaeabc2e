"""What two voices saying the same have in common: normalised mel cepstra, and how loud each moment is."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech.analysis import mel, resampled
from avatar.media import Audio

HOP = 0.005
"""Seconds between rows."""

RATE = 16000
BANDS, CEPSTRA = 26, 12
_STEP, _WINDOW, _FFT = 80, 320, 512

Floats = NDArray[np.float32]


def features(audio: Audio) -> Floats:
    """(rows, 1 + BANDS) of mono sound at any rate: level, then mel bands, all in dB; rows centre on their time."""
    samples = np.pad(resampled(audio.samples, audio.rate, RATE), _WINDOW // 2)
    count = max(1, 1 + (len(samples) - _WINDOW) // _STEP)
    samples = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    emphasised = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1]).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(emphasised, _WINDOW)[::_STEP][:count]
    rows = np.empty((count, 1 + BANDS), np.float32)
    # in blocks, so that an hour needs little more memory than a minute
    for first in range(0, count, 4096):
        power = np.abs(np.fft.rfft(frames[first : first + 4096] * _taper(), _FFT)) ** 2
        bands = 10 * np.log10(power @ _triangles() + 1e-7)
        rows[first : first + 4096] = np.column_stack([10 * np.log10(power.mean(axis=1) + 1e-9), bands])
    return rows


def masked(rows: Floats, noisy: Floats) -> Floats:
    """Clean speech as it would be measured in the noise of another recording: only what stands out can be compared."""
    gain = np.percentile(rows, 90, axis=0) - np.percentile(noisy, 90, axis=0)
    floor = np.percentile(noisy, 10, axis=0) + gain
    both = 10 * np.log10(10 ** (rows / 10) + 10 ** (floor / 10))
    return np.asarray(both, dtype=np.float32)


def loudness(rows: Floats) -> Floats:
    """Each row's level between the recording's quiet (0) and its loud passages (1)."""
    level = rows[:, 0]
    low, high = np.percentile(level, [3, 95])
    return np.asarray(np.clip((level - low) / max(high - low, 6.0), 0, 1), dtype=np.float32)


def normalised(rows: Floats) -> Floats:
    """Cepstra less the voice's own mean and spread, with their slopes, and loudness: comparable between voices."""
    loud = loudness(rows)
    spoken = rows[loud > 0.35] if (loud > 0.35).sum() > 20 else rows
    cepstra, known = rows[:, 1:] @ _cosines(), spoken[:, 1:] @ _cosines()
    static = (cepstra - known.mean(axis=0)) / (known.std(axis=0) + 1e-3)
    slopes = _slopes(np.column_stack([static[:, :6], 4 * loud]))
    weights = np.linspace(1.15, 0.7, CEPSTRA, dtype=np.float32)
    return np.column_stack([static * weights, 5.0 * loud, 0.9 * slopes]).astype(np.float32)


def _slopes(rows: Floats) -> Floats:
    """Change over 30 ms."""
    padded = np.pad(rows, ((3, 3), (0, 0)), mode="edge")
    return np.asarray(padded[6:] - padded[:-6], dtype=np.float32)


@cache
def _taper() -> Floats:
    return np.hamming(_WINDOW).astype(np.float32)


@cache
def _triangles() -> Floats:
    """(bins, BANDS), 100 Hz to 7 kHz."""
    frequencies = mel(np.arange(_FFT // 2 + 1, dtype=np.float64) * (RATE / _FFT))
    low, high = mel(np.array([100.0, 7000.0]))
    edges = np.linspace(low, high, BANDS + 2)
    up = (frequencies[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(up, down))
    return np.asarray(triangles / triangles.sum(axis=0), dtype=np.float32)


@cache
def _cosines() -> Floats:
    """(BANDS, CEPSTRA), the first coefficient left out."""
    places = np.arange(BANDS) + 0.5
    return (np.cos(np.pi * np.outer(places, np.arange(1, CEPSTRA + 1)) / BANDS) / BANDS).astype(np.float32)
