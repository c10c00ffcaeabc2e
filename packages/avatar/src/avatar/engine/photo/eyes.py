"""Blinks of a photographed face: a lid of its own skin is made once and drawn down over the eye."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from avatar.engine.faces.mesh import EYES
from avatar.engine.photo.anatomy import Anatomy, Floats
from avatar.media import Frame

_LEAST = 0.02
"""A blink smaller than this is none."""


@dataclass(frozen=True, eq=False)
class _Eye:
    """One eye's box in the picture (x0, y0, x1, y1), and in it the axes and curves of its lids, in eye widths."""

    box: tuple[int, int, int, int]
    lid: Floats  # (h, w, 4) the eye shut, RGBA
    along: Floats  # (2, 3) from picture pixels to eye axes
    across: Floats  # 41 places from corner to corner
    upper: Floats  # the upper lid's edge over them, open
    shut: Floats  # and shut
    crease: float  # height above which nothing moves


class Lids:
    """Both eyes' lids over one picture."""

    def __init__(self, image: Frame, a: Anatomy) -> None:
        self._eyes = [eye for side in range(2) if (eye := _eye(image, a, side)) is not None]

    def boxes(self) -> list[tuple[int, int, int, int]]:
        """Where they draw: x0, y0, x1, y1 in pixels of the picture."""
        return [eye.box for eye in self._eyes]

    def draw(self, picture: Frame, places: Floats, number: int, blink: float) -> None:
        """Draw the lid of one eye into `picture`, whose pixels show `places` (h, w, 2) of the photo."""
        if blink > _LEAST:
            _draw(self._eyes[number], picture, places, min(1.0, blink))


def _eye(image: Frame, a: Anatomy, side: int) -> _Eye | None:
    lower, upper = EYES[side]
    p = a.points[:, :2]
    ends = sorted((p[lower[0]], p[lower[-1]]), key=lambda q: float(q[0]))
    width = float(np.hypot(*(ends[1] - ends[0])))
    if width < 5:
        return None
    right = (ends[1] - ends[0]) / width
    down = np.array([-right[1], right[0]])
    middle = (ends[0] + ends[1]) / 2
    turn = np.stack([right, down]) / width
    along = np.concatenate([turn, -(turn @ middle)[:, None]], 1).astype(np.float32)
    across = np.linspace(-0.72, 0.72, 41).astype(np.float32)
    top, low = (_curve(p, along, ids, across) for ids in ((lower[0], *upper, lower[-1]), lower))
    box = _box(image, middle, width)
    shut = low * 0.86 + top * 0.14 + 0.015
    crease = float(top.min()) - 0.26
    x0, y0, x1, y1 = box
    if x1 - x0 < 6 or y1 - y0 < 6:
        return None
    eye = _Eye(box, np.zeros(0), along, across, top, shut, crease)
    return replace(eye, lid=_shut(image, eye, low))


def _curve(p: Floats, along: Floats, ids: tuple[int, ...], across: Floats) -> Floats:
    """A lid's edge over `across`, beyond the corners falling to their height."""
    points = np.asarray(sorted((p[list(ids)] @ along[:, :2].T + along[:, 2]).tolist()))
    through = np.interp(across, points[:, 0], points[:, 1]).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(through[None], (0, 0), 1.2)[0], np.float32)


def _box(image: Frame, middle: Floats, width: float) -> tuple[int, int, int, int]:
    h, w = image.shape[:2]
    x, y = float(middle[0]), float(middle[1])
    return (
        max(0, int(x - 0.95 * width)), max(0, int(y - 0.75 * width)),
        min(w, int(x + 0.95 * width)), min(h, int(y + 0.62 * width)),
    )  # fmt: skip


def _axes(places: Floats, along: Floats) -> tuple[Floats, Floats]:
    x, y = places[..., 0], places[..., 1]
    return (
        along[0, 0] * x + along[0, 1] * y + along[0, 2],
        along[1, 0] * x + along[1, 1] * y + along[1, 2],
    )


def _over(u: Floats, across: Floats, curve: Floats) -> Floats:
    return np.interp(u.ravel(), across, curve).reshape(u.shape).astype(np.float32)


def _places(box: tuple[int, int, int, int]) -> Floats:
    x0, y0, x1, y1 = box
    return np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(np.float32)


def _shut(image: Frame, eye: _Eye, low: Floats) -> Floats:
    """The picture of the shut eye: skin that flows in from around it, the shade of a ball below it, and lashes."""
    x0, y0, x1, y1 = eye.box
    part = image[y0:y1, x0:x1].astype(np.float32)
    u, v = _axes(_places(eye.box), eye.along)
    yu, yl, ys = (_over(u, eye.across, curve) for curve in (eye.upper, low, eye.shut))
    wide = np.clip((0.64 - np.abs(u)) / 0.10, 0, 1)
    hole = np.clip((v - (yu - 0.13)) / 0.05, 0, 1) * np.clip((yl + 0.07 - v) / 0.05, 0, 1) * wide
    skin = _flowed(part, hole)
    out = part * (1 - hole[..., None]) + skin * hole[..., None]
    ball = np.exp(-(((v - (ys - 0.17)) / 0.12) ** 2)) * np.exp(-((u / 0.36) ** 2))
    under = np.exp(-(((v - (ys + 0.05)) / 0.06) ** 2)) * np.clip(1 - (u / 0.56) ** 2, 0, 1)
    out[..., :3] *= (1 + (0.07 * ball - 0.10 * under) * wide)[..., None]
    dark = np.percentile(part[..., :3].reshape(-1, 3), 2, axis=0) * 0.8
    thick = 0.017 * np.clip(1 - (u / 0.60) ** 2, 0, 1) ** 0.5 + 1e-4
    soft = max(0.016, 0.7 * float(np.hypot(*eye.along[0, :2])))  # eye widths; no finer than a pixel
    lash = np.exp(-np.clip(np.abs(v - ys) - thick, 0, None) / soft) * np.clip((0.60 - np.abs(u)) / 0.10, 0, 1)
    k = (0.72 * lash)[..., None]
    out[..., :3] = out[..., :3] * (1 - k) + dark * k
    return np.clip(out, 0, 255).astype(np.float32)


def _flowed(part: Floats, hole: Floats) -> Floats:
    """Colour that flows from the rim of a hole into it: blurred at every scale, the finest that reaches wins."""
    keep = (hole < 0.02).astype(np.float32)
    out, sure = np.zeros_like(part), np.zeros_like(keep)
    for sigma in (1.5, 3, 6, 12, 24, 48):
        weight = cv2.GaussianBlur(keep, (0, 0), sigma)
        blurred = cv2.GaussianBlur(part * keep[..., None], (0, 0), sigma)
        take = (1 - sure) * np.clip(weight / 0.25, 0, 1)
        out += take[..., None] * blurred / np.maximum(weight, 1e-4)[..., None]
        sure += take
    return np.asarray(out / np.maximum(sure, 1e-4)[..., None], np.float32)


def _draw(eye: _Eye, picture: Frame, places: Floats, blink: float) -> None:
    u, v = _axes(places, eye.along)
    top, shut = (_over(u, eye.across, curve) for curve in (eye.upper, eye.shut))
    edge = top + (shut - top) * blink
    # From the crease down the lid unrolls: at its edge it shows the lashes, at the crease it does not move.
    t = (v - eye.crease) / np.maximum(edge - eye.crease, 1e-3)
    from_v = np.where(v <= edge, eye.crease + t * (shut - eye.crease), v + (shut - edge))
    x0, y0 = eye.box[:2]
    back = np.linalg.inv(np.vstack([eye.along, [0, 0, 1]]))[:2].astype(np.float32)
    x = back[0, 0] * u + back[0, 1] * from_v + (back[0, 2] - x0)
    y = back[1, 0] * u + back[1, 1] * from_v + (back[1, 2] - y0)
    lid = cv2.remap(
        eye.lid, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    cover = np.clip((edge + 0.035 - v) / 0.03, 0, 1) * np.clip((v - eye.crease) / 0.10, 0, 1)
    cover = cover * np.clip((0.66 - np.abs(u)) / 0.08, 0, 1) * min(1.0, blink / 0.18)
    cover = cover + (1 - cover) * _below(u, v, edge, shut, blink)
    k = cover[..., None]
    picture[:] = np.clip(picture * (1 - k) + lid * k + 0.5, 0, 255).astype(np.uint8)


def _below(u: Floats, v: Floats, edge: Floats, shut: Floats, blink: float) -> Floats:
    """Cover of the skin under a lid that is all but shut, so that nothing of the eye stays below the lashes."""
    t = np.clip((blink - 0.82) / 0.15, 0, 1)
    return np.asarray(
        t
        * np.clip((v - edge) / 0.02, 0, 1)
        * np.clip((shut + 0.22 - v) / 0.05, 0, 1)
        * np.clip((0.62 - np.abs(u)) / 0.08, 0, 1),
        np.float32,
    )
