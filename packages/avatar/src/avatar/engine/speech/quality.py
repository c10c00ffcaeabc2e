"""Figures of a recording that tell whether a voice can be learnt from it."""

from functools import cache

import numpy as np

from avatar.engine.speech.analysis import (
    BANDS,
    HOP,
    RATE,
    Analysis,
    Flags,
    Floats,
    analyse,
    band_centres,
    closed,
    resampled,
)
from avatar.media import Audio

QUIETEST = 4
"""Percent of the time in which every band is taken to hold noise alone."""


def snr_db(heard: Analysis) -> float:
    """Speech over noise, both over all bands; the noise is each band's quietest moments (after Martin, 2001)."""
    if not heard.active.any():
        return 0.0
    power = 10 ** (heard.bands / 10) * np.gradient(band_centres())
    noise = float((_quietest(power) * _bias()).sum())
    speech = float(power[heard.active].sum(axis=1).mean())
    return float(np.clip(10 * np.log10(max(speech - noise, 1e-12) / max(noise, 1e-12)), -10, 60))


def _quietest(power: Floats) -> Floats:
    """(bands,) level of the quietest twentieth, smoothed over 50 ms."""
    smooth = (power[:-4] + power[1:-3] + power[2:-2] + power[3:-1] + power[4:]) / 5
    return np.asarray(np.percentile(smooth, QUIETEST, axis=0), dtype=np.float64)


@cache
def _bias() -> Floats:
    """(bands,) by how much the mean of steady noise is above its quietest moments, found on ten seconds of it."""
    noise = np.random.default_rng(0).normal(0, 0.1, 10 * RATE).astype(np.float32)
    power = 10 ** (analyse(Audio(noise, RATE)).bands / 10)
    return np.asarray(power.mean(axis=0) / _quietest(power), dtype=np.float64)


def highest_hz(heard: Analysis) -> float:
    """Up to where the speech stands out: the last band within 50 dB of the loudest and above the pauses' level."""
    loud = np.percentile(heard.bands[heard.active], 95, axis=0) if heard.active.any() else heard.bands.max(axis=0)
    quiet = np.percentile(heard.bands, 5, axis=0)
    there = np.flatnonzero((loud > loud.max() - 50) & (loud > quiet + 6))
    edges = np.append(band_centres(), RATE / 2)
    return float(edges[there[-1] + 1]) if len(there) and there[-1] < BANDS else float(RATE / 2)


def decay_s(heard: Analysis) -> float:
    """Seconds in which sound falls by 60 dB where it falls fastest: a room cannot fall faster than it rings."""
    drop = heard.level[:-8] - heard.level[8:]
    loud = heard.level[:-8] > np.percentile(heard.level, 95) - 12
    if loud.sum() < 50:
        return 0.0
    steepest = float(np.percentile(drop[loud], 96))
    return 60 * 8 * HOP / RATE / max(steepest, 1.0)


def steady_tones(audio: Audio) -> float:
    """Share of the time in which narrow tones stand still for a third of a second: instruments, not voices."""
    samples = resampled(audio.samples, audio.rate, 16000)
    if len(samples) < 8192:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(samples, 4096)[::1024]
    spectra = np.array([np.abs(np.fft.rfft(frame * np.hanning(4096)))[25:1024] for frame in frames])
    level = 20 * np.log10(spectra + 1e-6)
    peak = (level[:, 1:-1] > level[:, :-2]) & (level[:, 1:-1] > level[:, 2:])
    around = np.maximum(np.roll(level, 8, axis=1), np.roll(level, -8, axis=1))[:, 1:-1]
    strong = peak & (level[:, 1:-1] > around + 12) & (level[:, 1:-1] > level.max() - 45)
    lasting = strong.copy()
    for later in range(1, 6):
        lasting[:-later] &= strong[later:]
    for later in range(1, 6):
        lasting[later:] |= lasting[:-later]
    sounding = level.max(axis=1) > level.max() - 35
    return float((lasting.sum(axis=1) >= 2)[sounding].mean()) if sounding.any() else 0.0


def two_pitches(heard: Analysis) -> tuple[float, float] | None:
    """Two pitches in Hz, far apart, each held for a good part of the time without the range between them."""
    logs = np.log2(heard.f0[heard.voiced])
    if len(logs) < 100:
        return None
    low, high = np.percentile(logs, [15, 85])
    for _ in range(10):
        upper = logs > (low + high) / 2
        if upper.all() or not upper.any():
            return None
        low, high = float(np.median(logs[~upper])), float(np.median(logs[upper]))
    between = (logs > low + 0.3 * (high - low)) & (logs < low + 0.7 * (high - low))
    share = float(upper.mean())
    if high - low < 0.55 or not 0.2 < share < 0.8 or between.mean() > 0.15:
        return None
    return float(2**low), float(2**high)


def longest_pause_s(heard: Analysis) -> float:
    """Between the first and the last speech."""
    spoken = np.flatnonzero(closed(heard.active, 5))
    return float(np.diff(spoken).max(initial=1) - 1) * HOP / RATE if len(spoken) else 0.0


def dropouts(audio: Audio) -> int:
    """Gaps of digital silence of 10 ms or more that begin and end in the middle of sound, as lost frames leave."""
    still: Flags = np.abs(audio.samples) < 1e-6
    edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]]).astype(np.int8)))
    near = max(1, audio.rate // 500)
    loud = 0.05 * float(np.abs(audio.samples).max(initial=0.0))
    found = 0
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if audio.rate * 0.01 <= end - start <= audio.rate * 0.5 and start > near and end < len(still) - near:
            before, after = audio.samples[start - near : start], audio.samples[end : end + near]
            found += int(np.abs(before).max() > loud and np.abs(after).max() > loud)
    return found


def best_part(audio: Audio, longest: float) -> tuple[float, float]:
    """Start and end, in seconds, of the stretch of at most `longest` with most speech and fewest peaks cut off."""
    if audio.duration <= longest:
        return 0.0, audio.duration
    size = audio.rate // 10
    blocks = np.abs(audio.samples[: len(audio.samples) // size * size]).reshape(-1, size)
    level: Floats = 20 * np.log10(np.sqrt((blocks.astype(np.float64) ** 2).mean(axis=1)) + 1e-6)
    quiet, loud = np.percentile(level, [10, 95])
    cut = (blocks > 0.99 * blocks.max()).mean(axis=1)
    worth = np.concatenate([[0.0], np.cumsum((level > (quiet + loud) / 2) - 20 * cut)])
    width = int(longest * 10)
    starts = np.arange(0, len(worth) - width, 10)
    start = float(starts[int(np.argmax(worth[starts + width] - worth[starts]))]) / 10
    return start, start + longest
