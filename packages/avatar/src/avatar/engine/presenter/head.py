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
    if face.inked:
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
            _flat_planes(canvas, face)
    else:
        stops = [0.0, 0.38, 0.68, 1.0]
        colours = [face.skin_lit, face.skin, face.skin, mix(face.skin, face.skin_shade, 0.8)]
        canvas.drawPath(skin, linear((-120, -120), (130, 110), colours, stops))
        with clipped(canvas, skin):
            _modelling(canvas, face)
    if face.inked:
        canvas.drawPath(skin, stroke(face.line, 3.4))


def _flat_planes(canvas: Any, face: Face) -> None:
    """The same light in areas with edges: side of the head, cheeks, forehead."""
    canvas.drawPath(_side_plane(face), fill(fade(face.skin_shade, 0.50)))
    for side in (-1.0, 1.0):
        cheek = ellipse((side * face.width * 0.62, 54), 29, 18)
        canvas.drawPath(cheek, fill(fade(face.blush, 0.20 - 0.10 * face.masculine)))
    canvas.drawPath(ellipse((-46, -84), 46, 24), fill(fade(face.skin_lit, 0.42 - 0.22 * face.depth)))


def _side_plane(face: Face) -> Any:
    w = face.width
    return outline(
        (w * 0.72, -200), (w * 0.98, -60, w * 0.80, 30, w * 0.74, 70),
        (w * 0.60, 130, 40, 168, -10, 190), (220, 220), (220, -200),
    )  # fmt: skip


def _modelling(canvas: Any, face: Face) -> None:
    """Soft planes of the head: side, jaw, sockets, cheeks, forehead, chin; light that the shoulder throws back."""
    dark, lit, w = face.skin_shade, face.skin_lit, face.width
    glow(canvas, (0, 62), (w * 1.05, 62), fade(face.blush, 0.13 - 0.05 * face.masculine))
    canvas.drawPath(_side_plane(face), fill(fade(dark, 0.62), 15))
    canvas.drawPath(face.outline, stroke(fade(dark, 0.46), 22, 11))
    glow(canvas, (8, face.chin + 8), (92, 36), fade(dark, 0.85))
    for side in (-1.0, 1.0):
        glow(canvas, (side * (face.eye_x - 13), EYE_Y - 18), (40, 28), fade(dark, 0.62))
        glow(canvas, (side * (face.eye_x + 4), EYE_Y + 4), (48, 34), fade(dark, 0.34))
        glow(canvas, (side * w * 0.93, 96), (40, 66), fade(dark, 0.30))
    _cheeks(canvas, face)
    glow(canvas, (-34, -88), (86, 52), fade(lit, 0.85))
    glow(canvas, (-w * 0.58, 36), (40, 20), fade(lit, 0.85))
    glow(canvas, (w * 0.54, 38), (32, 16), fade(lit, 0.50))
    glow(canvas, (-5, face.chin - 24), (26, 16), fade(lit, 0.62))
    glow(canvas, (0, face.chin - 43), (34, 10), fade(dark, 0.62))
    _thrown_back(canvas, face)
    if face.masculine > 0:
        _strong_planes(canvas, face)


def _cheeks(canvas: Any, face: Face) -> None:
    """Blood below the cheekbones, drawn out towards the ears."""
    w = face.width
    for side in (-1.0, 1.0):
        canvas.save()
        canvas.translate(side * w * 0.63, 50)
        canvas.rotate(-side * 22)
        glow(canvas, (0, 0), (54, 27), fade(face.blush, 0.25 - 0.12 * face.masculine))
        canvas.restore()


def _thrown_back(canvas: Any, face: Face) -> None:
    """Light from the shoulder on the edge of the shaded cheek and jaw, which rounds them."""
    right = [(x - 5, y - 3) for x, y in face.contour[5:9]]
    colour = fade(mix(face.skin_lit, hex_colour("f6d9cf"), 0.25), 0.34)
    canvas.drawPath(taper(right, 9), fill(colour, 4.0))


def _strong_planes(canvas: Any, face: Face) -> None:
    """Cheekbones, jaws, temples and a brow ridge, as far as the face is a man's."""
    m, dark, w = face.masculine, face.skin_shade, face.width
    for side in (-1.0, 1.0):
        far = 1.0 if side > 0 else 0.72
        hollow = [(side * (w - 8), 40), (side * w * 0.70, 76), (side * w * 0.50, 108)]
        canvas.drawPath(taper(hollow, 38, swell=0.35), fill(fade(dark, 0.40 * m * far), 10))
        glow(canvas, (side * (w - 6), -62), (34, 54), fade(dark, 0.40 * m * far))
        ridge = [(side * 15, -28), (side * face.eye_x, -37), (side * (face.eye_x + 34), -26)]
        canvas.drawPath(taper(ridge, 13), fill(fade(dark, 0.44 * m), 4))
        canvas.drawPath(taper([(side * 9, -30), (side * 13, -8), (side * 10, 14)], 11), fill(fade(dark, 0.40 * m), 4))
    glow(canvas, (0, face.chin - 12), (9, 11), fade(dark, 0.34 * m))


def draw_nose(canvas: Any, face: Face) -> None:
    """A nose made of light and shadow; only the nostrils are drawn."""
    if face.flat:
        _flat_nose(canvas, face)
        return
    n, dark, deep = face.nose, face.skin_shade, face.skin_deep
    bridge = outline((8 * n, -20), (7, 10, 13 * n, 38, 21 * n, 52), (20 * n, 66, 9, 62, 6, 60), (9, 38, 4, 8, 3, -18))
    canvas.drawPath(bridge, fill(fade(dark, 0.66), 3.6))
    side = outline((-14 * n, -22), (-9, -2, -10, 20, -14 * n, 46), (-10, 30, -7, 4, -8, -20))
    canvas.drawPath(side, fill(fade(dark, 0.42), 3.6))
    glow(canvas, (1, NOSE_Y - 10), (29 * n, 22), fade(mix(face.blush, dark, 0.3), 0.30))
    under = outline(
        (-22 * n, 61),
        (-15 * n, 68, -8, 67, 0, 71),
        (8, 67, 15 * n, 68, 23 * n, 60),
        (19 * n, 84, -8 * n, 81, -22 * n, 61),
    )
    canvas.drawPath(under, fill(fade(deep, 0.44), 3.0))
    for s in (-1.0, 1.0):
        _wing(canvas, face, s)
        _nostril(canvas, face, s)
    _nose_light(canvas, face)


def _wing(canvas: Any, face: Face, s: float) -> None:
    """One side of the nose's base: a round form, set off from the cheek by shadow and not by a line."""
    n, deep = face.nose, face.skin_deep
    ball = ellipse((s * 17 * n, 59), 8 * n, 8.5)
    canvas.drawPath(ball, fill(fade(face.skin_lit if s < 0 else face.skin_shade, 0.42), 3.0))
    behind = [(s * 22 * n, 48), (s * 27.5 * n, 57), (s * 23 * n, 67)]
    canvas.drawPath(taper(behind, 7), fill(fade(deep, 0.30 if s < 0 else 0.44), 2.6))
    crease = [(s * 24.5 * n, 54), (s * 26 * n, 60), (s * 22.5 * n, 67)]
    canvas.drawPath(taper(crease, 2.4), fill(fade(deep, 0.42), 0.9))


def _nose_light(canvas: Any, face: Face) -> None:
    """Down the bridge and broad on the tip; oilier skin, which is deeper or older, shines a little more."""
    canvas.drawPath(taper([(-2.5, -22), (-3.5, 12), (-3, 44)], 8), fill(fade(face.skin_lit, 0.70), 2.8))
    canvas.save()
    canvas.translate(-3, 50)
    glow(canvas, (0, 0), (14 * face.nose, 13), fade(face.skin_lit, 0.95), core=0.2)
    glow(canvas, (-1.5, -1.5), (7.5, 6), fade(tint(face.skin_lit, 0.55 - 0.20 * face.depth), 0.75))
    canvas.restore()


def _nostril(canvas: Any, face: Face, s: float) -> None:
    n = face.nose
    curve = [(s * 4.0 * n, 69.5), (s * 9.5 * n, 65.5), (s * 17 * n, 67.5)]
    dark = mix(face.line, face.skin_deep, 0.45 - 0.25 * face.depth)
    canvas.drawPath(taper(curve, 5.4, swell=0.6), fill(fade(dark, 0.74), 1.1))


def _flat_nose(canvas: Any, face: Face) -> None:
    n = face.nose
    if face.inked:
        canvas.drawPath(taper([(9, -8), (10, 20), (19 * n, 50), (17 * n, 66), (2, 70)], 2.6), fill(face.line))
    else:
        plane = outline((4, -14), (8, 14, 12 * n, 40, 22 * n, 60), (14 * n, 68, 6, 68, -4, 68), (6, 46, 2, 10, 4, -14))
        canvas.drawPath(plane, fill(fade(face.skin_shade, 0.6)))
    canvas.drawPath(ellipse((-4, 50), 5, 6.5), fill(fade(face.skin_lit, 0.8)))
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
