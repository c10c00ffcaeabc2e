"""Cloth on a body: its measures, and the pieces garments are cut from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.pen import (
    Colour,
    Point,
    clipped,
    fade,
    fill,
    glow,
    hex_colour,
    linear,
    luminance,
    mirrored,
    outline,
    shade,
    spline,
    stroke,
    taper,
    tint,
)  # fmt: skip

BOTTOM = 1500.0
"""How far down the torso is drawn, for tall pictures."""


@dataclass(frozen=True)
class Figure:
    """The body's measures."""

    face: Face
    over: Colour | None = None  # what is worn instead of the spec's colour

    @cached_property
    def neck(self) -> float:
        """Half-width of the neck."""
        return (50 + 22 * self.face.masculine) * (0.5 + 0.5 * self.face.spec.build)

    @cached_property
    def shoulder(self) -> float:
        """Half-width of the shoulders."""
        return (262 + 52 * self.face.masculine) * self.face.spec.build

    @cached_property
    def torso(self) -> Any:
        """Neck, shoulders and arms as one outline."""
        n, s = self.neck, self.shoulder
        right: list[Point] = [
            (n, 96), (n + 1, 170), (n + 6, 214), (n + 36, 243), (s * 0.60, 266),
            (s * 0.84, 290), (s, 344), (s + 16, 430),
            (s + 32, 560), (s + 40, 800), (s + 44, BOTTOM),
        ]  # fmt: skip
        return spline([*right, *mirrored(right)])

    @cached_property
    def cloth(self) -> Colour:
        """The garment's colour in even light."""
        return self.over or hex_colour(self.face.spec.garment_colour)

    @cached_property
    def under(self) -> Colour:
        """What is worn below a jacket."""
        return hex_colour(self.face.spec.under_colour)


def cloth(canvas: Any, figure: Figure, shape: Any, colour: Colour, thick: float = 7.0) -> None:
    """A piece of cloth: cast shadow, light, folds at the arms."""
    with clipped(canvas, figure.torso):
        piece(canvas, figure, shape, colour, thick)


def piece(canvas: Any, figure: Figure, shape: Any, colour: Colour, thick: float) -> None:
    """Cloth that nothing clips: its cast shadow, its light, and folds at the arms."""
    if figure.face.flat:
        canvas.drawPath(shape, fill(colour))
        _flat_folds(canvas, figure, shape, colour)
        return
    canvas.save()
    canvas.translate(2, thick * 0.6)
    canvas.drawPath(shape, fill(fade(shade(figure.face.skin_deep, 0.5), 0.34), thick))
    canvas.restore()
    s = figure.shoulder
    tones = [tint(colour, 0.16), colour, colour, shade(colour, 0.40)]
    canvas.drawPath(shape, linear((-s, 240), (s * 0.9, 640), tones, [0, 0.34, 0.58, 1]))
    with clipped(canvas, shape):
        _folds(canvas, figure, colour)


def _flat_folds(canvas: Any, figure: Figure, shape: Any, colour: Colour) -> None:
    """The shaded sleeve and the creases as areas with edges, or as lines of ink."""
    s, dark = figure.shoulder, shade(colour, 0.30)
    with clipped(canvas, shape):
        far = outline(
            (s * 0.30, BOTTOM), (s * 0.52, 700, s * 0.70, 560, s * 0.80, 424),
            (s * 0.92, 340, s * 0.9, 300, s * 0.7, 200), (900, 200), (900, BOTTOM),
        )  # fmt: skip
        canvas.drawPath(far, fill(fade(dark, 0.45)))
        ink = fade(figure.face.line, 0.85) if figure.face.inked else dark
        for side in (-1.0, 1.0):
            for *points, width, _ in _CREASES[:3]:
                fold = [(side * s * x, y) for x, y in points]
                canvas.drawPath(taper(fold, width * (0.26 if figure.face.inked else 0.6), swell=0.22), fill(ink))
            sleeve = [(side * s * 0.84, 424), (side * s * 0.77, 540), (side * s * 0.80, 760)]
            canvas.drawPath(taper(sleeve, 3.2 if figure.face.inked else 8.0, swell=0.3), fill(ink))
    if figure.face.inked:
        canvas.drawPath(shape, stroke(figure.face.line, 2.6))


_CREASES = (
    # From the armpit into the chest, from the elbow, over the shoulder: points as parts of the shoulder's half-width.
    ((0.82, 436), (0.66, 470), (0.50, 468), 12, 0.40),
    ((0.80, 470), (0.66, 522), (0.46, 548), 15, 0.34),
    ((0.78, 520), (0.70, 590), (0.56, 650), 17, 0.26),
    ((0.86, 402), (0.93, 362), (0.95, 330), 9, 0.32),
    ((0.98, 452), (1.05, 470), (1.10, 462), 10, 0.36),
    ((1.00, 520), (1.06, 545), (1.14, 540), 11, 0.34),
)


def _folds(canvas: Any, figure: Figure, colour: Colour) -> None:
    """Creases, each a furrow with a lit ridge beside it; the sleeve set off from the chest; light on the shoulders."""
    s = figure.shoulder
    dark, light = shade(colour, 0.62), tint(colour, 0.45)
    strength = 0.75 if luminance(colour) > 0.2 else 1.0
    for side in (-1.0, 1.0):
        arm = outline((side * s * 0.76, BOTTOM), (side * s * 0.72, 600, side * s * 0.74, 520, side * s * 0.84, 424),
                      (side * s * 0.80, 520, side * s * 0.82, 620, side * s * 0.88, BOTTOM))  # fmt: skip
        canvas.drawPath(arm, fill(fade(dark, 0.62 * strength), 7))
        for *points, width, depth in _CREASES:
            fold = [(side * s * x, y) for x, y in points]
            canvas.drawPath(taper(fold, width, swell=0.22), fill(fade(dark, 0.8 * depth * strength), 4.2))
            ridge = [(x - 5, y - width * 0.62) for x, y in fold]
            canvas.drawPath(taper(ridge, width * 0.6, swell=0.3), fill(fade(light, 0.15 if side < 0 else 0.08), 4.5))
        edge = [(side * s * 1.02, 480), (side * s * 1.0, 350), (side * s * 0.80, 286), (side * s * 0.40, 258)]
        canvas.drawPath(taper(edge, 15), fill(fade(light, (0.46 if side < 0 else 0.18)), 6))
    glow(canvas, (s * 0.75, 460), (s * 0.5, 200), fade(dark, 0.32))
    glow(canvas, (-s * 0.50, 330), (s * 0.46, 90), fade(light, 0.26))
    glow(canvas, (10, 300), (figure.neck * 2.1, 80), fade(dark, 0.30))


def covering(*neckline: tuple[float, ...], start: Point) -> Any:
    """Everything below a neckline that is given from the left shoulder's top to the right one's."""
    return outline(
        (-900, BOTTOM + 50), (-900, 200), (start[0] - 60, start[1] - 14), start, *neckline,
        (-start[0] + 60, start[1] - 14),
        (900, 200), (900, BOTTOM + 50),
    )  # fmt: skip


def scoop(figure: Figure, depth: float, spread: float) -> Any:
    """All below a round neckline that reaches down to `depth`."""
    n = figure.neck + spread
    return covering(
        (-n * 0.86, depth * 0.94, -n * 0.40, depth, 0, depth),
        (n * 0.40, depth, n * 0.86, depth * 0.94, n, 236),
        start=(-n, 236),
    )


def vee(figure: Figure, depth: float, spread: float) -> Any:
    """All below a pointed neckline."""
    n = figure.neck + spread
    return covering(
        (-n * 0.80, 268, -n * 0.30, depth * 0.86, 0, depth),
        (n * 0.30, depth * 0.86, n * 0.80, 268, n, 232),
        start=(-n, 232),
    )


def band(canvas: Any, figure: Figure, depth: float, spread: float, width: float) -> None:
    """A hem along the neckline of `scoop`."""
    n = figure.neck + spread
    d = depth + width * 0.4
    neck = outline(
        (-n, 236), (-n * 0.86, d * 0.94, -n * 0.40, d, 0, d), (n * 0.40, d, n * 0.86, d * 0.94, n, 236), closed=False
    )
    with clipped(canvas, figure.torso):
        canvas.drawPath(neck, stroke(shade(figure.cloth, 0.14), width))
        if not figure.face.flat:
            canvas.drawPath(neck, stroke(fade(tint(figure.cloth, 0.4), 0.35), width * 0.25, 1))


def sided(side: float, start: Point, *segments: tuple[float, ...]) -> Any:
    """The outline as given on the viewer's right (side 1), or its mirror image (-1)."""
    flipped = [tuple(v * side if i % 2 == 0 else v for i, v in enumerate(s)) for s in segments]
    return outline((start[0] * side, start[1]), *flipped)


def panel(canvas: Any, figure: Figure, shape: Any, colour: Colour) -> None:
    """A collar, lapel or hood half lying on the garment."""
    if figure.face.flat:
        canvas.drawPath(shape, fill(colour))
        edge = figure.face.line if figure.face.inked else fade(shade(colour, 0.4), 0.6)
        canvas.drawPath(shape, stroke(edge, 2.4 if figure.face.inked else 2))
        return
    canvas.save()
    canvas.translate(3, 5)
    canvas.drawPath(shape, fill((0.03, 0.02, 0.05, 0.34), 6))
    canvas.restore()
    canvas.drawPath(shape, linear((-110, 220), (120, 420), [tint(colour, 0.14), colour, shade(colour, 0.26)]))
    canvas.drawPath(shape, stroke(fade(tint(colour, 0.5), 0.22), 1.5))


def collar(canvas: Any, figure: Figure, colour: Colour, drop: float) -> None:
    """The two leaves of a shirt's collar."""
    n = figure.neck
    for side in (-1.0, 1.0):
        leaf = sided(
            side,
            ((n - 3), 200), ((n + 8), 204, (n + 13), 220, (n + 20), 240),
            ((n + 14), 276, (n - 6), drop, (n - 22), drop + 6), (26, 292, 12, 286, 4, 284),
            (20, 266, (n - 16), 236, (n - 3), 200),
        )  # fmt: skip
        panel(canvas, figure, leaf, colour)


def lapels(canvas: Any, figure: Figure, close: float) -> None:
    """The front of a jacket that closes at `close`, with lapels and buttons."""
    n, colour = figure.neck, figure.cloth
    front = covering(
        (-n - 16, 292, -36, close - 60, 0, close),
        (36, close - 60, n + 16, 292, n + 32, 230),
        start=(-n - 32, 230),
    )
    cloth(canvas, figure, front, colour, thick=10)
    with clipped(canvas, figure.torso):
        seam = [(2, close - 4), (5, close + 90), (4, close + 420)]
        canvas.drawPath(taper(seam, 4, tips=(0.9, 0.9)), fill(fade(shade(colour, 0.8), 0.7), 1.2))
        for side in (1.0, -1.0):
            lapel = sided(
            side,
                ((n + 12), 214), ((n + 34), 232), ((n + 62), 268, (n + 66), 296, (n + 60), 318),
                ((n + 28), 322), ((n + 48), 350), ((n + 10), 420, 40, close - 34, -1, close + 2),
                (22, close - 70, (n - 14), 318, (n + 2), 262), ((n + 10), 240, (n + 10), 226, (n + 12), 214),
            )  # fmt: skip
            panel(canvas, figure, lapel, tint(colour, 0.05))
            notch = [(side * (n + 28), 322), (side * (n + 8), 318)]
            canvas.drawPath(taper(notch, 2.4, tips=(1, 0.2), count=5), fill(fade(shade(colour, 0.75), 0.8)))
    for y in (close + 22, close + 92):
        canvas.drawCircle(9, y, 7, fill(shade(colour, 0.6)))
        canvas.drawCircle(8, y - 1, 6, fill(tint(colour, 0.12)))
