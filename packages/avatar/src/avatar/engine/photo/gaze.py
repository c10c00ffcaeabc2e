"""Where photographed eyes look: the iris slides between its lids, and the white beside it gives way.

A gaze of 1 turns an eye by some 30 degrees; an eyeball of 12 mm radius in an opening of 30 mm then moves its iris by
a fifth of the opening's width. Up and down it can move far less: what of an iris a lid hides is not in the photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from avatar.engine.photo.anatomy import Anatomy, Floats
from avatar.engine.photo.eyes import Eye, axes, over, places_of

_TRAVEL = 0.20
_MOST_ACROSS, _MOST_ALONG = 0.12, 0.04
"""Of the eye's width."""
_LEAST_OPEN, _SMALLEST = 0.16, 0.20
"""Eyes that are open less far, as a part of their width, show too little of the iris to move it; and the least radius
that an iris is taken to have."""
_RIM = 0.07
"""Eye widths beyond the lids' edges over which the motion ends."""


@dataclass(frozen=True, eq=False)
class _Iris:
    """How far each pixel of `box` goes with the iris: across, along for what goes across, along; and in pixels how far
    that is for a gaze of 1, (2, 3)."""

    box: tuple[int, int, int, int]
    share: Floats  # (h, w, 3)
    travel: Floats


class Gaze:
    """Moves both irises of one photo."""

    def __init__(self, a: Anatomy, eyes: list[Eye]) -> None:
        self._irises = [iris for eye in eyes if (iris := _iris(a, eye)) is not None]

    def boxes(self) -> list[tuple[int, int, int, int]]:
        """Where something moves: x0, y0, x1, y1 in pixels of the picture."""
        return [iris.box for iris in self._irises]

    def back(self, places: Floats, number: int, gaze: tuple[float, float]) -> Floats:
        """(h, w, 2) pixels: what to take off `places` of the photo so that one eye looks `gaze` (right, down: 1)."""
        iris = self._irises[number]
        across = float(np.clip(gaze[0], -_MOST_ACROSS / _TRAVEL, _MOST_ACROSS / _TRAVEL))
        along = float(np.clip(gaze[1], -_MOST_ALONG / _TRAVEL, _MOST_ALONG / _TRAVEL))
        matrix = iris.travel * np.array([across, across, along], np.float32)
        at = places - np.array(iris.box[:2], np.float32)
        moved = np.zeros_like(at)
        for _ in range(3):  # what comes to a place is told by the share of where it comes from
            share = cv2.remap(iris.share, at - moved, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
            moved = cv2.transform(share, matrix)
        return np.asarray(moved, np.float32)


def _iris(a: Anatomy, eye: Eye) -> _Iris | None:
    """None where the eye is all but shut or its iris is not between its lids."""
    balls = (a.points[468:473, :2], a.points[473:478, :2])
    ball = min(balls, key=lambda ball: float(np.abs(axes(ball[:1], eye.along)[0][0])))
    (x,), (y,) = axes(ball[:1], eye.along)
    width = 1 / float(np.hypot(*eye.along[0, :2]))
    radius = max(_SMALLEST, float(np.linalg.norm(ball[1:] - ball[0], axis=1).mean()) / width)
    ceiling, floor = (float(over(np.array([x], np.float32), lid)[0]) for lid in (eye.upper, eye.low))
    if floor - ceiling < _LEAST_OPEN or not (ceiling < y < floor and abs(x) < 0.48 - radius):
        return None
    right = eye.along[0, :2] * width * width * _TRAVEL
    down = np.array([-right[1], right[0]], np.float32)
    return _Iris(eye.box, _share(eye, float(x), radius), np.stack([right, down, down], 1).astype(np.float32))


def _share(eye: Eye, x: float, radius: float) -> Floats:
    """(h, w, 3). What slides across follows each lid's edge near it: lids stay, and cut the iris where it comes to."""
    u, v = axes(places_of(eye.box), eye.along)
    top, low = over(u, eye.upper), over(u, eye.low)
    tall = np.maximum(low - top, 0.05)
    beside = _smooth(np.where(u < x, (u + 0.5) / (0.5 + x - radius), (0.5 - u) / (0.5 - x - radius)))
    within = np.minimum(v - top, low - v)
    across = beside * _smooth(1 + within / _RIM)
    near_top, near_low = (_smooth(1 - away / (0.6 * tall)) for away in (v - top, low - v))
    bent = across * (near_top * _slope(u, eye.upper) + near_low * _slope(u, eye.low))
    return np.stack([across, bent, beside * _smooth(within / (0.45 * tall))], -1).astype(np.float32)


def _slope(u: Floats, lid: Floats) -> Floats:
    """How steep a lid's edge is over each place."""
    return (over(u + np.float32(0.02), lid) - over(u - np.float32(0.02), lid)) / np.float32(0.04)


def _smooth(x: Floats) -> Floats:
    t = np.clip(x, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
