"""Dots of paint on the lips: how far a film moves them apart, whatever a detector of faces makes of the film.

One dot on each lip, beside its inner edge, in colours that no face has; they are found again in the decoded mp4 by
their colour alone.
"""

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.engine.photo.anatomy import anatomy_of
from avatar.media import Frame

_DOT, _INTO = 0.045, 0.45
"""Radius of a dot in local units, and how far into the lip it stands, as a part of the lip's thickness."""
_GREEN, _BLUE = (0, 255, 0), (0, 0, 255)
_SET_OFF = 60.0
"""Steps of 255 by which a dot's own colour exceeds the others; the round rest is what encoding spreads."""

Floats = NDArray[np.float64]


def marked(image: Frame, points: np.ndarray) -> Frame:
    """The picture with a green dot on its upper lip and a blue one on its lower."""
    a, out = anatomy_of(image, points), image.copy()
    for inner, outer, colour in ((a.upper_in, a.upper_out, _GREEN), (a.lower_in, a.lower_out, _BLUE)):
        x, y = a.pixels((inner + _INTO * (outer - inner))[5:6])[0]
        middle, radius = (round(float(x)), round(float(y))), max(2, round(_DOT * a.unit))
        cv2.circle(out, middle, radius, (*colour, 255), -1, cv2.LINE_AA)
    return out


def distances(video: Path, points: np.ndarray) -> Floats:
    """(frames,) pixels between the dots, looked for round the mouth of a face with that mesh; NaN where one is lost."""
    (x, y), side = points[[61, 291], :2].mean(0), float(np.linalg.norm(points[454] - points[234])) / 2
    part = slice(max(0, int(y - side)), int(y + side)), slice(max(0, int(x - side)), int(x + side))
    with av.open(str(video)) as film:
        pictures = (np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in film.decode(video=0))
        return np.array([_apart(picture[part]) for picture in pictures])


def _apart(picture: Frame) -> float:
    return float(np.hypot(*(_middle(picture, 1) - _middle(picture, 2))))


def _middle(picture: Frame, channel: int) -> Floats:
    """The centre of what has this channel's colour."""
    others = np.delete(picture, channel, 2).max(2).astype(np.float64)
    weight = np.clip(picture[..., channel] - others - _SET_OFF, 0, None)
    total = weight.sum()
    rows, columns = np.indices(weight.shape)
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / total if total > 0 else np.full(2, np.nan)
