"""Time warping of a recording onto a script: each row of sound is given to one column of the script, in order.

A column stands for some milliseconds of one sound as the synthesiser says it. Rows may stay on a column or leap over
at most two, so no sound is lost; between words a column of silence may be taken or passed by (after Sakoe and Chiba,
1978, with the pauses of a forced aligner).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatar.engine.alignment.features import HOP, Floats
from avatar.engine.alignment.script import Script

STAY, LEAP_ONE, LEAP_TWO = 0.25, 0.6, 1.4
"""Price of saying a sound slower than the synthesiser, and of leaping over one or two columns."""

PAUSE, NO_PAUSE = 40.0, 20.0
"""Price of a pause between words where the synthesiser makes none, and of none where it makes one."""

SILENCE = 12.0
"""Price of a row of full loudness on a column of silence."""

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Columns:
    """The script cut into columns: `shape` (n, features), `sound` (n,) the index of its sound, -1 between words.

    `silent` (n,) marks columns of silence, `asked` those that the synthesiser makes itself; `at` (n,) is its time of
    each, seconds.
    """

    shape: Floats
    sound: Ints
    silent: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    at: NDArray[np.float64]

    def prices(self) -> Floats:
        """(4, n): what it costs to come from the column itself, and from one, two or three before it."""
        out = np.empty((4, len(self.sound)), np.float32)
        out[:] = np.array([STAY, 0.0, LEAP_ONE, LEAP_TWO])[:, None]
        out[0, self.silent] = 0.0
        out[1, self.silent & ~self.asked] = PAUSE
        # a silence that is leapt over is no sound lost
        missed = np.where(self.asked, NO_PAUSE, 0.0)
        for back, price, over in ((2, 0.0, 1), (3, LEAP_ONE, 1), (3, LEAP_ONE, 2)):
            passed = np.roll(self.silent, over)
            out[back, passed] = price + np.roll(missed, over)[passed]
        for back in (1, 2, 3):
            out[back, :back] = np.inf
        return out


class _Builder:
    """Columns as they are added."""

    def __init__(self, shapes: Floats) -> None:
        self.shapes = shapes
        self.sound: list[int] = []
        self.silent: list[bool] = []
        self.asked: list[bool] = []
        self.at: list[float] = []

    def pause(self, time: float, *, asked: bool) -> None:
        """One column of silence, unless there is one already."""
        if not self.silent or not self.silent[-1]:
            self.add([time], -1, silent=True)
            self.asked[-1] = asked

    def add(self, times: list[float], sound: int, *, silent: bool) -> None:
        """Columns of one sound."""
        self.at += times
        self.sound += [sound] * len(times)
        self.silent += [silent] * len(times)
        self.asked += [False] * len(times)

    def done(self) -> Columns:
        """All of them."""
        at = np.array(self.at)
        rows = np.clip(np.round(at / HOP).astype(int), 0, len(self.shapes) - 1)
        sound, silent, asked = np.array(self.sound, np.int32), np.array(self.silent), np.array(self.asked)
        return Columns(self.shapes[rows], sound, silent, asked, at)


def columns_of(script: Script, shapes: Floats, step: float, least: int) -> Columns:
    """Columns of about `step` seconds, at least `least` to a sound; `shapes` are the script's normalised frames."""
    builder = _Builder(shapes)
    builder.pause(0.0, asked=True)
    for index, item in enumerate(script.sounds):
        if not item.symbol or script.starts_word(index):
            builder.pause(item.start, asked=not item.symbol)
        if item.symbol:
            length = item.end - item.start
            count = max(least, round(length / step))
            places = item.start + (np.arange(count) + 0.5) * (length / count)
            builder.add(places.tolist(), index, silent=False)
    builder.pause(script.sounds[-1].end, asked=True)
    return builder.done()


def warp(rows: Floats, loud: Floats, columns: Columns, band: tuple[Ints, Ints] | None = None) -> tuple[Ints, float]:
    """The column of each row, and the mean price of a spoken row.

    `band` gives for each row the first column allowed and the one behind the last; None allows all.
    """
    count = len(columns.sound)
    low, high = band or (np.zeros(len(rows), np.int32), np.full(len(rows), count, np.int32))
    width = int((high - low).max())
    came = np.zeros((len(rows), width), np.int8)
    prices = columns.prices()
    total = np.full(count + 3, np.inf, np.float32)  # three impossible columns before the first
    total[3:5] = 0.0
    total[5:] = np.inf
    last_low, last_high = 0, 2
    for i in range(len(rows)):
        a, b = int(low[i]), int(high[i])
        ways = np.stack([total[a + 3 - back : b + 3 - back] for back in range(4)])
        if i == 0:
            ways[1:] = np.inf
        else:
            ways += prices[:, a:b]
        best = ways.argmin(axis=0)
        came[i, : b - a] = best
        fresh = np.take_along_axis(ways, best[None], axis=0)[0] + _cost(rows[i], loud[i], columns, a, b)
        total[last_low + 3 : last_high + 3] = np.inf
        total[a + 3 : b + 3] = fresh
        last_low, last_high = a, b
    return _traced(came, low, total, count)


def _cost(row: Floats, loud: np.float32, columns: Columns, first: int, last: int) -> Floats:
    """How badly the row fits each column."""
    apart = columns.shape[first:last] - row
    cost = np.einsum("ij,ij->i", apart, apart) / np.float32(apart.shape[1])
    cost = np.minimum(cost, 6.0)
    cost[columns.silent[first:last]] = SILENCE * loud * loud + 0.2
    return np.asarray(cost, dtype=np.float32)


def _traced(came: NDArray[np.int8], low: Ints, total: Floats, count: int) -> tuple[Ints, float]:
    """Follow the best way back from the last column, or the one before where that is silence."""
    column = count - 1 if total[count + 2] <= total[count + 1] else count - 2
    price = float(total[column + 3])
    path = np.empty(len(came), np.int32)
    for i in range(len(came) - 1, -1, -1):
        path[i] = column
        column -= int(came[i, column - int(low[i])])
    return path, price / len(came)
