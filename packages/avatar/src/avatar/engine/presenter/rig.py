"""The presenter as layers: what is still is drawn once, what moves is redrawn, the head is bent by a warp."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from avatar.engine.presenter.accessories import draw_beard, draw_earrings, draw_glasses
from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.background import draw_background
from avatar.engine.presenter.body import draw_body
from avatar.engine.presenter.canvas import UNSEEN, Shifter, Sprite, image, surface, trimmed
from avatar.engine.presenter.cloth import Figure
from avatar.engine.presenter.eyes import Brows, Eyes, Look
from avatar.engine.presenter.hair import Hairdo, draw_parts, draw_shadow
from avatar.engine.presenter.hair_styles import STYLES
from avatar.engine.presenter.head import (
    draw_age,
    draw_ears,
    draw_freckles,
    draw_nose,
    draw_philtrum,
    draw_scalp,
    draw_skin,
)  # fmt: skip
from avatar.engine.presenter.headwear import HIDES_EARS, draw_headwear, draw_lining
from avatar.engine.presenter.lips import Mouth
from avatar.engine.presenter.mouth import Lips
from avatar.engine.presenter.pen import Array, clipped
from avatar.engine.presenter.scalp import draw_stubble
from avatar.engine.presenter.spec import Spec
from avatar.engine.presenter.warp import NECK_Y, HeadWarp, Turn
from avatar.media import Frame, Size


@dataclass(frozen=True)
class Pose:
    """Everything that moves, for one frame."""

    mouth: Mouth = field(default_factory=Mouth)
    look: Look = field(default_factory=Look)
    turn: Turn = field(default_factory=Turn)
    brow: float = 0.0
    brow_inner: float = 0.28
    smile: float = 0.3
    breath: float = 0.0  # -1 out .. 1 in
    lean: float = 0.0  # head units, right positive


# Extent of the head's bitmap in head units: left, top, right, bottom.
_HEAD_BOX = (-226.0, -300.0, 226.0, 352.0)
# What is redrawn of it in every frame: the brows and eyes, and the mouth.
_EYE_BOX = (-122.0, -86.0, 122.0, 48.0)
_MOUTH_BOX = (-84.0, 56.0, 84.0, 196.0)


@dataclass(frozen=True)
class Framing:
    """How head units lie in the picture."""

    size: Size

    @property
    def scale(self) -> float:
        """Pixels per head unit: the head takes about half the height, the shoulders fit the width."""
        w, h = self.size
        return min(h / 720 * 0.98, w / 600)

    @property
    def origin(self) -> tuple[float, float]:
        """The pixel of head unit (0, 0)."""
        w, h = self.size
        tall = max(0.0, h / w - 1.0)
        return (w / 2, h * (0.425 - 0.03 * min(1.0, tall)))


class Rig:
    """Draws one presenter at one size, again and again, into one buffer."""

    def __init__(self, spec: Spec, size: Size) -> None:
        self.face = Face(spec)
        self.framing = Framing(size)
        bare = spec.headwear == "none"
        self.hairdo = STYLES[spec.hair_style]() if bare else Hairdo(covers_ears=HIDES_EARS[spec.headwear])
        self.eyes, self.brows, self.lips = Eyes(self.face), Brows(self.face), Lips(self.face)
        self.frame: Frame = draw_background(spec, size)
        self._canvas_owner = surface(self.frame)
        self._canvas = self._canvas_owner.getCanvas()
        margin = math.ceil(22 * self.framing.scale)
        self._body = self._figure(self._draw_body, margin)
        self._behind = self._figure(lambda c: draw_parts(c, self.hairdo.back, self.face, 1), margin)
        self._head = _Head(self, margin)
        self._moving = self._reach()
        self._room = self.frame[self._moving].copy()

    def _reach(self) -> tuple[slice, slice]:
        """Rows and columns of the picture that anything can move over; the rest is drawn once."""
        boxes = [layer.box for layer in (self._body, self._behind, self._head) if layer]
        left, top = (max(0, min(box[i] for box in boxes)) for i in (0, 1))
        right, bottom = (max(box[i] for box in boxes) for i in (2, 3))
        return slice(top, bottom), slice(left, right)

    def _figure(self, draw: Callable[[Any], None], margin: int) -> Shifter | None:
        """A layer in picture pixels, drawn with air around the picture so that it can move in."""
        w, h = self.framing.size
        pixels = np.zeros((h + 2 * margin, w + 2 * margin, 4), np.uint8)
        target = surface(pixels)
        canvas = target.getCanvas()
        canvas.translate(self.framing.origin[0] + margin, self.framing.origin[1] + margin)
        canvas.scale(self.framing.scale, self.framing.scale)
        draw(canvas)
        target.flushAndSubmit()
        sprite = trimmed(pixels, -margin, -margin)
        return Shifter(sprite, self.framing.size, margin) if sprite else None

    def _draw_body(self, canvas: Any) -> None:
        draw_body(canvas, self.face)
        if self.hairdo.front and not self.face.flat:
            with clipped(canvas, Figure(self.face).torso):
                draw_shadow(canvas, self.face, lambda c: draw_parts(c, self.hairdo.front, self.face, 2))

    def draw(self, pose: Pose) -> Frame:
        """The picture of a pose. The same buffer is returned every time."""
        self.frame[self._moving] = self._room
        if self._behind:
            self._behind.over(self._canvas, self._behind_matrix(pose))
        if self._body:
            self._body.over(self._canvas, self._body_matrix(pose))
        self._head.draw(pose).over(self._canvas)
        self._canvas_owner.flushAndSubmit()
        return self.frame

    def _behind_matrix(self, pose: Pose) -> Any:
        """Hair behind the head goes the other way when the head turns."""
        k, (ox, oy) = self.framing.scale, self.framing.origin
        a = math.radians(pose.turn.roll)
        c, s = math.cos(a), math.sin(a)
        px, py = ox, oy + NECK_Y * k
        dx = (pose.turn.shift_x - 0.22 * pose.turn.yaw) * k
        dy = (pose.turn.shift_y + 0.15 * pose.turn.pitch) * k
        return np.array([[c, -s, px - c * px + s * py + dx], [s, c, py - s * px - c * py + dy]])

    def _body_matrix(self, pose: Pose) -> Any:
        """Breathing lifts the shoulders about the picture's lower edge."""
        k, (ox, _) = self.framing.scale, self.framing.origin
        h = self.framing.size[1]
        grow = 1 + 0.0045 * pose.breath
        base = h + 60 * k
        return np.array([[grow, 0.0, ox - grow * ox + pose.lean * 0.55 * k], [0.0, grow, base - grow * base]])


_Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""


_LID_REACH = (27.0, 9.5, 5.5, 4.0, 2.5, 10.0, 4.5)
_LIP_REACH = (52.0, 9.0, 23.0, 4.0, 4.0, 11.5, 7.5, 28.0, 11.5, 10.0, 29.0, 17.0, 14.0)
"""Head units by which each channel moves what it moves furthest: of `_lids`, and of `_mouth`."""


def _lids(pose: Pose) -> tuple[float, ...]:
    look = pose.look
    return (look.blink, look.gaze_x, look.gaze_y, look.squint, look.wide, pose.brow, pose.brow_inner)


def _mouth(pose: Pose) -> tuple[float, ...]:
    return (*vars(pose.mouth).values(), pose.smile)


class _Redrawn:
    """A part of the head's bitmap that is drawn anew when it has moved, between what lies below and above it."""

    def __init__(
        self, box: _Box, still: Frame, cover: Sprite | None, state: Callable[[Pose], tuple[float, ...]], reach: Array
    ) -> None:
        """`reach`: pixels by which each value of the `state` moves what it moves furthest."""
        self.box, self.still, self.cover = box, still, cover
        self._state, self._reach = state, reach
        self._last: Array | None = None

    def moved(self, pose: Pose) -> bool:
        """Whether what is drawn can be seen to lie elsewhere by now."""
        now = np.array(self._state(pose)) * self._reach
        if self._last is not None and np.abs(now - self._last).max() <= UNSEEN:
            return False
        self._last = now
        return True


def _cut(pixels: Frame, box: _Box) -> Frame:
    left, top, right, bottom = box
    return pixels[top:bottom, left:right]


class _Head:
    """The head's bitmap at rest, its moving parts, and the warp that bends it."""

    def __init__(self, rig: Rig, margin: int) -> None:
        self._rig, self._scale = rig, rig.framing.scale
        left, top, right, bottom = _HEAD_BOX
        self._left = math.floor(rig.framing.origin[0] + left * self._scale)
        self._top = math.floor(rig.framing.origin[1] + top * self._scale)
        self._w, self._h = math.ceil((right - left) * self._scale) + 1, math.ceil((bottom - top) * self._scale) + 1
        self._origin = (rig.framing.origin[0] - self._left, rig.framing.origin[1] - self._top)
        still, cover = self._trimmed(self._drawn(self._draw_still), self._drawn(self._draw_cover))
        self._eyes, self._mouth = (
            self._redrawn(still, cover, self._box(_EYE_BOX), _lids, _LID_REACH),
            self._redrawn(still, cover, self._box(_MOUTH_BOX), _mouth, _LIP_REACH),
        )
        self._work = still
        self._owner = surface(self._work)
        self._canvas = self._owner.getCanvas()
        self._canvas.drawImage(image(cover), 0, 0)
        self._owner.flushAndSubmit()
        out = (self._w + 2 * margin, self._h + 2 * margin)
        self._warp = HeadWarp(rig.face, out, self._origin, self._scale, margin)
        self._out = np.zeros((out[1], out[0], 4), np.uint8)
        self._margin = margin

    @property
    def box(self) -> _Box:
        """Left, top, right and bottom of what the moving head can cover, in picture pixels."""
        left, top = self._left - self._margin, self._top - self._margin
        return (left, top, left + self._out.shape[1], top + self._out.shape[0])

    def _trimmed(self, still: Frame, cover: Frame) -> tuple[Frame, Frame]:
        """Short hair needs a smaller bitmap than long hair: only what was drawn on."""
        whole = trimmed(np.maximum(still, cover))
        assert whole is not None, "a head is never empty"
        self._h, self._w = whole.pixels.shape[:2]
        rows, columns = slice(whole.y, whole.y + self._h), slice(whole.x, whole.x + self._w)
        self._left, self._top = self._left + whole.x, self._top + whole.y
        self._origin = (self._origin[0] - whole.x, self._origin[1] - whole.y)
        return np.ascontiguousarray(still[rows, columns]), np.ascontiguousarray(cover[rows, columns])

    def _drawn(self, draw: Callable[[Any], None]) -> Frame:
        pixels = np.zeros((self._h, self._w, 4), np.uint8)
        target = surface(pixels)
        canvas = target.getCanvas()
        self._to_units(canvas)
        draw(canvas)
        target.flushAndSubmit()
        return pixels

    def _to_units(self, canvas: Any) -> None:
        canvas.translate(*self._origin)
        canvas.scale(self._scale, self._scale)

    def _draw_still(self, canvas: Any) -> None:
        """Skin and all that lies below eyes, brows and mouth; hair and glasses cover it later."""
        face, hairdo = self._rig.face, self._rig.hairdo
        if not hairdo.covers_ears:
            draw_ears(canvas, face)
            draw_earrings(canvas, face)
        draw_lining(canvas, face)
        draw_skin(canvas, face)
        if face.spec.hair_style == "bald" and face.spec.headwear == "none":
            draw_scalp(canvas, face)
        draw_stubble(canvas, face, hairdo.stubble)
        draw_freckles(canvas, face)
        draw_age(canvas, face)
        draw_nose(canvas, face)
        draw_philtrum(canvas, face)
        if not face.flat:
            with clipped(canvas, face.outline):
                draw_shadow(canvas, face, self._draw_covering)
        draw_beard(canvas, face)

    def _draw_cover(self, canvas: Any) -> None:
        face, hairdo = self._rig.face, self._rig.hairdo
        if hairdo.covers_ears:  # and with them the temples of the glasses
            draw_glasses(canvas, face)
        self._draw_covering(canvas)
        if not hairdo.covers_ears:
            draw_glasses(canvas, face)

    def _draw_covering(self, canvas: Any) -> None:
        """Hair, or what is worn over it."""
        draw_parts(canvas, self._rig.hairdo.front, self._rig.face, 2)
        draw_headwear(canvas, self._rig.face)

    def _box(self, units: tuple[float, float, float, float]) -> _Box:
        left, top, right, bottom = units
        ox, oy = self._origin
        k = self._scale
        return (
            math.floor(ox + left * k),
            math.floor(oy + top * k),
            math.ceil(ox + right * k),
            math.ceil(oy + bottom * k),
        )

    def _redrawn(
        self, still: Frame, cover: Frame, box: _Box, state: Callable[[Pose], tuple[float, ...]], reach: Sequence[float]
    ) -> _Redrawn:
        over = trimmed(_cut(cover, box), *box[:2])
        return _Redrawn(box, _cut(still, box).copy(), over, state, np.array(reach) * self._scale)

    def draw(self, pose: Pose) -> Sprite:
        """The head of a pose, in picture pixels."""
        if self._mouth.moved(pose):
            self._redraw(self._mouth, lambda canvas: self._rig.lips.draw(canvas, pose.mouth, pose.smile))
        if self._eyes.moved(pose):
            self._redraw(self._eyes, lambda canvas: self._draw_eyes(canvas, pose))
        self._owner.flushAndSubmit()
        maps = self._warp.maps(pose.turn)
        cv2.remap(self._work, maps, None, cv2.INTER_LINEAR, dst=self._out)
        return Sprite(self._out, self._left - self._margin, self._top - self._margin)

    def _redraw(self, part: _Redrawn, draw: Callable[[Any], None]) -> None:
        _cut(self._work, part.box)[:] = part.still
        canvas = self._canvas
        canvas.save()
        self._to_units(canvas)
        draw(canvas)
        canvas.restore()
        if part.cover:
            part.cover.over(canvas)

    def _draw_eyes(self, canvas: Any, pose: Pose) -> None:
        self._rig.eyes.draw(canvas, pose.look)
        self._rig.brows.draw(canvas, pose.brow, pose.brow_inner)
