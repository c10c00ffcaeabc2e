"""A photo as a puppet: every frame is one resampling of the photo, and a mouth and lids drawn over it."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.engine.photo.anatomy import Anatomy, Floats, anatomy_of
from avatar.engine.photo.eyes import Lids
from avatar.engine.photo.field import Lattice, Moves, spread
from avatar.engine.photo.gaze import Gaze
from avatar.engine.photo.head import Head
from avatar.engine.photo.interior import Interior, Opening, light_of
from avatar.engine.photo.own import own_teeth
from avatar.engine.photo.shape import Layer, Lips, Skin, lips_of
from avatar.engine.presenter.lips import Mouth
from avatar.media import Frame

_CELL, _FACE_CELL = 12, 7
"""Pixels between the nodes of the head's and the face's lattice, for a face of 300 pixels."""
_TABLED, _STEPS = 2.0, 4096
"""Lips' edges are looked up in tables that reach so far from the middle, in local units, with so many steps."""
_FINE = 2
"""The texture has this many pixels for one of the picture: resampling it does not blur."""


@dataclass(frozen=True)
class Pose:
    """Everything that moves, for one frame; units as in the presenter's `Motion`."""

    mouth: Mouth = field(default_factory=Mouth)
    blink: float = 0.0
    brow: float = 0.0
    smile: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)  # parts of the face's width
    gaze: tuple[float, float] = (0.0, 0.0)  # beside where the photo looks; right, down


class Rig:
    """Draws one photo in any pose. `image` is RGBA, `points` (478, 3) its face's mesh in pixels."""

    def __init__(self, image: Frame, points: Floats) -> None:
        self._image = image
        height, width = image.shape[:2]
        a = self._a = anatomy_of(image, points)
        step = max(1.0, a.face / 300)
        self._head_lattice = Lattice(_head_box(a, width, height), round(_CELL * step))
        self._face = Lattice(_face_box(a, width, height), max(3, round(_FACE_CELL * step)))
        self._head = Head(a, self._head_lattice, (width, height))
        self._skin = Skin(a)
        self._above, self._below = (self._moves(layer) for layer in (self._skin.upper, self._skin.lower))
        self._local = cv2.split(a.local(self._face.nodes))
        self._interior = Interior(a, light_of(image[..., :3].astype(np.float32), a))
        self._own = own_teeth(image, a)
        self._lids = Lids(image, a)
        self._gaze = Gaze(a, self._lids.eyes)
        x0, y0, x1, y1 = self._head_lattice.box
        self._texture = cv2.resize(image[y0:y1, x0:x1], None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
        self._places = self._in_texture(_pixels((x0, y0, x1, y1)))
        self._source = np.empty_like(self._places)  # new memory of this size costs as much as what is done in it
        self._enlarged = self._head_lattice.room()
        self._frame = image.copy()

    def _moves(self, layer: Layer) -> Moves:
        """The layer's spline over the face's lattice, from local units to pixels."""
        a, nodes = self._a, self._face.nodes.reshape(-1, 2)
        weights = spread(a.pixels(layer.controls), _rim(self._face.box), nodes, a.face)
        return Moves(weights * _window(self._face).reshape(-1, 1), layer.own, layer.modes)

    def draw(self, pose: Pose) -> Frame:
        """The frame; the same buffer each time."""
        head = self._head_lattice
        lips = lips_of(self._a, pose.mouth, pose.smile)
        upper, lower = self._fields(lips, pose)
        turn = self._head.backward(pose.yaw, pose.pitch, pose.roll, pose.shift)
        at = Opening(*self._local, *_edges(self._local[0], lips.upper_in, lips.lower_in))
        mixed = upper + (lower - upper) * _below(at, lips)[..., None]
        total = turn + self._face.at(_bordered(mixed), head.nodes - turn)
        unturned = _Shift(head, turn)
        x0, y0, x1, y1 = head.box
        cv2.subtract(self._places, head.full(total * np.float32(_FINE), self._enlarged), dst=self._source)
        for number, box in enumerate(self._gaze.boxes()):
            self._look(number, unturned.box(box, self._frame.shape), pose.gaze)
        cv2.remap(
            self._texture,
            self._source,
            None,
            cv2.INTER_LINEAR,
            dst=self._frame[y0:y1, x0:x1],
            borderMode=cv2.BORDER_REPLICATE,
        )
        for number, box in enumerate(self._lids.boxes()):
            self._lid(number, box, unturned, pose.blink)
        self._mouth(lips, pose, unturned, (upper, lower))
        return self._frame

    def _look(self, number: int, box: tuple[int, int, int, int], gaze: tuple[float, float]) -> None:
        """Turn one eye, in the map of where each pixel comes from: the iris is not resampled twice."""
        x0, y0 = self._head_lattice.box[:2]
        part = self._source[box[1] - y0 : box[3] - y0, box[0] - x0 : box[2] - x0]
        middle = (_FINE - 1) / 2
        shrink = np.array([[1 / _FINE, 0, x0 - middle / _FINE], [0, 1 / _FINE, y0 - middle / _FINE]])
        part -= _FINE * self._gaze.back(np.asarray(cv2.transform(part, shrink), np.float32), number, gaze)

    def _in_texture(self, places: Floats) -> Floats:
        """Where in the texture pixels of the picture are."""
        x, y = self._head_lattice.box[:2]
        middle = (_FINE - 1) / 2
        return np.asarray(
            cv2.transform(places, np.array([[_FINE, 0, middle - _FINE * x], [0, _FINE, middle - _FINE * y]])),
            np.float32,
        )

    def _fields(self, lips: Lips, pose: Pose) -> tuple[Floats, Floats]:
        """Where what is above and what is below the mouth comes from, on the face's lattice."""
        a = self._a
        amplitudes = self._skin.amplitudes(lips, pose.mouth, pose.brow, pose.smile)
        upper, lower = self._skin.moved(lips)
        turn = np.stack([a.right, a.down]) * a.unit
        shape = (self._face.rows, self._face.columns, 2)
        above, below = (
            self._face.backward((moves(moved, amplitudes) @ turn).reshape(shape))
            for moves, moved in ((self._above, upper), (self._below, lower))
        )
        return above, below

    def _lid(self, number: int, box: tuple[int, int, int, int], unturned: "_Shift", blink: float) -> None:
        if blink <= 0.02:
            return
        x0, y0, x1, y1 = unturned.box(box, self._frame.shape)
        self._lids.draw(self._frame[y0:y1, x0:x1], unturned.places((x0, y0, x1, y1)), number, blink)

    def _mouth(self, lips: Lips, pose: Pose, unturned: "_Shift", fields: tuple[Floats, Floats]) -> None:
        """Draw lips and what is between them anew, at full resolution: here the skin is torn in two."""
        a = self._a
        corners = a.pixels(
            np.array([[-1.5, -0.64], [1.5, -0.64], [-1.5, 1.04 + lips.drop], [1.5, 1.04 + lips.drop]], np.float32)
        )
        low, high = corners.min(0), corners.max(0)
        fx0, fy0, fx1, fy1 = self._face.box
        box = (max(fx0, int(low[0])), max(fy0, int(low[1])), min(fx1, int(high[0])), min(fy1, int(high[1])))
        x0, y0, x1, y1 = unturned.box(box, self._frame.shape)
        places = unturned.places((x0, y0, x1, y1))
        u, v = cv2.split(a.local(places))
        at = Opening(u, v, *_edges(u, lips.upper_in, lips.lower_in))
        both = self._face.at(np.concatenate(fields, axis=-1), places)
        upper, lower = both[..., :2], both[..., 2:]
        source = self._in_texture(places - (upper + (lower - upper) * _below(at, lips)[..., None]))
        skin = cv2.remap(self._texture, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._open(skin, at, lips, pose.mouth)
        part = self._frame[y0:y1, x0:x1]
        fade = _feather(u, v, lips)
        part[:] = cv2.blendLinear(skin, np.ascontiguousarray(part), fade, 1 - fade)

    def _open(self, skin: Frame, at: Opening, lips: Lips, m: Mouth) -> None:
        """The inside of the mouth over the lips, where they part."""
        gap = float((lips.lower_in - lips.upper_in)[:, 1].max())
        if self._own is not None:
            _touch(skin, at, lips, gap)
        if gap * self._a.unit < 0.6:
            return
        margin = 2 / self._a.unit
        s = _where((at.v > at.top - margin) & (at.v < at.low + margin) & (at.low > at.top))
        if s is None:
            return
        part = at.cut(s)
        k = _hole(part, lips, self._a.unit)[..., None]
        inside = self._interior.draw(part, lips, m, self._own)
        skin[s][..., :3] = np.clip(skin[s][..., :3] * (1 - k) + inside * k + 0.5, 0, 255).astype(np.uint8)


def _pixels(box: tuple[int, int, int, int]) -> Floats:
    """(h, w, 2): the coordinates of a box's pixels."""
    x0, y0, x1, y1 = box
    return np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(np.float32)


class _Shift:
    """Between the picture as it is shown and the head before it was turned."""

    def __init__(self, lattice: Lattice, turn: Floats) -> None:
        self._lattice, self._turn = lattice, turn

    def places(self, box: tuple[int, int, int, int]) -> Floats:
        """Of each pixel in `box` the place on the unturned head that it shows."""
        pixels = _pixels(box)
        return np.asarray(pixels - self._lattice.at(self._turn, pixels), np.float32)

    def box(self, box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
        """Where a box of the unturned head is seen, kept in the picture."""
        middle = np.array([[[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]]], np.float32)
        x, y = np.round(self._lattice.at(self._turn, middle)[0, 0]).astype(int)
        return (
            max(0, box[0] + x), max(0, box[1] + y), min(shape[1], box[2] + x), min(shape[0], box[3] + y),
        )  # fmt: skip


def _where(mask: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The rows and columns that hold all of a mask."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if len(rows) else None


def _edges(u: Floats, *contours: Floats) -> tuple[Floats, ...]:
    """The heights of lips' edges over each place, smooth through the contours' points."""
    places = np.linspace(-_TABLED, _TABLED, _STEPS)
    steps = (_STEPS - 1) / (2 * _TABLED)
    number = cv2.max(cv2.min(u * np.float32(steps) + np.float32(_TABLED * steps + 0.5), _STEPS - 1), 0).astype(np.int32)
    tables = (np.interp(places, *_dense(contour)).astype(np.float32) for contour in contours)
    return tuple(np.take(table, number) for table in tables)


def _dense(contour: Floats) -> tuple[Floats, Floats]:
    """61 points of the natural-looking curve through 11: Catmull-Rom in the order of the points."""
    ends = np.concatenate([2 * contour[:1] - contour[1:2], contour, 2 * contour[-1:] - contour[-2:-1]])
    at = np.linspace(0, len(contour) - 1, 61)
    i = np.minimum(at.astype(int), len(contour) - 2)
    t = (at - i)[:, None]
    a, b, c, d = (ends[i + k] for k in range(4))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.maximum.accumulate(curve[:, 0]), curve[:, 1]


def _touch(skin: Frame, at: Opening, lips: Lips, gap: float) -> None:
    """The dark line of lips that meet, which a photo of parted lips does not hold."""
    shut = max(0.0, 1 - gap / 0.10)
    away = np.abs(at.v - (at.top + at.low) / 2)
    s = _where(away < 0.14)
    if shut == 0 or s is None:
        return
    away, u = away[s], at.u[s]
    left, right = float(lips.upper_in[0, 0]), float(lips.upper_in[-1, 0])
    ends = np.clip(np.minimum(u - left + 0.05, right + 0.05 - u) / 0.12, 0, 1)
    dark = 0.40 * np.exp(-((away / 0.018) ** 2)) + 0.14 * np.exp(-((away / 0.055) ** 2))
    much = (shut * dark * ends)[..., None]
    k = (1 - much) * (1 - much * np.array([0.0, 0.07, 0.07], np.float32))
    skin[s][..., :3] = (skin[s][..., :3] * k).astype(np.uint8)


def _hole(at: Opening, lips: Lips, unit: float) -> Floats:
    """Cover of the inside, 0..1, with an edge of about a pixel."""
    soft = 1.3 / unit
    left, right = float(lips.upper_in[0, 0]), float(lips.upper_in[-1, 0])
    ends = np.clip((at.u - left) / soft, 0, 1) * np.clip((right - at.u) / soft, 0, 1)
    cover = np.clip((at.v - at.top) / soft + 0.5, 0, 1) * np.clip((at.low - at.v) / soft + 0.5, 0, 1)
    wide = np.clip((at.low - at.top) / (1.5 * soft), 0, 1)
    return np.asarray(cover * ends * wide, np.float32)


def _below(at: Opening, lips: Lips) -> Floats:
    """0 above the mouth and 1 below it; between the corners sharp, beyond them more and more gradual."""
    left, right = float(lips.upper_in[0, 0]), float(lips.upper_in[-1, 0])
    beyond = np.maximum(np.maximum(left - at.u, at.u - right) + 0.06, 0)
    t = np.clip(0.5 + (at.v - (at.top + at.low) / 2) / (0.012 + 1.1 * np.minimum(beyond, 0.8)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _feather(u: Floats, v: Floats, lips: Lips) -> Floats:
    """1 over the mouth, falling to 0 at the edge of what is drawn anew."""
    sides = np.clip((1.48 - np.abs(u)) / 0.18, 0, 1)
    ends = np.minimum((v + 0.62) / 0.15, (1.02 + lips.drop - v) / 0.25)
    return np.asarray(sides * np.clip(ends, 0, 1), np.float32)


def _head_box(a: Anatomy, width: int, height: int) -> tuple[int, int, int, int]:
    x, y = a.points[:468, :2].mean(0)
    reach = 2.1 * a.face
    return (
        max(0, int(x - reach)), max(0, int(y - 1.2 * reach)),
        min(width, int(x + reach)), min(height, int(y + 1.35 * reach)),
    )  # fmt: skip


def _face_box(a: Anatomy, width: int, height: int) -> tuple[int, int, int, int]:
    low, high = a.points[:468, :2].min(0), a.points[:468, :2].max(0)
    w, h = high - low
    return (
        max(0, int(low[0] - 0.30 * w)), max(0, int(low[1] - 0.25 * h)),
        min(width, int(high[0] + 0.30 * w)), min(height, int(high[1] + 0.55 * h)),
    )  # fmt: skip


def _rim(box: tuple[int, int, int, int]) -> Floats:
    """Points round a box, which hold the warp at rest there."""
    x0, y0, x1, y1 = box
    x, y = np.linspace(x0, x1, 7), np.linspace(y0, y1, 8)
    sides = [(at, edge) for at in x for edge in (y0, y1)] + [(edge, at) for at in y[1:-1] for edge in (x0, x1)]
    return np.array(sides, np.float32)


def _window(lattice: Lattice) -> Floats:
    """(rows, columns, 1): 1 inside the box, falling to 0 at its edge."""
    x0, y0, x1, y1 = lattice.box
    x, y = (lattice.nodes[..., 0] - x0) / (x1 - x0), (lattice.nodes[..., 1] - y0) / (y1 - y0)
    edge = np.minimum.reduce([x, 1 - x, y, 1 - y])
    t = np.clip(edge / 0.10, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)[..., None]


def _bordered(values: Floats) -> Floats:
    """The field with nothing at its rim, so that what lies beyond the box is left alone."""
    out = values.copy()
    out[[0, -1]] = 0
    out[:, [0, -1]] = 0
    return out
