"""Long-term tone: how a reference's spectrum differs from the synthesiser's, and a filter that makes it up.

Two curves are kept, one for sonorants and one for the rest (fricatives, bursts, breath), because one curve for all
would mostly carry how loud a speaker's vowels are. On top of the sonorants' curve lie, where the words were known,
those of single sounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech import sounds
from avatar.engine.speech.analysis import BANDS, Analysis, Flags, Floats, band_centres, mel
from avatar.media import Phone

ORDER = 20
"""Cosine terms kept of a curve over the mel scale: its slope and hills, averaged over all vowels."""

LIMIT_DB = 28.0
"""Curves bend softly towards this, and towards two thirds of it above 4 kHz: 14 cost two voices 0.02 of likeness."""

RAISED_BELOW = (3000.0, 4500.0)
"""Hz between which raising fades out: above, a reference's breath would be made of the synthesiser's buzz."""

OBSTRUENT_SHARE = 0.8
"""How much of the obstruents' curve is applied: 0.4 costs some voices 0.02 of likeness, 0.8 others 0.05 of DNSMOS."""

WINDOW, HOP = 512, 128
CROSSFADE = 2.0
"""Standard deviation, in hops, of the change from one class to the next (12 ms)."""

OBSTRUENTS = frozenset("pbtdkɡgqɢʔcɟʈɖfvszʃʒθðçxɣχʁhɦɸβʂʐɕʑʝħʕʜʢɬɮ")


@dataclass(frozen=True)
class Tone:
    """Gains in dB at `band_centres()`; `phones` holds what is added to the sonorants' by sound or kind of sound."""

    sonorant: tuple[float, ...]
    obstruent: tuple[float, ...]
    phones: sounds.Curves = field(default_factory=dict)

    def scaled(self, share: float, phones: float) -> "Tone":
        """A share of the long-term curves, and one of those of single sounds."""
        sonorant, obstruent = (tuple(share * g for g in curve) for curve in (self.sonorant, self.obstruent))
        return Tone(sonorant, obstruent, {name: tuple(phones * g for g in c) for name, c in self.phones.items()})

    def curve(self, symbol: str) -> Floats:
        """The gains for a sound."""
        if not symbol or symbol[0] in OBSTRUENTS:
            return np.array(self.obstruent)
        own = self.phones.get(symbol) or self.phones.get(sounds.kind(symbol) or "")
        return np.array(self.sonorant) + (np.array(own) if own else 0.0)

    def to_json(self) -> dict[str, Any]:
        """Lists, rounded to 0.1 dB."""
        return {
            "sonorant": [round(g, 1) for g in self.sonorant],
            "obstruent": [round(g, 1) for g in self.obstruent],
            "phones": {name: [round(g, 1) for g in curve] for name, curve in self.phones.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Tone":
        """The inverse; raises KeyError, TypeError or ValueError."""
        curves = [tuple(float(g) for g in values[name]) for name in ("sonorant", "obstruent")]
        phones = {str(name): tuple(float(g) for g in curve) for name, curve in values.get("phones", {}).items()}
        if any(len(curve) != BANDS for curve in (*curves, *phones.values())):
            raise ValueError(f"a tone has {BANDS} bands")
        return cls(curves[0], curves[1], phones)


def compare(reference: Analysis, base: Analysis, highest: float) -> Tone:
    """The tone that turns `base` into `reference`, which holds nothing above `highest` Hz."""
    sonorant = _difference(reference, reference.voiced, base, base.voiced, highest)
    rough = sonorant
    if min(reference.unvoiced.sum(), base.unvoiced.sum()) >= 20:
        rough = _difference(reference, reference.unvoiced, base, base.unvoiced, highest)
    # half of each: unvoiced frames are few, and what they carry of room and noise is not the speaker's
    return Tone(tuple(sonorant), tuple(OBSTRUENT_SHARE * (0.5 * sonorant + 0.5 * rough)))


def distance(reference: Analysis, other: Analysis) -> float:
    """Root mean square difference, in dB, of the voiced long-term spectra below 8 kHz after levelling."""
    below = band_centres() < 8000
    first, second = (_mean(a, a.voiced)[below] for a in (reference, other))
    gap = (first - first.mean()) - (second - second.mean())
    return float(np.sqrt(np.mean(gap**2)))


def apply(samples: NDArray[np.float32], rate: int, phones: Sequence[Phone], tone: Tone) -> NDArray[np.float32]:
    """Filter speech frame by frame with the curve of the phone that sounds, cross-fading between them."""
    curves = _timeline(len(samples), rate, phones, tone)
    bins = _bins(rate)
    padded = np.pad(samples.astype(np.float64), (WINDOW, WINDOW))
    window = np.hanning(WINDOW + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    centres = np.clip(np.arange(len(frames)) - WINDOW // (2 * HOP), 0, len(curves) - 1)
    out = np.zeros(len(padded) + WINDOW)
    for start in range(0, len(frames), 512):
        part = frames[start : start + 512]
        gains = 10 ** (curves[centres[start : start + 512]] @ bins / 20)
        shaped = np.fft.irfft(np.fft.rfft(part * window, axis=1) * gains, WINDOW, axis=1) * window
        _overlap_add(out, shaped, start)
    return (out[WINDOW : WINDOW + len(samples)] / 1.5).astype(np.float32)


def _difference(a: Analysis, in_a: Flags, b: Analysis, in_b: Flags, highest: float) -> Floats:
    raw = _mean(a, in_a) - _mean(b, in_b)
    centres = band_centres()
    known = centres < 0.95 * highest
    raw = np.where(known, raw, raw[known][-3:].mean())
    curve = _smooth(raw - np.average(raw, weights=10 ** (_mean(b, in_b) / 20)))
    bound = np.where(centres < 4000, LIMIT_DB, LIMIT_DB * 2 / 3)
    ceiling = np.interp(mel(centres), mel(np.array(RAISED_BELOW)), [LIMIT_DB, 0.0])
    return np.asarray(np.minimum(bound * np.tanh(curve / bound), ceiling), dtype=np.float64)


def _mean(analysis: Analysis, frames: Flags) -> Floats:
    """Mean log spectrum of the frames, each weighing the same whatever its loudness."""
    return np.asarray(analysis.bands[frames].mean(axis=0), dtype=np.float64)


def _smooth(curve: Floats) -> Floats:
    """Keep the first ORDER cosine terms over the bands."""
    basis = np.cos(np.pi * np.outer(np.arange(ORDER + 1), np.arange(BANDS) + 0.5) / BANDS)
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    return np.asarray((basis @ curve) @ basis, dtype=np.float64)


def _bins(rate: int) -> Floats:
    """(BANDS, bins): how much of each band's gain a bin takes."""
    bins = mel(np.arange(WINDOW // 2 + 1, dtype=np.float64) * (rate / WINDOW))
    centres = mel(band_centres())
    return np.stack([np.interp(bins, centres, band) for band in np.eye(BANDS)])


def _timeline(samples: int, rate: int, phones: Sequence[Phone], tone: Tone) -> Floats:
    """(hops, BANDS) dB: the curve of the phone that sounds, smooth between one and the next."""
    hops = samples // HOP + 1
    gains = np.tile(tone.curve(""), (hops, 1))
    for phone in phones:
        gains[round(phone.start * rate / HOP) : round(phone.end * rate / HOP)] = tone.curve(phone.symbol)
    reach = np.arange(-6, 7)
    kernel = np.exp(-0.5 * (reach / CROSSFADE) ** 2)
    padded = np.pad(gains, ((6, 6), (0, 0)), mode="edge")
    return np.asarray(sum(k * padded[i : i + hops] for i, k in enumerate(kernel / kernel.sum())), dtype=np.float64)


def _overlap_add(out: Floats, frames: Floats, first: int) -> None:
    """Add windows WINDOW long, HOP apart, by adding whole hops."""
    hops = WINDOW // HOP
    pieces = frames.reshape(len(frames), hops, HOP)
    for i in range(hops):
        start = (first + i) * HOP
        out[start : start + len(frames) * HOP] += pieces[:, i].reshape(-1)
