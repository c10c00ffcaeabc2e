"""What is seen between the lips: the dark of the mouth, tongue and teeth, in the photo's own light.

Lengths are local units of `anatomy` (25 mm): widths of teeth after Ash's "Dental Anatomy". Colours are linear in the
photo's own coding (sRGB), for all that matters here is that they go with the lips around them.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from avatar.engine.photo.anatomy import CHEEK_SPOTS, Anatomy, Floats, patches
from avatar.engine.photo.own import OwnTeeth
from avatar.engine.photo.shape import Lips
from avatar.engine.presenter.lips import Mouth

_UPPER_TEETH = (0.34, 0.26, 0.28, 0.20, 0.17)
_LOWER_TEETH = (0.21, 0.23, 0.25, 0.22, 0.18)
"""Widths from the middle outwards, as seen from the front: the arch turns away."""
_PER_UNIT, _HALF, _TALL = 96, 1.3, 0.62
_COLOURED = 0.12
"""Saturation of the skin from which a photo counts as one in colour: below it, it fades to black and white."""
_DRAWN_LIT = 175.0
"""Lightness of the skin at which the colours below are as written."""
_WHITE_LIT = 250.0
"""Lightness of the eyes' white in the same light."""

ENAMEL = np.array([226, 214, 196], np.float32)
_GUM = np.array([176, 96, 92], np.float32)
_TONGUE = np.array([178, 96, 94], np.float32)
_DEEP = np.array([34, 12, 13], np.float32)
_WARM_SHADE = np.array([0.86, 1.04, 1.08], np.float32)
"""Light that reaches into a mouth has passed through lips: its red is dimmed less."""
_WARM = np.array([88, 34, 34], np.float32)


@dataclass(frozen=True, eq=False)
class Light:
    """How bright the face is lit (1: as written below), the colour of light and teeth, and how much colour there is."""

    level: float
    tint: Floats
    enamel: Floats
    colour: float = 1.0


@dataclass(frozen=True, eq=False)
class Opening:
    """Places between the lips, (h, w) each: local coordinates, and the heights of the lips' edges over them."""

    u: Floats
    v: Floats
    top: Floats
    low: Floats

    def cut(self, part: tuple[slice, slice]) -> "Opening":
        """The same for some rows and columns."""
        return Opening(self.u[part], self.v[part], self.top[part], self.low[part])


class Teeth:
    """A row of teeth: (h, w, 3) colour and (h, w) cover; x within _HALF, y 0 at the biting edge, roots negative."""

    def __init__(self, widths: tuple[float, ...], enamel: Floats, gum: Floats, upward: bool, warmth: float) -> None:
        """`upward`: the roots are above (the upper row); `warmth` 1 where the photo has colour, 0 where it has none."""
        side = round(2 * _HALF * _PER_UNIT)
        x = (np.arange(side) + 0.5) / _PER_UNIT - _HALF
        y = (np.arange(round(_TALL * 1.25 * _PER_UNIT)) + 0.5) / _PER_UNIT - _TALL
        across, height = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        number, inside = _tooth(np.abs(across), widths)
        edge = _biting_edge(number, inside, np.abs(across), upward)
        self.cover = _step(edge - height, 0.022) * _step(sum(widths) - np.abs(across), 0.05)
        self.colour = _enamel(across, height, (number, inside), (enamel, gum), warmth)

    def sample(self, u: Floats, v: Floats, at: float, flip: float) -> tuple[Floats, Floats]:
        """Colour and cover where the local coordinates are (u, v) and the biting edge lies at v = `at`."""
        x = (u + _HALF) * _PER_UNIT - 0.5
        y = (flip * (v - at) + _TALL) * _PER_UNIT - 0.5
        x, y = x.astype(np.float32), y.astype(np.float32)
        edge = cv2.BORDER_REPLICATE
        colour = cv2.remap(self.colour, x, y, cv2.INTER_LINEAR, borderMode=edge)
        return colour, cv2.remap(self.cover, x, y, cv2.INTER_LINEAR, borderMode=edge)


def _tooth(away: Floats, widths: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Which tooth from the middle a place belongs to, and where in it, 0 to 1."""
    ends = np.cumsum(widths)
    number = np.minimum(np.searchsorted(ends, away), len(widths) - 1)
    starts = np.concatenate([[0.0], ends[:-1]])
    inside = (away - starts[number]) / np.asarray(widths)[number]
    return number.astype(np.float32), np.clip(inside, 0, 1).astype(np.float32)


def _biting_edge(number: Floats, inside: Floats, away: Floats, upward: bool) -> Floats:
    """Height of the edge: rounded at the corners of each tooth, lateral incisors shorter, the arch rising."""
    short = np.array([0.0, 0.034, 0.012, 0.05, 0.08] if upward else [0.0, 0.004, -0.004, 0.03, 0.06], np.float32)
    corner = 0.030 * np.abs(2 * inside - 1) ** 5
    point = np.where(number == 2, 0.030 * (np.abs(2 * inside - 1) - 0.5), 0.0)
    return np.asarray(-short[number.astype(int)] - corner - point - 0.035 * away**2, np.float32)


def _enamel(
    across: Floats, height: Floats, tooth: tuple[Floats, Floats], colours: tuple[Floats, Floats], warmth: float
) -> Floats:
    """Lightest in the middle of each tooth, darker between them and where the arch turns away; gum above the necks."""
    (number, inside), (enamel, gum) = tooth, colours
    rounded = 1 - 0.10 * np.abs(2 * inside - 1) ** 2.4
    gap = 1 - 0.26 * np.exp(-((np.minimum(inside, 1 - inside) / 0.05) ** 2))
    arch = 1 - 0.50 * np.clip(np.abs(across) / 1.15, 0, 1) ** 2.2
    tip = 1 - 0.07 * np.exp(-(((height + 0.02) / 0.06) ** 2))
    each = np.array([1.0, 0.975, 0.93, 0.91, 0.88], np.float32)[number.astype(int)]
    shade = rounded * gap * arch * tip * each
    neck = 0.36 + 0.05 * np.abs(2 * inside - 1) ** 2
    bare = _step(-height - neck, 0.03)[..., None]
    warm = np.array([1.0, 0.985, 0.955], np.float32) ** (warmth * np.clip(-height / 0.3, 0, 1.4))[..., None]
    return np.asarray(shade[..., None] * (enamel * warm * (1 - bare) + gum * bare), np.float32)


def _step(x: Floats, soft: float) -> Floats:
    t = np.clip(x / soft + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


class Interior:
    """Draws the inside of one photo's mouth."""

    def __init__(self, a: Anatomy, light: Light) -> None:
        self._seam = float(a.closed[:, 1].mean())
        self._middle = float(a.closed[5, 0])
        self._half = float(a.closed[-1, 0] - a.closed[0, 0]) / 2
        tone = light.level * light.tint
        deep, warm, tongue, gum = (_faded(c * tone, light.colour) for c in (_DEEP, _WARM, _TONGUE, _GUM))
        self._deep, self._warm, self._tongue, self._colour = deep, warm, tongue, light.colour
        self._upper = Teeth(_UPPER_TEETH, light.enamel, gum, True, light.colour)
        self._lower = Teeth(_LOWER_TEETH, light.enamel * 0.84, gum * 0.8, False, light.colour)

    def draw(self, at: Opening, lips: Lips, m: Mouth, own: OwnTeeth | None) -> Floats:
        """(h, w, 3) colour 0..255 of the places of `at`."""
        ceiling, floor = float(lips.upper_in[5, 1]), float(lips.lower_in[5, 1])
        gap = max(1e-3, floor - ceiling)
        u, v = at.u, at.v
        # Of a turned face one half is the shorter: its corner is as dark as the other.
        left, right = (abs(float(lips.lower_in[end, 0]) - self._middle) for end in (0, -1))
        x = np.asarray((u - self._middle) / np.where(u < self._middle, max(0.2, left), max(0.2, right)), np.float32)
        depth = np.clip((v - at.top) / np.maximum(at.low - at.top, 0.02), 0, 1)[..., None]
        out: Floats = self._deep + (self._warm - self._deep) * depth**1.6
        if m.lower_teeth > 0.03:
            out = self._with_lower_teeth(out, at, floor, m)
        out = self._with_tongue(out, x, v - floor, gap, m)
        out = out * self._shadow(x, at, gap)[..., None] ** (1 + (_WARM_SHADE - 1) * self._colour)
        out = self._with_upper_teeth(out, x, at, m) if own is None else own.over(out, u, v, m)
        if m.tip > 0.5:
            out = self._with_tip(out, x, v - floor, m)
        return np.asarray(out, np.float32)

    def upper_edge(self, m: Mouth) -> float:
        """Where the upper teeth end: they hang from the skull, and a mouth that hides them draws its lip down."""
        return self._seam - 0.13 + 0.20 * m.upper_teeth + 0.03 * m.bite

    def _with_upper_teeth(self, out: Floats, x: Floats, at: Opening, m: Mouth) -> Floats:
        """They stand right behind the lip: little of its shadow falls on them, and only the corners are dark."""
        colour, cover = self._upper.sample(at.u - self._middle, at.v, self.upper_edge(m), 1.0)
        cover = cover[..., None] * min(1.0, 3 * m.upper_teeth)
        under = 1 - 0.45 * np.exp(-np.clip(at.v - at.top, 0, None) / 0.03)
        lit = under * (1 - 0.80 * np.clip(np.abs(x), 0, 1) ** 3)
        return np.asarray(out * (1 - cover) + colour * lit[..., None] * cover, np.float32)

    def _with_lower_teeth(self, out: Floats, at: Opening, floor: float, m: Mouth) -> Floats:
        edge = floor - 0.02 - 0.15 * m.lower_teeth
        colour, cover = self._lower.sample(at.u - self._middle, at.v, edge, -1.0)
        cover = cover[..., None] * min(1.0, 4 * m.lower_teeth)
        return np.asarray(out * (1 - cover) + colour * cover, np.float32)

    def _with_tongue(self, out: Floats, x: Floats, v: Floats, gap: float, m: Mouth) -> Floats:
        back = -0.10 - gap * (0.16 + 0.46 * m.tongue)
        hump = back + 0.30 * gap * np.abs(x / 0.72) ** 2.2
        cover = _step(v - hump, 0.10) * _step(0.86 - np.abs(x), 0.22)
        lit = np.clip(0.34 + 0.75 * (v - hump) / max(0.12, 0.5 * gap), 0.3, 0.92) * (1 - 0.30 * np.abs(x) ** 1.5)
        lit = lit * (1 - 0.12 * np.exp(-((x / 0.07) ** 2)))
        cover = (cover * np.clip(gap / 0.12, 0, 1))[..., None]
        return np.asarray(out * (1 - cover) + self._tongue * lit[..., None] * cover, np.float32)

    def _with_tip(self, out: Floats, x: Floats, v: Floats, m: Mouth) -> Floats:
        """The tongue's tip on, or between, the teeth."""
        amount = (m.tip - 0.5) / 0.5
        top = -0.19 * amount + 0.16 * np.abs(x / 0.6) ** 2.4
        cover = (_step(v - top, 0.05) * _step(0.62 - np.abs(x), 0.14) * min(1.0, 2 * amount))[..., None]
        lit = np.clip(0.80 + 0.5 * (v - top), 0.7, 0.98) * (1 - 0.22 * np.abs(x) ** 2)
        return np.asarray(out * (1 - cover) + self._tongue * 1.06 * lit[..., None] * cover, np.float32)

    def _shadow(self, x: Floats, at: Opening, gap: float) -> Floats:
        """The lips' shadow on what is behind them: deep in the corners and under the upper lip, and in a narrow gap."""
        under = 1 - 0.62 * np.exp(-np.clip(at.v - at.top, 0, None) / 0.075)
        above = 1 - 0.34 * np.exp(-np.clip(at.low - at.v, 0, None) / 0.05)
        corners = 1 - 0.72 * np.clip(np.abs(x), 0, 1) ** 2.6
        return np.asarray(under * above * corners * (0.66 + 0.34 * np.clip(gap / 0.40, 0, 1)), np.float32)


def _faded(colour: Floats, much: float) -> Floats:
    """The colour, with this much left of what sets it off from grey."""
    grey = float(colour @ np.array([0.299, 0.587, 0.114]))
    return np.asarray(grey + (colour - grey) * much, np.float32)


def light_of(view: Floats, a: Anatomy) -> Light:
    """The light on the face, from the skin of its cheeks and the whites of its eyes. `view` is RGB 0..255."""
    cheeks = patches(view, a, CHEEK_SPOTS)
    skin = np.median(cheeks, 0)
    bright = np.percentile(cheeks @ np.array([0.299, 0.587, 0.114]), 75)
    level = float(np.clip(bright / _DRAWN_LIT, 0.06, 1.12)) ** 0.9
    whites = patches(view, a, (33, 133, 263, 362, 145, 374, 159, 386))
    light = whites @ np.array([0.299, 0.587, 0.114])
    chosen = whites[light >= np.percentile(light, 85)].mean(0)
    white = chosen / max(1.0, float(chosen.max()))
    # Dark skin does not darken teeth: they are lit as the eyes' white is.
    lit = max(level, float(np.clip(light[light >= np.percentile(light, 85)].mean() / _WHITE_LIT, 0.06, 1.0)))
    # Skin reddens what is guessed of the light, so it moves the guess only a little.
    tint = 0.35 * np.clip(white, 0.75, 1) + 0.65
    tint = tint * (0.9 + 0.1 * skin / max(1.0, float(skin.max())))
    enamel = np.minimum(ENAMEL * tint * (0.05 + 0.91 * lit), 246)
    colour = float(np.clip((skin.max() - skin.min()) / max(1.0, float(skin.max())) / _COLOURED, 0, 1))
    return Light(level, tint.astype(np.float32), _faded(enamel, colour), colour)
