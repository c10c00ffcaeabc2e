"""The garments. Each is drawn once, over the skin of neck and chest."""

from collections.abc import Callable
from typing import Any

import skia

from avatar.engine.presenter.cloth import (
    Figure,
    band,
    cloth,
    collar,
    lapels,
    panel,
    scoop,
    sided,
    vee,
)  # fmt: skip
from avatar.engine.presenter.pen import (
    clipped,
    fade,
    fill,
    glow,
    hex_colour,
    linear,
    mix,
    outline,
    shade,
    spline,
    stroke,
    taper,
    tint,
)  # fmt: skip


def _tee(canvas: Any, figure: Figure) -> None:
    shape = scoop(figure, 298, 20)
    cloth(canvas, figure, shape, figure.cloth)
    band(canvas, figure, 298, 20, 9)


def _sweater(canvas: Any, figure: Figure) -> None:
    cloth(canvas, figure, scoop(figure, 282, 16), figure.cloth, thick=9)
    band(canvas, figure, 282, 16, 17)
    rib = fade(shade(figure.cloth, 0.5), 0.28)
    n = figure.neck + 16
    for i in range(-9, 10):
        x = i / 9.5
        y = 236 + (285 - 236) * (1 - abs(x) ** 2.4)
        canvas.drawPath(taper([(x * n * 0.98, y - 6), (x * n * 1.03, y + 9)], 2.2, count=4), fill(rib))
    _knit(canvas, figure)


def _knit(canvas: Any, figure: Figure) -> None:
    if figure.face.flat:
        return
    colour = fade(shade(figure.cloth, 0.5), 0.10)
    with clipped(canvas, scoop(figure, 304, 30)), clipped(canvas, figure.torso):
        for x in range(-300, 301, 9):
            canvas.drawPath(taper([(x * 0.8, 240), (x, 420), (x * 1.02, 900)], 2.4, count=8), fill(colour))


def _v_neck(canvas: Any, figure: Figure) -> None:
    shape = vee(figure, 372, 26)
    cloth(canvas, figure, shape, figure.cloth)
    with clipped(canvas, figure.torso):
        canvas.drawPath(shape, stroke(fade(shade(figure.cloth, 0.35), 0.8), 6))


def _turtleneck(canvas: Any, figure: Figure) -> None:
    n, colour = figure.neck, figure.cloth
    cloth(canvas, figure, scoop(figure, 270, 16), colour)
    collar = outline(
        (-n - 5, 182), (-n - 8, 214, -n - 12, 232, -n - 26, 252), (-n * 0.5, 284, n * 0.5, 284, n + 26, 252),
        (n + 12, 232, n + 8, 214, n + 5, 182), (n * 0.5, 204, -n * 0.5, 204, -n - 5, 182),
    )  # fmt: skip
    if figure.face.flat:
        canvas.drawPath(collar, fill(tint(colour, 0.06)))
        return
    canvas.drawPath(collar, linear((-n - 10, 0), (n + 20, 0), [tint(colour, 0.18), colour, shade(colour, 0.42)]))
    with clipped(canvas, collar):
        for i in range(-10, 11):
            x = i / 10
            rib = [(x * (n + 3), 186), (x * (n + 8), 232), (x * (n + 20), 286)]
            canvas.drawPath(taper(rib, 2.6, tips=(0.6, 0.6), count=8), fill(fade(shade(colour, 0.6), 0.30)))
        glow(canvas, (10, 186), (n * 1.1, 38), fade(shade(colour, 0.85), 0.62))
    canvas.drawPath(taper([(-n - 22, 256), (0, 284), (n + 24, 256)], 7), fill(fade(shade(colour, 0.7), 0.35), 3))


def _hoodie(canvas: Any, figure: Figure) -> None:
    n, colour = figure.neck, figure.cloth
    cloth(canvas, figure, scoop(figure, 292, 18), colour, thick=9)
    for side in (-1.0, 1.0):
        hood = spline([
            (side * (n - 2), 206), (side * (n + 34), 212), (side * (n + 84), 244), (side * (n + 70), 284),
            (side * (n + 10), 322), (side * 6, 338), (side * 22, 300), (side * (n - 6), 262),
        ])  # fmt: skip
        panel(canvas, figure, hood, tint(colour, 0.07 if side < 0 else 0.0))
        cord = [(side * 26, 318), (side * 30, 372), (side * 27, 428)]
        canvas.drawPath(taper(cord, 5.5, tips=(0.9, 0.9)), fill(tint(colour, 0.62)))
        canvas.drawCircle(side * 26, 318, 4.2, fill(shade(colour, 0.6)))


def _shirt(canvas: Any, figure: Figure) -> None:
    cloth(canvas, figure, vee(figure, 300, 12), figure.cloth)
    canvas.drawPath(
        taper([(2, 296), (3, 420), (3, 900)], 3, tips=(0.8, 0.8)), fill(fade(shade(figure.cloth, 0.6), 0.4), 0.8)
    )
    for y in (336, 412, 488, 564):
        canvas.drawCircle(12, y, 4.6, fill(shade(figure.cloth, 0.28)))
        canvas.drawCircle(11.4, y - 0.8, 4.0, fill(tint(figure.cloth, 0.35)))
    collar(canvas, figure, tint(figure.cloth, 0.06), 322)


def _blazer(canvas: Any, figure: Figure) -> None:
    """Over a plain top for a woman, over an open shirt for a man."""
    if figure.face.masculine < 0.5:
        cloth(canvas, figure, scoop(figure, 330, 16), figure.under)
        lapels(canvas, figure, 452)
        return
    cloth(canvas, figure, vee(figure, 306, 10), figure.under)
    collar(canvas, figure, figure.under, 318)
    lapels(canvas, figure, 448)


def _suit(canvas: Any, figure: Figure) -> None:
    cloth(canvas, figure, vee(figure, 270, 6), figure.under)
    tie = mix(figure.cloth, hex_colour("8c2f3c"), 0.7)
    blade = outline(
        (-13, 284), (13, 284), (17, 330, 24, 400, 26, 480), (0, 520), (-26, 480), (-24, 400, -17, 330, -13, 284)
    )
    panel(canvas, figure, blade, tie)
    knot = outline(
        (-19, 252), (0, 246, 0, 246, 19, 252), (18, 270, 15, 282, 11, 290), (-11, 290), (-15, 282, -18, 270, -19, 252)
    )
    panel(canvas, figure, knot, tint(tie, 0.05))
    collar(canvas, figure, figure.under, 306)
    lapels(canvas, figure, 470)


def _cardigan(canvas: Any, figure: Figure) -> None:
    """Knitted, open over a top, with a ribbed edge and buttons."""
    cloth(canvas, figure, scoop(figure, 312, 16), figure.under)
    n, colour = figure.neck, figure.cloth
    edge = ((-n - 8, 300, -52, 380, -34, 520), (-26, 700, -24, 1000, -24, 1550))
    for side in (-1.0, 1.0):
        half = sided(-side, (-n - 30, 231), *edge, (-900, 1550), (-900, 200), (-n - 90, 217))
        cloth(canvas, figure, half, colour if side > 0 else tint(colour, 0.03), thick=10)
        with clipped(canvas, figure.torso):
            _ribbed_edge(canvas, figure, side)
    for y in (560, 640, 720):
        canvas.drawCircle(24, y, 8, fill(shade(colour, 0.55)))
        canvas.drawCircle(23, y - 1, 6.5, fill(tint(colour, 0.30)))


def _ribbed_edge(canvas: Any, figure: Figure, side: float) -> None:
    n, colour = figure.neck, figure.cloth
    way = outline(
        (side * (n + 30), 231), (side * (n + 8), 300, side * 52, 380, side * 34, 520),
        (side * 26, 700, side * 24, 1000, side * 24, 1500), closed=False,
    )  # fmt: skip
    canvas.drawPath(way, stroke(shade(colour, 0.20), 26))
    canvas.drawPath(way, stroke(tint(shade(colour, 0.06), 0.05), 22))
    if figure.face.flat:
        return
    ribs = stroke(fade(shade(colour, 0.6), 0.30), 22)
    ribs.setStrokeCap(skia.Paint.kButt_Cap)
    ribs.setPathEffect(skia.DashPathEffect.Make([1.4, 4.6], 0))
    canvas.drawPath(way, ribs)
    canvas.drawPath(way, stroke(fade(tint(colour, 0.5), 0.20), 2.0))


def _dress(canvas: Any, figure: Figure) -> None:
    """A wide round neckline, a seam at the waist, and pleats below it."""
    shape = scoop(figure, 330, 44)
    cloth(canvas, figure, shape, figure.cloth, thick=8)
    s, colour = figure.shoulder, figure.cloth
    with clipped(canvas, figure.torso):
        canvas.drawPath(shape, stroke(fade(shade(colour, 0.4), 0.7), 4))
        for side in (-1.0, 1.0):
            dart = [(side * s * 0.60, 400), (side * s * 0.46, 470), (side * s * 0.40, 640)]
            canvas.drawPath(taper(dart, 6), fill(fade(shade(colour, 0.6), 0.40), 2))
        belt = outline((-900, 640), (-300, 652, 300, 652, 900, 640), (900, 676), (300, 688, -300, 688, -900, 676))
        canvas.drawPath(belt, fill(shade(colour, 0.30)))
        for x in range(-240, 241, 40):
            canvas.drawPath(
                taper([(x, 690), (x * 1.15, 900), (x * 1.3, 1400)], 9), fill(fade(shade(colour, 0.6), 0.3), 3)
            )
    n = figure.neck
    chain = [(-n - 30, 240), (-n * 0.7, 300), (0, 316), (n * 0.7, 300), (n + 30, 240)]
    canvas.drawPath(taper(chain, 1.8, tips=(0.9, 0.9), count=30), fill(hex_colour("d8b45c")))
    canvas.drawCircle(0, 319, 5.0, fill(hex_colour("e9cd83")))


def _polo(canvas: Any, figure: Figure) -> None:
    """Short-sleeved, with a soft collar and three buttons."""
    cloth(canvas, figure, vee(figure, 330, 12), figure.cloth)
    colour = figure.cloth
    placket = outline((-13, 316), (13, 316), (14, 404), (-14, 404))
    panel(canvas, figure, placket, shade(colour, 0.06))
    for y in (342, 380):
        canvas.drawCircle(0, y, 4.2, fill(tint(colour, 0.6)))
    collar(canvas, figure, shade(colour, 0.10), 318)


def _lab_coat(canvas: Any, figure: Figure) -> None:
    """A white coat over the garment's colour, with a pocket."""
    cloth(canvas, figure, vee(figure, 306, 10), figure.cloth)
    collar(canvas, figure, tint(figure.cloth, 0.08), 318)
    white = Figure(figure.face, hex_colour("f2f4f5"))
    lapels(canvas, white, 500)
    pocket = outline((86, 470), (170, 466), (172, 560), (88, 562))
    canvas.drawPath(pocket, stroke(fade(hex_colour("8d98a3"), 0.75), 2.2))
    pen = outline((112, 452), (119, 452), (119, 500), (112, 500))
    canvas.drawPath(pen, fill(hex_colour("2f5f94")))


GARMENTS: dict[str, Callable[[Any, Figure], None]] = {
    "blazer": _blazer,
    "suit": _suit,
    "shirt": _shirt,
    "tee": _tee,
    "turtleneck": _turtleneck,
    "sweater": _sweater,
    "v_neck": _v_neck,
    "hoodie": _hoodie,
    "cardigan": _cardigan,
    "dress": _dress,
    "polo": _polo,
    "lab_coat": _lab_coat,
}
