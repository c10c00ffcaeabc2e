"""Where MuseTalk 1.5 paints and how it is blended in: by a mesh of 478 points instead of DWPose and BiSeNet.

After TMElyralab/MuseTalk at commit 0a89dec (2025-09-26, MIT), scripts/inference.py and musetalk/utils/blending.py:
the box, the mask's dilation and erosion, its cheeks, its cut and its blur are as published; the points they
start from are MediaPipe's, mapped to the iBUG points the published code reads. Pixels, x to the right, y down.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]

# iBUG 68 -> MediaPipe 478 (two numbers: their mean)
JAW: tuple[tuple[int, ...], ...] = (
    (127,), (234,), (93,), (132, 58), (58, 172), (136,), (150,), (176,), (152,),
    (400,), (379,), (365,), (397, 288), (361,), (323,), (454,), (356,),
)  # fmt: skip
NOSE_MIDDLE = 5
SKIN = (
    234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454,
)  # fmt: skip
NOSE = (5, 51, 48, 64, 98, 97, 2, 326, 327, 294, 278, 281)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)

MARGIN = 0.04
"""The published 10 pixels below the chin, as a part of the box's height: so faces of every size get the same cut."""
SIDE = 256
_SQUARE = 512
_CHEEK = 90
_EXPAND, _BLUR = 1.5, 0.05


@dataclass(frozen=True)
class Box:
    """The face as the model sees it: it reaches as far above the nose's middle as below it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.right - self.left, self.bottom - self.top


@dataclass(frozen=True, eq=False)
class Square:
    """What is replaced in the frame: the part of the blending square inside it, and its mask, 0 to 1."""

    left: int
    top: int
    mask: NDArray[np.float32]


def face_box(points: Points, width: int, height: int) -> Box:
    """The box of the published code. Raises ValueError when it would be empty or wholly outside the frame."""
    jaw = np.array([points[list(each)].mean(axis=0) for each in JAW])
    middle = float(points[NOSE_MIDDLE, 1])
    bottom = float(jaw[:, 1].max())
    top = max(0.0, 2 * middle - bottom)
    bottom = min(bottom + MARGIN * (bottom - top), height)
    left, right = max(0.0, float(jaw[:, 0].min())), min(float(jaw[:, 0].max()), width)
    if not (right - left >= 16 and bottom - top >= 16):
        raise ValueError("the face is smaller than 16 pixels or outside the picture")
    return Box(round(left), round(top), round(right), round(bottom))


def model_input(frame: Picture, box: Box) -> NDArray[np.float32]:
    """The face twice, (2, 3, 256, 256) in [-1, 1], RGB: first with its lower half blanked to -1, then whole."""
    face = cv2.resize(frame[box.top : box.bottom, box.left : box.right], (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4)
    whole = face.astype(np.float32).transpose(2, 0, 1) / 255
    masked = whole.copy()
    masked[:, SIDE // 2 :] = 0
    pair: NDArray[np.float32] = (np.stack([masked, whole]) - np.float32(0.5)) / np.float32(0.5)
    return pair


def blending(points: Points, box: Box, width: int, height: int) -> Square:
    """The square around the box and the soft mask of what is taken from the model."""
    middle = ((box.left + box.right) // 2, (box.top + box.bottom) // 2)
    half = int(max(box.size) // 2 * _EXPAND)
    left, top, side = middle[0] - half, middle[1] - half, 2 * half
    mask = _region((points - (left, top)) * (_SQUARE / side))
    mask = cv2.resize(mask, (side, side), interpolation=cv2.INTER_LINEAR)
    inside = np.zeros_like(mask)
    rows, columns = slice(box.top - top, box.bottom - top), slice(box.left - left, box.right - left)
    inside[rows, columns] = mask[rows, columns]
    inside[: int(side * 0.5)] = 0
    blur = int(_BLUR * side // 2 * 2) + 1
    soft = cv2.GaussianBlur(inside, (blur, blur), 0).astype(np.float32) / 255
    x, y = max(0, left), max(0, top)
    return Square(x, y, soft[y - top : min(side, height - top), x - left : min(side, width - left)])


def blended(frame: Picture, face: Picture, box: Box, square: Square) -> Picture:
    """The square of the frame with the model's face (256, 256, 3) in it, uint8 RGB."""
    rows, columns = square.mask.shape
    base = frame[square.top : square.top + rows, square.left : square.left + columns]
    painted = base.copy()
    y, x = box.top - square.top, box.left - square.left
    painted[y : y + box.size[1], x : x + box.size[0]] = cv2.resize(face, box.size)
    weight = square.mask[..., None]
    mixed: Picture = (painted * weight + base * (1 - weight)).round().astype(np.uint8)
    return mixed


def _region(points: Points) -> NDArray[np.uint8]:
    """The published "jaw" mode in the square of 512: skin widened downwards, cheeks narrowed, the nose left alone."""
    shape = (_SQUARE, _SQUARE)
    skin = _polygon([*points[list(SKIN)], (points[454][0], points[NOSE_MIDDLE][1]),
                     (points[234][0], points[NOSE_MIDDLE][1])], shape)  # fmt: skip
    nose, lips = _polygon(points[list(NOSE)], shape), _polygon(points[list(LIPS)], shape)
    wide = cv2.dilate(skin, _jaw_kernel(), iterations=1)
    narrow = cv2.erode(skin, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (35, 3)), iterations=2)
    cheeks = np.ones(shape, bool)
    cheeks[:, _SQUARE // 2 - _CHEEK : _SQUARE // 2 + _CHEEK] = False
    region = ((narrow > 0) & cheeks) | ((wide > 0) & ~cheeks)
    region = (region & (nose == 0)) | (lips > 0)
    return np.where(region, np.uint8(255), np.uint8(0))


def _jaw_kernel() -> NDArray[np.uint8]:
    """33 x 33: a triangle over a bar, which moves the jaw's edge 16 up, 6 down and 10 to each side."""
    kernel = np.zeros((33, 33), np.uint8)
    for row in range(10, 33):
        half = min(row - 10, 10)
        kernel[row, 16 - half : 17 + half] = 1
    return kernel


def _polygon(points: object, shape: tuple[int, int]) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.asarray(points, np.float32).round().astype(np.int32)], 255)
    return mask
