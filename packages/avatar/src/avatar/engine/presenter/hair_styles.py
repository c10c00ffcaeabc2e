"""The hair styles: guide curves in head units, for a head of standard width."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from avatar.engine.presenter.hair import Curls, Hairdo, Part, Sheet, Tufts
from avatar.engine.presenter.pen import Point, Points, sampled

_PART_X = -30.0


def _flip(guides: Sequence[Points]) -> list[list[Point]]:
    return [[(-x, y) for x, y in g] for g in guides]


def _waved(guides: list[list[Point]], amount: float) -> list[list[Point]]:
    """The guides with waves that grow below the eyes."""
    if amount == 0:
        return guides
    out = []
    for k, guide in enumerate(guides):
        fine = _dense(guide)
        out.append([
            (x + amount * min(1.0, max(0.0, (y + 40) / 110)) * math.sin(y / 19.5 + 0.5 * k), y) for x, y in fine
        ])  # fmt: skip
    return out


def _dense(guide: Points) -> list[Point]:
    return [(float(x), float(y)) for x, y in sampled(guide, 44)]


# The sweep from the parting over the forehead (viewer's right) and the shorter one (left),
# from the face's side outwards; `_hang` gives them their ends.
_RIGHT_TOP: list[list[Point]] = [
    [(-27, -127), (14, -122), (62, -101), (101, -60), (119, -8)],
    [(-29, -155), (34, -155), (94, -127), (131, -73), (141, 0)],
    [(-36, -194), (34, -197), (101, -161), (148, -96), (162, -6)],
]
_LEFT_TOP: list[list[Point]] = [
    [(-27, -127), (-52, -117), (-86, -92), (-110, -54), (-120, -4)],
    [(-29, -155), (-72, -146), (-117, -108), (-135, -59), (-142, 2)],
    [(-31, -194), (-82, -184), (-129, -143), (-155, -77), (-163, -4)],
]


def _hang(top: list[list[Point]], ends: list[list[Point]], side: float) -> list[list[Point]]:
    return [g + [(side * x, y) for x, y in e] for g, e in zip(top, ends, strict=True)]


_LONG_ENDS: list[list[Point]] = [
    [(124, 62), (122, 130), (116, 200), (112, 262), (108, 306)],
    [(149, 66), (153, 136), (154, 206), (150, 270), (142, 322)],
    [(170, 66), (178, 138), (184, 208), (182, 272), (170, 326)],
]
_SHOULDER_ENDS: list[list[Point]] = [
    [(124, 50), (123, 100), (121, 150), (124, 196)],
    [(149, 52), (153, 104), (155, 156), (152, 206)],
    [(170, 54), (178, 108), (184, 160), (186, 204)],
]
_BOB_ENDS: list[list[Point]] = [
    [(124, 34), (122, 72), (113, 106), (98, 128)],
    [(149, 36), (151, 80), (141, 120), (116, 146)],
    [(169, 38), (172, 84), (161, 130), (130, 156)],
]


def _back(depth: float, width: float, top: float = -197) -> Sheet:
    low = depth * 0.55
    guides = [
        [
            (u * 60, top + 16 * u * u),
            (u * 132, -100),
            (u * (width - 6), 10),
            (u * width, low),
            (u * (width - 12), depth),
        ]
        for u in (-1.0, -0.6, 0.0, 0.6, 1.0)
    ]
    return Sheet(guides, strands=90, tone=-0.30, ragged=0.05, shine=None)


def _curtain(ends: list[list[Point]], depth: float, wave: float, ragged: float) -> Hairdo:
    right = Sheet(_waved(_hang(_RIGHT_TOP, ends, 1.0), wave), 110, shine=0.27, ragged=ragged, inner=0.20, loose=9)
    left = Sheet(_waved(_hang(_LEFT_TOP, ends, -1.0), wave), 94, shine=0.24, ragged=ragged, inner=0.20, loose=9)
    return Hairdo(back=(_back(depth, 158),), front=(left, right), covers_ears=True)


def long_straight() -> Hairdo:
    """Below the shoulders, parted at the side."""
    return _curtain(_LONG_ENDS, 325, 0.0, 0.07)


def long_wavy() -> Hairdo:
    """Below the shoulders in waves."""
    return _curtain(_LONG_ENDS, 325, 7.5, 0.10)


def shoulder() -> Hairdo:
    """Touching the shoulders, with ends that turn out a little."""
    return _curtain(_SHOULDER_ENDS, 226, 2.0, 0.08)


def bob() -> Hairdo:
    """Chin-long, turned in."""
    return _curtain(_BOB_ENDS, 134, 0.0, 0.04)


def fringe_bob() -> Hairdo:
    """A bob with a fringe down to the brows."""
    side = [
        [(70, -151), (98, -110), (113, -59), (120, -10), (123, 40), (119, 92), (108, 128)],
        [(50, -176), (112, -136), (136, -75), (146, -6), (151, 52), (148, 104), (132, 146)],
        [(20, -191), (108, -167), (149, -96), (163, -6), (173, 60), (170, 116), (154, 154)],
    ]
    fringe = [
        [(-92, -144), (-106, -110), (-112, -78), (-108, -49)],
        [(-40, -184), (-52, -136), (-56, -89), (-54, -50)],
        [(0, -191), (2, -136), (2, -89), (2, -49)],
        [(40, -184), (54, -136), (58, -89), (56, -50)],
        [(92, -144), (108, -110), (112, -78), (108, -49)],
    ]
    parts: tuple[Part, ...] = (
        Sheet(_flip(side), 70, shine=0.42, ragged=0.04),
        Sheet(side, 70, shine=0.42, ragged=0.04),
        Sheet(fringe, 90, shine=0.45, ragged=0.10),
    )
    return Hairdo(back=(_back(134, 156),), front=parts, covers_ears=True)


# Strands from the hairline back over the crown, left to right: hair that is pulled together behind.
_PULLED: list[list[Point]] = [
    [(-125, 8), (-134, -40), (-130, -99), (-84, -162), (-14, -184)],
    [(-116, -54), (-122, -89), (-104, -132), (-62, -170), (-10, -186)],
    [(-88, -97), (-88, -127), (-66, -158), (-36, -177), (-6, -187)],
    [(-42, -125), (-40, -148), (-28, -170), (-16, -183), (-3, -188)],
    [(0, -131), (1, -151), (1, -170), (0, -183), (0, -188)],
    [(42, -125), (40, -148), (28, -170), (16, -183), (3, -188)],
    [(88, -97), (88, -127), (66, -158), (36, -177), (6, -187)],
    [(116, -54), (122, -89), (104, -132), (62, -170), (10, -186)],
    [(125, 8), (134, -40), (130, -99), (84, -162), (14, -184)],
]


def _arches(centre: Point, radii: Sequence[float], start: float, end: float, squash: float) -> list[list[Point]]:
    """Concentric arcs between two angles (radians, 0 to the right, clockwise)."""
    x, y = centre
    return [
        [(x + r * math.cos(a), y + squash * r * math.sin(a)) for a in np.linspace(start, end, 9)] for r in radii
    ]  # fmt: skip


def _wound(centre: Point, radius: float) -> tuple[Part, ...]:
    """A bun: strands wound about its middle, the upper turn lying over the lower one."""
    x, y = centre
    radii = [radius * k for k in (0.02, 0.36, 0.70, 1.0)]
    lower = _arches((x + 2, y + 3), radii, -0.35, math.pi + 0.6, 0.88)
    upper = _arches((x, y), radii, math.pi - 0.55, 2 * math.pi + 0.75, 0.88)
    return (
        Sheet(lower, 40, tone=-0.16, shine=None, ragged=0.0),
        Sheet(upper, 54, shine=0.40, ragged=0.0, shine_width=0.16, loose=5),
    )


def bun() -> Hairdo:
    """Pulled up into a bun on the crown."""
    top = Sheet(_PULLED, 170, shine=0.42, ragged=0.0, shine_width=0.14, soft_roots=True)
    return Hairdo(back=_wound((2, -206), 52), front=(top, *_wisps()))


def _wisps() -> tuple[Part, ...]:
    """Loose strands before the ears."""
    right = [[(120, -40), (125, -2), (119, 30), (124, 66)], [(123, -44), (129, -4), (123, 28), (127, 54)]]
    return tuple(Sheet(g, 5, shine=None, ragged=0.45, stray=1.4) for g in (_flip(right), right))


def ponytail() -> Hairdo:
    """Pulled back, the tail behind one shoulder."""
    top = Sheet(_PULLED, 170, shine=0.42, ragged=0.0, shine_width=0.14, soft_roots=True)
    # It starts behind the crown, swings out from the head and lies against the neck.
    tail = [
        [(30, -120), (84, -110), (112, -52), (110, 30), (108, 120), (122, 214)],
        [(34, -140), (112, -140), (146, -62), (144, 32), (138, 126), (134, 232)],
        [(38, -160), (134, -168), (176, -72), (178, 28), (166, 130), (144, 226)],
    ]
    back = Sheet(tail, 84, tone=-0.08, shine=0.40, ragged=0.10, inner=0.22, loose=10)
    return Hairdo(back=(back,), front=(top, *_wisps()))


_SIDE_RIGHT: list[list[Point]] = [
    [(96, -116), (108, -92), (117, -59), (121, -22), (120, 12)],
    [(106, -126), (124, -98), (131, -60), (130, -22), (125, 19)],
    [(112, -138), (133, -108), (140, -64), (137, -26), (131, 8)],
]


def _sides(strands: int = 36, tone: float = -0.10) -> tuple[Part, ...]:
    """Short hair at the temples, down to the sideburns."""
    left, right = _flip(_SIDE_RIGHT), _SIDE_RIGHT
    return tuple(Sheet(g, strands, tone=tone, shine=None, ragged=0.30) for g in (left, right))


def side_part() -> Hairdo:
    """Short, combed over from a side parting."""
    sweep = [
        [(-80, -104), (-44, -124), (18, -124), (78, -108), (114, -66)],
        [(-72, -136), (-28, -168), (32, -170), (94, -144), (126, -86)],
        [(-64, -170), (-26, -204), (34, -209), (104, -176), (138, -100)],
    ]
    near = [
        [(-78, -106), (-98, -92), (-113, -64), (-120, -24)],
        [(-70, -138), (-108, -118), (-127, -72), (-130, -24)],
        [(-58, -176), (-112, -154), (-140, -88), (-139, -20)],
    ]
    return Hairdo(front=(*_sides(), Sheet(near, 40, tone=-0.06, shine=0.30), Sheet(sweep, 84, shine=0.34, ragged=0.04)))


def quiff() -> Hairdo:
    """Short sides, the front brushed up and back."""
    top = [
        [(-112, -76), (-124, -116), (-118, -154), (-90, -184)],
        [(-82, -108), (-94, -154), (-78, -194), (-38, -210)],
        [(-26, -117), (-40, -176), (-14, -214), (30, -214)],
        [(34, -115), (32, -172), (60, -204), (92, -194)],
        [(84, -102), (98, -144), (112, -168), (122, -156)],
        [(112, -74), (126, -104), (134, -122), (137, -112)],
    ]
    return Hairdo(
        front=(*_sides(), Sheet(top, 110, shine=0.42, ragged=0.10, stray=1.4, shine_width=0.14, soft_roots=True))
    )


def crop() -> Hairdo:
    """Short all over, brushed forward a little."""
    top = [
        [(-122, -112), (-125, -98), (-121, -84), (-114, -72)],
        [(-94, -164), (-104, -140), (-102, -120), (-92, -102)],
        [(-34, -189), (-38, -164), (-38, -142), (-31, -118)],
        [(34, -189), (31, -164), (30, -142), (40, -118)],
        [(94, -164), (100, -140), (98, -120), (92, -102)],
        [(122, -112), (123, -98), (118, -84), (112, -72)],
    ]
    base = Sheet(top, 130, tone=-0.14, shine=None, ragged=0.10, stray=1.4)
    return Hairdo(front=(base, *_sides(44, -0.06), _shingles()))


def _shingles() -> Tufts:
    """Tufts over the crown, combed forward and to one side, lying closer towards the outline."""
    roots: list[Point] = []
    fall: list[Point] = []
    for x, y in _scatter(lambda x, y: math.hypot(x / 122, (y + 116) / 76) < 1 and y < -138 + 0.0024 * x * x, 9, 7):
        roots.append((x, y))
        fall.append((8 - 0.06 * (x - 30), 27 + 0.10 * (y + 130)))
    return Tufts(roots, fall, width=8.5)


# Strands from the hairline back over the crown, each to its own place on the outline.
_COMBED: list[list[Point]] = [
    [(-124, 6), (-132, -40), (-133, -92), (-118, -134), (-92, -162)],
    [(-115, -54), (-121, -92), (-116, -128), (-97, -156), (-70, -178)],
    [(-88, -96), (-92, -132), (-84, -160), (-68, -180), (-46, -191)],
    [(-42, -124), (-44, -154), (-40, -176), (-32, -189), (-22, -197)],
    [(0, -131), (0, -157), (0, -178), (0, -190), (0, -199)],
    [(42, -124), (44, -154), (40, -176), (32, -189), (22, -197)],
    [(88, -96), (92, -132), (84, -160), (68, -180), (46, -191)],
    [(115, -54), (121, -92), (116, -128), (97, -156), (70, -178)],
    [(124, 6), (132, -40), (133, -92), (118, -134), (92, -162)],
]


def slick_back() -> Hairdo:
    """Combed straight back."""
    return Hairdo(front=(*_sides(), Sheet(_COMBED, 170, shine=0.40, ragged=0.0, shine_width=0.16, soft_roots=True)))


def pixie() -> Hairdo:
    """Short and feathered, swept to one side."""
    sweep = [
        [(-60, -158), (-10, -136), (46, -110), (88, -78), (108, -47)],
        [(-66, -170), (6, -162), (78, -132), (118, -85), (130, -26)],
        [(-66, -184), (18, -193), (100, -169), (142, -103), (142, -10)],
    ]
    near = [
        [(-60, -155), (-80, -129), (-100, -92), (-112, -54), (-118, -10)],
        [(-64, -170), (-100, -144), (-126, -97), (-132, -49), (-128, 6)],
        [(-66, -184), (-114, -162), (-146, -103), (-145, -47), (-132, 4)],
    ]
    side = [[(100, -92), (118, -57), (122, -16), (116, 24)], [(128, -92), (140, -57), (140, -12), (128, 24)]]
    return Hairdo(front=(
        Sheet(side, 26, tone=-0.08, shine=None, ragged=0.16), Sheet(near, 60, shine=0.34, ragged=0.24, stray=1.2),
        Sheet(sweep, 80, shine=0.34, ragged=0.14, stray=1.2),
    ))  # fmt: skip


def _scatter(inside: Callable[[float, float], bool], step: float, seed: int) -> list[Point]:
    """Jittered points on a triangular grid wherever `inside` holds."""
    rng = np.random.default_rng(seed)
    points = []
    for row, y in enumerate(np.arange(-300, 160, step * 0.86)):
        for x in np.arange(-230, 230, step) + (row % 2) * step / 2:
            px, py = x + rng.normal(0, step * 0.14), y + rng.normal(0, step * 0.14)
            if inside(px, py):
                points.append((float(px), float(py)))
    return points


def _hairline(x: float) -> float:
    """y above which hair may lie over the face, with an uneven edge."""
    edge: float = -128 + (abs(x) / 118) ** 3.2 * 80 + 5 * math.sin(x * 0.21) + 3 * math.sin(x * 0.53)
    return edge


def afro() -> Hairdo:
    """A round halo of tight coils."""

    def halo(x: float, y: float) -> bool:
        return math.hypot(x / 188, (y + 88) / 146) < 1

    def front(x: float, y: float) -> bool:
        return math.hypot(x / 182, (y + 90) / 141) < 1 and (
            y < _hairline(x) if abs(x) < 121 else y < -26 + 0.8 * (abs(x) - 121)
        )

    return Hairdo(
        back=(Curls(_scatter(halo, 15, 1), 11, -0.12),),
        front=(Curls(_scatter(front, 12.5, 2), 10.5),),
    )


def curly() -> Hairdo:
    """Loose curls, ear-long."""

    def cap(x: float, y: float) -> bool:
        return math.hypot(x / 152, (y + 88) / 116) < 1 and y < 16

    def front(x: float, y: float) -> bool:
        edge = -112 + 26 * (x / 90) ** 2 + 9 * math.sin(x * 0.11)
        beside = y < 2 - 0.9 * abs(abs(x) - 132)
        return math.hypot(x / 150, (y + 90) / 115) < 1 and (y < edge if abs(x) < 117 else beside)

    return Hairdo(back=(Curls(_scatter(cap, 17, 3), 12.5, -0.12),), front=(Curls(_scatter(front, 13.5, 4), 12),))


def buzz() -> Hairdo:
    """Clipped to the skull."""
    return Hairdo(stubble=0.80)


def bald() -> Hairdo:
    """No hair."""
    return Hairdo()


STYLES: dict[str, Callable[[], Hairdo]] = {
    f.__name__: f
    for f in (
        long_straight, long_wavy, shoulder, bob, fringe_bob, bun, ponytail, pixie,
        curly, afro, side_part, quiff, crop, slick_back, buzz, bald,
    )
}  # fmt: skip
