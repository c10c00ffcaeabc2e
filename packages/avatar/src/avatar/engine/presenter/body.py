"""Neck, shoulders and what is worn on them. Drawn once."""

from typing import Any

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.cloth import Figure
from avatar.engine.presenter.garments import GARMENTS
from avatar.engine.presenter.pen import clipped, fade, fill, glow, linear, mix, outline, stroke, taper


def draw_body(canvas: Any, face: Face) -> None:
    """Neck, chest and garment."""
    figure = Figure(face)
    if face.inked:  # below all that is worn, so that only what lies outside is seen of it
        canvas.drawPath(figure.torso, stroke(face.line, 6.0))
    _skin(canvas, figure)
    GARMENTS[face.spec.garment](canvas, figure)


def _skin(canvas: Any, figure: Figure) -> None:
    face, n = figure.face, figure.neck
    if face.flat:
        canvas.drawPath(figure.torso, fill(mix(face.skin, face.skin_shade, 0.15)))
    else:
        tones = [face.skin_lit, face.skin, mix(face.skin, face.skin_shade, 0.85)]
        canvas.drawPath(figure.torso, linear((-n - 30, 150), (n + 40, 230), tones, [0, 0.42, 1]))
    with clipped(canvas, figure.torso):
        _chin_shadow(canvas, figure)
        if not face.flat:
            _throat(canvas, figure)


def _chin_shadow(canvas: Any, figure: Figure) -> None:
    """What the head casts on the neck: sharper at its edge the nearer the chin is, fuller on the side off the light."""
    face, n = figure.face, figure.neck
    for alpha, drop, soft in ((0.34, 0.0, 4.0), (0.36, 20.0, 11.0)):
        low = face.chin + 34 + drop
        shape = outline(
            (-n - 60, 90),
            (-n * 0.9, low - 20, -n * 0.2, low + 4, 16, low),
            (n * 0.8, low - 6, n + 30, low - 16, n + 70, 90),
        )
        canvas.drawPath(shape, fill(fade(face.skin_deep, alpha), 0 if face.flat else soft))


def _throat(canvas: Any, figure: Figure) -> None:
    """Tendons, collarbones and the hollow between them."""
    face, n = figure.face, figure.neck
    for side in (-1.0, 1.0):
        tendon = [(side * (n - 6), 176), (side * (n - 18), 226), (side * 13, 268)]
        canvas.drawPath(taper(tendon, 8, swell=0.7), fill(fade(face.skin_deep, 0.24), 3.4))
        bone = [(side * 14, 274), (side * 60, 264), (side * 120, 262)]
        canvas.drawPath(taper(bone, 7, swell=0.2), fill(fade(face.skin_deep, 0.30), 3))
        canvas.drawPath(taper([(x, y - 7) for x, y in bone], 5, swell=0.3), fill(fade(face.skin_lit, 0.5), 2.4))
    glow(canvas, (0, 272), (11, 12), fade(face.skin_deep, 0.38))
    canvas.drawPath(taper([(-n + 5, 150), (-n + 4, 205), (-n - 8, 236)], 9), fill(fade(face.skin_lit, 0.45), 4))
    if face.masculine > 0.4:
        glow(canvas, (-4, 214), (10, 13), fade(face.skin_lit, 0.40))
        glow(canvas, (4, 226), (11, 9), fade(face.skin_deep, 0.34))
