"""How the flat head bends in depth: displacement fields on a coarse grid, summed and blown up per frame."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.engine.presenter.anatomy import MOUTH_Y, Face

Floats = NDArray[np.float32]
STEP = 8.0
"""Head units between the nodes of the coarse grid: a nose or a lip spans several."""

NECK_Y = 150.0
"""The point the head turns and tilts about, in head units."""

_JAW_Y, _JAW_DROP = MOUTH_Y - 8, 17.0
"""What is below this y follows the jaw, the chin by this much: head units."""


@dataclass(frozen=True)
class Turn:
    """One frame of the head: angles in degrees (right, up and clockwise positive), shift in head units."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    jaw: float = 0.0
    cheeks: float = 0.0


class HeadWarp:
    """Maps the pixels of a head bitmap for a turn of the head, a dropped jaw and raised cheeks."""

    def __init__(
        self, face: Face, size: tuple[int, int], origin: tuple[float, float], scale: float, margin: int
    ) -> None:
        """`size` (w, h) of the output; `origin` the pixel of head unit (0, 0) in the source; `scale` pixels per unit.

        The output is `margin` pixels larger than the source on every side.
        """
        self.size, self._scale, self._margin = size, scale, margin
        self._origin = origin
        w, h = size
        step = self._step = max(2, round(STEP * scale))
        columns, rows = math.ceil(w / step) + 1, math.ceil(h / step) + 1
        # cv2.resize puts node i at output pixel (i + 0.5) * step - 0.5
        px = (np.arange(columns, dtype=np.float32) + 0.5) * step - 0.5 - margin
        py = (np.arange(rows, dtype=np.float32) + 0.5) * step - 0.5 - margin
        gx, gy = np.meshgrid(px, py)
        self._x = (gx - origin[0]) / scale
        self._y = (gy - origin[1]) / scale
        self._fields(face)

    def _fields(self, face: Face) -> None:
        x, y = self._x, self._y
        self._depth = _depth(x, y)
        lower = np.clip((y - _JAW_Y) / (face.chin - _JAW_Y), 0, 1.15)
        below = np.clip(1 - (y - face.chin - 14) / 60, 0, 1)
        inside = np.exp(-(np.maximum(np.abs(x) - 62, 0) ** 2) / (2 * 36**2))
        self._jaw = (lower * below * inside).astype(np.float32)
        cheek = np.exp(-(((np.abs(x) - 66) / 34) ** 2) - (((y - 62) / 34) ** 2))
        self._cheeks = cheek.astype(np.float32)

    def maps(self, turn: Turn) -> Floats:
        """(h, w, 2) float32 source positions in pixels, for cv2.remap."""
        a = math.radians(turn.roll)
        x = self._x - turn.shift_x
        y = self._y - turn.shift_y - NECK_Y
        sx = math.cos(a) * x + math.sin(a) * y
        sy = -math.sin(a) * x + math.cos(a) * y + NECK_Y
        yaw, pitch = math.sin(math.radians(turn.yaw)), math.sin(math.radians(turn.pitch))
        dx = self._depth * yaw
        dy = -self._depth * pitch * 0.8 + self._jaw * (turn.jaw * _JAW_DROP) - self._cheeks * (turn.cheeks * 4.5)
        source = np.stack([sx - dx, sy - dy], axis=2) * np.float32(self._scale) + np.array(self._origin, np.float32)
        w, h = self.size
        columns, rows = source.shape[1] * self._step, source.shape[0] * self._step
        whole: Floats = cv2.resize(source.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
        return whole[:h, :w]


def before_jaw(y: float, jaw: float, chin: float) -> float:
    """Where on the flat head lies what a dropped jaw draws down to `y`, in head units on the midline."""
    if y <= _JAW_Y:
        return y
    return _JAW_Y + (y - _JAW_Y) / (1 + jaw * _JAW_DROP / (chin - _JAW_Y))


def _depth(x: Floats, y: Floats) -> Floats:
    """Head units towards the viewer: an ellipsoid for the head, a bump for the nose, shoulders-side hair flat."""
    ball = 1 - (x / 172) ** 2 - ((y + 20) / 235) ** 2
    head = 118 * np.sqrt(np.clip(ball, 0, 1)) * np.clip(ball * 6, 0, 1)
    nose = 24 * np.exp(-((x / 18) ** 2) - ((y - 46) / 26) ** 2)
    lips = 8 * np.exp(-((x / 40) ** 2) - ((y - MOUTH_Y) / 26) ** 2)
    chest = np.clip(1 - (y - 130) / 110, 0, 1)
    depth: Floats = ((head + nose + lips) * chest).astype(np.float32)
    return depth
