"""The face's still parts: skin with its light and shadow, nose, ears and the marks of age."""

from typing import Any

import numpy as np

from avatar.engine.presenter.anatomy import CROWN_Y, EYE_Y, NOSE_Y, Face
from avatar.engine.presenter.pen import (
    clipped,
    ellipse,
    fade,
    fill,
    glow,
    hex_colour,
    linear,
    mix,
    outline,
    spline,
    stroke,
    taper,
    tint,
)  # fmt: skip


def draw_ears(canvas: Any, face: Face) -> None:
    """Both ears, to be covered in part by the head and the hair."""
    for side in (-1.0, 1.0):
        _ear(canvas, face, side)


def _ear(canvas: Any, face: Face, side: float) -> None:
    edge = face.width * side
    shape = spline([
        (edge - side * 10, -14), (edge + side * 8, -26), (edge + side * 24, -16), (edge + side * 24, 10),
        (edge + side * 14, 34), (edge + side * 4, 52), (edge - side * 10, 46),
    ])  # fmt: skip
    base = mix(face.skin, face.skin_shade, 0.15 if side < 0 else 0.75)
    canvas.drawPath(shape, fill(base))
    if not face.flat:
        with clipped(canvas, shape):
            glow(canvas, (edge + side * 6, 12), (16, 30), fade(face.skin_deep, 0.45))
            canvas.drawPath(shape, stroke(fade(face.skin_lit, 0.5 if side < 0 else 0.2), 3, 1.2))
    inner = [(edge + side * 3, -12), (edge + side * 15, -12), (edge + side * 15, 8), (edge + side * 8, 26)]
    canvas.drawPath(taper(inner, 3.6, tips=(0.2, 0.2)), fill(fade(face.skin_deep, 0.55)))
    if face.spec.art_style == "line":
        canvas.drawPath(shape, stroke(face.line, 3))
    if face.spec.hearing_aid == ("left" if side < 0 else "right"):
        _hearing_aid(canvas, face, side)


def _hearing_aid(canvas: Any, face: Face, side: float) -> None:
    """Behind the ear, on the viewer's left or right, with a clear tube to the ear canal."""
    edge = face.width * side
    body = [(edge + side * 9, -27), (edge + side * 24, -30), (edge + side * 31, -10), (edge + side * 29, 16)]
    canvas.drawPath(taper(body, 13, swell=0.7, tips=(0.5, 0.6)), fill(hex_colour("6f7780")))
    canvas.drawPath(taper([(x - 1.5, y - 1.5) for x, y in body], 4.5, swell=0.6), fill(hex_colour("c3cad1")))
    tube = [(edge + side * 9, -27), (edge + side * 3, -12), (edge + side * 5, 8), (edge + side * 9, 15)]
    canvas.drawPath(taper(tube, 3.0, tips=(0.9, 0.9)), fill(fade(hex_colour("e6edf2"), 0.9)))
    canvas.drawCircle(edge + side * 9, 16, 4.2, fill(hex_colour("aab3bb")))


def draw_skin(canvas: Any, face: Face) -> None:
    """The head's surface, lit from the upper left."""
    skin = face.outline
    if face.flat:
        canvas.drawPath(skin, fill(face.skin))
        with clipped(canvas, skin):
            canvas.drawPath(_side_plane(face), fill(fade(face.skin_shade, 0.55)))
    else:
        stops = [0.0, 0.38, 0.68, 1.0]
        colours = [face.skin_lit, face.skin, face.skin, mix(face.skin, face.skin_shade, 0.8)]
        canvas.drawPath(skin, linear((-120, -120), (130, 110), colours, stops))
        with clipped(canvas, skin):
            _modelling(canvas, face)
    if face.spec.art_style == "line":
        canvas.drawPath(skin, stroke(face.line, 3.4))


def _side_plane(face: Face) -> Any:
    w = face.width
    return outline(
        (w * 0.72, -200), (w * 0.98, -60, w * 0.80, 30, w * 0.74, 70),
        (w * 0.60, 130, 40, 168, -10, 190), (220, 220), (220, -200),
    )  # fmt: skip


def _modelling(canvas: Any, face: Face) -> None:
    """Soft planes of the head: side, jaw, sockets, cheeks, forehead, chin."""
    dark, lit, w = face.skin_shade, face.skin_lit, face.width
    canvas.drawPath(_side_plane(face), fill(fade(dark, 0.62), 17))
    canvas.drawPath(face.outline, stroke(fade(dark, 0.50), 26, 13))
    glow(canvas, (6, face.chin + 6), (86, 34), fade(dark, 0.75))
    for side in (-1.0, 1.0):
        glow(canvas, (side * (face.eye_x - 12), EYE_Y - 20), (44, 30), fade(dark, 0.50))
        glow(canvas, (side * (face.eye_x + 4), EYE_Y + 2), (46, 32), fade(dark, 0.30))
        glow(canvas, (side * w * 0.64, 58), (48, 36), fade(face.blush, 0.30 - 0.16 * face.masculine))
        glow(canvas, (side * w * 0.93, 96), (40, 66), fade(dark, 0.30))
    glow(canvas, (-38, -92), (80, 50), fade(lit, 0.75))
    glow(canvas, (-w * 0.60, 40), (36, 22), fade(lit, 0.80))
    glow(canvas, (w * 0.56, 42), (30, 18), fade(lit, 0.38))
    glow(canvas, (-6, face.chin - 22), (28, 17), fade(lit, 0.55))
    glow(canvas, (0, face.chin - 41), (34, 9), fade(dark, 0.55))
    if face.masculine > 0:
        _strong_planes(canvas, face)


def _strong_planes(canvas: Any, face: Face) -> None:
    """Cheekbones, jaws, temples and a brow ridge, as far as the face is a man's."""
    m, dark, w = face.masculine, face.skin_shade, face.width
    for side in (-1.0, 1.0):
        far = 1.0 if side > 0 else 0.72
        hollow = [(side * (w - 8), 40), (side * w * 0.70, 74), (side * w * 0.47, 104)]
        canvas.drawPath(taper(hollow, 34, swell=0.35), fill(fade(dark, 0.34 * m * far), 9))
        glow(canvas, (side * (w - 6), -62), (34, 54), fade(dark, 0.40 * m * far))
        ridge = [(side * 15, -30), (side * face.eye_x, -40), (side * (face.eye_x + 34), -28)]
        canvas.drawPath(taper(ridge, 12), fill(fade(dark, 0.36 * m), 4))
        canvas.drawPath(taper([(side * 9, -30), (side * 13, -8), (side * 10, 14)], 11), fill(fade(dark, 0.36 * m), 4))
    glow(canvas, (0, face.chin - 12), (10, 12), fade(dark, 0.30 * m))


def draw_nose(canvas: Any, face: Face) -> None:
    """A nose made of light and shadow; only the nostrils are drawn."""
    n = face.nose
    dark, deep = face.skin_shade, face.skin_deep
    if face.flat:
        _flat_nose(canvas, face)
        return
    bridge = outline((9 * n, -14), (6, 14, 14 * n, 40, 22 * n, 54), (18 * n, 66, 8, 62, 4, 62), (8, 40, 3, 10, 4, -10))
    canvas.drawPath(bridge, fill(fade(dark, 0.55), 4.0))
    side = outline((-15 * n, -18), (-10, 0, -11, 20, -14 * n, 44), (-10, 30, -7, 4, -9, -16))
    canvas.drawPath(side, fill(fade(dark, 0.34), 4.0))
    glow(canvas, (1, NOSE_Y - 10), (27 * n, 20), fade(mix(face.blush, dark, 0.3), 0.26))
    under = outline(
        (-23 * n, 60),
        (-15 * n, 69, -8, 68, 0, 72),
        (8, 68, 15 * n, 69, 23 * n, 60),
        (17 * n, 80, -13 * n, 78, -23 * n, 60),
    )
    canvas.drawPath(under, fill(fade(deep, 0.42), 3.2))
    for s in (-1.0, 1.0):
        wing = [(s * 21 * n, 50), (s * 26 * n, 58), (s * 21 * n, 66)]
        canvas.drawPath(taper(wing, 4.5), fill(fade(deep, 0.30 if s < 0 else 0.42), 1.8))
        _nostril(canvas, face, s)
    canvas.drawPath(taper([(-2.5, -16), (-3.5, 12), (-3, 40)], 7), fill(fade(face.skin_lit, 0.60), 2.6))
    glow(canvas, (-4, 50), (11, 11), fade(tint(face.skin_lit, 0.45), 0.85))
    glow(canvas, (-17 * n, 55), (7, 6), fade(face.skin_lit, 0.35))


def _nostril(canvas: Any, face: Face, s: float) -> None:
    n = face.nose
    curve = [(s * 4.5 * n, 69), (s * 10 * n, 65.5), (s * 16.5 * n, 67.5)]
    canvas.drawPath(taper(curve, 5.0, swell=0.6), fill(fade(mix(face.line, face.skin_deep, 0.35), 0.72), 0.9))


def _flat_nose(canvas: Any, face: Face) -> None:
    n = face.nose
    canvas.drawPath(
        outline((4, -14), (8, 14, 12 * n, 40, 22 * n, 60), (14 * n, 68, 6, 68, -4, 68), (6, 46, 2, 10, 4, -14)),
        fill(fade(face.skin_shade, 0.6)),
    )
    for s in (-1.0, 1.0):
        _nostril(canvas, face, s)


def draw_philtrum(canvas: Any, face: Face) -> None:
    """The groove between nose and lip."""
    if face.flat:
        return
    canvas.drawPath(taper([(4, 77), (5, 86), (6, 94)], 5), fill(fade(face.skin_shade, 0.55), 1.8))
    canvas.drawPath(taper([(-5, 77), (-5.5, 86), (-7, 94)], 4), fill(fade(face.skin_lit, 0.45), 1.6))


def draw_age(canvas: Any, face: Face) -> None:
    """Folds and lines, stronger with age."""
    a = face.aged
    if a <= 0.02:
        return
    deep = face.skin_deep
    for s in (-1.0, 1.0):
        fold = [(s * 25, 62), (s * 38, 80), (s * 49, 98), (s * 52, 116)]
        canvas.drawPath(taper(fold, 3.5 + 3 * a), fill(fade(deep, 0.16 + 0.38 * a), 1.6))
        bag = [(s * (face.eye_x - 25), 20), (s * face.eye_x, 29), (s * (face.eye_x + 24), 21)]
        canvas.drawPath(taper(bag, 3.0 + 2 * a), fill(fade(deep, 0.10 + 0.34 * a), 1.5))
        if a > 0.25:
            _crows_feet(canvas, face, s, a)
            jowl = [(s * 56, 128), (s * 62, 142), (s * 60, 156)]
            canvas.drawPath(taper(jowl, 6), fill(fade(deep, 0.26 * a), 2.4))
    for i in range(3 if a > 0.55 else 2):
        y = -74 - i * 16
        line = [(-62 + i * 5, y + 3), (-20, y - 4), (24, y - 3), (64 - i * 6, y + 4)]
        canvas.drawPath(taper(line, 2.6), fill(fade(deep, 0.06 + 0.30 * a), 0.9))


def _crows_feet(canvas: Any, face: Face, s: float, a: float) -> None:
    x = face.eye_x + 38
    for dx, dy, bend in ((16, -10, -3), (19, 1, 1), (15, 12, 4)):
        line = [(s * x, 4 + dy * 0.25), (s * (x + dx * 0.5), 4 + dy * 0.6 - bend), (s * (x + dx), 4 + dy)]
        canvas.drawPath(taper(line, 2.0), fill(fade(face.skin_deep, 0.38 * a), 0.7))


def draw_freckles(canvas: Any, face: Face) -> None:
    """Freckles over nose and cheeks, thinning outwards."""
    amount = face.spec.freckles
    if amount <= 0:
        return
    rng = np.random.default_rng([face.spec.texture_seed, 5])
    colour = mix(face.skin_shade, hex_colour("9a5630"), 0.55)
    for _ in range(int(70 * amount)):
        x, y = rng.normal(0, 52), rng.normal(44, 13)
        if abs(x) < face.width - 18 and y < 80:
            canvas.drawOval(
                _box(x, y, rng.uniform(0.9, 2.0), rng.uniform(0.8, 1.6)),
                fill(fade(colour, rng.uniform(0.25, 0.5)), 0.4),
            )


def _box(x: float, y: float, rx: float, ry: float) -> Any:
    return ellipse((x, y), rx, ry).getBounds()


def draw_scalp(canvas: Any, face: Face) -> None:
    """The sheen of a head without hair."""
    if face.flat:
        return
    with clipped(canvas, face.outline):
        glow(canvas, (-40, CROWN_Y + 46), (70, 40), fade(tint(face.skin_lit, 0.5), 0.55))
        glow(canvas, (62, CROWN_Y + 60), (70, 90), fade(face.skin_shade, 0.35))


__all__ = [
    "draw_age", "draw_ears", "draw_freckles", "draw_nose", "draw_philtrum", "draw_scalp", "draw_skin",
]  # fmt: skip
