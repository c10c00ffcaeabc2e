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
    Point,
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
        self._size = (1.17 - 0.13 * face.masculine) * face.spec.eye_size
        self._tall = 16.4 - 2.6 * face.masculine - 1.8 * face.aged
        self._iris_radius = 15.6 - 1.0 * face.masculine
        self._lash = mix(hex_colour("191012"), face.line, 0.3)

    @cached_property
    def _iris(self) -> Colour:
        return hex_colour(self._face.spec.eye_colour)

    @cached_property
    def _iris_paint(self) -> Any:
        """Dark above, where the lid shades it, and lit below, where light leaves the lens again."""
        if self._face.flat:
            return fill(self._iris)
        c, r = self._iris, self._iris_radius
        return radial((1.5, r * 0.42), r * 1.12, [tint(c, 0.58), tint(c, 0.20), c, shade(c, 0.8)], [0.0, 0.42, 0.72, 1])

    @cached_property
    def _fibres(self) -> Any:
        """The iris's rays, each from near the pupil to near the rim."""
        rng = np.random.default_rng([self._face.spec.texture_seed, 61])
        path = skia.Path()
        for angle in np.arange(0, 2 * np.pi, 2 * np.pi / 34):
            c, s = float(np.cos(angle)), float(np.sin(angle))
            near, far = self._iris_radius * rng.uniform(0.44, 0.56), self._iris_radius * rng.uniform(0.70, 0.90)
            path.moveTo(c * near, s * near)
            path.lineTo(c * far, s * far)
        return path

    @cached_property
    def _white_paint(self) -> Any:
        if self._face.flat:
            return fill(hex_colour("f8f5f2"))
        return linear(
            (0, -18), (0, 12), [hex_colour("cfc6c6"), hex_colour("f7f4f2"), hex_colour("f0e9e6")], [0, 0.5, 1]
        )

    @cached_property
    def _shadow_paint(self) -> Any:
        return linear((0, -18), (0, -1), [(0.12, 0.05, 0.06, 0.58), (0.12, 0.05, 0.06, 0.0)])

    @cached_property
    def _lid_paint(self) -> Any:
        """From the crease down to the lashes: shaded, round and lit in the middle, shaded again."""
        face, top = self._face, -self._tall
        shadow = mix(face.skin_deep, face.lip, 0.35 * (1 - face.masculine))
        lit = fade(mix(face.skin_lit, face.lip, 0.10 * (1 - face.masculine)), 0.55)
        tones = [fade(shadow, 0.42), lit, fade(shadow, 0.50)]
        return linear((-6, top - 8), (4, top + 4), tones, [0, 0.5, 1])

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
        low = 11.0 - 4.0 * look.squint
        lift = -(top * (1 - shut)) + (low - 1.5) * shut
        droop = 2.0 * self._face.aged * (1 - shut)
        upper = [
            (-HALF, 5.0), (-HALF * 0.62, 5 + (lift - 5) * 0.70), (-3.0, lift - 1.0),
            (HALF * 0.56, lift * 0.82 + droop + 0.3), (HALF, -2.0 + 3.5 * shut + droop * 0.5),
        ]  # fmt: skip
        lower = [
            (-HALF, 5.0), (-HALF * 0.5, low * 0.90), (3.0, low), (HALF * 0.62, low * 0.70),
            (HALF, -2.0 + 3.5 * shut + droop * 0.5),
        ]  # fmt: skip
        return sampled(upper, 22), sampled(lower, 16)

    def _eye(self, canvas: Any, look: Look, side: float) -> None:
        upper, lower = self._lids(look)
        crease = self._fold(look)
        if not self._face.flat:
            self._lid(canvas, upper, crease, look)
        if look.blink < 0.94:
            with clipped(canvas, polygon(np.vstack([upper, lower[::-1]]))):
                self._ball(canvas, look, side)
        self._lower_edge(canvas, lower)
        self._upper_edge(canvas, upper, look)
        canvas.drawPath(taper(crease, 2.6, count=14), fill(fade(self._face.skin_deep, 0.66)))

    def _lid(self, canvas: Any, upper: Array, crease: list[Point], look: Look) -> None:
        """The skin that slides over the eye, between its crease and its lashes."""
        canvas.save()
        with clipped(canvas, polygon(np.vstack([sampled(crease, 14), upper[::-1]]))):
            canvas.translate(0, self._tall * 0.9 * look.blink)
            canvas.drawPaint(self._lid_paint)
        canvas.restore()

    def _ball(self, canvas: Any, look: Look, side: float) -> None:
        flat, radius = self._face.flat, self._iris_radius
        canvas.drawRect(_frame(), self._white_paint)
        if not flat:
            canvas.drawCircle(-HALF + 2, 5, 4.5, fill((0.85, 0.50, 0.46, 0.75)))
        canvas.save()
        canvas.translate(look.gaze_x * 9.5 * side - 0.5, look.gaze_y * 5.5 - 2.0)
        canvas.drawCircle(0, 0, radius, self._iris_paint)
        if not flat:
            canvas.drawPath(self._fibres, stroke(fade(tint(self._iris, 0.6), 0.30), 0.9))
        canvas.drawCircle(0, 0, radius - 0.7, stroke(fade(shade(self._iris, 0.92), 0.80), 1.7))
        canvas.drawCircle(0, 0, 6.9, fill(hex_colour("0e090a")))
        canvas.restore()
        if not flat:
            self._shaded(canvas, look)
        self._catchlights(canvas, look, side)

    def _shaded(self, canvas: Any, look: Look) -> None:
        """The upper lid's shadow on the ball, which comes down with it."""
        canvas.save()
        canvas.translate(0, (self._tall + 8) * look.blink)
        canvas.drawRect(_frame(), self._shadow_paint)
        canvas.restore()

    def _catchlights(self, canvas: Any, look: Look, side: float) -> None:
        """They stay with the lamp, so they follow the gaze only in part."""
        x, y = look.gaze_x * 6 * side - 5.4 * side, look.gaze_y * 4 - 6.8
        canvas.drawPath(ellipse((x, y), 4.2, 4.6), fill(fade(WHITE, 0.96)))
        canvas.drawCircle(x + 10.5 * side, y + 11.5, 2.1, fill(fade(WHITE, 0.50)))

    def _upper_edge(self, canvas: Any, upper: Array, look: Look) -> None:
        """The line of the lashes, and with a woman the longest of them one by one."""
        m = self._face.masculine
        heavy = 4.4 - 1.5 * m
        t = np.linspace(0, 1, len(upper))
        widths = heavy * (0.22 + 0.78 * np.sin(np.clip(t * 1.10, 0, 1) * np.pi * 0.62))
        lifted = upper - np.stack([np.zeros_like(t), widths * (0.5 - 0.8 * look.blink)], axis=1)
        colour = mix(self._lash, self._face.skin_deep, 0.25 * m)
        canvas.drawPath(ribbon(lifted, widths), fill(colour))
        if m < 0.75:
            canvas.drawPath(_lashes(upper, look.blink), fill(colour))

    def _lower_edge(self, canvas: Any, lower: Array) -> None:
        """The lid's wet rim, and under its outer half the lower lashes as a soft line."""
        t = np.linspace(0, 1, len(lower))
        if not self._face.flat:
            rim = mix(self._face.skin_lit, (0.96, 0.72, 0.68, 1.0), 0.5)
            canvas.drawPath(ribbon(lower + np.array([0.0, 1.0]), 2.2 * np.sin(np.pi * t)), fill(fade(rim, 0.60)))
        colour = fade(mix(self._face.skin_deep, self._lash, 0.35), 0.60)
        canvas.drawPath(ribbon(lower + np.array([0.0, 1.6]), 0.8 + 1.5 * t * (1 - t**6)), fill(colour))

    def _fold(self, look: Look) -> list[Point]:
        """The crease above the upper lid."""
        drop = 7.0 * look.blink
        top = -self._tall - 6.8 - 2.0 * look.wide + drop
        sag = 3.5 * self._face.aged
        return [
            (-HALF + 3, -5 + drop * 0.3),
            (-HALF * 0.42, top + 1),
            (HALF * 0.36, top + 0.6 + sag),
            (HALF + 4, -9 + sag + drop * 0.4),
        ]


_LASHES = ((12, 2.8, -4.6), (15, 5.0, -6.2), (17, 6.8, -6.8), (19, 8.4, -6.6), (21, 9.8, -5.4))
"""Where along the upper lid each lash grows, and how far its tip is from there, outwards and down."""


def _lashes(upper: Array, blink: float) -> Any:
    """A fan of lashes, longer towards the outer corner; they point down when the eye is shut."""
    turn = 1 - 1.9 * blink
    path = skia.Path()
    for at, dx, dy in _LASHES:
        x, y = upper[at]
        bend = (x + dx * 0.58, y - 1.2 + dy * 0.36 * turn)
        path.addPath(taper([(x - 1, y - 1), bend, (x + dx, y - 1.6 + dy * turn)], 2.2, 0.1, (0.9, 0.0), 6))
    return path


def _frame() -> Any:
    return ellipse((0, 0), HALF + 4, 34).getBounds()


class Brows:
    """Draws both brows: a soft shape with hairs, moved and bent as they rise."""

    def __init__(self, face: Face) -> None:
        self._face = face
        weight = face.spec.brow_weight * (0.96 + 0.44 * face.masculine)
        self._thick = 9.6 * weight
        hair = face.hair
        brown = hex_colour("33221a")
        base = mix(hair, brown, 0.35) if luminance(hair) < 0.55 else mix(hair, brown, 0.38)
        if face.aged > 0.6 and luminance(hair) > 0.4:
            base = mix(hair, brown, 0.18)
        self._colour = mix(base, hex_colour("120b0a"), 0.35 * face.depth)

    def draw(self, canvas: Any, raised: float, inner: float) -> None:
        """`raised` lifts the whole brow; `inner` lifts its nose end (worried) or lowers it (stern). -1..1."""
        for side in (-1.0, 1.0):
            canvas.save()
            canvas.translate(side * self._face.eye_x, EYE_Y)
            canvas.scale(side, 1.0)
            self._brow(canvas, raised, inner)
            canvas.restore()

    def _brow(self, canvas: Any, raised: float, inner: float) -> None:
        flatter = 7.0 * self._face.masculine
        lift = -10.0 * raised
        curve = sampled([
            (-34, -39 + lift * 0.75 - 4.5 * inner + flatter * 0.45),
            (-12, -44.5 + lift - 1.5 * inner + flatter * 0.7),
            (14, -49 + lift + flatter),
            (33, -46 + lift * 1.05 + flatter * 0.8),
            (52, -34 + lift * 0.8 + flatter * 0.6),
        ], 22)  # fmt: skip
        t = np.linspace(0, 1, 22)
        widths = (
            self._thick * (0.72 + 0.45 * np.sin(np.clip(t * 1.25, 0, 1) * np.pi / 2)) * np.sqrt(np.clip(1.02 - t, 0, 1))
        )
        if self._face.flat:
            canvas.drawPath(ribbon(curve, widths * np.clip(0.5 + t * 7, 0, 1)), fill(self._colour))
            return
        soft = np.clip(0.30 + t * 3.4, 0, 1)
        canvas.drawPath(ribbon(curve, widths * soft), fill(fade(self._colour, 0.40)))
        canvas.drawPath(ribbon(curve, widths * soft * 0.66), fill(fade(self._colour, 0.62)))
        self._hairs(canvas, curve, widths)

    def _hairs(self, canvas: Any, curve: Array, widths: Array) -> None:
        """Hairs that stand up at the nose and lie along the brow towards the temple."""
        path = skia.Path()
        for i in range(38):
            at = i * 0.5
            k, part = int(at), at - int(at)
            x, y = curve[k] * (1 - part) + curve[k + 1] * part
            wide = widths[k]
            across = ((i * 7) % 5 - 2) * 0.20
            upright = max(0.0, 1 - at / 7)
            lean = (3.4 + 3.6 * (1 - upright), -wide * (0.40 * upright + 0.06) + 2.2 * max(0.0, at / 19 - 0.5))
            start = (float(x), float(y + wide * (across * (1 - 0.45 * upright) + 0.16)))
            path.moveTo(*start)
            path.lineTo(start[0] + lean[0], start[1] + lean[1])
        canvas.drawPath(path, stroke(fade(shade(self._colour, 0.35), 0.45), 1.1))
