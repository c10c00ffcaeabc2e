"""Beards, glasses and earrings: still parts of the head."""

from typing import Any

import numpy as np
import skia

from avatar.engine.presenter.anatomy import EYE_Y, Face
from avatar.engine.presenter.pen import (
    WHITE,
    Colour,
    clipped,
    ellipse,
    fade,
    fill,
    hex_colour,
    luminance,
    mirrored,
    mix,
    outline,
    radial,
    shade,
    spline,
    stroke,
    taper,
    tint,
)  # fmt: skip

Generator = np.random.Generator


def draw_beard(canvas: Any, face: Face) -> None:
    """Hair on chin, jaws and upper lip; it moves with the jaw because the warp bends all of it."""
    kind = face.spec.beard
    if kind == "none":
        return
    rng = np.random.default_rng([face.spec.texture_seed, 31])
    colour = mix(face.hair, hex_colour("2a1b14"), 0.25) if luminance(face.hair) < 0.6 else face.hair
    if kind == "stubble":
        _shadow(canvas, face, fade(colour, 0.26))
        _bristles(canvas, face, _jaw(face, 0.0), fade(colour, 0.34), rng)
        return
    regions = {"short": ("jaw", "lip"), "full": ("long", "lip"), "goatee": ("chin", "lip"), "moustache": ("lip",)}[kind]
    for region in regions:
        shape = {"jaw": _jaw(face, 0.0), "long": _jaw(face, 26.0), "chin": _chin(face), "lip": _moustache()}[region]
        if face.flat:
            canvas.drawPath(shape, fill(colour))
            if face.inked:
                canvas.drawPath(shape, stroke(face.line, 2.4))
            continue
        _mass(canvas, shape, colour, rng, length={"long": 11.0, "jaw": 5.5}.get(region, 7.0))


def _jaw(face: Face, hang: float) -> Any:
    """From sideburn to sideburn, open round the mouth; `hang` lengthens it below the chin."""
    right = [(x, y) for x, y in face.contour[:10] if y > 40]
    edge = [(x + 2 + hang * 0.10, y + hang * (max(0.0, y - 90) / 88) + (3 if y > 120 else 0)) for x, y in right]
    w = face.width
    inner = [
        (w - 5, 2.0), (w - 15, 40.0), (w * 0.78, 72.0), (w * 0.60, 90.0), (59, 97.0), (53, 108.0), (40, 120.0),
        (0, 121.0),
    ]  # fmt: skip
    outer = [(w + 1, 2.0), *edge]
    return _ring(outer, inner)


def _ring(outer: list[tuple[float, float]], inner: list[tuple[float, float]]) -> Any:
    left = [(-x, y) for x, y in inner]
    return spline([*outer, *mirrored(outer)[1:], *left[:-1], *inner[::-1]])


def _chin(face: Face) -> Any:
    chin = face.chin
    right = [(0.0, 121.0), (22, 123), (42, 123), (55, 112), (60, 122), (52, 148), (34, chin - 3), (0, chin + 8)]
    return spline([*right, *mirrored(right)[1:-1]])


def _moustache() -> Any:
    right = [(0.0, 85.0), (18, 81), (40, 88), (58, 106), (61, 122), (52, 113), (30, 102), (0, 100)]
    return spline([*right, *mirrored(right)[1:-1]])


def _shadow(canvas: Any, face: Face, colour: Colour) -> None:
    with clipped(canvas, face.outline):
        canvas.drawPath(_jaw(face, 0.0), fill(colour, 9))
        canvas.drawPath(_moustache(), fill(colour, 5))


def _mass(canvas: Any, shape: Any, colour: Colour, rng: Generator, length: float) -> None:
    canvas.drawPath(shape, fill(fade(shade(colour, 0.22), 0.86), 3.4))
    canvas.saveLayer(None, None)
    _hairs(canvas, shape, colour, rng, length)
    canvas.restore()


def _hairs(canvas: Any, shape: Any, colour: Colour, rng: Generator, length: float) -> None:
    box = shape.getBounds()
    count = int(box.width() * box.height() / 7)
    for _ in range(count):
        x, y = float(rng.uniform(box.left(), box.right())), float(rng.uniform(box.top(), box.bottom()))
        if not shape.contains(x, y):
            continue
        lean = x / 130 + float(rng.normal(0, 0.25))
        reach = length * float(rng.uniform(0.6, 1.1))
        lit = 0.12 - 0.24 * (x + 60) / 160 - 0.0016 * max(0.0, y - 120)
        tone = float(np.clip(rng.normal(lit, 0.09), -0.4, 0.26))
        hue = tint(colour, tone) if tone > 0 else shade(colour, -tone)
        tip = (x + lean * reach * 0.5, y + reach * (1 - 0.3 * abs(lean)))
        bend = (x + lean * reach * 0.15, y + reach * 0.5)
        canvas.drawPath(
            outline((x, y), (*bend, *tip), closed=False), stroke(fade(hue, 0.66), float(rng.uniform(0.7, 1.4)))
        )


def _bristles(canvas: Any, face: Face, shape: Any, colour: Colour, rng: Generator) -> None:
    path = skia.Path()
    lip = _moustache()
    for _ in range(5200):
        x, y = float(rng.uniform(-128, 128)), float(rng.uniform(20, 195))
        if shape.contains(x, y) or lip.contains(x, y):
            path.moveTo(x, y)
            path.lineTo(x + x / 160 + float(rng.normal(0, 0.4)), y + 1.9 * float(rng.uniform(0.4, 1)))
    with clipped(canvas, face.outline):
        canvas.drawPath(path, stroke(colour, 0.75))


def draw_earrings(canvas: Any, face: Face) -> None:
    """At the ears' lobes."""
    kind = face.spec.earrings
    if kind == "none":
        return
    gold = [hex_colour("fff3cf"), hex_colour("d8a94a"), hex_colour("8d6524")]
    for side in (-1.0, 1.0):
        x, y = side * (face.width + 5), 52.0
        if kind == "stud":
            canvas.drawCircle(x, y, 5.2, radial((x - 1.5, y - 1.8), 6.2, gold))
        else:
            ring = ellipse((x + side * 2, y + 17), 12, 16)
            canvas.drawPath(ring, stroke(gold[2], 4.6))
            canvas.drawPath(ring, stroke(gold[1], 3.2))
            canvas.drawPath(taper([(x - 8, y + 8), (x - 9, y + 18), (x - 4, y + 29)], 2), fill(gold[0]))


def draw_glasses(canvas: Any, face: Face) -> None:
    """Frame, lenses with a reflection, and the shadow they cast."""
    kind = face.spec.glasses
    if kind == "none":
        return
    colour = hex_colour(face.spec.glasses_colour)
    rims = {side: _rim(kind, side * face.eye_x) for side in (-1.0, 1.0)}
    if not face.flat:
        for rim in rims.values():
            canvas.save()
            canvas.translate(3, 6)
            canvas.drawPath(rim, stroke(fade(face.skin_deep, 0.34), 4.5, 2.2))
            canvas.restore()
    for side, rim in rims.items():
        _lens(canvas, rim, side * face.eye_x)
        _temple(canvas, face, side, colour)
        _frame(canvas, kind, rim, side * face.eye_x, colour)
    inner = face.eye_x - 43
    canvas.drawPath(taper([(-inner - 2, -4), (0, -13), (inner + 2, -4)], 4.6, tips=(0.9, 0.9)), fill(colour))
    canvas.drawPath(taper([(-inner, -6), (0, -14.6), (inner, -6)], 1.3), fill(fade(tint(colour, 0.7), 0.6)))


def _rim(kind: str, x: float) -> Any:
    y = EYE_Y + 4
    if kind == "round":
        return ellipse((x, y), 43, 41)
    box = skia.Rect.MakeLTRB(x - 45, y - 33, x + 45, y + 35)
    return skia.Path().addRRect(skia.RRect.MakeRectXY(box, 19, 21))


def _lens(canvas: Any, rim: Any, x: float) -> None:
    canvas.drawPath(rim, fill((0.86, 0.93, 1.0, 0.08)))
    with clipped(canvas, rim):
        streak = outline((x - 44, 34), (x - 8, -44), (x + 8, -44), (x - 26, 40))
        canvas.drawPath(streak, fill(fade(WHITE, 0.13)))
        canvas.drawPath(outline((x - 20, 46), (x + 16, -44), (x + 21, -44), (x - 14, 46)), fill(fade(WHITE, 0.09)))


def _frame(canvas: Any, kind: str, rim: Any, x: float, colour: Colour) -> None:
    if kind == "browline":
        canvas.drawPath(rim, stroke(fade(hex_colour("b9bcc2"), 0.9), 2.2))
        bar = [(x - 45, -4), (x - 34, -27), (x, -31), (x + 34, -27), (x + 45, -4)]
        canvas.drawPath(taper(bar, 9.5, tips=(0.35, 0.35)), fill(colour))
        return
    canvas.drawPath(rim, stroke(colour, 4.4 if kind == "square" else 3.2))
    canvas.save()
    canvas.translate(-0.7, -0.9)
    canvas.drawPath(rim, stroke(fade(tint(colour, 0.75), 0.35), 1.0))
    canvas.restore()


def _temple(canvas: Any, face: Face, side: float, colour: Colour) -> None:
    start, end = side * (face.eye_x + 43), side * (face.width + 3)
    canvas.drawPath(taper([(start, -9), (end, -12)], 5.5, tips=(0.9, 0.9), count=4), fill(shade(colour, 0.1)))
