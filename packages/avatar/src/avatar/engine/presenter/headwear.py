"""What is worn over the hair: a head scarf, a turban."""

from collections.abc import Callable
from typing import Any

import skia

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.pen import (
    Colour,
    Points,
    clipped,
    fade,
    fill,
    glow,
    hex_colour,
    linear,
    mirrored,
    shade,
    spline,
    stroke,
    taper,
    tint,
)  # fmt: skip

HIDES_EARS = {"none": False, "scarf": True, "turban": False}


def draw_headwear(canvas: Any, face: Face) -> None:
    """Over the head, as far as its spec wears any."""
    if face.spec.headwear != "none":
        _WORN[face.spec.headwear](canvas, face, hex_colour(face.spec.headwear_colour))


def draw_lining(canvas: Any, face: Face) -> None:
    """What of a scarf is seen behind the jaw, where its opening is wider than the face."""
    if face.spec.headwear == "scarf":
        w, chin = face.width - 14, face.chin
        right = [(0.0, -60.0), (w, -40), (w, 60), (w * 0.86, 116), (62, chin - 4), (0, chin + 14)]
        colour = shade(hex_colour(face.spec.headwear_colour), 0.55)
        canvas.drawPath(spline([*right, *mirrored(right[1:-1])]), fill(colour))


def _lit(canvas: Any, face: Face, shape: Any, colour: Colour) -> None:
    if face.flat:
        canvas.drawPath(shape, fill(colour))
        if face.inked:
            canvas.drawPath(shape, stroke(face.line, 3))
        return
    tones = [tint(colour, 0.22), colour, colour, shade(colour, 0.42)]
    canvas.drawPath(shape, linear((-150, -170), (160, 240), tones, [0, 0.35, 0.6, 1]))


def _folds(canvas: Any, face: Face, folds: list[Points], colour: Colour, width: float) -> None:
    """Each fold a dark furrow with a lit ridge above it."""
    soft = 0.0 if face.flat else 2.6
    for fold in folds:
        canvas.drawPath(taper(fold, width), fill(fade(shade(colour, 0.62), 0.42), soft))
        ridge = [(x - 3, y - width * 0.7) for x, y in fold]
        canvas.drawPath(taper(ridge, width * 0.5), fill(fade(tint(colour, 0.5), 0.26), soft * 0.7))


def _scarf(canvas: Any, face: Face, colour: Colour) -> None:
    w, chin = face.width / 127, face.chin
    inner = [(0.0, -118.0), (56 * w, -109), (100 * w, -72), (116 * w, -10), (112 * w, 56), (92 * w, 118),
             (54, chin - 8), (0, chin + 6)]  # fmt: skip
    outer = [(0.0, -196.0), (74, -187), (132, -147), (157, -76), (160, 6), (150, 90), (146, 160), (168, 222),
             (176, 276), (118, 314), (0, 330)]  # fmt: skip
    shape = spline([*outer, *mirrored(outer[1:-1])])
    opening = spline([*inner, *mirrored(inner[1:-1])])
    shape.setFillType(skia.PathFillType.kEvenOdd)
    shape.addPath(opening)
    canvas.save()
    _lit(canvas, face, shape, colour)
    with clipped(canvas, shape):
        _draped(canvas, face, colour)
        canvas.drawPath(opening, stroke(fade(shade(colour, 0.6), 0.55), 9))
        canvas.drawPath(opening, stroke(fade(tint(colour, 0.4), 0.35), 2.5))
    canvas.restore()


def _draped(canvas: Any, face: Face, colour: Colour) -> None:
    """Folds that fall from the crown past the cheeks and cross under the chin to the shoulder."""
    chin = face.chin
    falling: list[Points] = [
        [(side * a, -150 + b), (side * (a + 58), -70 + b), (side * (a + 66), 40), (side * (a + 34), 150)]
        for side in (-1.0, 1.0)
        for a, b in ((60, 0), (76, -14))
    ]
    crossing: list[Points] = [
        [(-128, 96 + d), (-70, chin + 22 + d), (20, chin + 44 + d), (150, chin + 20 + d * 1.6)] for d in (0, 30, 62, 96)
    ]
    _folds(canvas, face, falling, colour, 8)
    _folds(canvas, face, crossing, colour, 10)
    if not face.flat:
        glow(canvas, (0, chin + 26), (96, 26), fade(shade(colour, 0.8), 0.55))
        glow(canvas, (-62, -160), (74, 34), fade(tint(colour, 0.6), 0.35))
        glow(canvas, (140, 40), (50, 160), fade(shade(colour, 0.7), 0.45))


def _turban(canvas: Any, face: Face, colour: Colour) -> None:
    w = face.width / 127
    right = [(0.0, -98.0), (52 * w, -88), (100 * w, -62), (126 * w, -28), (138 * w, -20), (156, -62), (163, -118),
             (138, -184), (82, -226), (0, -236)]  # fmt: skip
    shape = spline([*right, *mirrored(right[1:-1])])
    _lit(canvas, face, shape, colour)
    with clipped(canvas, shape):
        _wound(canvas, face, colour)
        if not face.flat:
            glow(canvas, (-70, -190), (90, 52), fade(tint(colour, 0.6), 0.42))
            glow(canvas, (140, -110), (70, 120), fade(shade(colour, 0.75), 0.48))


def _wound(canvas: Any, face: Face, colour: Colour) -> None:
    """Bands that cross over the forehead, the later ones over the earlier."""
    for side, shift in ((1.0, 0.0), (-1.0, 5.0)):
        bands: list[Points] = [
            [
                (side * 150, -24 - 34 * i),
                (side * 96, -74 - 30 * i),
                (side * 34, -112 - 24 * i),
                (-side * 24, -128 - 22 * i),
            ]
            for i in range(5)
        ]
        _folds(canvas, face, [[(x, y + shift) for x, y in band] for band in bands], colour, 9)
    knot: list[Points] = [[(-16, -226), (0, -170), (4, -112)], [(18, -222), (10, -166), (-4, -108)]]
    _folds(canvas, face, knot, colour, 7)


_WORN: dict[str, Callable[[Any, Face, Colour], None]] = {"scarf": _scarf, "turban": _turban}
