"""Bitmaps and skia together: premultiplied RGBA arrays that are drawn on and drawn."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from avatar.media import Frame

# The bytes are RGBA; `pen.native` says why skia is told otherwise.
_FORMAT: dict[str, Any] = {"colorType": skia.kBGRA_8888_ColorType, "alphaType": skia.kPremul_AlphaType}


def surface(pixels: Frame) -> Any:
    """A skia surface whose memory is `pixels`."""
    return skia.Surface(pixels, **_FORMAT)


def image(pixels: Frame) -> Any:
    """A skia image of `pixels`, without a copy: keep the array alive and unchanged while it is drawn."""
    return skia.Image.fromarray(pixels, copy=False, **_FORMAT)


@dataclass(frozen=True)
class Sprite:
    """A bitmap and the pixel at which its upper left corner lies."""

    pixels: Frame
    x: int
    y: int

    def over(self, canvas: Any) -> None:
        """Blend onto a canvas that is in pixels."""
        canvas.drawImage(image(self.pixels), self.x, self.y)


def trimmed(pixels: Frame, x: int = 0, y: int = 0) -> Sprite | None:
    """The part that is not empty, with a pixel of air around it; None when all is."""
    alpha = pixels[..., 3]
    rows, columns = np.flatnonzero(alpha.max(axis=1)), np.flatnonzero(alpha.max(axis=0))
    if len(rows) == 0:
        return None
    top, bottom = max(0, int(rows[0]) - 1), min(pixels.shape[0], int(rows[-1]) + 2)
    left, right = max(0, int(columns[0]) - 1), min(pixels.shape[1], int(columns[-1]) + 2)
    return Sprite(np.ascontiguousarray(pixels[top:bottom, left:right]), x + left, y + top)


UNSEEN = 0.15
"""Pixels that anything may be off: breathing is slow, and what has moved less than this is not drawn anew."""


class Shifter:
    """Moves a sprite by an affine map each frame, into a buffer of its own."""

    def __init__(self, sprite: Sprite, frame_size: tuple[int, int], margin: int) -> None:
        self._sprite = sprite
        h, w = sprite.pixels.shape[:2]
        # Only what can be seen is computed: clip the room to the frame.
        self._x, self._y = max(0, sprite.x - margin), max(0, sprite.y - margin)
        right = min(frame_size[0], sprite.x + w + margin)
        bottom = min(frame_size[1], sprite.y + h + margin)
        self._room = np.zeros((max(1, bottom - self._y), max(1, right - self._x), 4), np.uint8)
        self._far = np.array([[0, w, 0, w], [0, 0, h, h], [1, 1, 1, 1]], np.float64)
        self._last: NDArray[np.float64] | None = None

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the room the sprite moves in."""
        return (self._x, self._y, self._x + self._room.shape[1], self._y + self._room.shape[0])

    def over(self, canvas: Any, matrix: NDArray[np.float64]) -> None:
        """Blend the sprite as moved by a 2x3 matrix of frame pixels."""
        local = matrix.copy()
        local[:, 2] += matrix[:, :2] @ (self._sprite.x, self._sprite.y) - (self._x, self._y)
        if self._last is None or np.abs((local - self._last) @ self._far).max() > UNSEEN:
            self._last = local
            h, w = self._room.shape[:2]
            cv2.warpAffine(self._sprite.pixels, local, (w, h), dst=self._room, flags=cv2.INTER_LINEAR)
        canvas.drawImage(image(self._room), self._x, self._y)
