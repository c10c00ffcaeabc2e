"""What is behind the presenter: drawn once; out of focus in the soft style, plain areas or pale lines in the others."""

import base64

import cv2
import numpy as np

from avatar.engine.presenter.canvas import surface
from avatar.engine.presenter.scenes import HEIGHT, SCENES, Scene
from avatar.engine.presenter.spec import Spec
from avatar.errors import InputError
from avatar.media import Frame, Size

Generator = np.random.Generator

_BAND = 64

_FOCUS = {"office": 6.0, "library": 5.0, "window": 5.0, "plants": 5.0, "home": 5.5}
"""Sigma of the blur behind a soft portrait, in scene units; 0 for scenes without things in them."""


_LEAST = 0.60
"""In an upright picture scenes are drawn smaller, as the person is, down to this part of their size."""


def draw_background(spec: Spec, size: Size) -> Frame:
    """The whole picture without the person."""
    w, h = size
    if spec.background == "transparent":
        return np.zeros((h, w, 4), np.uint8)
    if spec.background == "picture":
        return _picture(spec.background_picture, size)
    near = min(1.0, max(_LEAST, w / h))
    half_width = HEIGHT * w / h / 2 / near
    frame = np.zeros((h, w, 4), np.uint8)
    target = surface(frame)
    canvas = target.getCanvas()
    above = 0.55 * (HEIGHT / near - HEIGHT)
    canvas.translate(w / 2, 0)
    canvas.scale(h / HEIGHT * near, h / HEIGHT * near)
    canvas.translate(0, above)
    rng = np.random.default_rng([spec.texture_seed, 23])
    SCENES[spec.background](canvas, Scene(spec, (half_width, -above, HEIGHT / near - above), rng))
    target.flushAndSubmit()
    if spec.art_style != "soft":
        return frame
    sigma = _FOCUS.get(spec.background, 0.0) * h / HEIGHT
    if sigma > 0:
        cv2.GaussianBlur(frame, (0, 0), sigma, dst=frame)
    return frame if spec.background == "plain" else _finished(frame, rng)


def _picture(encoded: str, size: Size) -> Frame:
    """The user's own picture, as large as covers the frame, cut evenly."""
    data = np.frombuffer(base64.b64decode(encoded), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if pixels is None:
        raise InputError("this portrait's background_picture is not a picture that can be read")
    (w, h), (rows, columns) = size, pixels.shape[:2]
    k = max(w / columns, h / rows)
    fitted = (max(w, round(columns * k)), max(h, round(rows * k)))
    large = cv2.resize(pixels, fitted, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    x, y = (fitted[0] - w) // 2, (fitted[1] - h) // 2
    frame: Frame = cv2.cvtColor(np.ascontiguousarray(large[y : y + h, x : x + w]), cv2.COLOR_BGR2RGBA)
    return frame


def _finished(frame: Frame, rng: Generator) -> Frame:
    """Vignette, and a grain of about one level so that gradients do not band."""
    h, w = frame.shape[:2]
    x = (np.arange(w, dtype=np.float32) - w * 0.46) / (0.5 * max(w, h))
    y = (np.arange(h, dtype=np.float32) - h * 0.42) / (0.5 * max(w, h))
    for top in range(0, h, _BAND):  # in bands, for a whole picture of floats is five times as large as the picture
        rows = slice(top, top + _BAND)
        far = np.clip(np.sqrt(x[None, :] ** 2 + y[rows, None] ** 2) - 0.45, 0, 1)
        rgb = frame[rows, :, :3] * (1 - 0.30 * far[..., None] ** 1.3)
        grain = rng.normal(0, 0.7, (*far.shape, 1)).astype(np.float32)
        frame[rows, :, :3] = np.clip(rgb + grain + 0.5, 0, 255).astype(np.uint8)
    return frame
