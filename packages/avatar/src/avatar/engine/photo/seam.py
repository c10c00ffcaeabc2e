"""The line on which closed lips meet, where the picture shows it: between the corners that a mesh knows, and beyond."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.media import Frame

Floats = NDArray[np.floating[Any]]

_REACH, _STEP = 0.34, 0.02
"""In local units: how far from the mesh the line is looked for, and how finely."""
_BEYOND = 0.26
"""Local units by which lips may go on beyond the mesh's inner corners: drawn ones end in a stroke."""
_PLACES = 85
_SEEN = 0.45
"""The line ends where it is less dark than this part of what it is inside the mouth."""


@dataclass(frozen=True, eq=False)
class Seam:
    """The line as y over x, (n,) each in local units, from left to right; `left` and `right` are where it ends."""

    x: Floats
    y: Floats
    left: float
    right: float

    def at(self, x: Floats) -> Floats:
        """Its height over `x`."""
        return np.asarray(np.interp(x, self.x, self.y), np.float32)


def seam(image: Frame, pixels: Callable[[Floats], Floats], middle: Floats) -> Seam:
    """The darkest unbroken line near `middle` (11, 2), found by dynamic programming; `pixels` maps local units."""
    across = np.linspace(middle[0, 0] - _BEYOND, middle[-1, 0] + _BEYOND, _PLACES)
    guess = np.interp(across, middle[:, 0], middle[:, 1])
    offsets = np.arange(-_REACH, _REACH + 1e-6, _STEP)
    grid = np.stack(np.broadcast_arrays(across[None], guess[None] + offsets[:, None]), -1).astype(np.float32)
    grey = cv2.cvtColor(image, cv2.COLOR_RGBA2GRAY).astype(np.float32)
    strip = cv2.remap(grey, pixels(grid), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strip = cv2.GaussianBlur(strip, (0, 0), 1.0)
    darker = cv2.GaussianBlur(strip, (0, 0), sigmaX=1.0, sigmaY=7.0) - strip
    cost = 2.2 * (offsets[:, None] / _REACH) ** 2 - darker / max(4.0, float(strip.std()))
    path = _cheapest(cost.T, 0.5)
    line = guess + cv2.GaussianBlur(offsets[path].astype(np.float32)[None], (0, 0), 1.6)[0]
    left, right = _ends(darker[path, np.arange(_PLACES)], across, middle)
    return Seam(across.astype(np.float32), line.astype(np.float32), left, right)


def _ends(dark: Floats, across: Floats, middle: Floats) -> tuple[float, float]:
    """How far to both sides of the mesh's corners the line can still be seen."""
    inside = (across >= middle[0, 0]) & (across <= middle[-1, 0])
    seen = inside | (dark > max(2.0, _SEEN * float(np.median(dark[inside]))))
    first, last = np.flatnonzero(inside)[[0, -1]]
    while first > 0 and seen[first - 1]:
        first -= 1
    while last < len(across) - 1 and seen[last + 1]:
        last += 1
    return min(float(across[first]), float(middle[0, 0])), max(float(across[last]), float(middle[-1, 0]))


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
