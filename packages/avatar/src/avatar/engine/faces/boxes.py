"""BlazeFace: boxes and six points of each face (Bazarevsky et al. 2019), at any scale of the picture."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from avatar.engine.faces.nets import Floats, Net, Pixels

_STRIDES = ((8, 2), (16, 6))
"""Pixels between anchors, and how many stand on one spot."""
_LEAST, _OVERLAP = 0.5, 0.3
_USUAL, _FINEST = (128, 256), 640
"""Sides of the inputs on which faces are looked for at once, and where those show none."""
_CODED_AT = 128.0
"""The network's lengths are in pixels of its training size."""


@dataclass(frozen=True, eq=False)
class Box:
    """A face: corners, and (6, 2) right eye, left eye, nose, mouth, right ear, left ear (the person's own sides)."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float
    points: Floats

    @property
    def side(self) -> float:
        """The longer side in pixels."""
        return max(self.x1 - self.x0, self.y1 - self.y0)


@cache
def anchors(side: int) -> Floats:
    """(n, 2) centres, in pixels, for an input of `side` pixels: each spot as often as it has anchors."""
    found = []
    for stride, many in _STRIDES:
        count = side // stride
        y, x = np.mgrid[:count, :count].reshape(2, -1)
        found.append(np.repeat((np.stack([x, y], 1) + 0.5) * stride, many, axis=0))
    return np.concatenate(found).astype(np.float32)


def find_boxes(net: Net, picture: Pixels) -> list[Box]:
    """Faces of an RGB picture, the surest first: large ones at once, small ones where there are no large ones."""
    small = _smaller(picture, _FINEST)
    found = [box for side in _USUAL for box in _at_scale(net, small, side, max(picture.shape))]
    return _distinct(found or _at_scale(net, small, _FINEST, max(picture.shape)))


def _smaller(picture: Pixels, side: int) -> Pixels:
    """No longer than `side`; never enlarged."""
    k = side / max(picture.shape[:2])
    if k >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=k, fy=k, interpolation=cv2.INTER_AREA), np.uint8)


def _at_scale(net: Net, picture: Pixels, side: int, whole: int) -> list[Box]:
    """The boxes an input of `side` pixels shows, in pixels of the picture whose longer side was `whole`."""
    small = _smaller(picture, side)
    k = max(small.shape[:2]) / side
    coded, raw = net.run(small, np.array([[k, 0, 0], [0, k, 0]], np.float32), side)
    scores = 1 / (1 + np.exp(-np.clip(raw.reshape(-1), -50, 50)))
    places, grow = anchors(side), whole / side
    return [_decoded(coded[0, i], places[i], float(scores[i]), grow) for i in np.flatnonzero(scores > _LEAST)]


def _decoded(row: Floats, anchor: Floats, score: float, grow: float) -> Box:
    middle, size = row[:2] + anchor, row[2:4]
    points = (row[4:].reshape(6, 2) + anchor) * grow
    low, high = (middle - size / 2) * grow, (middle + size / 2) * grow
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]), score, points.astype(np.float32))


def _distinct(boxes: list[Box]) -> list[Box]:
    """One of each group of boxes that overlap: their mean, weighted by score, as the paper does against jitter."""
    rest, kept = sorted(boxes, key=lambda box: -box.score), []
    while rest:
        group = [box for box in rest if overlap(rest[0], box) > _OVERLAP]
        rest = [box for box in rest if not any(box is member for member in group)]
        kept.append(_mean(group))
    return kept


def _mean(group: list[Box]) -> Box:
    weights = np.array([box.score for box in group]) / sum(box.score for box in group)
    corners = weights @ np.array([(b.x0, b.y0, b.x1, b.y1) for b in group])
    points = np.tensordot(weights, np.stack([b.points for b in group]), 1)
    x0, y0, x1, y1 = (float(v) for v in corners)
    return Box(x0, y0, x1, y1, group[0].score, points.astype(np.float32))


def overlap(a: Box, b: Box) -> float:
    """Shared area by the area of both."""
    w, h = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    if w <= 0 or h <= 0:
        return 0.0
    both = (a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0)
    return w * h / (both - w * h)
