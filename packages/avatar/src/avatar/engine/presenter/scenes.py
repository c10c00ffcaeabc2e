"""The places behind the presenter, each drawn in the style of the person before it.

Scenes are drawn in units of 1/720 of the picture's height, 0 at the middle of its width.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from avatar.engine.presenter.catalogue import COLOURS
from avatar.engine.presenter.pen import (
    WHITE,
    Colour,
    Point,
    ellipse,
    fade,
    fill,
    glow,
    hex_colour,
    linear,
    luminance,
    mix,
    outline,
    shade,
    stroke,
    taper,
    tint,
)  # fmt: skip
from avatar.engine.presenter.spec import Spec

Generator = np.random.Generator
HEIGHT = 720.0

Run = tuple[Point, Point]
_DOWN: Run = ((0, 0), (0, HEIGHT))


class Scene:
    """Colours, extent and manner shared by all scenes."""

    def __init__(self, spec: Spec, extent: tuple[float, float, float], rng: Generator) -> None:
        """`extent`: half the picture's width, y of its upper edge (0, or less if upright), of its lower one."""
        self.half, self.top, self.bottom = extent[0], extent[1] - 9, extent[2] + 9
        self.light = hex_colour(spec.background_light)
        self.dark = hex_colour(spec.background_dark)
        self.rng = rng
        self.night = luminance(self.light) < 0.45
        self.style = spec.art_style
        self._paper = mix(self.light, self.dark if self.night else WHITE, 0.45)
        self._ink = mix(self.dark, WHITE if self.night else (0.12, 0.12, 0.18, 1.0), 0.28)

    def area(self, canvas: Any, shape: Any, colours: list[Colour], run: Run = ((0, 0), (0, 720))) -> None:
        """A surface: light runs over it along `run`; flat, it has one colour; in line art a contour on a pale wash."""
        even = colours[len(colours) // 2]
        if self.style == "soft":
            canvas.drawPath(shape, linear(*run, colours) if len(colours) > 1 else fill(even))
        elif self.style == "flat":
            canvas.drawPath(shape, fill(mix(even, self.light, 0.16)))
        else:
            canvas.drawPath(shape, fill(mix(even, self._paper, 0.62)))
            canvas.drawPath(shape, stroke(fade(self._ink, 0.55), 1.8))

    def shine(self, canvas: Any, centre: Point, radii: Point, colour: Colour) -> None:
        """Light on the air: a glow, a clear-edged pool of it, or nothing."""
        if self.style == "soft":
            glow(canvas, centre, radii, colour)
        elif self.style == "flat":
            for part in (0.78, 0.52):
                canvas.drawPath(ellipse(centre, radii[0] * part, radii[1] * part), fill(fade(colour, colour[3] * 0.22)))

    def cast(self, canvas: Any, span: Point, top: float, deep: float, alpha: float) -> None:
        """The shadow below a thing that spans `span` from left to right: soft, an even band, or hatching."""
        left, right = span
        if self.style == "soft":
            paint = linear((0, top), (0, top + deep), [(0, 0, 0, alpha), (0, 0, 0, 0.0)])
            canvas.drawPath(box(left, top, right, top + deep), paint)
        elif self.style == "flat":
            canvas.drawPath(box(left, top, right, top + deep * 0.55), fill((0, 0, 0, alpha * 0.4)))
        else:
            for x in np.arange(left, right - 6, 7.0):
                canvas.drawLine(float(x) + 6, top, float(x), top + deep * 0.5, stroke(fade(self._ink, 0.28), 1.2))

    def ground(self, canvas: Any, colours: list[Colour], run: Run) -> None:
        """All of the picture."""
        self.area(canvas, box(-self.half - 9, self.top, self.half + 9, self.bottom), colours, run)

    def wall(self, canvas: Any) -> None:
        """The back wall, brighter at the upper left."""
        colours = [tint(self.light, 0.25), self.light, mix(self.light, self.dark, 0.75)]
        self.ground(canvas, colours, ((-self.half, 0), (self.half, HEIGHT)))
        if self.style == "flat":
            slant = outline(
                (-self.half - 9, self.top), (self.half * 0.1, self.top), (-self.half * 0.5, 729), (-self.half - 9, 729)
            )
            canvas.drawPath(slant, fill(fade(WHITE, 0.10 if self.night else 0.22)))

    def beside(self, x: float) -> float:
        """Where a thing stands that would stand at `x` in a wide picture: nearer where there is less room."""
        return x * min(1.0, max(0.62, self.half / 560))

    def dimmed(self, colour: Colour, night: float, day: float = 0.0) -> Colour:
        """A thing's colour in the light of the scene."""
        return mix(colour, self.dark, night if self.night else day)


def box(left: float, top: float, right: float, bottom: float) -> Any:
    """A rectangle as a path."""
    return outline((left, top), (right, top), (right, bottom), (left, bottom))


def _plain(canvas: Any, s: Scene) -> None:
    canvas.drawPath(box(-s.half - 9, s.top, s.half + 9, s.bottom), fill(s.light))


def _gradient(canvas: Any, s: Scene) -> None:
    if s.style != "soft":
        _rings(canvas, s)
        return
    s.ground(canvas, [tint(s.light, 0.2), s.light, s.dark], ((-s.half * 0.8, 0), (s.half * 0.8, HEIGHT)))
    glow(canvas, (-60, 250), (520, 420), fade(WHITE, 0.28))
    glow(canvas, (s.half * 0.7, 700), (460, 330), fade(shade(s.dark, 0.3), 0.28))


def _rings(canvas: Any, s: Scene) -> None:
    """A gradient without a gradient: rings of light, as areas or as lines, that leave the middle clear."""
    canvas.drawPath(box(-s.half - 9, s.top, s.half + 9, s.bottom), fill(mix(s.light, s.dark, 0.55)))
    for i in range(6):
        ring = ellipse((-40, 290), 900 - 128 * i, 760 - 108 * i)
        tone = mix(mix(s.light, s.dark, 0.55), tint(s.light, 0.25), (i + 1) / 6)
        canvas.drawPath(ring, fill(tone))
        if s.style == "line":
            canvas.drawPath(ring, stroke(fade(s.dark, 0.35), 1.6))


def _studio(canvas: Any, s: Scene) -> None:
    """A paper backdrop with a pool of light, and a floor it curves into."""
    deep = mix(s.dark, shade(s.dark, 0.5), 0.45)
    s.ground(canvas, [s.dark, s.dark, deep], ((0, 0), (0, HEIGHT)))
    if s.style == "soft":
        glow(canvas, (-40, 270), (640, 470), fade(tint(s.light, 0.15), 0.95), core=0.1)
        glow(canvas, (-200, 60), (420, 300), fade(WHITE, 0.16))
        return
    beam = outline((-s.half * 0.62, s.top), (-s.half * 0.30, s.top), (s.half * 0.62, 640), (-s.half * 0.72, 640))
    s.area(canvas, beam, [mix(s.dark, s.light, 0.45)])
    s.area(canvas, ellipse((-20, 640), s.half * 0.70, 74), [mix(s.dark, s.light, 0.72)])


def _office(canvas: Any, s: Scene) -> None:
    """A bright room: window, shelf with binders, lamp, plant."""
    s.wall(canvas)
    right = s.beside(-250)
    _daylight_window(canvas, s, (right - 360, 40, right, 470))
    _shelf_unit(canvas, s, s.beside(285), 95)
    _lamp(canvas, (s.beside(236), min(0.0, 0.4 * s.top + 9)), s)
    desk = mix(hex_colour("9c7653"), s.dark, 0.25)
    s.area(canvas, box(-s.half - 9, 590, s.half + 9, s.bottom), [tint(desk, 0.25), desk], ((0, 590), (0, HEIGHT)))
    _pot_plant(canvas, s, (s.beside(-240), 616), 1.25)


def _daylight_window(canvas: Any, s: Scene, at: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = at
    pane = box(*at)
    s.area(canvas, pane, [hex_colour(c) for c in ("f7fbff", "cfe2f2", "dfe9e4")], ((0, top), (0, bottom)))
    canvas.save()
    canvas.clipPath(pane, True)
    for _ in range(12):
        x = s.rng.uniform(left - 20, right)
        roof = bottom - s.rng.uniform(50, 190)
        tone = mix(hex_colour("a9bccd"), hex_colour("d5dfe8"), s.rng.random())
        s.area(canvas, box(x, roof, x + s.rng.uniform(30, 75), bottom), [tone])
    s.shine(canvas, (left + 60, top + 40), (260, 200), fade(WHITE, 0.8))
    canvas.restore()
    frame, middle = tint(s.light, 0.7), (left + right) / 2
    for edge in (box(left - 7, top - 7, right + 7, top + 6), box(left - 7, top, left + 6, bottom),
                 box(right - 6, top, right + 7, bottom), box(middle - 4, top, middle + 4, bottom)):  # fmt: skip
        s.area(canvas, edge, [frame])
    s.area(canvas, box(left - 22, bottom - 2, right + 22, bottom + 18), [tint(s.light, 0.5)])
    s.cast(canvas, (left - 18, right + 18), bottom + 18, 24, 0.16)
    s.shine(canvas, (middle + 190, 380), (330, 330), fade(WHITE, 0.16))


def _shelf_unit(canvas: Any, s: Scene, left: float, top: float) -> None:
    wood = mix(hex_colour("a57d57"), s.light, 0.28)
    for row in range(3):
        y = top + 140 * row
        _books(canvas, s, (left + 8, left + 330), y + 118, 96)
        s.area(canvas, box(left - 6, y + 118, left + 360, y + 130), [wood])
        s.cast(canvas, (left - 6, left + 360), y + 130, 18, 0.22)


def _books(canvas: Any, s: Scene, span: tuple[float, float], base: float, height: float) -> None:
    names = list(COLOURS)
    x, right = span
    while x < right - 14:
        if s.rng.random() < 0.10:
            x = _ornament(canvas, s, x, base)
            continue
        width = s.rng.uniform(13, 30)
        tall = height * s.rng.uniform(0.66, 1.0)
        cover = mix(hex_colour(COLOURS[names[int(s.rng.integers(len(names)))]]), s.light, 0.30)
        cover = s.dimmed(cover, 0.55)
        tones = [tint(cover, 0.2), cover, shade(cover, 0.25)]
        s.area(canvas, box(x, base - tall, x + width, base), tones, ((x, 0), (x + width, 0)))
        label = box(x + 2, base - tall * 0.8, x + width - 2, base - tall * 0.72)
        canvas.drawPath(label, fill(fade(tint(cover, 0.7), 0.6)))
        x += width + 1.0


def _ornament(canvas: Any, s: Scene, x: float, base: float) -> float:
    if s.rng.random() < 0.5:
        s.area(canvas, ellipse((x + 28, base - 20), 20, 20), [mix(hex_colour("d9b48a"), s.dark, 0.2)])
    else:
        _pot_plant(canvas, s, (x + 28, base), 0.32)
    return x + 62


def _lamp(canvas: Any, at: Point, s: Scene) -> None:
    x, y = at
    s.area(canvas, box(x - 1.5, s.top, x + 1.5, y + 62), [hex_colour("40444a")])
    s.shine(canvas, (x, y + 118), (150, 110), (1.0, 0.88, 0.62, 0.65))
    cone = outline((x - 16, y + 60), (x + 16, y + 60), (x + 44, y + 104), (x - 44, y + 104))
    s.area(canvas, cone, [mix(s.dark, hex_colour("33383f"), 0.6)])
    s.area(canvas, ellipse((x, y + 104), 26, 7), [hex_colour("fff0c8")])


def _pot_plant(canvas: Any, s: Scene, foot: Point, size: float) -> None:
    canvas.save()
    canvas.translate(*foot)
    canvas.scale(size, size)
    for _ in range(15):
        lean = s.rng.uniform(-1, 1)
        high = s.rng.uniform(90, 185)
        tip = (lean * 100, -60 - high * (1 - 0.4 * abs(lean)))
        green = s.dimmed(mix(hex_colour("3f7a52"), hex_colour("8db56d"), s.rng.random()), 0.5)
        leaf = [(lean * 12, -52.0), (lean * 46, -60 - high * 0.6), tip]
        s.area(canvas, taper(leaf, 24, swell=0.62), [tint(green, 0.12), shade(green, 0.12)], ((-60, 0), (60, 0)))
        canvas.drawPath(taper(leaf, 2.2), fill(fade(tint(green, 0.5), 0.5)))
    pot = outline((-34, -62), (34, -62), (25, 0), (-25, 0))
    s.area(canvas, pot, [hex_colour(c) for c in ("e9dfd3", "cbb9a6", "9c8a78")], ((-34, 0), (34, 0)))
    canvas.restore()


def _library(canvas: Any, s: Scene) -> None:
    """Shelves of books from wall to wall."""
    wood = mix(mix(hex_colour("8a6242"), s.dark, 0.30), s.light, 0.18)
    s.ground(canvas, [shade(wood, 0.45)], ((0, 0), (0, HEIGHT)))
    for row in range(math.floor((s.top - 20) / 158), math.ceil(s.bottom / 158)):
        y = 20 + row * 158
        _books(canvas, s, (-s.half - 30, s.half + 10), y + 132, 126)
        s.area(canvas, box(-s.half - 9, y + 132, s.half + 9, y + 148), [tint(wood, 0.12)])
        s.cast(canvas, (-s.half - 9, s.half + 9), y + 148, 30, 0.42)
    for x in (-460.0, 0.0, 460.0):
        s.area(canvas, box(x - 12, s.top, x + 12, s.bottom), [tint(wood, 0.22), wood], ((x - 12, 0), (x + 12, 0)))
    if s.style == "soft":
        glow(canvas, (-140, 220), (620, 480), (1.0, 0.93, 0.80, 0.34))
    else:  # books this sharp would crowd the person: the air between pales them
        canvas.drawPath(box(-s.half, s.top, s.half, s.bottom), fill(fade(mix(s.light, s.dark, 0.25), 0.45)))


def _window(canvas: Any, s: Scene) -> None:
    """A tall window over a city."""
    names = ("1d2b50", "5b5a86", "e0a58a") if s.night else ("b9d7ee", "e2eef6", "fbf1e3")
    sky = [hex_colour(name) for name in names]
    s.ground(canvas, sky, ((0, 0), (0, 520)))
    s.shine(canvas, (-330, 330), (420, 300), (1.0, 0.93, 0.82, 0.55))
    if s.style != "soft" and not s.night:
        _clouds(canvas)
    near = hex_colour("27304d") if s.night else hex_colour("8fa6ba")
    for layer, haze in ((0, 0.62), (1, 0.34), (2, 0.0)):
        _skyline(canvas, s, mix(near, sky[1], haze), 330 + 70 * layer, layer)
    post = mix(shade(s.dark, 0.2), hex_colour("4a4e55"), 0.5)
    for x in np.arange(-s.half - 40, s.half + 60, 330):
        s.area(canvas, box(x - 9, s.top, x + 9, s.bottom), [tint(post, 0.16), post], ((x - 9, 0), (x + 9, 0)))
    sill = [tint(s.light, 0.1), mix(s.light, s.dark, 0.6)]
    s.area(canvas, box(-s.half - 9, 612, s.half + 9, s.bottom), sill, ((0, 612), (0, HEIGHT)))


def _clouds(canvas: Any) -> None:
    for x, y, size in ((-430, 120, 1.0), (330, 80, 1.25), (560, 210, 0.8)):
        for dx, dy, r in ((-42, 6, 26), (0, -6, 36), (40, 8, 24)):
            canvas.drawPath(ellipse((x + dx * size, y + dy * size), r * size * 1.3, r * size), fill(fade(WHITE, 0.30)))


def _skyline(canvas: Any, s: Scene, tone: Colour, top: float, layer: int) -> None:
    x = -s.half - 60
    while x < s.half + 20:
        width = float(s.rng.uniform(46, 104))
        roof = top + float(s.rng.uniform(-150, 60))
        s.area(canvas, box(x, roof, x + width, 640), [tint(tone, 0.18), tone], ((x, 0), (x + width, 0)))
        if layer == 2:
            _lit_windows(canvas, s, x, roof, width)
        x += width + float(s.rng.uniform(-8, 22))


def _lit_windows(canvas: Any, s: Scene, x: float, roof: float, width: float) -> None:
    lit = fill((1.0, 0.86, 0.55, 0.85)) if s.night else fill((1.0, 1.0, 1.0, 0.40))
    for wx in np.arange(x + 9, x + width - 12, 16):
        for wy in np.arange(roof + 14, 600, 22):
            if s.rng.random() < 0.42:
                canvas.drawPath(box(float(wx), float(wy), float(wx) + 8, float(wy) + 12), lit)


def _plants(canvas: Any, s: Scene) -> None:
    """A light wall with leaves coming in from both sides."""
    s.wall(canvas)
    s.shine(canvas, (-180, 200), (520, 420), fade(WHITE, 0.45))
    for side in (-1.0, 1.0):
        for layer in range(2):
            for _ in range(15):
                _frond(canvas, s, side, layer)


def _frond(canvas: Any, s: Scene, side: float, layer: int) -> None:
    root = (side * (s.half + 30), float(s.rng.uniform(120 + s.top, s.bottom + 90)))
    reach = float(s.rng.uniform(160, 360)) * min(1.0, s.half / 500)
    rise = float(s.rng.uniform(-210, 60))
    tip = (root[0] - side * reach, root[1] + rise)
    bend = (root[0] - side * reach * 0.55, root[1] + rise * 0.9 - 40)
    green = mix(hex_colour("2f6b4b"), hex_colour("93bf78"), float(s.rng.random()))
    tone = s.dimmed(mix(green, s.light, 0.45 if layer == 0 else 0.0), 0.55)
    leaf = taper([root, bend, tip], float(s.rng.uniform(30, 62)), swell=0.55)
    s.area(canvas, leaf, [tint(tone, 0.14), shade(tone, 0.16)], ((0, bend[1] - 40), (0, bend[1] + 60)))
    canvas.drawPath(taper([root, bend, tip], 3), fill(fade(tint(tone, 0.5), 0.5)))


def _brand(canvas: Any, s: Scene) -> None:
    """One colour, with wide slanting planes of it a little lighter and darker."""
    wide, pale = s.half + 9, tint(s.light, 0.5)
    base = [tint(s.light, 0.06), s.light, s.dark]
    paint = linear((-wide, 0), (wide, HEIGHT), base) if s.style == "soft" else fill(s.light)
    canvas.drawPath(box(-wide, s.top, wide, s.bottom), paint)
    for x, width, colour in ((-0.95, 260, pale), (0.30, 420, s.dark), (0.72, 150, pale)):
        left = x * s.half
        plane = outline(
            (left, s.top), (left + width, s.top), (left + width - 250, HEIGHT + 9), (left - 250, HEIGHT + 9)
        )
        canvas.drawPath(plane, fill(fade(colour, 0.20)))
        if s.style == "line":
            canvas.drawPath(plane, stroke(fade(pale, 0.6), 1.8))
    if s.style == "soft":
        glow(canvas, (-60, 300), (480, 420), fade(WHITE, 0.16))


def _home(canvas: Any, s: Scene) -> None:
    """A living room: pictures on the wall, a floor lamp, a sofa with cushions, a plant."""
    s.wall(canvas)
    _wall_picture(canvas, s, (s.beside(300), 90, 150, 190), hex_colour("6f9a8d"))
    _wall_picture(canvas, s, (s.beside(475), 130, 110, 140), hex_colour("d08a5b"))
    _wall_picture(canvas, s, (s.beside(-480), 110, 170, 150), hex_colour("7f8fb0"))
    sofa = mix(hex_colour("7f8a86"), s.dark, 0.30)
    arm = shade(sofa, 0.15)
    for left, top, right, colour in ((-640, 430, -150, sofa), (-690, 520, -600, arm), (170, 430, 640, sofa)):
        tones = [tint(colour, 0.2), shade(colour, 0.3)]
        s.area(canvas, _rounded(left, top, right, s.bottom + 80, 40), tones, ((0, top), (0, 720)))
    for left, tone in ((-560, "d9a05f"), (430, "8aa6b8")):
        right, cushion = left + 130, mix(hex_colour(tone), s.dark, 0.2)
        tones = [tint(cushion, 0.2), cushion]
        s.area(canvas, _rounded(left, 470, right, 590, 30), tones, ((left, 470), (right, 590)))
    lamp = s.beside(-255)
    s.area(canvas, box(lamp - 2, 150, lamp + 3, s.bottom), [hex_colour("4a4640")])
    s.shine(canvas, (lamp, 200), (230, 210), (1.0, 0.90, 0.68, 0.75))
    shape = outline((lamp - 35, 90), (lamp + 35, 90), (lamp + 59, 190), (lamp - 59, 190))
    s.area(canvas, shape, [hex_colour("fff2d2"), hex_colour("f0d6a4")], ((0, 90), (0, 190)))
    _pot_plant(canvas, s, (s.beside(250), 600), 1.3)


def _rounded(left: float, top: float, right: float, bottom: float, r: float) -> Any:
    return outline(
        (left, bottom), (left, top + r), (left, top, left + r, top), (right - r, top), (right, top, right, top + r),
        (right, bottom),
    )  # fmt: skip


def _wall_picture(canvas: Any, s: Scene, at: tuple[float, float, float, float], tone: Colour) -> None:
    x, y, w, h = at
    s.cast(canvas, (x + 4, x + w + 4), y + h, 16, 0.20)
    s.area(canvas, box(x, y, x + w, y + h), [mix(hex_colour("6b4a33"), s.dark, 0.2)])
    s.area(canvas, box(x + 9, y + 9, x + w - 9, y + h - 9), [mix(hex_colour("f6f1e7"), s.light, 0.3)])
    near, far = (mix(tone, s.dark, k + 0.35 * s.night) for k in (0.15, -0.2))
    ground = y + h - 20
    s.area(canvas, ellipse((x + w * 0.66, y + h * 0.34), w * 0.09, w * 0.09), [hex_colour("f2c879")])
    s.area(canvas, outline((x + 20, ground), (x + w * 0.6, y + h * 0.42), (x + w - 20, ground)), [far])
    s.area(canvas, outline((x + 20, ground), (x + w * 0.3, y + h * 0.52), (x + w * 0.72, ground)), [near])


SCENES: dict[str, Callable[[Any, Scene], None]] = {
    "plain": _plain,
    "gradient": _gradient,
    "studio": _studio,
    "office": _office,
    "library": _library,
    "window": _window,
    "plants": _plants,
    "home": _home,
    "brand": _brand,
}
"""By their names in the spec."""
