"""What can be measured of speech without knowing its words: pitch, voicing, level, and long-term spectrum.

Everything is taken at 22050 Hz in frames of 10 ms, of a reference and of the synthesiser's own speech alike, so that
the errors of the measures are the same on both sides of a comparison.
"""

from dataclasses import dataclass

import numpy as np
import pyworld
from numpy.typing import NDArray

from avatar.media import Audio

RATE = 22050
HOP = 220
"""Samples between frames (9.98 ms)."""

WINDOW = 1024
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 450.0
BANDS = 30
"""Mel bands from 0 to RATE / 2."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Analysis:
    """Per frame: `f0` in Hz (0 where unvoiced), `level` in dB full scale, `bands` (n, BANDS) in dB.

    `active` marks frames that carry speech; `floor` is the level of the quietest tenth, dB.
    """

    f0: Floats
    level: Floats
    bands: Floats
    active: Flags
    floor: float

    @property
    def voiced(self) -> Flags:
        """Active frames with a pitch."""
        return np.asarray(self.active & (self.f0 > 0))

    @property
    def unvoiced(self) -> Flags:
        """Active frames without a pitch: mostly fricatives and bursts."""
        return np.asarray(self.active & (self.f0 == 0))

    @property
    def speech_seconds(self) -> float:
        """How long is spoken, pauses up to a quarter of a second included."""
        return float(closed(self.active, 25).sum() * HOP / RATE)

    @property
    def snr_db(self) -> float:
        """Level of the speech over the quietest tenth of the recording; reads up to 4 dB high at 10 dB."""
        if not self.active.any():
            return 0.0
        speech = 10 * np.log10(np.mean(10 ** (self.level[self.active] / 10)))
        return float(speech - self.floor)

    def pitch(self) -> tuple[float, float]:
        """Median in Hz and spread: half the distance of the 16th and 84th percentiles of log f0 (about one sigma)."""
        logs = np.log(self.f0[self.voiced])
        low, middle, high = np.percentile(logs, [16, 50, 84])
        return float(np.exp(middle)), float((high - low) / 2)


def analyse(audio: Audio, f0: Floats | None = None) -> Analysis:
    """Measure mono sound at any rate. `f0` in Hz by frame, where it is known: finding it takes most of the time."""
    samples = resampled(audio.samples, audio.rate, RATE).astype(np.float64)
    spectra = _spectra(samples)
    bands = 10 * np.log10(spectra @ mel_weights().T + 1e-10)
    level = 10 * np.log10(spectra[:, _speech_bins()].sum(axis=1) / WINDOW + 1e-10)
    active, floor = _active(level)
    found = _f0(samples, len(level)) if f0 is None else np.pad(f0, (0, max(0, len(level) - len(f0))))[: len(level)]
    return Analysis(found, level, bands, active, floor)


def resampled(samples: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Band-limited resampling through the spectrum of the whole: for analysis, where the ends do not matter."""
    if rate == to or not len(samples):
        return samples
    count = max(1, round(len(samples) * to / rate))
    spectrum = np.fft.rfft(samples)
    bins = count // 2 + 1
    cut = np.zeros(bins, dtype=np.complex128)
    cut[: min(bins, len(spectrum))] = spectrum[:bins]
    return (np.fft.irfft(cut, count) * (count / len(samples))).astype(np.float32)


def mel(hz: Floats) -> Floats:
    """The mel scale (O'Shaughnessy 1987)."""
    return np.asarray(2595 * np.log10(1 + np.asarray(hz) / 700), dtype=np.float64)


def band_centres() -> Floats:
    """Centres of the bands in Hz."""
    top = mel(np.array([RATE / 2]))[0]
    mels = np.linspace(0, top, BANDS + 2)[1:-1]
    return np.asarray(700 * (10 ** (mels / 2595) - 1), dtype=np.float64)


def mel_weights() -> Floats:
    """(BANDS, bins) triangles of unit sum."""
    frequencies = mel(np.arange(WINDOW // 2 + 1, dtype=np.float64) * (RATE / WINDOW))
    step = mel(np.array([RATE / 2]))[0] / (BANDS + 1)
    centres = (np.arange(BANDS) + 1) * step
    weights = np.maximum(0.0, 1 - np.abs(frequencies - centres[:, None]) / step)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def closed(flags: Flags, gap: int) -> Flags:
    """Flags with holes of at most `gap` frames filled."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], flags, [True]]).astype(np.int8)))
    out = flags.copy()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start <= gap and start > 0 and end < len(flags):
            out[start:end] = True
    return out


def _spectra(samples: Floats) -> Floats:
    """(frames, bins) power."""
    padded = np.pad(samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW)
    parts = [
        np.abs(np.fft.rfft(part * window, axis=1)) ** 2 for part in np.array_split(frames, 1 + len(frames) // 1024)
    ]
    return np.concatenate(parts)


def _speech_bins() -> slice:
    """100 Hz to 4 kHz, where speech is and rumble is not."""
    return slice(round(100 * WINDOW / RATE), round(4000 * WINDOW / RATE))


def _active(level: Floats) -> tuple[Flags, float]:
    """Frames that are clearly above the noise and within 30 dB of the loudest speech, and the noise level."""
    floor, peak = np.percentile(level, [10, 97])
    threshold = max(peak - 30, floor + min(6.0, 0.5 * (peak - floor)), -70.0)
    return level > threshold, float(floor)


def _f0(samples: Floats, frames: int) -> Floats:
    """DIO, kept only where the wave really repeats: noise has pitch to DIO, but no period."""
    period = 1000 * HOP / RATE
    # a little noise keeps DIO from finding pitch in digital silence
    quiet = samples + np.random.default_rng(0).normal(0, 1e-5, len(samples))
    # decimated fourfold: an eighth of the time and, refined by StoneMask, the same pitch
    f0, times = pyworld.dio(quiet, RATE, f0_floor=LOWEST_PITCH, f0_ceil=HIGHEST_PITCH, frame_period=period, speed=4)
    f0 = pyworld.stonemask(quiet, f0, times, RATE)
    f0 = np.pad(f0, (0, max(0, frames - len(f0))))[:frames]
    return np.where(_periodicity(quiet, f0) > 0.5, f0, 0.0)


def _periodicity(samples: Floats, f0: Floats) -> Floats:
    """Correlation of each frame's 25 ms with what follows one period later; 0 where f0 is 0."""
    size = int(0.025 * RATE)
    reach = size + int(RATE / LOWEST_PITCH) + 2
    padded = np.pad(samples, (size // 2, reach + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    at = np.flatnonzero((f0 >= LOWEST_PITCH) & (f0 <= HIGHEST_PITCH))
    first = windows[at * HOP]
    later = windows[at * HOP + np.round(RATE / f0[at]).astype(int)]
    power = (first**2).sum(axis=1) * (later**2).sum(axis=1)
    out = np.zeros(len(f0))
    out[at] = (first * later).sum(axis=1) / (np.sqrt(power) + 1e-12)
    return out
