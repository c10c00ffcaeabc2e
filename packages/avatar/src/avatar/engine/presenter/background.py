"""What is behind the presenter: drawn once, out of focus, lit from the upper left."""

import base64
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from avatar.engine.presenter.canvas import surface
from avatar.engine.presenter.catalogue import COLOURS
from avatar.engine.presenter.pen import (
    WHITE,
    Colour,
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
from avatar.errors import InputError
from avatar.media import Frame, Size

Generator = np.random.Generator
_H = 720.0
"""Scenes are drawn in units of 1/720 of the picture's height, 0 at the middle of its width."""

_BAND = 64

_FOCUS = {"plain": 0.0, "gradient": 0.0, "studio": 0.0, "office": 6.5, "library": 5.0, "window": 5.5, "plants": 5.0,
    "home": 5.5, "brand": 0.0, "picture": 0.0, "transparent": 0.0,
}  # fmt: skip


def draw_background(spec: Spec, size: Size) -> Frame:
    """The whole picture without the person."""
    w, h = size
    if spec.background == "transparent":
        return np.zeros((h, w, 4), np.uint8)
    if spec.background == "picture":
        return _picture(spec.background_picture, size)
    half_width = _H * w / h / 2
    frame = np.zeros((h, w, 4), np.uint8)
    target = surface(frame)
    canvas = target.getCanvas()
    canvas.scale(h / _H, h / _H)
    canvas.translate(half_width, 0)
    rng = np.random.default_rng([spec.texture_seed, 23])
    _SCENES[spec.background](canvas, _Scene(spec, half_width, rng))
    target.flushAndSubmit()
    sigma = _FOCUS[spec.background] * h / _H * (0.6 if spec.art_style != "soft" else 1.0)
    if sigma > 0:
        frame = cv2.GaussianBlur(frame, (0, 0), sigma)
    return frame if spec.background == "plain" else _finished(frame, spec, rng)


def _picture(encoded: str, size: Size) -> Frame:
    """The user's own picture, as large as covers the frame, cut evenly."""
    data = np.frombuffer(base64.b64decode(encoded), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if pixels is None:
        raise InputError("this portrait's background_picture is not a picture that can be read")
    (w, h), (rows, columns) = size, pixels.shape[:2]
    k = max(w / columns, h / rows)
    fitted = (max(w, round(columns * k)), max(h, round(rows * k)))
    large = cv2.resize(pixels, fitted, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    x, y = (fitted[0] - w) // 2, (fitted[1] - h) // 2
    frame: Frame = cv2.cvtColor(np.ascontiguousarray(large[y : y + h, x : x + w]), cv2.COLOR_BGR2RGBA)
    return frame


def _finished(frame: Frame, spec: Spec, rng: Generator) -> Frame:
    """Vignette, and a grain of about one level so that gradients do not band."""
    h, w = frame.shape[:2]
    x = (np.arange(w, dtype=np.float32) - w * 0.46) / (0.5 * max(w, h))
    y = (np.arange(h, dtype=np.float32) - h * 0.42) / (0.5 * max(w, h))
    strength = 0.0 if spec.art_style == "flat" else 0.30
    for top in range(0, h, _BAND):  # in bands, for a whole picture of floats is five times as large as the picture
        rows = slice(top, top + _BAND)
        far = np.clip(np.sqrt(x[None, :] ** 2 + y[rows, None] ** 2) - 0.45, 0, 1)
        rgb = frame[rows, :, :3] * (1 - strength * far[..., None] ** 1.3)
        grain = rng.normal(0, 0.7, (*far.shape, 1)).astype(np.float32)
        frame[rows, :, :3] = np.clip(rgb + grain + 0.5, 0, 255).astype(np.uint8)
    return frame


class _Scene:
    """Colours and extent shared by all scenes."""

    def __init__(self, spec: Spec, half_width: float, rng: Generator) -> None:
        self.light = hex_colour(spec.background_light)
        self.dark = hex_colour(spec.background_dark)
        self.half, self.rng = half_width, rng
        self.night = luminance(self.light) < 0.45

    def wall(self, canvas: Any) -> None:
        """The back wall, brighter at the upper left."""
        colours = [tint(self.light, 0.25), self.light, mix(self.light, self.dark, 0.75)]
        canvas.drawRect(
            _rect(-self.half - 5, -5, self.half + 5, _H + 5),
            linear((-self.half, 0), (self.half, _H), colours, [0, 0.4, 1]),
        )


def _rect(left: float, top: float, right: float, bottom: float) -> Any:
    return outline((left, top), (right, top), (right, bottom), (left, bottom)).getBounds()


def _plain(canvas: Any, s: _Scene) -> None:
    canvas.drawRect(_rect(-s.half - 5, -5, s.half + 5, _H + 5), fill(s.light))


def _gradient(canvas: Any, s: _Scene) -> None:
    canvas.drawRect(
        _rect(-s.half - 5, -5, s.half + 5, _H + 5),
        linear((-s.half * 0.8, 0), (s.half * 0.8, _H), [tint(s.light, 0.2), s.light, s.dark], [0, 0.35, 1]),
    )
    glow(canvas, (-60, 250), (520, 420), fade(WHITE, 0.28))
    glow(canvas, (s.half * 0.7, 700), (460, 330), fade(shade(s.dark, 0.3), 0.28))


def _studio(canvas: Any, s: _Scene) -> None:
    """A paper backdrop with a pool of light, and a floor it curves into."""
    deep = mix(s.dark, shade(s.dark, 0.5), 0.45)
    canvas.drawRect(
        _rect(-s.half - 5, -5, s.half + 5, _H + 5), linear((0, 0), (0, _H), [s.dark, s.dark, deep], [0, 0.6, 1])
    )
    glow(canvas, (-40, 270), (640, 470), fade(tint(s.light, 0.15), 0.95), core=0.1)
    glow(canvas, (-200, 60), (420, 300), fade(WHITE, 0.16))


def _office(canvas: Any, s: _Scene) -> None:
    """A bright room: window, shelf with binders, lamp, plant."""
    s.wall(canvas)
    _daylight_window(canvas, s, _rect(-610, 40, -250, 470))
    _shelf_unit(canvas, s, 285, 95)
    _lamp(canvas, (236, 0), s)
    _pot_plant(canvas, s, (-235, 560), 1.15)
    desk = mix(hex_colour("9c7653"), s.dark, 0.25)
    canvas.drawRect(_rect(-s.half - 5, 590, s.half + 5, _H + 5), linear((0, 590), (0, _H), [tint(desk, 0.25), desk]))


def _daylight_window(canvas: Any, s: _Scene, box: Any) -> None:
    sky = [hex_colour("f7fbff"), hex_colour("cfe2f2"), hex_colour("dfe9e4")]
    canvas.drawRect(box, linear((0, box.top()), (0, box.bottom()), sky))
    canvas.save()
    canvas.clipRect(box)
    for _ in range(12):
        x = s.rng.uniform(box.left() - 20, box.right())
        top = box.bottom() - s.rng.uniform(50, 190)
        tone = mix(hex_colour("a9bccd"), hex_colour("d5dfe8"), s.rng.random())
        canvas.drawRect(_rect(x, top, x + s.rng.uniform(30, 75), box.bottom()), fill(fade(tone, 0.85)))
    glow(canvas, (box.left() + 60, box.top() + 40), (260, 200), fade(WHITE, 0.8))
    canvas.restore()
    frame = tint(s.light, 0.7)
    canvas.drawRect(box, stroke(frame, 13))
    middle = (box.left() + box.right()) / 2
    canvas.drawRect(_rect(middle - 4, box.top(), middle + 4, box.bottom()), fill(frame))
    canvas.drawRect(
        _rect(box.left() - 22, box.bottom() + 4, box.right() + 22, box.bottom() + 20), fill(tint(s.light, 0.5))
    )
    glow(canvas, (middle + 190, 380), (330, 330), fade(WHITE, 0.16))


def _shelf_unit(canvas: Any, s: _Scene, left: float, top: float) -> None:
    wood = mix(hex_colour("a57d57"), s.light, 0.28)
    for row in range(3):
        y = top + 140 * row
        _books(canvas, s, (left + 8, left + 330), y + 118, 96)
        canvas.drawRect(_rect(left - 6, y + 118, left + 360, y + 130), fill(wood))
        canvas.drawRect(
            _rect(left - 6, y + 130, left + 360, y + 146),
            linear((0, y + 130), (0, y + 146), [(0, 0, 0, 0.20), (0, 0, 0, 0.0)]),
        )


def _books(canvas: Any, s: _Scene, span: tuple[float, float], base: float, height: float) -> None:
    names = list(COLOURS)
    x, right = span
    while x < right - 14:
        if s.rng.random() < 0.10:
            x = _ornament(canvas, s, x, base)
            continue
        width = s.rng.uniform(13, 30)
        tall = height * s.rng.uniform(0.66, 1.0)
        cover = mix(hex_colour(COLOURS[names[int(s.rng.integers(len(names)))]]), s.light, 0.30)
        if s.night:
            cover = mix(cover, s.dark, 0.55)
        canvas.drawRect(
            _rect(x, base - tall, x + width, base),
            linear((x, 0), (x + width, 0), [tint(cover, 0.2), cover, shade(cover, 0.25)]),
        )
        canvas.drawRect(
            _rect(x + 2, base - tall * 0.8, x + width - 2, base - tall * 0.72), fill(fade(tint(cover, 0.7), 0.6))
        )
        x += width + 1.0


def _ornament(canvas: Any, s: _Scene, x: float, base: float) -> float:
    kind = s.rng.random()
    if kind < 0.5:
        canvas.drawCircle(x + 28, base - 20, 20, fill(mix(hex_colour("d9b48a"), s.dark, 0.2)))
    else:
        _pot_plant(canvas, s, (x + 28, base), 0.32)
    return x + 62


def _lamp(canvas: Any, at: tuple[float, float], s: _Scene) -> None:
    x, y = at
    canvas.drawRect(_rect(x - 1.5, y - 10, x + 1.5, y + 62), fill(hex_colour("40444a")))
    canvas.drawPath(
        outline((x - 16, y + 60), (x + 16, y + 60), (x + 44, y + 104), (x - 44, y + 104)),
        fill(mix(s.dark, hex_colour("33383f"), 0.6)),
    )
    glow(canvas, (x, y + 108), (120, 90), (1.0, 0.88, 0.62, 0.65))


def _pot_plant(canvas: Any, s: _Scene, foot: tuple[float, float], size: float) -> None:
    x, y = foot
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(size, size)
    for _ in range(15):
        lean = s.rng.uniform(-1, 1)
        high = s.rng.uniform(90, 185)
        tip = (lean * 100, -60 - high * (1 - 0.4 * abs(lean)))
        green = mix(hex_colour("3f7a52"), hex_colour("8db56d"), s.rng.random())
        if s.night:
            green = mix(green, s.dark, 0.5)
        canvas.drawPath(taper([(lean * 12, -52), (lean * 46, -60 - high * 0.6), tip], 24, swell=0.62), fill(green))
    pot = outline((-34, -62), (34, -62), (25, 0), (-25, 0))
    canvas.drawPath(pot, linear((-34, 0), (34, 0), [hex_colour("e9dfd3"), hex_colour("cbb9a6"), hex_colour("9c8a78")]))
    canvas.restore()


def _library(canvas: Any, s: _Scene) -> None:
    """Shelves of books from wall to wall."""
    wood = mix(mix(hex_colour("8a6242"), s.dark, 0.30), s.light, 0.18)
    canvas.drawRect(_rect(-s.half - 5, -5, s.half + 5, _H + 5), fill(shade(wood, 0.45)))
    for row in range(5):
        y = 20 + row * 158
        _books(canvas, s, (-s.half - 30, s.half + 10), y + 132, 126)
        canvas.drawRect(_rect(-s.half - 5, y + 132, s.half + 5, y + 148), fill(tint(wood, 0.12)))
        canvas.drawRect(
            _rect(-s.half - 5, y + 148, s.half + 5, y + 178),
            linear((0, y + 148), (0, y + 178), [(0, 0, 0, 0.42), (0, 0, 0, 0.0)]),
        )
    for x in (-460.0, 0.0, 460.0):
        canvas.drawRect(_rect(x - 12, -5, x + 12, _H + 5), linear((x - 12, 0), (x + 12, 0), [tint(wood, 0.22), wood]))
    glow(canvas, (-140, 220), (620, 480), (1.0, 0.93, 0.80, 0.34))


def _window(canvas: Any, s: _Scene) -> None:
    """A tall window over a city."""
    sky = (
        [hex_colour("1d2b50"), hex_colour("5b5a86"), hex_colour("e0a58a")]
        if s.night
        else [hex_colour("b9d7ee"), hex_colour("e2eef6"), hex_colour("fbf1e3")]
    )
    canvas.drawRect(_rect(-s.half - 5, -5, s.half + 5, _H + 5), linear((0, 0), (0, 520), sky))
    glow(canvas, (-330, 330), (420, 300), (1.0, 0.93, 0.82, 0.55))
    near = hex_colour("27304d") if s.night else hex_colour("8fa6ba")
    for layer, haze in ((0, 0.62), (1, 0.34), (2, 0.0)):
        _skyline(canvas, s, mix(near, sky[1], haze), 330 + 70 * layer, layer)
    post = mix(shade(s.dark, 0.2), hex_colour("4a4e55"), 0.5)
    for x in np.arange(-s.half - 40, s.half + 60, 330):
        canvas.drawRect(_rect(x - 9, -5, x + 9, _H + 5), fill(post))
    canvas.drawRect(
        _rect(-s.half - 5, 612, s.half + 5, _H + 5),
        linear((0, 612), (0, _H), [tint(s.light, 0.1), mix(s.light, s.dark, 0.6)]),
    )


def _skyline(canvas: Any, s: _Scene, tone: Colour, top: float, layer: int) -> None:
    x = -s.half - 60
    while x < s.half + 20:
        width = float(s.rng.uniform(46, 104))
        roof = top + float(s.rng.uniform(-150, 60))
        canvas.drawRect(_rect(x, roof, x + width, 640), linear((x, 0), (x + width, 0), [tint(tone, 0.18), tone]))
        if layer == 2:
            _lit_windows(canvas, s, x, roof, width)
        x += width + float(s.rng.uniform(-8, 22))


def _lit_windows(canvas: Any, s: _Scene, x: float, roof: float, width: float) -> None:
    lit = fill((1.0, 0.86, 0.55, 0.85)) if s.night else fill((1.0, 1.0, 1.0, 0.40))
    for wx in np.arange(x + 9, x + width - 12, 16):
        for wy in np.arange(roof + 14, 600, 22):
            if s.rng.random() < 0.42:
                canvas.drawRect(_rect(float(wx), float(wy), float(wx) + 8, float(wy) + 12), lit)


def _plants(canvas: Any, s: _Scene) -> None:
    """A light wall with leaves coming in from both sides."""
    s.wall(canvas)
    glow(canvas, (-180, 200), (520, 420), fade(WHITE, 0.45))
    for side in (-1.0, 1.0):
        for layer in range(2):
            for _ in range(15):
                _frond(canvas, s, side, layer)


def _frond(canvas: Any, s: _Scene, side: float, layer: int) -> None:
    root = (side * (s.half + 30), float(s.rng.uniform(120, 820)))
    reach = float(s.rng.uniform(160, 360)) * min(1.0, s.half / 500)
    rise = float(s.rng.uniform(-210, 60))
    tip = (root[0] - side * reach, root[1] + rise)
    bend = (root[0] - side * reach * 0.55, root[1] + rise * 0.9 - 40)
    green = mix(hex_colour("2f6b4b"), hex_colour("93bf78"), float(s.rng.random()))
    tone = mix(green, s.light, 0.45 if layer == 0 else 0.0)
    if s.night:
        tone = mix(tone, s.dark, 0.55)
    canvas.drawPath(taper([root, bend, tip], float(s.rng.uniform(30, 62)), swell=0.55), fill(tone))
    canvas.drawPath(taper([root, bend, tip], 3), fill(fade(tint(tone, 0.5), 0.5)))


def _brand(canvas: Any, s: _Scene) -> None:
    """One colour, with wide slanting planes of it a little lighter and darker."""
    wide, pale = s.half + 5, tint(s.light, 0.5)
    base = linear((-wide, 0), (wide, _H), [tint(s.light, 0.06), s.light, s.dark])
    canvas.drawRect(_rect(-wide, -5, wide, _H + 5), base)
    for x, width, colour in ((-0.95, 260, pale), (0.30, 420, s.dark), (0.72, 150, pale)):
        left = x * s.half
        plane = outline((left, -5), (left + width, -5), (left + width - 250, _H + 5), (left - 250, _H + 5))
        canvas.drawPath(plane, fill(fade(colour, 0.20)))
    glow(canvas, (-60, 300), (480, 420), fade(WHITE, 0.16))


def _home(canvas: Any, s: _Scene) -> None:
    """A living room: pictures on the wall, a floor lamp, a sofa, a plant."""
    s.wall(canvas)
    for x, y, w, h, tone in ((300, 90, 150, 190, "6f9a8d"), (475, 130, 110, 140, "d08a5b")):
        _wall_picture(canvas, s, (x, y, w, h), hex_colour(tone))
    _wall_picture(canvas, s, (-480, 110, 170, 150), hex_colour("7f8fb0"))
    sofa = mix(hex_colour("7f8a86"), s.dark, 0.30)
    arm = shade(sofa, 0.15)
    for left, top, right, colour in ((-640, 430, -150, sofa), (-690, 520, -600, arm), (170, 430, 640, sofa)):
        paint = linear((0, top), (0, _H), [tint(colour, 0.2), shade(colour, 0.3)])
        canvas.drawRoundRect(_rect(left, top, right, 800), 40, 40, paint)
    canvas.drawRect(_rect(-257, 150, -252, _H), fill(hex_colour("4a4640")))
    canvas.drawPath(outline((-290, 90), (-220, 90), (-196, 190), (-314, 190)), fill(hex_colour("f3dfb6")))
    glow(canvas, (-255, 200), (230, 210), (1.0, 0.90, 0.68, 0.75))
    _pot_plant(canvas, s, (250, 600), 1.3)


def _wall_picture(canvas: Any, s: _Scene, box: tuple[float, float, float, float], tone: Colour) -> None:
    x, y, w, h = box
    frame, paper = mix(hex_colour("6b4a33"), s.dark, 0.2), mix(hex_colour("f6f1e7"), s.light, 0.3)
    canvas.drawRect(_rect(x, y, x + w, y + h), fill(frame))
    canvas.drawRect(_rect(x + 9, y + 9, x + w - 9, y + h - 9), fill(paper))
    hill = outline((x + 24, y + h - 24), (x + w * 0.4, y + h * 0.25, x + w - 24, y + h - 24))
    canvas.drawPath(hill, fill(mix(tone, s.dark, 0.35 * s.night)))


_SCENES: dict[str, Callable[[Any, _Scene], None]] = {
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
