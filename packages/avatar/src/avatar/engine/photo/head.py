"""The head's small turns and nods: what is nearer to the viewer moves further, the picture's edges not at all."""

import numpy as np

from avatar.engine.photo.anatomy import Anatomy, Floats
from avatar.engine.photo.field import Lattice, spread

EASE = 0.50
"""How much of the drawn presenter's motion a photo can follow before its hidden side is missed."""
_REACH = 1.8
"""How far around the face the picture gives way, in face widths."""
_POINTS = (
    10,
    109,
    338,
    21,
    251,
    127,
    356,
    234,
    454,
    93,
    323,
    58,
    288,
    150,
    379,
    152,
    1,
    4,
    195,
    6,
    168,
    151,
    33,
    263,
    133,
    362,
    50,
    280,
    205,
    425,
    61,
    291,
    0,
    17,
    199,
    70,
    300,
)


class Head:
    """Where each node of a lattice comes from, for a turn of the head."""

    def __init__(self, a: Anatomy, lattice: Lattice, size: tuple[int, int]) -> None:
        """`size` is the picture's width and height."""
        self._a, self._lattice = a, lattice
        local = a.local(lattice.nodes)
        self._weight = _weight(a, lattice.nodes, size)[..., None]
        self._near = _nearness(a, lattice)[..., None]
        self._pivot = a.pixels(np.array([0.0, 4.4], np.float32))
        self._local = local

    def backward(self, yaw: float, pitch: float, roll: float, shift: tuple[float, float]) -> Floats:
        """(rows, columns, 2): displacement in pixels from where a node shows to where it comes from, subtracted.

        Angles in degrees (right, up and clockwise positive), `shift` in parts of the face's width.
        """
        a = self._a
        yaw, pitch, roll = (np.radians(EASE * angle) for angle in (yaw, pitch, roll))
        nodes = self._lattice.nodes - self._pivot
        rolled = roll * np.stack([-nodes[..., 1], nodes[..., 0]], -1)
        turned = self._near * a.face * (np.sin(yaw) * a.right - np.sin(pitch) * a.down)
        moved = a.face * EASE * (shift[0] * a.right + shift[1] * a.down)
        return np.asarray((rolled + turned + moved) * self._weight, np.float32)


def _weight(a: Anatomy, nodes: Floats, size: tuple[int, int]) -> Floats:
    """1 on the head, falling smoothly to 0 around it and at the picture's edges."""
    local = a.local(nodes) * (a.unit / a.face)
    x, y = local[..., 0], local[..., 1] + 0.45
    far = np.sqrt(x**2 + (y * np.where(y < 0, 0.85, 0.72)) ** 2)
    weight = _smooth((_REACH - far) / (_REACH - 0.75))
    w, h = size
    edge = np.minimum.reduce([nodes[..., 0], w - 1 - nodes[..., 0], nodes[..., 1], h - 1 - nodes[..., 1]])
    return np.asarray(weight * _smooth(edge / (0.30 * a.face)), np.float32)


def _nearness(a: Anatomy, lattice: Lattice) -> Floats:
    """How far in front of the ears each node is, in face widths; the hair and neck around are level with the ears."""
    points = a.points[list(_POINTS)]
    depth = (float(a.points[[234, 454], 2].mean()) - points[:, 2:3]) / a.face
    middle = a.points[:468, :2].mean(0)
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = middle + np.stack([0.95 * np.cos(turn), 1.15 * np.sin(turn)], 1) * a.face
    weights = spread(points[:, :2], ring.astype(np.float32), lattice.nodes.reshape(-1, 2), a.face)
    near = (weights @ np.clip(depth, 0, 0.9)).reshape(lattice.rows, lattice.columns)
    inside = np.linalg.norm((lattice.nodes - middle) / a.face / np.array([0.95, 1.15]), axis=-1)
    return np.asarray(np.clip(near, 0, 0.9) * _smooth((1.0 - inside) / 0.4), np.float32)


def _smooth(x: Floats) -> Floats:
    t = np.clip(x, 0, 1)
    return np.asarray(t * t * t * (t * (6 * t - 15) + 10), np.float32)
