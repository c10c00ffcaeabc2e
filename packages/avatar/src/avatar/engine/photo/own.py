"""The teeth a photo shows, kept where they are: on the skull."""

from dataclasses import dataclass

import cv2
import numpy as np

from avatar.engine.photo.anatomy import CHEEK_SPOTS, LOWER_IN, UPPER_IN, Anatomy, Floats, patches
from avatar.engine.presenter.lips import Mouth
from avatar.media import Frame

_PER_UNIT = 120
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_HIDDEN = 0.20
"""By so much, in local units, a shape of the mouth that hides the upper teeth draws the lip down over them."""
_DARKEST = 0.6
"""Teeth are never darker than this part of the skin; a mouth in which nothing is lighter shows none."""


@dataclass(frozen=True, eq=False)
class OwnTeeth:
    """The parted lips' inside as photographed, (h, w, 3), and how much of it is teeth, (h, w)."""

    colour: Floats
    cover: Floats
    left: float
    top: float
    ceiling: tuple[Floats, Floats]  # x and y of the upper lip's edge, as photographed

    def over(self, out: Floats, u: Floats, v: Floats, m: Mouth) -> Floats:
        """The teeth on a drawn inside; under a lip raised higher than in the photo they go on as they end."""
        edge = np.interp(u.ravel(), *self.ceiling).reshape(u.shape)
        hidden = _HIDDEN * (1 - min(1.0, m.upper_teeth))
        held = np.maximum(v + hidden, edge + 0.05)
        x = ((u - self.left) * _PER_UNIT - 0.5).astype(np.float32)
        y = ((held - self.top) * _PER_UNIT - 0.5).astype(np.float32)
        colour = cv2.remap(self.colour, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.remap(self.cover, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        lit = 0.72 + 0.30 * min(1.0, m.upper_teeth)
        k = cover[..., None] * min(1.0, 4 * m.upper_teeth)
        return np.asarray(out * (1 - k) + colour * lit * k, np.float32)


def own_teeth(image: Frame, a: Anatomy) -> OwnTeeth | None:
    """The teeth between parted lips, None where the photo shows none."""
    top, low = a.of(UPPER_IN), a.of(LOWER_IN)
    gap = float((low[:, 1] - top[:, 1]).max())
    if gap < 0.12:
        return None
    left, ceiling = float(top[0, 0]), float(top[:, 1].min()) - 0.1
    width, height = float(top[-1, 0]) - left, float(low[:, 1].max()) + 0.1 - ceiling
    grid = np.stack(np.meshgrid(
        left + (np.arange(round(width * _PER_UNIT)) + 0.5) / _PER_UNIT,
        ceiling + (np.arange(round(height * _PER_UNIT)) + 0.5) / _PER_UNIT,
    ), -1).astype(np.float32)  # fmt: skip
    at = a.pixels(grid)
    colour = cv2.remap(image[..., :3].astype(np.float32), at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    colour = np.clip(colour, 0, 255)
    u, v = grid[..., 0], grid[..., 1]
    upper, lower = (np.interp(u[0], c[:, 0], c[:, 1])[None] for c in (top, low))
    inside = np.clip((v - upper + 0.01) / 0.03, 0, 1) * np.clip((lower - 0.015 - v) / 0.035, 0, 1)
    skin = float(np.median(patches(image[..., :3].astype(np.float32), a, CHEEK_SPOTS) @ _LUMA))
    white = _white(colour, inside, _DARKEST * skin)
    if float((white * inside).sum()) < 0.2 * float(inside.sum()):
        return None
    cover = inside * cv2.GaussianBlur(white, (0, 0), 0.012 * _PER_UNIT)
    return OwnTeeth(colour.astype(np.float32), cover.astype(np.float32), left, ceiling, (top[:, 0], top[:, 1]))


def _white(colour: Floats, inside: Floats, darkest: float) -> Floats:
    """1 where the inside is light and pale, as teeth are, and tongue and dark are not."""
    light = colour @ _LUMA
    pale = colour.min(-1) / np.maximum(colour.max(-1), 1)
    seen = light[inside > 0.5]
    if not seen.size:
        return np.zeros_like(light)
    best = float(np.percentile(seen, 90))
    if best < darkest:
        return np.zeros_like(light)
    level = np.clip((light - 0.42 * best) / (0.18 * best), 0, 1)
    return np.asarray(level * np.clip((pale - 0.48) / 0.12, 0, 1), np.float32)
