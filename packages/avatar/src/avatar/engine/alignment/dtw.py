"""Alignment with no package of its own: the recording is warped onto our own synthesis of its text."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from avatar.engine.alignment.features import HOP, Floats, features, loudness, masked, normalised
from avatar.engine.alignment.script import Script
from avatar.engine.alignment.warping import Columns, Ints, columns_of, warp
from avatar.media import Audio

WHOLE = 6_000_000
"""Rows times columns up to which everything is compared with everything; about 12 s of speech."""

COARSE = 100_000_000
"""The same for the first, coarse pass over long recordings: an hour in steps of a third of a second."""

MARGIN = 0.9
"""Seconds around the coarse path within which the fine one is sought."""

PASSES = 4
"""How often the synthesiser's features are fitted to the recording and the path is sought again."""

ALONE, NEAR, BRIEF = 0.3, 0.25, 0.35
"""Seconds of a pause behind a word, of the gap before it, and of the word, by which it stands alone."""

Spans = list[tuple[float, float] | None]


@dataclass(frozen=True, eq=False)
class Heard:
    """A recording as rows to be warped: features as measured, normalised, and loudness."""

    raw: Floats
    rows: Floats
    loud: Floats

    @classmethod
    def of(cls, audio: Audio) -> "Heard":
        """Measure mono sound at any rate."""
        raw = features(audio)
        return cls(raw, normalised(raw), loudness(raw))

    def shapes(self, script: Script) -> Floats:
        """The script's frames, to be compared with these rows."""
        return normalised(masked(script.frames, self.raw))

    def thinned(self, factor: int) -> "Heard":
        """Every `factor` rows averaged into one."""
        count = len(self.rows) // factor
        rows = self.rows[: count * factor].reshape(count, factor, -1).mean(axis=1)
        return Heard(self.raw, rows, self.loud[: count * factor].reshape(count, factor).mean(axis=1))


def align(audio: Audio, script: Script) -> tuple[Spans, float] | None:
    """Start and end of each sound of the script in the recording, and the mean price of the path (lower fits better).

    None where the script is too long to be said in so short a time.
    """
    heard = Heard.of(audio)
    shapes = heard.shapes(script)
    columns = columns_of(script, shapes, 2 * HOP, 3)
    if np.count_nonzero(~columns.silent) > 2.8 * len(heard.rows):
        return None
    band = _band(heard, script, shapes, columns)
    path, price = warp(heard.rows, heard.loud, columns, band)
    if not np.isfinite(price):
        return None
    for _ in range(PASSES):
        columns = replace(columns, shape=fitted(heard, columns, path))
        path, price = warp(heard.rows, heard.loud, columns, band)
    return rejoined(script, _spans(path, columns, len(script.sounds))), price


def _band(heard: Heard, script: Script, shapes: Floats, columns: Columns) -> tuple[Ints, Ints] | None:
    """Where the fine path may go, by a coarse one; None (anywhere) for short recordings."""
    if len(heard.rows) * len(columns.sound) <= WHOLE:
        return None
    factor = 8
    while len(heard.rows) * len(columns.sound) * 4 / factor**2 > COARSE:
        factor *= 2
    kernel = np.ones(factor, np.float32) / factor
    smooth = np.apply_along_axis(lambda c: np.convolve(c, kernel, "same"), 0, shapes).astype(np.float32)
    rough = columns_of(script, smooth, factor * HOP, 1)
    thin = heard.thinned(factor)
    path, _ = warp(thin.rows, thin.loud, rough)
    times = np.repeat(rough.at[path], factor)
    times = np.pad(times, (0, len(heard.rows) - len(times)), mode="edge")
    reach = MARGIN + 2 * factor * HOP
    low = np.searchsorted(columns.at, times - reach).astype(np.int32)
    high = np.searchsorted(columns.at, times + reach, side="right").astype(np.int32)
    rows = np.arange(len(times))
    high[-1] = len(columns.at)
    low = np.minimum(low, 3 * rows).astype(np.int32)
    return low, np.maximum(high, low + 4).clip(max=len(columns.at)).astype(np.int32)


def fitted(heard: Heard, columns: Columns, path: Ints) -> Floats:
    """The columns as this speaker would say them: a linear map from the synthesiser's features to the recording's."""
    spoken = ~columns.silent[path]
    source = np.column_stack([columns.shape[path[spoken]], np.ones(spoken.sum(), np.float32)]).astype(np.float64)
    target = heard.rows[spoken].astype(np.float64)
    ridge = 40.0 * np.eye(source.shape[1])
    # towards the identity: few rows change little
    start = np.vstack([np.eye(target.shape[1]), np.zeros(target.shape[1])])
    matrix = np.linalg.solve(source.T @ source + ridge, source.T @ target + ridge @ start)
    ones = np.ones((len(columns.shape), 1))
    return np.asarray(np.hstack([columns.shape, ones]) @ matrix, dtype=np.float32)


def _spans(path: Ints, columns: Columns, sounds: int) -> Spans:
    """First and last moment of each sound."""
    owners = columns.sound[path]
    edges = np.flatnonzero(np.diff(owners, prepend=-2, append=-2))
    out: Spans = [None] * sounds
    for first, last in pairwise(edges):
        if owners[first] >= 0:
            out[owners[first]] = (max(0.0, float(first - 0.5) * HOP), float(last - 0.5) * HOP)
    return out


def rejoined(script: Script, spans: Spans) -> Spans:
    """Short words alone before a long pause nobody wrote, though one is written before them, are moved behind it:
    between two sentences an "a" is easily found in the breath before the silence.
    """
    out = list(spans)
    for first, last, following in _words(script):
        before, begins, ends, after = (_at(out, i) for i in (first - 2, first, last, following))
        if before and begins and ends and after and not script.sounds[first - 1].symbol:
            lonely = after[0] - ends[1] > ALONE and begins[0] - before[1] < NEAR and ends[1] - begins[0] < BRIEF
            for i in range(first, last + 1) if lonely else ():
                span, shift = out[i], after[0] - ends[1]
                out[i] = None if span is None else (span[0] + shift, span[1] + shift)
    return out


def _words(script: Script) -> list[tuple[int, int, int]]:
    """First and last sound of each word that another follows without a written pause, and that one's first sound."""
    starts = [i for i, sound in enumerate(script.sounds) if sound.symbol and script.starts_word(i)]
    return [(a, b - 1, b) for a, b in pairwise(starts) if a > 1 and script.sounds[b - 1].symbol]


def _at(spans: Spans, index: int) -> tuple[float, float] | None:
    return spans[index] if 0 <= index < len(spans) else None
