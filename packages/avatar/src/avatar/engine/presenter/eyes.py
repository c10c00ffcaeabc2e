"""Eyes and brows, redrawn in every frame."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import skia

from avatar.engine.presenter.anatomy import EYE_Y, Face
from avatar.engine.presenter.pen import (
    WHITE,
    Array,
    Colour,
    clipped,
    ellipse,
    fade,
    fill,
    hex_colour,
    linear,
    luminance,
    mix,
    polygon,
    radial,
    ribbon,
    sampled,
    shade,
    stroke,
    taper,
    tint,
)  # fmt: skip

# The eye's own axes: x from the nose's side outwards, y down, 0 at the pupil at rest.
HALF = 31.0


@dataclass(frozen=True)
class Look:
    """One frame of the eyes. `blink` 0 open, 1 shut; gaze in -1..1, right and down positive."""

    blink: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    squint: float = 0.0
    wide: float = 0.0


class Eyes:
    """Draws both eyes; what does not change between frames is made once."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._size = (1.08 - 0.11 * face.masculine) * face.spec.eye_size
        self._tall = 17.5 - 3.4 * face.masculine - 2.0 * face.aged
        self._lash = mix(hex_colour("191012"), face.line, 0.3)

    @cached_property
    def _iris(self) -> Colour:
        return hex_colour(self._face.spec.eye_colour)

    @cached_property
    def _iris_paint(self) -> Any:
        c = self._iris
        rim = shade(c, 0.8)
        return radial((1.5, 5), 15.5, [tint(c, 0.55), tint(c, 0.15), c, rim], [0.0, 0.45, 0.75, 1.0])

    @cached_property
    def _white_paint(self) -> Any:
        if self._face.flat:
            return fill(hex_colour("f8f5f2"))
        return linear(
            (0, -18), (0, 12), [hex_colour("cfc6c6"), hex_colour("f6f3f1"), hex_colour("efe8e5")], [0, 0.5, 1]
        )

    @cached_property
    def _shadow_paint(self) -> Any:
        return linear((0, -18), (0, 0), [(0.12, 0.05, 0.06, 0.50), (0.12, 0.05, 0.06, 0.0)])

    def draw(self, canvas: Any, look: Look) -> None:
        """Both eyes over the still skin."""
        for side in (-1.0, 1.0):
            canvas.save()
            canvas.translate(side * self._face.eye_x, EYE_Y)
            canvas.scale(side * self._size, self._size)
            self._eye(canvas, look, side)
            canvas.restore()

    def _lids(self, look: Look) -> tuple[Array, Array]:
        """Upper and lower lid edges from the inner to the outer corner."""
        shut = min(1.0, look.blink)
        top = self._tall * (1 + 0.14 * look.wide - 0.10 * look.squint) + 1.6 * min(0.0, -look.gaze_y * 2)
        low = 10.5 - 3.2 * look.squint
        lift = -(top * (1 - shut)) + (low - 1.5) * shut
        droop = 2.0 * self._face.aged * (1 - shut)
        upper = [
            (-HALF, 5.0), (-HALF * 0.62, 5 + (lift - 5) * 0.68), (-2.0, lift - 1.0),
            (HALF * 0.58, lift * 0.80 + droop + 0.5), (HALF, -1.0 + 2.5 * shut + droop * 0.5),
        ]  # fmt: skip
        lower = [
            (-HALF, 5.0), (-HALF * 0.5, low * 0.92), (3.0, low), (HALF * 0.62, low * 0.72),
            (HALF, -1.0 + 2.5 * shut + droop * 0.5),
        ]  # fmt: skip
        return sampled(upper, 22), sampled(lower, 16)

    def _eye(self, canvas: Any, look: Look, side: float) -> None:
        upper, lower = self._lids(look)
        if look.blink < 0.94:
            shape = polygon(np.vstack([upper, lower[::-1]]))
            with clipped(canvas, shape):
                self._ball(canvas, look, side)
        self._lower_edge(canvas, lower)
        self._upper_edge(canvas, upper, look)
        self._crease(canvas, look)

    def _ball(self, canvas: Any, look: Look, side: float) -> None:
        canvas.drawRect(_frame(), self._white_paint)
        if not self._face.flat:
            canvas.drawCircle(-HALF + 2, 5, 4.5, fill((0.85, 0.50, 0.46, 0.75)))
        canvas.save()
        canvas.translate(look.gaze_x * 9.5 * side - 0.5, look.gaze_y * 5.5 - 1.5)
        radius = 13.8
        canvas.drawCircle(0, 0, radius, self._iris_paint if not self._face.flat else fill(self._iris))
        canvas.drawCircle(0, 0, radius - 0.6, stroke(fade(shade(self._iris, 0.9), 0.75), 1.5))
        canvas.drawCircle(0, 0, 6.2, fill(hex_colour("0e090a")))
        canvas.restore()
        if not self._face.flat:
            canvas.drawRect(_frame(), self._shadow_paint)
        # Catchlights stay with the lamp, so they follow the gaze only in part.
        x, y = look.gaze_x * 6 * side - 5.0 * side, look.gaze_y * 4 - 6.5
        canvas.drawPath(ellipse((x, y), 3.9, 4.3), fill(fade(WHITE, 0.95)))
        canvas.drawCircle(x + 9.5 * side, y + 10.5, 1.9, fill(fade(WHITE, 0.55)))

    def _upper_edge(self, canvas: Any, upper: Array, look: Look) -> None:
        heavy = 5.0 - 1.9 * self._face.masculine
        t = np.linspace(0, 1, len(upper))
        widths = heavy * (0.25 + 0.75 * np.sin(np.clip(t * 1.12, 0, 1) * np.pi * 0.62))
        lifted = upper - np.stack([np.zeros_like(t), widths * (0.5 - 0.8 * look.blink)], axis=1)
        canvas.drawPath(ribbon(lifted, widths), fill(self._lash))
        if self._face.masculine < 0.75:
            self._wing(canvas, upper, look)

    def _wing(self, canvas: Any, upper: Array, look: Look) -> None:
        down = look.blink
        for at, dx, dy, width in ((21, 8.5, -6.0, 4.2), (19, 8.0, -7.0, 3.0), (16, 5.5, -7.0, 2.4)):
            x, y = upper[at]
            tip = (x + dx, y + dy * (1 - 1.9 * down) - 1)
            bend = (x + dx * 0.55, y + dy * 0.28 * (1 - 1.9 * down))
            canvas.drawPath(
                taper([(x - 2, y - 1), bend, tip], width, swell=0.15, tips=(0.8, 0.0), count=7), fill(self._lash)
            )

    def _lower_edge(self, canvas: Any, lower: Array) -> None:
        colour = fade(mix(self._face.skin_deep, self._lash, 0.35), 0.62)
        t = np.linspace(0, 1, len(lower))
        canvas.drawPath(ribbon(lower + np.array([0.0, 0.5]), 1.0 + 1.3 * t * (1 - t**6)), fill(colour))

    def _crease(self, canvas: Any, look: Look) -> None:
        drop = 7.0 * look.blink
        top = -self._tall - 6.5 - 2.0 * look.wide + drop
        sag = 3.5 * self._face.aged
        curve = [
            (-HALF + 3, -6 + drop * 0.3),
            (-HALF * 0.4, top + 1),
            (HALF * 0.4, top + 1 + sag),
            (HALF + 3, -9 + sag + drop * 0.4),
        ]
        canvas.drawPath(taper(curve, 2.7, count=14), fill(fade(self._face.skin_deep, 0.62)))


def _frame() -> Any:
    return ellipse((0, 0), HALF + 4, 30).getBounds()


class Brows:
    """Draws both brows as one soft shape with hairs, moved and bent as they rise."""

    def __init__(self, face: Face) -> None:
        self._face = face
        weight = face.spec.brow_weight * (0.92 + 0.52 * face.masculine)
        self._thick = 9.0 * weight
        hair = face.hair
        brown = hex_colour("33221a")
        base = mix(hair, brown, 0.35) if luminance(hair) < 0.55 else mix(hair, brown, 0.30)
        if face.aged > 0.6 and luminance(hair) > 0.4:
            base = mix(hair, brown, 0.18)
        self._colour = base

    def draw(self, canvas: Any, raised: float, inner: float) -> None:
        """`raised` lifts the whole brow; `inner` lifts its nose end (worried) or lowers it (stern). -1..1."""
        for side in (-1.0, 1.0):
            canvas.save()
            canvas.translate(side * self._face.eye_x, EYE_Y)
            canvas.scale(side, 1.0)
            self._brow(canvas, raised, inner)
            canvas.restore()

    def _brow(self, canvas: Any, raised: float, inner: float) -> None:
        flatter = 9.0 * self._face.masculine
        lift = -10.0 * raised
        curve = sampled([
            (-33, -41 + lift * 0.75 - 4.5 * inner + flatter * 0.45),
            (-12, -46 + lift - 1.5 * inner + flatter * 0.7),
            (14, -50 + lift + flatter),
            (32, -47 + lift * 1.05 + flatter * 0.8),
            (50, -36 + lift * 0.8 + flatter * 0.6),
        ], 22)  # fmt: skip
        t = np.linspace(0, 1, 22)
        widths = (
            self._thick * (0.62 + 0.55 * np.sin(np.clip(t * 1.25, 0, 1) * np.pi / 2)) * np.sqrt(np.clip(1.02 - t, 0, 1))
        )
        widths *= np.clip(0.35 + t * 9, 0, 1)
        strong = 0.86 if not self._face.flat else 1.0
        canvas.drawPath(ribbon(curve, widths), fill(fade(self._colour, strong)))
        if not self._face.flat:
            self._hairs(canvas, curve, widths)

    def _hairs(self, canvas: Any, curve: Array, widths: Array) -> None:
        """Hairs that lie along the brow, rising at the nose and falling towards the temple."""
        path = skia.Path()
        for i in range(1, 18):
            across = ((i * 7) % 5 - 2) * 0.17
            x, y = curve[i] + np.array([0.0, widths[i] * (across + 0.16)])
            ex, ey = curve[min(i + 3, 21)] + np.array([0.0, widths[min(i + 3, 21)] * (across - 0.20 + 0.02 * i)])
            path.moveTo(float(x), float(y))
            path.lineTo(float(ex), float(ey))
        canvas.drawPath(path, stroke(fade(shade(self._colour, 0.6), 0.40), 1.0))
