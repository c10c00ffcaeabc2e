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
    fade,
    fill,
    hairs,
    hex_colour,
    luminance,
    mix,
    polygon,
    radial,
    ribbon,
    sampled,
    scratch,
    shade,
    stroke,
    taper,
    tint,
    wash,
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
    def _lid_tones(self) -> list[Colour]:
        """From the crease down to the lashes: shaded, round and lit in the middle, shaded again."""
        face = self._face
        shadow = mix(face.skin_deep, face.lip, 0.35 * (1 - face.masculine))
        lit = fade(mix(face.skin_lit, face.lip, 0.10 * (1 - face.masculine)), 0.55)
        return [fade(shadow, 0.42), lit, fade(shadow, 0.50)]

    @cached_property
    def _rim_paint(self) -> Any:
        return fill(fade(mix(self._face.skin_lit, (0.96, 0.72, 0.68, 1.0), 0.5), 0.60))

    @cached_property
    def _lower_paint(self) -> Any:
        return fill(fade(mix(self._face.skin_deep, self._lash, 0.35), 0.60))

    @cached_property
    def _lash_paint(self) -> Any:
        return fill(mix(self._lash, self._face.skin_deep, 0.25 * self._face.masculine))

    @cached_property
    def _crease_paint(self) -> Any:
        return fill(fade(self._face.skin_deep, 0.66))

    @cached_property
    def _iris_marks(self) -> tuple[Any, Any, Any]:
        """Paints of the fibres, the rim and the pupil."""
        fibre = scratch(fade(tint(self._iris, 0.6), 0.30), 0.9)
        return fibre, stroke(fade(shade(self._iris, 0.92), 0.80), 1.7), fill(hex_colour("0e090a"))

    def draw(self, canvas: Any, look: Look) -> None:
        """Both eyes over the still skin; one is the other's mirror image but for where it looks and shines."""
        lids = self._lids(look)
        for side in (-1.0, 1.0):
            canvas.save()
            canvas.translate(side * self._face.eye_x, EYE_Y)
            canvas.scale(side * self._size, self._size)
            self._eye(canvas, lids, look, side)
            canvas.restore()

    def _edges(self, look: Look) -> tuple[Array, Array]:
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
        return sampled(upper, _UPPER), sampled(lower, _LOWER)

    def _lids(self, look: Look) -> "_Lids":
        upper, lower = self._edges(look)
        crease = self._fold(look)
        top = float(crease[1][1])
        tall = max(4.0, float(upper[_UPPER // 2, 1]) - top)
        heavy = (4.4 - 1.5 * self._face.masculine) * _UPPER_WIDTHS
        lifted = upper - np.stack([np.zeros(_UPPER), heavy * (0.5 - 0.8 * look.blink)], axis=1)
        return _Lids(
            ball=polygon(np.vstack([upper, lower[::-1]])),
            skin=polygon(np.vstack([sampled(crease, 12), upper[::-1]])),
            rim=ribbon(lower + _RIM_BELOW, _RIM_WIDTHS),
            low=ribbon(lower + _LOW_BELOW, _LOW_WIDTHS),
            line=ribbon(lifted, heavy),
            lashes=_lashes(upper, look.blink) if self._face.masculine < 0.75 else None,
            crease=taper(crease, 2.6, count=12),
            reach=(top, top + tall),
        )

    def _eye(self, canvas: Any, lids: "_Lids", look: Look, side: float) -> None:
        if not self._face.flat:
            wash(canvas, lids.skin, lids.reach, self._lid_tones, [0, 0.5, 1])
        if look.blink < 0.94:
            self._white(canvas, lids.ball)
            with clipped(canvas, lids.ball):
                self._ball(canvas, lids.ball, look, side)
        if not self._face.flat:
            canvas.drawPath(lids.rim, self._rim_paint)
        canvas.drawPath(lids.low, self._lower_paint)
        canvas.drawPath(lids.line, self._lash_paint)
        if lids.lashes is not None:
            canvas.drawPath(lids.lashes, self._lash_paint)
        canvas.drawPath(lids.crease, self._crease_paint)

    def _white(self, canvas: Any, ball: Any) -> None:
        if self._face.flat:
            canvas.drawPath(ball, fill(hex_colour("f8f5f2")))
        else:
            wash(
                canvas, ball, (-18, 12), [hex_colour("cfc6c6"), hex_colour("f7f4f2"), hex_colour("f0e9e6")], [0, 0.5, 1]
            )

    def _ball(self, canvas: Any, ball: Any, look: Look, side: float) -> None:
        flat, radius = self._face.flat, self._iris_radius
        if not flat:
            canvas.drawCircle(-HALF + 2, 5, 4.5, _CORNER_PAINT)
        fibres, rim, pupil = self._iris_marks
        canvas.save()
        canvas.translate(look.gaze_x * 9.5 * side - 0.5, look.gaze_y * 5.5 - 2.0)
        canvas.drawCircle(0, 0, radius, self._iris_paint)
        if not flat:
            canvas.drawPath(self._fibres, fibres)
        canvas.drawCircle(0, 0, radius - 0.7, rim)
        canvas.drawCircle(0, 0, 6.9, pupil)
        canvas.restore()
        if not flat:
            self._shaded(canvas, ball, look)
        self._catchlights(canvas, look, side)

    def _shaded(self, canvas: Any, ball: Any, look: Look) -> None:
        """The upper lid's shadow on the ball, which comes down with it."""
        down = (self._tall + 8) * look.blink
        wash(canvas, ball, (down - 18, down - 1), [(0.12, 0.05, 0.06, 0.58), (0.12, 0.05, 0.06, 0.0)])

    def _catchlights(self, canvas: Any, look: Look, side: float) -> None:
        """They stay with the lamp, so they follow the gaze only in part."""
        x, y = look.gaze_x * 6 * side - 5.4 * side, look.gaze_y * 4 - 6.8
        canvas.drawCircle(x, y, 4.4, _LAMP_PAINT)
        canvas.drawCircle(x + 10.5 * side, y + 11.5, 2.1, _FLOOR_PAINT)

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


@dataclass(frozen=True)
class _Lids:
    """The outlines of one frame that both eyes share, as paths."""

    ball: Any  # what is seen between the lids
    skin: Any  # the upper lid between its crease and its lashes
    rim: Any  # the lower lid's wet edge
    low: Any  # the line of the lower lashes
    line: Any  # of the upper ones
    lashes: Any  # the longest of them, or None
    crease: Any
    reach: Point  # from which y to which the lid's skin turns


_UPPER, _LOWER = 18, 14
"""Points along the lids' edges."""

_UPPER_WIDTHS = 0.22 + 0.78 * np.sin(np.clip(np.linspace(0, 1.10, _UPPER), 0, 1) * np.pi * 0.62)
_ALONG = np.linspace(0, 1, _LOWER)
_RIM_WIDTHS = 2.2 * np.sin(np.pi * _ALONG)
_LOW_WIDTHS = 0.8 + 1.5 * _ALONG * (1 - _ALONG**6)
_RIM_BELOW, _LOW_BELOW = np.array([0.0, 1.0]), np.array([0.0, 1.6])
_CORNER_PAINT = fill((0.85, 0.50, 0.46, 0.75))
_LAMP_PAINT, _FLOOR_PAINT = fill(fade(WHITE, 0.96)), fill(fade(WHITE, 0.50))

_LASHES = ((10, 2.8, -4.6), (12, 5.0, -6.2), (14, 6.8, -6.8), (16, 8.4, -6.6), (17, 9.8, -5.4))
"""Where along the upper lid each lash grows, and how far its tip is from there, outwards and down."""


def _lashes(upper: Array, blink: float) -> Any:
    """A fan of lashes, longer towards the outer corner; they point down when the eye is shut."""
    turn = 1 - 1.9 * blink
    path = skia.Path()
    for (x, y), (dx, dy) in zip(upper[_ROOTS].tolist(), _REACHES, strict=True):
        tip = (x + dx, y - 1.6 + dy * turn)
        bend = (x + dx * 0.58, y - 1.2 + dy * 0.36 * turn)
        path.moveTo(x - 2.2, y - 1.4)
        path.quadTo(bend[0] - 0.8, bend[1] - 0.6, *tip)
        path.quadTo(bend[0] + 0.8, bend[1] + 0.6, x, y)
        path.close()
    return path


_ROOTS, _REACHES = [at for at, _, _ in _LASHES], [reach for _, *reach in _LASHES]


_BROW = 18
"""Points along a brow."""


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
        layers = self._brow(raised, inner)
        for side in (-1.0, 1.0):
            canvas.save()
            canvas.translate(side * self._face.eye_x, EYE_Y)
            canvas.scale(side, 1.0)
            for path, paint in layers:
                canvas.drawPath(path, paint)
            canvas.restore()

    def _brow(self, raised: float, inner: float) -> list[tuple[Any, Any]]:
        """Paths and their paints, from the nose's side outwards."""
        flatter = 7.0 * self._face.masculine
        lift = -10.0 * raised
        curve = sampled([
            (-34, -39 + lift * 0.92 - 4.5 * inner + flatter * 0.45),
            (-12, -44.5 + lift - 1.5 * inner + flatter * 0.7),
            (14, -49 + lift + flatter),
            (33, -46 + lift * 1.05 + flatter * 0.8),
            (52, -34 + lift * 0.8 + flatter * 0.6),
        ], _BROW)  # fmt: skip
        widths = self._thick * _BROW_WIDTHS
        if self._face.flat:
            return [(ribbon(curve, widths * _BLUNT), self._paints[3])]
        shapes = (ribbon(curve, widths * _SOFT), ribbon(curve, widths * _SOFT * 0.66), _brow_hairs(curve, widths))
        return list(zip(shapes, self._paints, strict=False))

    @cached_property
    def _paints(self) -> tuple[Any, Any, Any, Any]:
        """Of the brow's soft body, its core and its hairs; and of all of it in one."""
        single = fill(fade(shade(self._colour, 0.35), 0.55))
        return fill(fade(self._colour, 0.40)), fill(fade(self._colour, 0.62)), single, fill(self._colour)


_BROW_AT = np.linspace(0, 1, _BROW)
_BROW_WIDTHS = (0.72 + 0.45 * np.sin(np.clip(_BROW_AT * 1.25, 0, 1) * np.pi / 2)) * np.sqrt(
    np.clip(1.02 - _BROW_AT, 0, 1)
)
_BLUNT, _SOFT = np.clip(0.5 + _BROW_AT * 7, 0, 1), np.clip(0.30 + _BROW_AT * 3.4, 0, 1)

# Hairs stand up at the nose and lie along the brow towards the temple.
_HAIR_AT = np.linspace(0, 0.88, 34)
_HAIR_KNOT = (_HAIR_AT * (_BROW - 1)).astype(int)
_UPRIGHT = np.clip(1 - _HAIR_AT * 3, 0, 1)
_HAIR_ACROSS = ((np.arange(34) * 5) % 7 - 3) * 0.135 * (1 - 0.45 * _UPRIGHT) + 0.16
_HAIR_ALONG = 4.4 + 6.4 * (1 - _UPRIGHT)
_HAIR_RISE, _HAIR_FALL = -(0.40 * _UPRIGHT + 0.06), 2.2 * np.clip(_HAIR_AT * 1.1 - 0.5, 0, 1)


def _brow_hairs(curve: Array, widths: Array) -> Any:
    start = curve[_HAIR_KNOT] + np.stack([_HAIR_AT * 0, widths[_HAIR_KNOT] * _HAIR_ACROSS], axis=1)
    end = start + np.stack([_HAIR_ALONG, widths[_HAIR_KNOT] * _HAIR_RISE + _HAIR_FALL], axis=1)
    return hairs(start, end, 1.9)
