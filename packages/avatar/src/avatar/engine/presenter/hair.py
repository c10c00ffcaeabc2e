"""Hair made of strands: sheets that flow between guide curves, and curls that fill a region."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import skia

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.pen import (
    Array,
    Colour,
    Draw,
    Point,
    Points,
    fade,
    fill,
    inked,
    linear,
    luminance,
    mix,
    packed,
    polygon,
    radial,
    ribbon,
    sampled,
    shade,
    taper,
)  # fmt: skip

Generator = np.random.Generator
_STEPS = 56


@dataclass(frozen=True)
class Sheet:
    """Hair that flows from roots to tips along `guides`, from the sheet's first edge to its last.

    `tone` is lighter above 0 and darker below; `ragged` is the part of the length by which tips
    differ; `shine` is where along the strand the light breaks, None for none.
    """

    guides: Sequence[Points]
    strands: int = 70
    tone: float = 0.0
    ragged: float = 0.05
    shine: float | None = 0.3
    shine_width: float = 0.10
    stray: float = 0.6
    soft_roots: bool = False  # hair that grows out of visible skin
    inner: float = 0.0  # how much darker the strands of the first edge are, which lie deepest
    loose: int = 0  # single hairs that stand off the last edge


@dataclass(frozen=True)
class Curls:
    """Curls of about `size` units that fill the space between an inner and an outer closed edge."""

    centres: Points
    size: float
    tone: float = 0.0


@dataclass(frozen=True)
class Tufts:
    """Short pointed locks that overlap like shingles; each grows from its root along `fall` (units x, y)."""

    roots: Points
    fall: Sequence[Point]
    width: float = 10.0
    tone: float = 0.0


Part = Sheet | Curls | Tufts


@dataclass(frozen=True)
class Hairdo:
    """What of a style lies behind the body and head, and what before the face."""

    back: tuple[Part, ...] = ()
    front: tuple[Part, ...] = ()
    covers_ears: bool = False
    stubble: float = 0.0  # opacity of hair too short for strands


def strands_of(sheet: Sheet, rng: Generator) -> Array:
    """(strands, steps, 2) curves of a sheet, the guides interpolated smoothly across it."""
    guides = np.stack([sampled(g, _STEPS) for g in sheet.guides])
    across = np.stack([sampled(guides[:, i], sheet.strands) for i in range(_STEPS)], axis=1)
    drift = rng.normal(0, sheet.stray, (sheet.strands, 1, 2)) * np.linspace(0, 1, _STEPS)[None, :, None] ** 1.5
    bend = np.sin(np.linspace(0, 2 * np.pi, _STEPS))[None, :, None] * rng.normal(
        0, sheet.stray * 0.6, (sheet.strands, 1, 2)
    )
    curves: Array = across + drift * 2.2 + bend
    return curves


def _spacing(curves: Array) -> Array:
    step = np.diff(curves, axis=0, append=curves[-1:] * 2 - curves[-2:-1])
    return np.asarray(np.hypot(step[..., 0], step[..., 1]))


def _tones(count: int, rng: Generator) -> Array:
    """Lightness of each strand: neighbours go together in locks."""
    u = np.linspace(0, 1, count)
    locks = sum(np.sin(2 * np.pi * (f * u + rng.random())) / n for n, f in ((1.6, 4.3), (1.8, 9.1), (2.2, 17.0)))
    return np.asarray(locks) * 0.085 + rng.normal(0, 0.035, count)


def _toned(colour: Colour, tone: float) -> Colour:
    """Lit hair gains its own colour, not white: black hair stays black where it shines."""
    if tone <= 0:
        return shade(colour, min(0.85, -tone * 1.5))
    red, green, blue, alpha = colour
    lit = (min(1.0, red * 1.45 + 0.17), min(1.0, green * 1.45 + 0.13), min(1.0, blue * 1.45 + 0.10), alpha)
    return mix(colour, lit, min(1.0, tone * 1.9))


def _draw_sheet(canvas: Any, sheet: Sheet, colour: Colour, rng: Generator, flat: bool) -> None:
    curves = strands_of(sheet, rng)
    widths = np.maximum(_spacing(curves) * 2.3, 1.8)
    tones = _tones(sheet.strands, rng) * (0.35 if flat else 1.0) + sheet.tone
    u = np.arange(sheet.strands)
    tones -= sheet.inner * np.clip(1 - u / (0.22 * sheet.strands), 0, 1)
    lock = np.abs(np.sin(u * 0.42 + rng.random() * 3)) * 0.6 + rng.random(sheet.strands) * 0.4
    t = np.linspace(0, 1, _STEPS)
    roots = np.clip(0.08 + t / 0.14, 0, 1) if sheet.soft_roots else np.clip(0.35 + t / 0.05, 0, 1)
    for i in rng.permutation(sheet.strands):
        end = 1 - sheet.ragged * lock[i]
        curve = sampled(curves[i], _STEPS) if sheet.ragged == 0 else _shortened(curves[i], end)
        pointed = np.clip((1.0 - t) / 0.16, 0.04, 1) ** 0.7 * roots
        canvas.drawPath(ribbon(curve, widths[i] * pointed), fill(_toned(colour, float(tones[i]))))
    if flat:
        _flat_shine(canvas, sheet, curves, colour)
    else:
        _fine_strands(canvas, curves, colour, rng)
        if sheet.shine is not None:
            _shine(canvas, sheet, curves, colour, rng)
        for _ in range(sheet.loose):
            _loose_hair(canvas, curves, colour, rng)


def _flat_shine(canvas: Any, sheet: Sheet, curves: Array, colour: Colour) -> None:
    """One clear-edged band of light over the lit half, as wide as it is in the soft style."""
    if sheet.shine is None:
        return
    t = np.sin(np.linspace(0, np.pi, len(curves)))
    first, last = sheet.shine - sheet.shine_width * 0.6 * t, sheet.shine + sheet.shine_width * 0.6 * t
    k = np.arange(len(curves))
    upper = curves[k, (np.clip(first, 0, 0.97) * (_STEPS - 1)).astype(int)]
    lower = curves[k, (np.clip(last, 0, 0.97) * (_STEPS - 1)).astype(int)]
    lit = upper[:, 0] < 70
    if lit.sum() > 8 and np.ptp(upper[lit, 0]) > 60:  # a shorter one looks like a clip
        knots = np.linspace(0, lit.sum() - 1, 6).astype(int)  # few, so that no single strand bends the edge
        band = polygon(np.vstack([sampled(upper[lit][knots], 40), sampled(lower[lit][knots], 40)[::-1]]))
        canvas.drawPath(band, fill(fade(_toned(colour, 0.32), 0.75)))


def _loose_hair(canvas: Any, curves: Array, colour: Colour, rng: Generator) -> None:
    """One hair beside the outermost strands, going its own way."""
    curve = _shortened(curves[-1 - int(rng.integers(0, 6))], float(rng.uniform(0.6, 1.0)))
    t = np.linspace(0, 1, len(curve))
    off = rng.uniform(1.0, 5.5) * np.sin(np.pi * t) + rng.normal(0, 1.6) * np.sin(2 * np.pi * t * rng.uniform(0.6, 1.4))
    along = np.gradient(curve, axis=0)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    out = np.sign(np.mean(normal[:, 0] * curve[:, 0] + normal[:, 1] * (curve[:, 1] + 20)))
    path = ribbon(curve + normal * (off * out)[:, None], 1.1 * np.sin(np.pi * np.clip(t, 0.02, 0.98)))
    canvas.drawPath(path, fill(fade(_toned(colour, float(rng.uniform(-0.15, 0.2))), float(rng.uniform(0.4, 0.75)))))


def _shortened(curve: Array, end: float) -> Array:
    where = np.linspace(0, end * (len(curve) - 1), len(curve))
    i = np.minimum(where.astype(int), len(curve) - 2)
    part: Array = curve[i] + (curve[i + 1] - curve[i]) * (where - i)[:, None]
    return part


def _fine_strands(canvas: Any, curves: Array, colour: Colour, rng: Generator) -> None:
    light, dark = _toned(colour, 0.30), _toned(colour, -0.30)
    t = np.linspace(0, 1, _STEPS)
    for _ in range(len(curves)):
        i = int(rng.integers(0, len(curves) - 1))
        between = curves[i] + (curves[i + 1] - curves[i]) * rng.random()
        tone = fade(light if rng.random() < 0.45 else dark, float(rng.uniform(0.18, 0.42)))
        part = _shortened(between, float(rng.uniform(0.75, 1.0)))
        canvas.drawPath(
            ribbon(part, float(rng.uniform(0.7, 1.5)) * np.sin(np.pi * np.clip(t, 0.03, 0.97)) ** 0.5), fill(tone)
        )


def _shine(canvas: Any, sheet: Sheet, curves: Array, colour: Colour, rng: Generator) -> None:
    """A band of light across the sheet, made of short bright strands."""
    assert sheet.shine is not None
    bright = mix(_toned(colour, 0.5), (1.0, 0.90, 0.76, 1.0), 0.24)
    strength = 0.40
    for i in range(0, len(curves), 1):
        middle = sheet.shine + rng.normal(0, 0.022)
        reach = sheet.shine_width * rng.uniform(0.5, 1.25)
        first, last = max(0.0, middle - reach), min(0.97, middle + reach)
        where = np.linspace(first, last, 10) * (_STEPS - 1)
        k = np.minimum(where.astype(int), _STEPS - 2)
        part = curves[i][k] + (curves[i][k + 1] - curves[i][k]) * (where - k)[:, None]
        lit = float(np.clip(1.05 - (part[4, 0] + 60) / 300, 0.25, 1.0))
        width = rng.uniform(1.0, 3.0) * np.sin(np.linspace(0.05, np.pi - 0.05, 10))
        canvas.drawPath(ribbon(part, width), fill(fade(bright, float(strength * lit * rng.uniform(0.4, 1.0)))))


def _draw_curls(canvas: Any, curls: Curls, colour: Colour, rng: Generator, flat: bool) -> None:
    centres = np.asarray(curls.centres, float)
    base = fill(_toned(colour, curls.tone - 0.22 + 0.14 * luminance(colour)))
    for x, y in centres:
        canvas.drawCircle(float(x), float(y), curls.size * (1.02 if flat else 0.9), base)
    for x, y in centres[rng.permutation(len(centres))]:
        _curl(canvas, (float(x), float(y)), curls, colour, rng, flat=flat)


_BOLD = ((1.0, 0.62, 0.0, 1.0), (0.74, 0.26, 0.10, 0.55), (1.2, 0.12, -0.14, 0.5), (0.9, 0.07, 0.22, 0.5))
_FINE = (
    (1.0, 0.56, -0.06, 1.0), (0.74, 0.20, -0.10, 0.8), (1.26, 0.17, -0.13, 0.8), (0.84, 0.15, 0.05, 0.9),
    (1.14, 0.14, 0.0, 0.9), (0.94, 0.13, 0.13, 0.85), (1.05, 0.11, 0.18, 0.75), (1.32, 0.07, 0.04, 0.6),
    (0.66, 0.07, 0.10, 0.6), (0.99, 0.05, 0.32, 0.7), (1.10, 0.045, -0.26, 0.6), (0.89, 0.045, -0.22, 0.6),
)  # fmt: skip
"""The strands of a curl: how far out they wind, how wide they are (both in sizes), how light, and how opaque."""


def _curl(canvas: Any, at: Point, curls: Curls, colour: Colour, rng: Generator, *, flat: bool) -> None:
    """A lock of strands that winds about `at` and thins out towards its tip."""
    x, y = at
    even = 1 - 0.5 * luminance(colour)  # on pale hair the same steps look twice as large
    lit = float(np.clip(-(x * 0.55 + (y + 110) * 0.8) / 170, -1, 1)) * 0.16
    tone = lit + even * (curls.tone + float(rng.normal(0, 0.05)))
    turn = 1.0 if x > rng.normal(0, 40) else -1.0
    start = float(rng.uniform(-2.6, 0.2)) if turn > 0 else np.pi - float(rng.uniform(-2.6, 0.2))
    t = np.linspace(0, 1, 18)
    sweep = turn * float(rng.uniform(3.4, 5.4))
    tall = 0.9 if flat else float(rng.uniform(0.66, 1.0))
    radius = curls.size * float(rng.uniform(0.85, 1.3)) * (1.0 - 0.62 * t)
    body = np.sin(np.pi * np.clip(t * 0.9 + 0.08, 0, 1)) ** 0.7
    for part, width, light, alpha in _BOLD if flat else _FINE:
        own = (0.0, 1.0) if flat else (float(rng.normal(0, 0.16)), float(rng.uniform(0.85, 1.1)))
        angle = start + own[0] + t * sweep * own[1]
        way = np.stack([np.cos(angle), np.sin(angle) * tall], axis=1)
        strand = ribbon(np.array(at) + way * (radius * part)[:, None], curls.size * width * body)
        canvas.drawPath(strand, fill(fade(_toned(colour, tone + even * light), alpha)))


def _draw_tufts(canvas: Any, tufts: Tufts, colour: Colour, rng: Generator) -> None:
    """From the crown forward, so that each row covers the roots of the one in front of it less than its own."""
    order = sorted(range(len(tufts.roots)), key=lambda i: -tufts.roots[i][1] + rng.normal(0, 5))
    for i in order:
        _tuft(canvas, tufts, i, colour, rng)


def _tuft(canvas: Any, tufts: Tufts, i: int, colour: Colour, rng: Generator) -> None:
    (x, y), fall = tufts.roots[i], tufts.fall[i]
    lit = float(np.clip(-(x * 0.6 + (y + 120) * 0.7) / 170, -1, 1)) * 0.15
    tone = lit + tufts.tone + float(rng.normal(0, 0.045))
    dx, dy = fall[0] * float(rng.uniform(0.8, 1.2)), fall[1] * float(rng.uniform(0.8, 1.2))
    bow = float(rng.normal(0, 0.12))
    for k in range(5):
        off = (k - 2) * tufts.width * 0.17
        across = (-dy / (abs(dx) + abs(dy)) * off, dx / (abs(dx) + abs(dy)) * off)
        start = (x + across[0], y + across[1])
        bend = (x + across[0] + dx * 0.5 - dy * bow, y + across[1] + dy * 0.5 + dx * bow)
        tip = (x + dx + across[0] * 0.25, y + dy + across[1] * 0.25)
        shift = float(rng.normal(0, 0.055)) + 0.04 * (k == 1)
        path = taper([start, bend, tip], tufts.width * 0.36, swell=0.35, tips=(0.25, 0.0), count=10)
        canvas.drawPath(path, fill(_toned(colour, tone + shift)))


def _mirrored(part: Part) -> Part:
    if isinstance(part, Curls):
        return replace(part, centres=[(-x, y) for x, y in part.centres])
    if isinstance(part, Tufts):
        return replace(part, roots=[(-x, y) for x, y in part.roots], fall=[(-x, y) for x, y in part.fall])
    return replace(part, guides=[[(-x, y) for x, y in guide] for guide in part.guides])


def draw_parts(canvas: Any, parts: Sequence[Part], face: Face, stream: int) -> None:
    """The parts in order, then light and shadow over all of them."""
    if not parts:
        return
    if face.inked:
        inked(canvas, face.line, 2.2, lambda layer: _draw_parts(layer, parts, face, stream))
    else:
        _draw_parts(canvas, parts, face, stream)


def _draw_parts(canvas: Any, parts: Sequence[Part], face: Face, stream: int) -> None:
    rng = np.random.default_rng([face.spec.texture_seed, 11, stream])
    canvas.saveLayer(None, None)
    if face.spec.parting == "right":
        parts = [_mirrored(part) for part in parts]
    for part in parts:
        if isinstance(part, Sheet):
            _draw_sheet(canvas, part, face.hair, rng, face.flat)
        elif isinstance(part, Tufts):
            _draw_tufts(canvas, part, face.hair, rng)
        else:
            _draw_curls(canvas, part, face.hair, rng, face.flat)
    if not face.flat:
        _light(canvas, face)
    canvas.restore()


def _light(canvas: Any, face: Face) -> None:
    sheen = 0.07 + 0.16 * luminance(face.hair)
    lit = radial((-70, -170), 210, [(1.0, 0.93, 0.82, sheen), (1.0, 0.93, 0.82, 0.0)])
    deep = shade(face.hair, 0.8)
    dark = linear((-60, -120), (190, 150), [fade(deep, 0.0), fade(deep, 0.0), fade(deep, 0.46)], [0, 0.42, 1])
    below = linear((0, 60), (0, 300), [fade(deep, 0.0), fade(deep, 0.34)])
    for paint in (lit, dark, below):
        paint.setBlendMode(skia.BlendMode.kSrcATop)
        canvas.drawPaint(paint)


def draw_shadow(canvas: Any, face: Face, draw: Draw) -> None:
    """What `draw` draws, as a soft shadow that it casts to the lower right."""
    paint = skia.Paint()
    colour = packed(fade(face.skin_deep, 0.42))
    paint.setImageFilter(
        skia.ImageFilters.ColorFilter(
            skia.ColorFilters.Blend(colour, skia.BlendMode.kSrcIn), skia.ImageFilters.Blur(7, 7)
        )
    )
    canvas.saveLayer(None, paint)
    canvas.translate(5, 10)
    draw(canvas)
    canvas.restore()
