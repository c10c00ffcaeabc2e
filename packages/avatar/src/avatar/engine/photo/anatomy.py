"""Where a photographed face has its lips, jaw, cheeks and brows, in pixels and in lengths of its own.

Points are numbered as in MediaPipe's canonical face. "Local" coordinates have their origin between the corners of the
mouth, x along the face to the picture's right, y down it, in units of about half a mouth's width (some 25 mm).
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

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

_SEAM_REACH, _SEAM_STEP = 0.34, 0.02
"""In local units: how far from the mesh the line between the lips is looked for, and how finely."""


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
        away = (pixels - self.origin) / self.unit
        return np.stack([away @ self.right, away @ self.down], -1).astype(np.float32)

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


_OPEN = 0.10


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
    contours = _on_seam(image, bare, contours) if parted < _OPEN else _on_lips(contours)
    upper_out, lower_out, upper_in, lower_in = contours
    return replace(bare, upper_out=upper_out, lower_out=lower_out, upper_in=upper_in, lower_in=lower_in, parted=parted)


def _on_seam(image: Frame, a: Anatomy, contours: list[Floats]) -> list[Floats]:
    """The contours of closed lips, shifted to where the picture shows the line between them.

    The mesh knows this line to a few pixels; a lip that opens beside it looks cut by a knife.
    """
    upper_out, lower_out, upper_in, lower_in = contours
    middle = (upper_in + lower_in) / 2
    shift = seam(image, a, middle) - middle[:, 1]
    line = np.stack([middle[:, 0], middle[:, 1] + shift], 1).astype(np.float32)
    moved = [outer + np.stack([np.zeros(11), 0.7 * shift], 1) for outer in (upper_out, lower_out)]
    least = 0.05
    moved[0][:, 1] = np.minimum(moved[0][:, 1], np.r_[line[0, 1], line[1:-1, 1] - least, line[-1, 1]])
    moved[1][:, 1] = np.maximum(moved[1][:, 1], np.r_[line[0, 1], line[1:-1, 1] + least, line[-1, 1]])
    return [moved[0].astype(np.float32), moved[1].astype(np.float32), line, line.copy()]


def _on_lips(contours: list[Floats]) -> list[Floats]:
    """The contours of parted lips, the inner ones drawn back onto the lips: no tooth may stick to them."""
    upper_out, lower_out, upper_in, lower_in = (c.copy() for c in contours)
    arch = np.sin(np.linspace(0, np.pi, 11)) ** 0.5
    upper_in[:, 1] -= np.minimum(0.045 * arch, 0.4 * np.maximum(0, upper_in[:, 1] - upper_out[:, 1]))
    lower_in[:, 1] += np.minimum(0.060 * arch, 0.4 * np.maximum(0, lower_out[:, 1] - lower_in[:, 1]))
    return [upper_out, lower_out, upper_in, lower_in]


def seam(image: Frame, a: Anatomy, middle: Floats) -> Floats:
    """(11,) local y of the darkest unbroken line near `middle`, found by dynamic programming."""
    across = np.linspace(middle[0, 0], middle[-1, 0], 61)
    guess = np.interp(across, middle[:, 0], middle[:, 1])
    offsets = np.arange(-_SEAM_REACH, _SEAM_REACH + 1e-6, _SEAM_STEP)
    grid = np.stack(np.broadcast_arrays(across[None], guess[None] + offsets[:, None]), -1).astype(np.float32)
    at = a.pixels(grid)
    grey = cv2.cvtColor(image, cv2.COLOR_RGBA2GRAY).astype(np.float32)
    strip = cv2.remap(grey, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strip = cv2.GaussianBlur(strip, (0, 0), 1.0)
    wide = cv2.GaussianBlur(strip, (0, 0), sigmaX=1.0, sigmaY=7.0)
    cost = (strip - wide) / max(4.0, float(strip.std())) + 2.2 * (offsets[:, None] / _SEAM_REACH) ** 2
    path = _cheapest(cost.T, 0.5)
    line = guess + cv2.GaussianBlur(offsets[path].astype(np.float32)[None], (0, 0), 1.6)[0]
    return np.asarray(np.interp(middle[:, 0], across, line), np.float32)


def _cheapest(cost: Floats, bend: float) -> NDArray[np.int64]:
    """Of each row the column of the path with the least cost; each step aside costs `bend`."""
    rows, columns = cost.shape
    total, came = cost.astype(np.float64).copy(), np.zeros((rows, columns), np.int64)
    steps = np.arange(-2, 3)
    for row in range(1, rows):
        options = np.stack([np.roll(total[row - 1], -s) + bend * abs(s) for s in steps])
        for s, option in zip(steps, options, strict=True):
            if s > 0:
                option[-s:] = np.inf
            elif s < 0:
                option[:-s] = np.inf
        best = options.argmin(0)
        came[row] = np.clip(np.arange(columns) + steps[best], 0, columns - 1)
        total[row] += options.min(0)
    path = np.zeros(rows, np.int64)
    path[-1] = int(total[-1].argmin())
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


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
