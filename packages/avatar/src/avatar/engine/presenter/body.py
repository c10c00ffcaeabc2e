"""Neck, shoulders and what is worn on them. Drawn once."""

from typing import Any

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.cloth import Figure
from avatar.engine.presenter.garments import GARMENTS
from avatar.engine.presenter.pen import clipped, fade, fill, glow, linear, mix, outline, stroke, taper


def draw_body(canvas: Any, face: Face) -> None:
    """Neck, chest and garment."""
    figure = Figure(face)
    _skin(canvas, figure)
    GARMENTS[face.spec.garment](canvas, figure)
    if face.spec.art_style == "line":
        canvas.drawPath(figure.torso, stroke(face.line, 3.4))


def _skin(canvas: Any, figure: Figure) -> None:
    face, n = figure.face, figure.neck
    if face.flat:
        canvas.drawPath(figure.torso, fill(mix(face.skin, face.skin_shade, 0.15)))
    else:
        tones = [face.skin_lit, face.skin, mix(face.skin, face.skin_shade, 0.85)]
        canvas.drawPath(figure.torso, linear((-n - 30, 150), (n + 40, 230), tones, [0, 0.42, 1]))
    with clipped(canvas, figure.torso):
        soft = 0 if face.flat else 8
        chin = outline(
            (-n - 60, 90),
            (-n * 0.9, 200, -n * 0.2, face.chin + 54, 16, face.chin + 50),
            (n * 0.8, face.chin + 44, n + 30, 200, n + 70, 90),
        )
        canvas.drawPath(chin, fill(fade(face.skin_deep, 0.62), soft))
        if face.flat:
            return
        for side in (-1.0, 1.0):
            tendon = [(side * (n - 6), 176), (side * (n - 18), 226), (side * 13, 268)]
            canvas.drawPath(taper(tendon, 8, swell=0.7), fill(fade(face.skin_deep, 0.26), 3.4))
            bone = [(side * 14, 274), (side * 60, 264), (side * 120, 262)]
            canvas.drawPath(taper(bone, 7, swell=0.2), fill(fade(face.skin_deep, 0.32), 3))
            canvas.drawPath(taper([(x, y - 7) for x, y in bone], 5, swell=0.3), fill(fade(face.skin_lit, 0.5), 2.4))
        glow(canvas, (0, 272), (11, 12), fade(face.skin_deep, 0.38))
