"""A photo of any shape in a video of any shape: cut round the face, or whole on a blurred ground."""

import cv2
import numpy as np

from avatar.engine.photo.anatomy import Floats
from avatar.errors import InputError
from avatar.media import Frame, Size

SMALLEST = 64
_ROOM = 1.55
"""A cut must leave this many face heights, or the whole photo is shown instead."""
_EYELINE = 0.46
"""Where the middle of the face comes to lie in a cut, from its top."""


def own_size(image: Frame, longest: int = 1280) -> Size:
    """The video's size that shows the whole photo as it is, no longer than `longest`, both sides even."""
    height, width = image.shape[:2]
    k = min(1.0, longest / max(width, height))
    return max(SMALLEST, round(width * k / 2) * 2), max(SMALLEST, round(height * k / 2) * 2)


def framed(image: Frame, points: Floats, size: Size) -> tuple[Frame, Floats]:
    """The photo at that size, and its face's mesh there. Raises InputError for a size that cannot be encoded."""
    width, height = size
    if width % 2 or height % 2 or min(size) < SMALLEST:
        raise InputError(
            f"a picture of {width}x{height} cannot be drawn", "give an even width and height of at least 64"
        )
    cover = max(width / image.shape[1], height / image.shape[0])
    face = points[:468, :2]
    tall = float(np.ptp(face[:, 1])) * cover
    broad = float(np.ptp(face[:, 0])) * cover
    if height >= _ROOM * tall and width >= _ROOM * broad:
        return _cut(image, points, size, cover)
    return _whole(image, points, size)


def _cut(image: Frame, points: Floats, size: Size, k: float) -> tuple[Frame, Floats]:
    """Scaled to cover the video, the rest cut off where the face is not."""
    width, height = size
    middle = points[:468, :2].mean(0) * k
    scaled = _scaled(image, max(width, round(image.shape[1] * k)), max(height, round(image.shape[0] * k)))
    x = int(np.clip(round(float(middle[0]) - width / 2), 0, scaled.shape[1] - width))
    y = int(np.clip(round(float(middle[1]) - height * _EYELINE), 0, scaled.shape[0] - height))
    return np.ascontiguousarray(scaled[y : y + height, x : x + width]), _moved(points, image, scaled, (x, y))


def _whole(image: Frame, points: Floats, size: Size) -> tuple[Frame, Floats]:
    """The whole photo in the middle, over its own blurred self."""
    width, height = size
    k = min(width / image.shape[1], height / image.shape[0])
    scaled = _scaled(image, max(1, round(image.shape[1] * k)), max(1, round(image.shape[0] * k)))
    ground = cv2.resize(cv2.GaussianBlur(cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA), (0, 0), 4), size)
    out = (ground.astype(np.float32) * (0.55, 0.55, 0.55, 1.0)).astype(np.uint8)
    x, y = (width - scaled.shape[1]) // 2, (height - scaled.shape[0]) // 2
    out[y : y + scaled.shape[0], x : x + scaled.shape[1]] = scaled
    return out, _moved(points, image, scaled, (-x, -y))


def _scaled(image: Frame, width: int, height: int) -> Frame:
    smaller = width < image.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)


def _moved(points: Floats, image: Frame, scaled: Frame, corner: tuple[int, int]) -> Floats:
    kx, ky = scaled.shape[1] / image.shape[1], scaled.shape[0] / image.shape[0]
    flat = (points[:, :2] + 0.5) * (kx, ky) - 0.5 - np.asarray(corner)
    return np.concatenate([flat, points[:, 2:] * kx], 1).astype(np.float32)
