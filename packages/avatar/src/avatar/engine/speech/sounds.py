"""How a reference says each sound: what remains between it and the synthesiser once the long-term tone is the same.

Both say the same words, so their frames are laid over each other by dynamic time warping, and the synthesiser's own
phone times say which sound a pair of frames belongs to. A sound heard briefly keeps little of its difference, and
one not heard at all takes that of its kind.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech.analysis import BANDS, HOP, RATE, Analysis, Flags, Floats, band_centres
from avatar.media import Phone

Curves = Mapping[str, tuple[float, ...]]
"""Gains in dB at `band_centres()` by sound or kind of sound."""

KINDS = {
    "front": "iɪeɛyʏøœᵻɨ",
    "open": "aæɑɐʌɔɒ",
    "back": "uʊoɤɯʉ",
    "central": "əɜɚɝɘ",
    "nasal": "mnŋɲɳ",
    "liquid": "lɹrjwɾʎɫʁɻɥ",
}
HEARD, HEARD_KIND = 20.0, 40.0
"""Frames of 10 ms after which half of a sound's, or a kind's, own difference is kept."""

ORDER, LIMIT_DB = 10, 10.0
NOISY, CLEAN = 25.0, 35.0
"""dB of speech over its background: what a noisy room says of single sounds is not the speaker's. On the tuning list a
speech of 1961 (26 dB) lost 3 points of words to these curves and was no liker for them."""

FITS = 0.95
"""Of `fit`, at most: seven recordings read .76-.93 with their words, .97-1.02 with others."""

SHUFFLES, PIECE = 3, 35
"""How often speech is cut up, and into pieces of how many frames: about a word."""

LONGEST = 1500
"""Frames laid over each other; longer recordings are thinned out."""


def kind(symbol: str) -> str | None:
    """Which kind of sonorant a phone is; None for obstruents and silence."""
    return next((name for name, members in KINDS.items() if symbol[:1] and symbol[0] in members), None)


def trust(snr_db: float) -> float:
    """How much of these curves a recording deserves, from 0 to 1."""
    return float(np.clip((snr_db - NOISY) / (CLEAN - NOISY), 0.0, 1.0))


def compare(reference: Analysis, base: Analysis, phones: Sequence[Phone], highest: float) -> Curves:
    """Curves by sound and by kind, on top of the long-term tone. Both sides say the same words."""
    first, second = _paired(reference, base)
    symbols = _symbols(phones, len(base.level))[second]
    both = reference.voiced[first] & base.voiced[second]
    gaps = (reference.bands[first] - base.bands[second])[both]
    gaps[:, band_centres() > 0.95 * highest] = 0.0
    gaps -= gaps[:, band_centres() < 4000].mean(axis=1, keepdims=True)
    return _shrunk(gaps - gaps.mean(axis=0), symbols[both])


def fit(reference: Analysis, base: Analysis) -> float:
    """Price of laying the base's speech over the reference, over that of the same speech cut up and shuffled.

    Well below 1 where both say the same words, about 1 where they do not.
    """
    first, second = (_features(analysis, _thinned(analysis.active)) for analysis in (reference, base))
    random = np.random.default_rng(0)
    pieces = np.array_split(second, max(2, round(len(second) / PIECE)))
    orders = [random.permutation(len(pieces)) for _ in range(SHUFFLES)]
    shuffled = [_price(first, np.concatenate([pieces[i] for i in order])) for order in orders]
    return _price(first, second) / float(np.mean(shuffled))


def _shrunk(gaps: Floats, symbols: NDArray[np.str_]) -> Curves:
    kinds = np.array([kind(symbol) or "" for symbol in symbols])
    found = {name: _mean(gaps[kinds == name], HEARD_KIND) for name in KINDS}
    for symbol in sorted(set(symbols[kinds != ""])):
        of_kind = found[kind(symbol) or ""]
        found[str(symbol)] = of_kind + _mean(gaps[symbols == symbol] - of_kind, HEARD)
    return {name: tuple(float(g) for g in LIMIT_DB * np.tanh(_smooth(c) / LIMIT_DB)) for name, c in found.items()}


def _mean(gaps: Floats, heard: float) -> Floats:
    return np.asarray(gaps.sum(axis=0) / (len(gaps) + heard), dtype=np.float64)


def _smooth(curve: Floats) -> Floats:
    basis = np.cos(np.pi * np.outer(np.arange(ORDER + 1), np.arange(BANDS) + 0.5) / BANDS)
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    return np.asarray((basis @ curve) @ basis, dtype=np.float64)


def _symbols(phones: Sequence[Phone], frames: int) -> NDArray[np.str_]:
    """The sound of each frame."""
    starts = np.array([phone.start for phone in phones])
    at = np.searchsorted(starts, np.arange(frames) * HOP / RATE, side="right") - 1
    return np.array([phone.symbol for phone in phones])[np.maximum(at, 0)]


def _paired(reference: Analysis, base: Analysis) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of frames that say the same."""
    first, second = (_thinned(analysis.active) for analysis in (reference, base))
    rows, columns = warp(_features(reference, first), _features(base, second))
    return first[rows], second[columns]


def _thinned(active: Flags) -> NDArray[np.intp]:
    at = np.flatnonzero(active)
    return at[:: 1 + len(at) // LONGEST]


def _features(analysis: Analysis, frames: NDArray[np.intp]) -> Floats:
    """Cepstra below 8 kHz and voicing, each side less its own mean and over its own spread."""
    below = int((band_centres() < 8000).sum())
    bands = np.maximum(analysis.bands[frames, :below], analysis.bands[frames, :below].max(axis=1, keepdims=True) - 50)
    cepstra = bands @ np.cos(np.pi * np.outer(np.arange(13), np.arange(below) + 0.5) / below).T
    features = np.column_stack([cepstra, analysis.f0[frames] > 0])
    return np.asarray((features - features.mean(axis=0)) / (features.std(axis=0) + 1e-9), dtype=np.float64)


def warp(first: Floats, second: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The cheapest monotonous path through the distances of two sequences, from both beginnings to both ends."""
    return _path(_totals(first, second))


def _price(first: Floats, second: Floats) -> float:
    """Of that path."""
    return float(_totals(first, second)[-1, -1])


def _totals(first: Floats, second: Floats) -> Floats:
    """(n, m) what the cheapest path to each pair costs."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None] - 2 * first @ second.T
    costs = np.sqrt(np.maximum(squares, 0.0))
    total: Floats = np.empty_like(costs)
    total[0] = np.cumsum(costs[0])
    for i in range(1, len(costs)):
        above = total[i - 1]
        entered = np.minimum(above, np.concatenate([[np.inf], above[:-1]]))
        run = np.cumsum(costs[i])
        # enter the row at the best column before this one, then walk along it
        total[i] = run + np.minimum.accumulate(entered - run + costs[i])
    return total


def _path(total: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    i, j = total.shape[0] - 1, total.shape[1] - 1
    path = [(i, j)]
    while i or j:
        steps = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        i, j = min((step for step in steps if min(step) >= 0), key=lambda step: total[step])
        path.append((i, j))
    rows, columns = np.array(path[::-1], dtype=np.intp).T
    return rows, columns
