"""Where a photographed face has its lips, jaw, cheeks and brows, in pixels and in lengths of its own.

Points are numbered as in MediaPipe's canonical face. "Local" coordinates have their origin between the corners of the
mouth, x along the face to the picture's right, y down it, in units of about half a mouth's width (some 25 mm).
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.engine.photo.seam import Seam, seam
from avatar.media import Frame

Floats = NDArray[np.floating[Any]]

UPPER_OUT = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUT = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
UPPER_IN = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_IN = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
CHIN = (18, 200, 199, 175, 83, 313, 201, 421, 208, 428, 182, 406, 204, 424)
CHEEKS = (205, 425, 50, 280, 187, 411, 207, 427, 216, 436, 212, 432, 202, 422, 214, 434)
NOSE = (1, 2, 98, 327, 4, 5, 6, 168, 197, 195, 129, 358, 49, 279)
PHILTRUM = (164, 167, 393, 165, 391)
FOREHEAD = (10, 67, 297, 109, 338, 21, 251, 54, 284, 151, 9)
BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
EYES = (33, 159, 133, 145, 263, 386, 362, 374, 23, 253, 110, 339)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One face in one picture. `points` (478, 3) in pixels; contours are (11, 2) in local units, from left to right."""

    points: Floats
    origin: Floats
    right: Floats  # unit vectors in pixels
    down: Floats
    unit: float  # pixels of a local unit
    face: float  # pixels from one side of the face to the other
    upper_out: Floats
    lower_out: Floats
    upper_in: Floats
    lower_in: Floats
    parted: float  # gap between the lips as photographed, local units

    def local(self, pixels: Floats) -> Floats:
        """(..., 2) pixels in local units."""
        turn = np.stack([self.right, self.down]) / self.unit
        return np.asarray((pixels - self.origin) @ turn.T, np.float32)

    def pixels(self, local: Floats) -> Floats:
        """(..., 2) local units in pixels."""
        across, along = local[..., :1] * self.right, local[..., 1:] * self.down
        return np.asarray(self.origin + self.unit * (across + along), np.float32)

    def of(self, indices: tuple[int, ...]) -> Floats:
        """(n, 2) of the mesh's points in local units."""
        return self.local(self.points[list(indices), :2])

    @property
    def closed(self) -> Floats:
        """(11, 2): the line on which the lips meet."""
        if self.parted < _OPEN:
            return np.asarray((self.upper_in + self.lower_in) / 2, np.float32)
        meet = self.upper_in + (self.lower_in - self.upper_in) * 0.42
        flat = meet[:, 1] * 0.72 + np.interp(meet[:, 0], meet[[0, -1], 0], meet[[0, -1], 1]) * 0.28
        return np.stack([meet[:, 0], flat], 1).astype(np.float32)


_OPEN, _PERHAPS = 0.10, 0.24
"""Local units: gaps that the mesh reports from the first on are parted lips; up to the second it may be mistaken."""
_LIKE_LIPS = 12.0
"""CIE Lab: what differs less from the lips than this is no inside of a mouth."""
_CORNER = 0.07
"""Local units between the corner of the inner contour and that of the outer, where the picture shows both."""


def anatomy_of(image: Frame, points: Floats) -> Anatomy:
    """Measure the face with that mesh in an RGBA picture."""
    p = points[:, :2]
    across = (p[263] - p[33]) / np.hypot(*(p[263] - p[33])) + 0.5 * (p[291] - p[61]) / np.hypot(*(p[291] - p[61]))
    right = (across / np.hypot(*across)).astype(np.float32)
    down = np.array([-right[1], right[0]], np.float32)
    face = float(np.linalg.norm(points[454] - points[234]))
    unit = min(float(np.hypot(*(p[291] - p[61]))) / 2, 0.205 * face)
    origin = ((p[61] + p[291]) / 2).astype(np.float32)
    empty = np.zeros((11, 2), np.float32)
    bare = Anatomy(points, origin, right, down, unit, face, empty, empty, empty, empty, 0.0)
    contours = [bare.of(ids) for ids in (UPPER_OUT, LOWER_OUT, UPPER_IN, LOWER_IN)]
    parted = float((contours[3][:, 1] - contours[2][:, 1]).max())
    if parted < _OPEN or (parted < _PERHAPS and _filled_with_lips(image, bare)):
        parted, contours = 0.0, _on_seam(image, bare, contours)
    else:
        contours = _on_lips(contours)
    upper_out, lower_out, upper_in, lower_in = contours
    return replace(bare, upper_out=upper_out, lower_out=lower_out, upper_in=upper_in, lower_in=lower_in, parted=parted)


def _filled_with_lips(image: Frame, a: Anatomy) -> bool:
    """Whether what the mesh takes for a gap is of the lips' own colour: closed lips that are drawn can mislead it."""
    lab = cv2.cvtColor(image[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    top, low, out = (a.points[list(ids[2:-2]), :2] for ids in (UPPER_IN, LOWER_IN, LOWER_OUT))
    inside, lip = (_seen(lab, (start + end) / 2) for start, end in ((top, low), (low, out)))
    return float(np.median(np.linalg.norm(inside - np.median(lip, 0), axis=1))) < _LIKE_LIPS


def _seen(view: Floats, places: Floats) -> Floats:
    """(n, channels) of a picture at `places` (n, 2)."""
    at = places.astype(np.float32)[None]
    return np.asarray(cv2.remap(view, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0], np.float32)


def _on_seam(image: Frame, a: Anatomy, contours: list[Floats]) -> list[Floats]:
    """The contours of closed lips, shifted to where the picture shows the line between them.

    The mesh knows this line to a few pixels; a lip that opens beside it looks cut by a knife.
    """
    upper_out, lower_out, upper_in, lower_in = contours
    middle = (upper_in + lower_in) / 2
    found = seam(image, a.pixels, middle)
    shift = found.at(middle[:, 0]) - middle[:, 1]
    across = _widened(middle[:, 0], found.left, found.right)
    line = np.stack([across, found.at(across)], 1).astype(np.float32)
    upper_out, lower_out = (_to_corners(outer, 0.7 * shift, found) for outer in (upper_out, lower_out))
    least = np.r_[0, np.full(9, 0.05), 0]
    upper_out[:, 1] = np.minimum(upper_out[:, 1], found.at(upper_out[:, 0]) - least)
    lower_out[:, 1] = np.maximum(lower_out[:, 1], found.at(lower_out[:, 0]) + least)
    return [upper_out, lower_out, line, line.copy()]


def _to_corners(outer: Floats, shift: Floats, found: Seam) -> Floats:
    """An outer contour moved down by `shift`, its ends drawn to where the line between the lips ends."""
    x = _widened(
        outer[:, 0], min(found.left - _CORNER, float(outer[0, 0])), max(found.right + _CORNER, float(outer[-1, 0]))
    )
    y = outer[:, 1] + shift
    y[[0, -1]] = found.at(x[[0, -1]])
    return np.stack([x, y], 1).astype(np.float32)


def _widened(x: Floats, left: float, right: float) -> Floats:
    """The places `x` with the ends at `left` and `right`; what is nearer to the middle moves far less."""
    along = np.clip((x - x[0]) / (x[-1] - x[0]) * 2 - 1, -1, 1)
    out = np.where(along < 0, left - x[0], right - x[-1]) * np.abs(along) ** 4
    return np.asarray(x + out, np.float32)


def _on_lips(contours: list[Floats]) -> list[Floats]:
    """The contours of parted lips, the inner ones drawn back onto the lips: no tooth may stick to them."""
    upper_out, lower_out, upper_in, lower_in = (c.copy() for c in contours)
    arch = np.sin(np.linspace(0, np.pi, 11)) ** 0.5
    upper_in[:, 1] -= np.minimum(0.045 * arch, 0.4 * np.maximum(0, upper_in[:, 1] - upper_out[:, 1]))
    lower_in[:, 1] += np.minimum(0.060 * arch, 0.4 * np.maximum(0, lower_out[:, 1] - lower_in[:, 1]))
    return [upper_out, lower_out, upper_in, lower_in]


CHEEK_SPOTS = (50, 280, 205, 425, 101, 330)
"""Where the mesh lies on bare skin, whatever hair the face has."""


def patches(view: Floats, a: Anatomy, indices: tuple[int, ...]) -> Floats:
    """(n, 3) colours of the pixels round the points, of an RGB picture."""
    reach = max(2, round(0.06 * a.unit))
    h, w = view.shape[:2]
    parts = []
    inside = np.clip(
        np.round(a.points[list(indices), :2]), reach, [max(reach, w - reach - 1), max(reach, h - reach - 1)]
    )
    for x, y in inside.astype(int):
        parts.append(view[y - reach : y + reach + 1, x - reach : x + reach + 1, :3].reshape(-1, 3))
    return np.concatenate(parts).astype(np.float32)
