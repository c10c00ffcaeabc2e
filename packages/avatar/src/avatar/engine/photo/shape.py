"""A frame's mouth channels become the lips' contours and where the skin around them goes."""

from dataclasses import dataclass

import numpy as np

from avatar.engine.photo.anatomy import (
    BROWS,
    CHEEKS,
    CHIN,
    EYES,
    FOREHEAD,
    JAW,
    NOSE,
    PHILTRUM,
    Anatomy,
    Floats,
)
from avatar.engine.presenter.lips import Mouth, edges
from avatar.engine.presenter.mouth import HALF

GAPE = 0.64
"""How far a real mouth opens of what the drawn one does, which is drawn to be read from afar."""


@dataclass(frozen=True, eq=False)
class Lips:
    """Contours of one frame, (11, 2) each in local units, and the drop of the jaw in those units."""

    upper_out: Floats
    lower_out: Floats
    upper_in: Floats
    lower_in: Floats
    drop: float


def lips_of(a: Anatomy, m: Mouth, smile: float) -> Lips:
    """The lips of `a` in the shape `m`; `smile` 0..1 lifts the corners, beside what the photo's own face does."""
    rest = a.closed
    top, low = _parted(m)
    along = np.clip((rest[:, 0] - rest[0, 0]) / (rest[-1, 0] - rest[0, 0]) * 2 - 1, -1, 1)
    # Lips in a ring still meet at its sides: the opening is narrower than they are.
    arch = np.clip(1 - (along / (1 - 0.33 * min(1.0, m.round) - 0.08 * min(1.0, m.open))) ** 2, 0, 1) ** (
        0.78 - 0.28 * m.round
    )
    narrow = 1 + 0.08 * m.wide + 0.05 * smile * (1 - m.round) - 0.36 * m.round - 0.03 * m.press - 0.08 * m.open
    middle = float(rest[:, 0].mean())
    x = middle + (rest[:, 0] - middle) * narrow
    corner = np.abs(along) ** 1.6
    y = rest[:, 1] + corner * (0.16 * low - 0.14 * smile - 0.03 * m.wide) + 0.03 * smile * (1 - corner)
    y = y + min(1.0, m.round) * (y.mean() - y) * 0.85
    upper_in = np.stack([x, y + top * arch], 1)
    lower_in = np.stack([x, y + low * arch], 1)
    upper = _thickness(a.upper_out - a.upper_in, narrow, 1 - 0.34 * m.press - 0.08 * m.open - 0.05 * m.round)
    full = 1 - 0.30 * m.press - 0.10 * m.open - 0.12 * m.round - 0.20 * m.bite
    lower = _evened(_thickness(a.lower_out - a.lower_in, narrow, full), along, 0.5 * m.round)
    upper_out, lower_out = upper_in + upper, lower_in + lower
    for end in (0, -1):
        both = (upper_out[end] + lower_out[end]) / 2
        upper_out[end] = lower_out[end] = both
    drop = 0.80 * GAPE * 46 / HALF * 0.76 * max(m.jaw, 0.25 * m.open)
    return Lips(upper_out, lower_out, upper_in, lower_in, drop)


def _parted(m: Mouth) -> tuple[float, float]:
    """How far the lips' inner edges are above (negative) and below their line in its middle.

    The drawn mouth opens downwards; lips pushed forward part around their middle.
    """
    top, low = (edge / HALF * GAPE for edge in edges(m))
    share = 0.24 + 0.20 * min(1.0, m.round)
    gap = low - top
    k = min(1.0, m.round)
    return top * (1 - k) - gap * share * k, low * (1 - k) + gap * (1 - share) * k


def _thickness(across: Floats, narrow: float, k: float) -> Floats:
    """From the inner contour to the outer: the skin outside gives way only in part."""
    return np.stack([across[:, 0] * (0.4 + 0.6 * narrow), across[:, 1] * k], 1)


def _evened(across: Floats, along: Floats, much: float) -> Floats:
    """Lips in a ring are about as thick all round, whatever their own drawing is."""
    round_ = np.clip(1 - along**2, 0, 1) ** 0.4
    even = round_ * across[:, 1].mean() / max(0.1, float(round_.mean()))
    return np.stack([across[:, 0], across[:, 1] * (1 - much) + even * much], 1)


Group = tuple[Floats, list[Floats]]
"""Points of the skin, and what each of their modes does to them at amplitude 1, in local units."""


class Layer:
    """Control points of the skin on one side of the mouth: lips that go each their own way, the rest in a few modes."""

    def __init__(self, lips: Floats, still: Floats, groups: list[Group]) -> None:
        """`lips` (n, 2) go where they are told, `still` points nowhere."""
        self.controls = np.concatenate([lips, still, *(points for points, _ in groups)]).astype(np.float32)
        self.own = len(lips)
        start, rows = len(lips) + len(still), []
        for points, motions in groups:
            for motion in motions:
                row = np.zeros_like(self.controls)
                row[start : start + len(points)] = motion
                rows.append(row)
            start += len(points)
        self.modes = np.asarray(rows, np.float32)


class Skin:
    """What moves with the lips, above and below the mouth; the lower layer has the modes of the upper and two more."""

    def __init__(self, a: Anatomy) -> None:
        self._a = a
        still = a.of((*NOSE, *FOREHEAD, *EYES))
        chin = max(0.8, float(a.of((152,))[0, 1]))
        groups = [
            (a.of(PHILTRUM), [_down(PHILTRUM, 0.32)]), (a.of(BROWS), [_down(BROWS, -0.13)]),
            self._jaw(chin), self._cheeks(chin),
        ]  # fmt: skip
        self.upper = Layer(np.concatenate([a.upper_out, a.upper_in[1:-1]]), still, groups)
        self.lower = Layer(np.concatenate([a.lower_out, a.lower_in[1:-1]]), still, [*groups, self._chin()])

    def amplitudes(self, lips: Lips, m: Mouth, brow: float, smile: float) -> Floats:
        """How far each mode goes: philtrum, brows, jaw, cheeks dropped, lifted and pursed, the chin's skin twice."""
        up = float((lips.upper_out - self._a.upper_out)[5, 1])
        hang = float((lips.lower_out - self._a.lower_out)[5, 1])
        lift = smile + 0.3 * m.wide
        return np.array([up, brow, lips.drop, lips.drop, lift, m.round, hang, lips.drop], np.float32)

    def moved(self, lips: Lips) -> tuple[Floats, Floats]:
        """Displacements of the lips' own points, above and below, in local units."""
        a = self._a
        return (
            np.concatenate([lips.upper_out - a.upper_out, (lips.upper_in - a.upper_in)[1:-1]]),
            np.concatenate([lips.lower_out - a.lower_out, (lips.lower_in - a.lower_in)[1:-1]]),
        )

    def _jaw(self, chin: float) -> Group:
        points = self._a.of(JAW)
        fall = _fall(points, chin)
        return points, [np.stack([-0.10 * points[:, 0] * fall, fall], 1)]

    def _cheeks(self, chin: float) -> Group:
        """Cheeks sink with the jaw, are lifted by a smile, and drawn in by rounded lips."""
        points = self._a.of(CHEEKS)
        away, room = (_distance(points, others) for others in (self._a.upper_out[[0, -1]], self._a.of(JAW)))
        # A corner drawn in takes the skin beside it along, else that is stretched until it folds; the outline stays.
        beside = 0.32 * np.exp(-((away / 0.60) ** 2)) * np.clip(room / 0.60, 0, 1)
        much = beside + 0.05 * np.exp(-((points[:, 1] / 1.4) ** 2))
        inward = -np.sign(points[:, 0]) * much
        zero = np.zeros(len(points), np.float32)
        dropped = np.stack([zero, 0.62 * _fall(points, chin)], 1)
        return points, [dropped, _down(CHEEKS, -0.07), np.stack([inward, zero], 1)]

    def _chin(self) -> Group:
        """Between the lip's lower edge and the bone of the chin the skin goes from one's motion to the other's."""
        points = self._a.of(CHIN)
        edge, bone = float(self._a.lower_out[5, 1]), float(self._a.of((175,))[0, 1])
        t = np.clip((points[:, 1] - edge) / max(0.1, bone - edge), 0, 1)
        zero = np.zeros(len(t), np.float32)
        return points, [np.stack([zero, 1 - t], 1), np.stack([zero, t], 1)]


def _distance(points: Floats, others: Floats) -> Floats:
    """(n,): how far each point is from the nearest of the others."""
    return np.asarray(np.linalg.norm(points[:, None] - others, axis=2).min(1), np.float32)


def _down(indices: tuple[int, ...], by: float) -> Floats:
    return np.tile(np.array([0, by], np.float32), (len(indices), 1))


def _fall(points: Floats, chin: float) -> Floats:
    """How much of the jaw's drop each point takes: none above the mouth, all at the chin."""
    t = np.clip((points[:, 1] + 0.25) / (chin + 0.25), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
