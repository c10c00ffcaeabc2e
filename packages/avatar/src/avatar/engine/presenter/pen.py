"""Paths, paints and colours: the drawing vocabulary of the presenter.

Lengths are head units (see `anatomy`) unless a caller has scaled the canvas. Colours are
non-premultiplied sRGB with alpha, each channel in 0..1.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import starmap
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

Colour = tuple[float, float, float, float]
Point = tuple[float, float]
Points = Sequence[Point]
Array = NDArray[np.float64]

WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0, 1.0)
CLEAR: Colour = (0.0, 0.0, 0.0, 0.0)


def hex_colour(text: str, alpha: float = 1.0) -> Colour:
    """The colour written as "rrggbb"."""
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255, alpha)


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """`a` at t=0, `b` at t=1."""
    s = 1.0 - t
    return (a[0] * s + b[0] * t, a[1] * s + b[1] * t, a[2] * s + b[2] * t, a[3] * s + b[3] * t)


def fade(colour: Colour, alpha: float) -> Colour:
    """The same colour at another alpha."""
    return (colour[0], colour[1], colour[2], alpha)


def shade(colour: Colour, t: float) -> Colour:
    """Darker, and towards warm red-violet as skin and cloth go in soft light."""
    return mix(colour, (colour[0] * 0.36, colour[1] * 0.22, colour[2] * 0.28, colour[3]), t)


def tint(colour: Colour, t: float) -> Colour:
    """Lighter, towards a warm white."""
    return mix(colour, (1.0, 0.97, 0.91, colour[3]), t)


def luminance(colour: Colour) -> float:
    """Relative brightness, 0..1, by the Rec. 709 weights on sRGB values."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


@lru_cache(4096)
def native(colour: Colour) -> Any:
    """The colour as skia gets it: red and blue exchanged.

    Skia's quick routines know no other order of bytes than BGRA, our frames are RGBA. Nothing that is drawn
    depends on which channel is which, so surfaces are called BGRA (see `canvas`) and colours are exchanged here.
    """
    red, green, blue, alpha = [float(min(1.0, max(0.0, v))) for v in colour]
    return skia.Color4f(blue, green, red, alpha)


@lru_cache(4096)
def packed(colour: Colour) -> Any:
    """The 32-bit colour that skia's gradients take."""
    return native(colour).toColor()


def fill(colour: Colour, blur: float = 0.0) -> Any:
    """A filling paint; `blur` is the sigma of a soft edge, for layers that are drawn once."""
    paint = skia.Paint(AntiAlias=True)
    paint.setColor4f(native(colour))
    if blur > 0:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def stroke(colour: Colour, width: float, blur: float = 0.0) -> Any:
    """A stroking paint with round ends."""
    paint = fill(colour, blur)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return paint


def scratch(colour: Colour, width: float) -> Any:
    """A stroking paint for fine or dense lines, cut off bluntly: round ends nobody can see take half the time."""
    paint = stroke(colour, width)
    paint.setStrokeCap(skia.Paint.kButt_Cap)
    paint.setStrokeJoin(skia.Paint.kBevel_Join)
    return paint


def linear(start: Point, end: Point, colours: Sequence[Colour], stops: Sequence[float] | None = None) -> Any:
    """A paint that runs through `colours` from one point to another."""
    paint = skia.Paint(AntiAlias=True)
    ends = [skia.Point(*start), skia.Point(*end)]
    paint.setShader(skia.GradientShader.MakeLinear(ends, [packed(c) for c in colours], list(stops) if stops else None))
    return paint


def radial(centre: Point, radius: float, colours: Sequence[Colour], stops: Sequence[float] | None = None) -> Any:
    """A paint that runs through `colours` from the centre outwards."""
    paint = skia.Paint(AntiAlias=True)
    paint.setShader(
        skia.GradientShader.MakeRadial(
            skia.Point(*centre), radius, [packed(c) for c in colours], list(stops) if stops else None
        )
    )
    return paint


def glow(canvas: Any, centre: Point, radii: Point, colour: Colour, core: float = 0.0) -> None:
    """A soft elliptical spot that fades to nothing at `radii`; flat up to `core` of the radius."""
    canvas.save()
    canvas.translate(*centre)
    canvas.scale(1.0, radii[1] / radii[0])
    middle = fade(colour, colour[3] * 0.46)
    stops = [0.0, core + (1 - core) * 0.45, 1.0]
    canvas.drawCircle(0, 0, radii[0], radial((0, 0), radii[0], [colour, middle, fade(colour, 0.0)], stops))
    canvas.restore()


_LEVELS = 1024
_BEFORE, _AFTER = 1.0, 6.0
"""Steps of a gradient that is kept as a bitmap, and how many times its length that reaches before and after it."""

_FAR = 1000.0


def _bitmap(colours: Array) -> Any:
    """A skia image of (h, w, 4) colours, kept as frames are (see `native`)."""
    colours[..., :3] *= colours[..., 3:]
    pixels = np.ascontiguousarray(np.round(colours * 255), np.uint8)
    return skia.Image.fromarray(pixels, colorType=skia.kBGRA_8888_ColorType, alphaType=skia.kPremul_AlphaType)


@lru_cache(256)
def _strip(colours: tuple[Colour, ...], stops: tuple[float, ...] | None, across: bool) -> Any:
    at = np.array(stops) if stops else np.linspace(0, 1, len(colours))
    where = (np.arange(_LEVELS) + 0.5) / _LEVELS * (_BEFORE + 1 + _AFTER) - _BEFORE
    strip = np.stack([np.interp(where, at, channel) for channel in np.array(colours).T], axis=1)
    return _bitmap(strip[None] if across else strip[:, None])


def wash(
    canvas: Any,
    path: Any,
    reach: Point,
    colours: Sequence[Colour],
    stops: Sequence[float] | None = None,
    *,
    across: bool = False,
) -> None:
    """Fill a path as `linear` would from y `reach[0]` down to `reach[1]`, or `across` from x to x.

    For what is drawn anew in every frame, in a third of the time: skia computes its own gradients for each run of
    pixels and only looks up in a strip of colours made once. Nothing is filled more than once the length of `reach`
    before it, or six times after.
    """
    length = reach[1] - reach[0]
    first, last = reach[0] - _BEFORE * length, reach[1] + _AFTER * length
    edges = (first, -_FAR, last, _FAR) if across else (-_FAR, first, _FAR, last)
    strip = _strip(tuple(colours), tuple(stops) if stops else None, across)
    with clipped(canvas, path):
        canvas.drawImageRect(strip, skia.Rect.MakeLTRB(*edges), _NEAREST, _PLAIN)


@lru_cache(256)
def _disc(red: float, green: float, blue: float) -> Any:
    axis = (np.arange(_DISC) + 0.5) / _DISC * 2 - 1
    far = np.hypot(axis[:, None], axis[None])
    colours = np.empty((_DISC, _DISC, 4))
    colours[..., :3] = red, green, blue
    colours[..., 3] = np.interp(far, [0.0, 0.45, 1.0], [1.0, 0.46, 0.0])
    return _bitmap(colours)


_DISC = 64
_PLAIN = skia.Paint()
_NEAREST, _SMOOTH = skia.SamplingOptions(), skia.SamplingOptions(skia.FilterMode.kLinear)


def spot(canvas: Any, centre: Point, radii: Point, colour: Colour) -> None:
    """A `glow` from a bitmap, for what is drawn anew in every frame: a quarter of the time."""
    x, y = centre
    paint = skia.Paint(Alphaf=colour[3])
    room = skia.Rect.MakeLTRB(x - radii[0], y - radii[1], x + radii[0], y + radii[1])
    canvas.drawImageRect(_disc(*colour[:3]), room, _SMOOTH, paint)


def outline(start: Point, *segments: Sequence[float], closed: bool = True) -> Any:
    """A path of segments: 2 numbers a line, 4 a quadratic, 6 a cubic."""
    path = skia.Path()
    path.moveTo(*start)
    for segment in segments:
        if len(segment) == 2:
            path.lineTo(*segment)
        elif len(segment) == 4:
            path.quadTo(*segment)
        else:
            path.cubicTo(*segment)
    if closed:
        path.close()
    return path


def ellipse(centre: Point, rx: float, ry: float) -> Any:
    """An ellipse as a path."""
    return skia.Path().addOval(skia.Rect.MakeLTRB(centre[0] - rx, centre[1] - ry, centre[0] + rx, centre[1] + ry))


def spline(points: Points, closed: bool = True) -> Any:
    """A Catmull-Rom curve through every point."""
    n = len(points)
    order = [i % n for i in range(-1, n + 2)] if closed else [0, *range(n), n - 1]
    path = skia.Path()
    path.moveTo(*points[0])
    for i in range(n if closed else n - 1):
        before, here, there, after = (points[j] for j in order[i : i + 4])
        path.cubicTo(
            here[0] + (there[0] - before[0]) / 6,
            here[1] + (there[1] - before[1]) / 6,
            there[0] - (after[0] - here[0]) / 6,
            there[1] - (after[1] - here[1]) / 6,
            *there,
        )
    if closed:
        path.close()
    return path


def mirrored(points: Points) -> list[Point]:
    """The points on the other side of the face's midline, in reverse order."""
    return [(-x, y) for x, y in reversed(points)]


@cache
def _basis(knots: int, count: int) -> Array:
    """(count, knots): what each knot of a Catmull-Rom curve weighs in each of its points."""
    eye = np.eye(knots)
    padded = np.vstack([2 * eye[0] - eye[1], eye, 2 * eye[-1] - eye[-2]])
    where = np.linspace(0, knots - 1, count)
    i = np.minimum(where.astype(int), knots - 2)
    t = (where - i)[:, None]
    a, b, c, d = padded[i], padded[i + 1], padded[i + 2], padded[i + 3]
    weights: Array = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return weights


def sampled(points: Points | Array, count: int = 24) -> Array:
    """(count, 2) points along the Catmull-Rom curve through `points`, evenly in the curve's parameter."""
    p = np.asarray(points, dtype=np.float64)
    curve: Array = _basis(len(p), count) @ p
    return curve


@cache
def _mould(count: int, corners: int) -> tuple[bytes, bytes] | None:
    """What skia writes before and after the points of a path of `count` of them; None if it writes them otherwise."""
    points = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    written = _drawn_up(points, corners).serialize().bytes()
    before, found, after = written.partition(points.tobytes())
    return (before, after) if found else None


def _drawn_up(points: Any, corners: int) -> Any:
    """Closed figures of so many `corners` each, point by point."""
    path = skia.Path()
    for first in range(0, len(points), corners):
        path.addPoly(list(starmap(skia.Point, points[first : first + corners].tolist())), True)
    return path


def _moulded(points: Array, corners: int) -> Any:
    """The same path, ten times as fast: skia reads it from memory with other points put in."""
    mould = _mould(len(points), corners)
    path = skia.Path()
    if mould and path.readFromMemory(mould[0] + points.astype(np.float32).tobytes() + mould[1]):
        return path
    return _drawn_up(points, corners)


def polygon(points: Array) -> Any:
    """A closed path of straight edges."""
    return _moulded(points, len(points))


def hairs(roots: Array, tips: Array, width: float) -> Any:
    """A path of straight hairs from (n, 2) `roots` to as many `tips`, pointed at both, `width` wide near the root."""
    along = tips - roots
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * (width / 2 / np.hypot(*along.T))[:, None]
    widest = roots + 0.3 * along
    return _moulded(np.stack([roots, widest + across, tips, widest - across], axis=1).reshape(-1, 2), 4)


def ribbon(curve: Array, widths: Array) -> Any:
    """A stroke along `curve` whose full width at each of its points is `widths`."""
    along = np.empty_like(curve)
    along[1:-1] = curve[2:] - curve[:-2]
    along[0], along[-1] = curve[1] - curve[0], curve[-1] - curve[-2]
    half = widths / (2 * np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6))
    edge = np.empty((2 * len(curve), 2))
    x, y = along[:, 0] * half, along[:, 1] * half
    n = len(curve)
    edge[:n, 0], edge[:n, 1] = curve[:, 0] - y, curve[:, 1] + x
    edge[n:, 0], edge[n:, 1] = (curve[:, 0] + y)[::-1], (curve[:, 1] - x)[::-1]
    return polygon(edge)


@cache
def _swelling(swell: float, tips: Point, count: int) -> Array:
    t = np.linspace(0.0, 1.0, count)
    rise = np.clip(t / max(swell, 1e-3), 0, 1)
    fall = np.clip((1 - t) / max(1 - swell, 1e-3), 0, 1)
    body = np.sin(np.minimum(rise, fall) * np.pi / 2)
    ends = np.where(t < swell, tips[0], tips[1])
    widths: Array = ends + (1 - ends) * body
    return widths


def taper(points: Points | Array, width: float, swell: float = 0.5, tips: Point = (0.0, 0.0), count: int = 20) -> Any:
    """A pointed stroke, widest at `swell` of its length; `tips` are the end widths as parts of `width`."""
    return ribbon(sampled(points, count), width * _swelling(swell, tips, count))


class clipped:  # noqa: N801  a context manager, used as a verb
    """Drawing inside the block is kept within `path`."""

    def __init__(self, canvas: Any, path: Any) -> None:
        self._canvas, self._path = canvas, path

    def __enter__(self) -> None:
        self._canvas.save()
        self._canvas.clipPath(self._path, True)

    def __exit__(self, *_: object) -> None:
        self._canvas.restore()


def inked(canvas: Any, colour: Colour, width: float, draw: "Draw") -> None:
    """What `draw` draws, on a contour of `width` around all of it together."""
    paint = skia.Paint()
    silhouette = skia.ColorFilters.Blend(packed(colour), skia.BlendMode.kSrcIn)
    paint.setImageFilter(skia.ImageFilters.ColorFilter(silhouette, skia.ImageFilters.Dilate(width, width)))
    canvas.saveLayer(None, paint)
    draw(canvas)
    canvas.restore()
    draw(canvas)


Draw = Callable[[Any], None]
"""Draws on a skia canvas that is already in head units."""
