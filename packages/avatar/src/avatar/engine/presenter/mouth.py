"""Lips, teeth and tongue, redrawn in every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia

from avatar.engine.presenter.anatomy import MOUTH_Y, Face
from avatar.engine.presenter.lips import WIDEST, Mouth, edges
from avatar.engine.presenter.pen import (
    WHITE,
    Array,
    clipped,
    ellipse,
    fade,
    fill,
    hex_colour,
    linear,
    mix,
    outline,
    polygon,
    ribbon,
    sampled,
    scratch,
    shade,
    spot,
    stroke,
    taper,
    tint,
    wash,
)  # fmt: skip
from avatar.engine.presenter.warp import before_jaw

HALF = 45.0
"""Half the width of the mouth at rest."""


@dataclass(frozen=True)
class _Shape:
    """The lips' lengths of one frame, in head units around (0, MOUTH_Y)."""

    w: float  # half-width between the corners
    corner: float  # y of the corners
    up: float  # y of the upper lip's inner edge in the middle
    low: float  # y of the lower lip's inner edge
    upper: float  # thickness of the upper lip
    lower: float
    ring: float  # 0 almond, 1 ellipse
    gap: bool


class Lips:
    """Draws the mouth over the still skin."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._full = face.spec.lip_fullness * (1.06 - 0.16 * face.masculine) * (1 - 0.18 * face.aged)
        self._lower_colour = face.lip
        self._upper_colour = shade(face.lip, 0.17)
        self._line = mix(shade(face.lip, 0.86), face.line, 0.3)

    def _shape(self, m: Mouth, smile: float) -> _Shape:
        gap = WIDEST * max(0.0, m.open)
        own = 1 + 0.05 * self._face.masculine
        w = HALF * own * (1 + 0.18 * m.wide + 0.20 * smile * (1 - m.round) - 0.50 * m.round - 0.09 * m.press)
        middle = MOUTH_Y + 3.0 * smile * (1 - m.round)
        up, low = (middle + edge for edge in edges(m))
        low = before_jaw(low, m.jaw, self._face.chin)
        corner = MOUTH_Y + gap * 0.20 - (14.0 * smile + 2.5 * m.wide) * (1 - 0.75 * m.round) * (1 - 0.5 * m.press)
        stretch = 1 - 0.12 * max(0.0, m.wide) - 0.10 * m.open * (1 - m.round)
        upper = 10.0 * self._full * stretch * (1 - 0.50 * m.press + 0.34 * m.round)
        lower = 13.5 * self._full * stretch * (1 - 0.46 * m.press + 0.30 * m.round - 0.35 * m.bite)
        ring = min(1.0, 0.34 * m.open + 0.74 * m.round + 0.60 * max(0.0, m.wide) * min(1.0, 4 * m.open))
        return _Shape(w, corner, up, low, upper, lower, ring, m.open > 0.025)

    def draw(self, canvas: Any, m: Mouth, smile: float) -> None:
        """The mouth of one frame; `smile` 0..1 lifts the corners."""
        s = self._shape(m, smile)
        inner_top, inner_low = _inner(s)
        outer_top, outer_low = _outer(s, m.round)
        whole = _between(outer_top, outer_low)
        if not self._face.flat:
            self._surround(canvas, s, whole, m, smile)
        top = _between(outer_top, inner_top)
        bottom = _between(inner_low, outer_low)
        if s.gap:
            self._inside(canvas, s, _between(inner_top, inner_low), m)
        self._paint_lips(canvas, s, top, bottom)
        if not self._face.flat:
            self._gloss(canvas, s, m, top, bottom)
        self._edges(canvas, s, inner_top, inner_low, smile)
        if self._face.inked:
            canvas.drawPath(whole, stroke(fade(self._face.line, 0.75), 1.8))
        elif self._face.flat:
            canvas.drawPath(ellipse((1, s.low + s.lower + 8), s.w * 0.34, 3.4), fill(fade(self._face.skin_shade, 0.7)))

    def _surround(self, canvas: Any, s: _Shape, whole: Any, m: Mouth, smile: float) -> None:
        """Shadow under the lower lip, soft rim, and the cheeks' folds."""
        face = self._face
        spot(canvas, (2, s.low + s.lower + 7), (s.w * 0.72, 11), fade(face.skin_deep, 0.40))
        canvas.drawPath(whole, scratch(fade(face.skin_shade, 0.30), 4.5))
        if m.press > 0.05:
            self._pressed(canvas, s, m.press)
        self._cheek_folds(canvas, s, m, smile)

    def _cheek_folds(self, canvas: Any, s: _Shape, m: Mouth, smile: float) -> None:
        """From the nose past the corners: soft shade that deepens as the mouth pushes the cheeks up."""
        face = self._face
        lined = 0.45 + 0.55 * face.aged
        strength = (
            lined * min(0.60, 0.20 * max(0.0, smile - 0.25) + 0.24 * max(0.0, m.wide) + 0.16 * m.open) * (1 - m.round)
        )
        for side in (-1.0, 1.0):
            spot(canvas, (side * (s.w + 4), s.corner + 1), (10, 8), fade(face.skin_deep, 0.46))
        if strength < 0.03:
            return
        x = max(s.w, HALF) + 14
        fold = sampled([(29, 63), (46, 77), (x, s.corner - 12), (x - 1, s.corner)], 10)
        layers = [taper(fold, width, 0.55, count=10) for width in (11.0, 7.0, 3.5)]
        _on_both_sides(canvas, layers, fill(fade(face.skin_deep, strength * 0.22)))

    def _pressed(self, canvas: Any, s: _Shape, press: float) -> None:
        """Skin that bulges round lips pressed together: lit above, dark in the corners and under the lip."""
        face = self._face
        spot(canvas, (-3, s.up - s.upper - 6), (s.w * 0.8, 7), fade(face.skin_lit, 0.65 * press))
        spot(canvas, (0, s.low + s.lower + 9), (s.w * 0.66, 9), fade(face.skin_deep, 0.34 * press))
        for side in (-1.0, 1.0):
            spot(canvas, (side * (s.w + 6), s.corner + 1), (9, 13), fade(face.skin_deep, 0.36 * press))

    def _inside(self, canvas: Any, s: _Shape, hole: Any, m: Mouth) -> None:
        dark, warm = hex_colour("2b0c10"), hex_colour("5a1d22")
        if self._face.flat:
            canvas.drawPath(hole, fill(hex_colour("47151a")))
        else:
            wash(canvas, hole, (s.up, s.low + 4), [dark, warm])
        with clipped(canvas, hole):
            self._lower_teeth(canvas, s, m)
            self._tongue(canvas, s, m)
            self._upper_teeth(canvas, s, m)
            if m.tip > 0.65:
                self._tongue_tip(canvas, s, m)
        deep = (0.12, 0.02, 0.03, 0.72)
        wash(canvas, hole, (s.up - 1, s.up + 6), [deep, fade(deep, 0.24), fade(deep, 0.0)], [0, 0.4, 1])
        wash(canvas, hole, (s.low - 5, s.low + 1), [fade(deep, 0.0), fade(deep, 0.62)])

    def _tongue(self, canvas: Any, s: _Shape, m: Mouth) -> None:
        height = s.low - s.up
        top = s.low - 0.10 * height - 4 - m.tongue * (0.55 * height)
        w = s.w * (0.66 - 0.1 * m.tip)
        shape = outline(
            (-w, s.low + 14), (-w * 1.06, top + 7, -w * 0.55, top - 1, 0, top + 1.5),
            (w * 0.55, top - 1, w * 1.06, top + 7, w, s.low + 14),
        )  # fmt: skip
        wash(canvas, shape, (top, s.low + 9), [hex_colour("c06a68"), hex_colour("83343b")])
        groove = [(0.5, top + 5), (0, s.low + 8)]
        canvas.drawPath(taper(groove, 3.0, count=6), fill(fade(hex_colour("8a3038"), 0.5)))

    def _tongue_tip(self, canvas: Any, s: _Shape, m: Mouth) -> None:
        amount = (m.tip - 0.65) / 0.35
        w = s.w * 0.52
        top = s.low - 11.5 * amount
        shape = outline(
            (-w, s.low + 12),
            (-w, top + 2, -w * 0.5, top - 1.5, 0, top - 1),
            (w * 0.5, top - 1.5, w, top + 2, w, s.low + 12),
        )
        wash(canvas, shape, (top, s.low + 6), [hex_colour("e8968f"), hex_colour("c4605f")])

    def _upper_teeth(self, canvas: Any, s: _Shape, m: Mouth) -> None:
        if m.upper_teeth < 0.03:
            return
        w = s.w * (0.86 - 0.10 * m.open)
        # The teeth hang from the skull: the lip uncovers them, they do not follow it all the way.
        edge = min(MOUTH_Y - 6 + 11.5 * m.upper_teeth + 2 * m.bite, s.low - 0.8 + 3 * m.bite)
        edge = max(edge, s.up + 1.5)
        lift = 0.16 * (edge - s.up) + 1.5
        shape = outline(
            (-w, s.up - 14), (w, s.up - 14), (w, edge - lift - 4),
            (w * 0.66, edge - lift * 0.2, w * 0.34, edge, 0, edge),
            (-w * 0.34, edge, -w * 0.66, edge - lift * 0.2, -w, edge - lift - 4),
        )  # fmt: skip
        edge_tone, body = hex_colour("b9a69e"), hex_colour("fbf7f1")
        enamel = [edge_tone, body, hex_colour("fffdf9"), body, edge_tone]
        wash(canvas, shape, (-w, w), enamel, [0, 0.24, 0.42, 0.72, 1], across=True)
        self._tooth_lines(canvas, w, s.up - 4, edge, fade(hex_colour("8c7a74"), 0.34))

    def _tooth_lines(self, canvas: Any, w: float, top: float, edge: float, colour: Any) -> None:
        path = skia.Path()
        for at in (0.0, 0.25, 0.47, 0.66):
            for side in (-1.0, 1.0) if at else (1.0,):
                path.moveTo(side * at * w, top)
                path.lineTo(side * at * w * 1.01, edge - 0.6 - 2.2 * at)
        canvas.drawPath(path, scratch(colour, 0.9))

    def _lower_teeth(self, canvas: Any, s: _Shape, m: Mouth) -> None:
        if m.lower_teeth < 0.03:
            return
        w = s.w * 0.70
        top = s.low - 7.5 * m.lower_teeth
        shape = outline(
            (-w, top + 5), (-w * 0.6, top - 0.5, w * 0.6, top - 0.5, w, top + 5), (w, top + 22), (-w, top + 22)
        )
        wash(canvas, shape, (top, top + 10), [hex_colour("efe7e0"), hex_colour("c9b9b1")])
        self._tooth_lines(canvas, w, top + 1.5, top + 14, fade(hex_colour("8c7a74"), 0.28))

    def _paint_lips(self, canvas: Any, s: _Shape, top: Any, bottom: Any) -> None:
        u, d = self._upper_colour, self._lower_colour
        if self._face.flat:
            canvas.drawPath(top, fill(u))
            canvas.drawPath(bottom, fill(d))
            spot = ellipse((-s.w * 0.18, s.low + s.lower * 0.42), s.w * 0.2, s.lower * 0.15)
            canvas.drawPath(spot, fill(fade(WHITE, 0.28)))
            return
        upper = [tint(u, 0.14), u, shade(u, 0.26)]
        canvas.drawPath(top, linear((-8, s.up - s.upper), (4, s.up + 2), upper))
        rim = tint(d, 0.10) if s.gap else shade(d, 0.20)  # parted, its wet inner edge catches the light
        lower = [rim, d, tint(d, 0.12), d, shade(d, 0.26)]
        canvas.drawPath(bottom, linear((-6, s.low - 2), (4, s.low + s.lower), lower, [0, 0.22, 0.48, 0.74, 1]))

    def _gloss(self, canvas: Any, s: _Shape, m: Mouth, top: Any, bottom: Any) -> None:
        """Light on the lower lip's two cushions and along the bow; the far corners turn away from it."""
        shine = (0.40 - 0.22 * self._face.masculine) * (1 - 0.4 * self._face.aged)
        far = [fade(self._line, v) for v in (0.30, 0.0, 0.0, 0.42)]
        with clipped(canvas, bottom):
            spot(canvas, (-s.w * 0.24, s.low + s.lower * 0.42), (s.w * 0.30, s.lower * 0.30), fade(WHITE, shine))
            spot(canvas, (s.w * 0.17, s.low + s.lower * 0.45), (s.w * 0.20, s.lower * 0.24), fade(WHITE, shine * 0.55))
        wash(canvas, bottom, (-s.w, s.w), far, [0, 0.3, 0.62, 1], across=True)
        with clipped(canvas, top):
            spot(canvas, (-s.w * 0.20, s.up - s.upper * 0.66), (s.w * 0.26, s.upper * 0.34), fade(WHITE, shine * 0.55))
        wash(canvas, top, (-s.w, s.w), far, [0, 0.3, 0.62, 1], across=True)

    def _edges(self, canvas: Any, s: _Shape, top: Array, low: Array, smile: float) -> None:
        """The line between the lips; of parted lips the rims, which lie on the lips and narrow no gap."""
        if s.gap:
            canvas.drawPath(ribbon(top - _HALF_RIM, np.full(len(top), 2.0)), fill(fade(self._line, 0.80)))
            canvas.drawPath(ribbon(low + _HALF_RIM, np.full(len(low), 1.6)), fill(fade(self._line, 0.34)))
        else:
            t = np.linspace(0, 1, len(top))
            canvas.drawPath(ribbon((top + low) / 2, 0.9 + 1.9 * np.sin(t * np.pi) ** 0.5), fill(fade(self._line, 0.92)))
        tip = [(s.w - 3, s.corner + 0.4), (s.w + 2, s.corner - 0.3), (s.w + 5.5, s.corner - 1.5 - 2.5 * smile)]
        _on_both_sides(canvas, [taper(tip, 2.6, swell=0.3, count=7)], fill(fade(self._line, 0.62)))


def _on_both_sides(canvas: Any, paths: Sequence[Any], paint: Any) -> None:
    """What is drawn on the viewer's right, and its mirror image."""
    canvas.save()
    for _ in range(2):
        for path in paths:
            canvas.drawPath(path, paint)
        canvas.scale(-1, 1)
    canvas.restore()


_HALF_RIM = np.array([0.0, 1.0])


def _between(top: Array, low: Array) -> Any:
    return polygon(np.vstack([top, low[::-1]]))


def _rise(across: Array, ring: float) -> Array:
    """How far from the corners' height to the middle's an edge is, for -1..1 across the mouth."""
    almond = np.clip(np.cos(across * np.pi / 2), 0, 1) ** 1.15
    oval = np.sqrt(np.clip(1 - across**2, 0, 1))
    return np.asarray(almond * (1 - ring) + oval * ring)


def _arc(w: float, corner: float, middle: float, ring: float, count: int = 25) -> Array:
    """From the left corner over (0, middle) to the right one: an almond's edge that swells to an ellipse's."""
    bend = max(ring, 0.05) * np.pi / 2
    across = np.sin(np.linspace(-1, 1, count) * bend) / np.sin(bend)
    return np.stack([w * across, corner + (middle - corner) * _rise(across, ring)], axis=1)


def _inner(s: _Shape) -> tuple[Array, Array]:
    top = _arc(s.w, s.corner, s.up, s.ring)
    low = _arc(s.w, s.corner, s.low, s.ring) if s.gap else top.copy()
    # The upper lip's middle hangs a little: the tubercle.
    if not s.gap:
        top[:, 1] += 1.6 * np.exp(-((top[:, 0] / (s.w * 0.3)) ** 2))
    if not s.gap:
        low = top.copy()
    return top, low


def _outer(s: _Shape, rounding: float) -> tuple[Array, Array]:
    w = s.w + 2.5 + 3.5 * rounding
    peak, dip, edge = s.up - s.upper, s.up - s.upper * (0.66 + 0.26 * rounding), s.corner
    near, far = _rise(np.array([0.26, 0.64]), s.ring)
    side = edge + (s.up - edge) * far - s.upper * (0.50 + 0.12 * rounding)
    top = sampled([
        (-w, edge), (-w * 0.62, side), (-w * 0.19, peak), (0, dip), (w * 0.19, peak), (w * 0.62, side), (w, edge),
    ], 37)  # fmt: skip
    bottom = edge + (s.low - edge) * near + s.lower * 0.97
    hang = edge + (s.low - edge) * far + s.lower * 0.76
    low = sampled([
        (-w, edge), (-w * 0.64, hang), (-w * 0.26, bottom), (w * 0.26, bottom), (w * 0.64, hang), (w, edge),
    ], 37)  # fmt: skip
    return top, low
