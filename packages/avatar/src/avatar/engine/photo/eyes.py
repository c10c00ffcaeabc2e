"""Blinks of a photographed face: a lid of its own skin is made once and drawn down over the eye."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.engine.faces.mesh import EYES
from avatar.engine.photo.anatomy import Anatomy, Floats
from avatar.media import Frame

Mask = NDArray[np.bool_]

_LEAST = 0.02
"""A blink smaller than this is none."""
_STROKE, _FAINT = 18, 5
"""Steps of lightness, of 255, by which a stroke is darker than the skin on both its sides, and by which its end is."""
_INK, _GRAIN = 80.0, 4.5
"""Steps of lightness a pixel: drawn eyes measured 102 to 150 and 0 to 3, photographed and painted ones 31 to 50 and
2 to 3, or, sharpened, 79 to 104 and 11."""


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye's box in the picture (x0, y0, x1, y1), and in it the axes and curves of its lids, in eye widths."""

    box: tuple[int, int, int, int]
    lid: Frame  # (h, w, 4) the eye shut, RGBA
    along: Floats  # (2, 3) from picture pixels to eye axes
    upper: Floats  # the upper lid's edge over _ACROSS, open
    low: Floats  # the lower lid's
    shut: Floats  # and shut
    crease: float  # height above which nothing moves
    strokes: Floats  # (h, w) cover of the open eye's lashes and lines, which the lid has to take with it


class Lids:
    """Both eyes' lids over one picture."""

    eyes: list[Eye]

    def __init__(self, image: Frame, a: Anatomy) -> None:
        self.eyes = [eye for side in range(2) if (eye := _eye(image, a, side)) is not None]

    def boxes(self) -> list[tuple[int, int, int, int]]:
        """Where they draw: x0, y0, x1, y1 in pixels of the picture."""
        return [eye.box for eye in self.eyes]

    def draw(self, picture: Frame, places: Floats, number: int, blink: float) -> None:
        """Draw the lid of one eye into `picture`, whose pixels show `places` (h, w, 2) of the photo."""
        if blink > _LEAST:
            _draw(self.eyes[number], picture, places, min(1.0, blink))


def _eye(image: Frame, a: Anatomy, side: int) -> Eye | None:
    lower, upper = EYES[side]
    p = a.points[:, :2]
    left, right = sorted((p[lower[0]], p[lower[-1]]), key=lambda q: float(q[0]))
    if float(np.hypot(*(right - left))) < 5:
        return None
    rows = [p[[lower[0], *upper, lower[-1]]], p[list(lower)]]
    along = _axes_of(left, right)
    whites = _whites(image, along, rows)
    if len(whites):  # drawn eyes may be larger than any mesh believes
        u = axes(whites, along)[0]
        k = np.clip([min(-0.5, u.min()), max(0.5, u.max())], -0.70, 0.70)
        middle, width = (left + right) / 2, right - left
        left, right = middle + k[0] * width, middle + k[1] * width
        along = _axes_of(left, right)
    top, low = (_curve(row, along) for row in rows)
    if len(whites):
        top, low = _round_whites(top, low, whites, along)
    box = _box(image, (left + right) / 2, float(np.hypot(*(right - left))))
    if box[2] - box[0] < 6 or box[3] - box[1] < 6:
        return None
    shut = low * 0.86 + top * 0.14 + 0.015
    bare = Eye(box, image[:0], along, top, low, shut, float(top.min()) - 0.26, np.zeros(0, np.float32))
    eye = replace(bare, strokes=_strokes(image, bare, low))
    return replace(eye, lid=_shut(image, eye, low))


_ACROSS = np.linspace(-0.72, 0.72, 41).astype(np.float32)


def _axes_of(left: Floats, right: Floats) -> Floats:
    """(2, 3): from pixels to an eye's axes: 0 between its corners, its width 1, y down."""
    across = right - left
    turn = np.stack([across, np.array([-across[1], across[0]])]) / float(across @ across)
    return np.concatenate([turn, -(turn @ ((left + right) / 2))[:, None]], 1).astype(np.float32)


def _whites(image: Frame, along: Floats, rows: list[Floats]) -> Floats:
    """(n, 2) pixels of the eye's white, paler than the skin below it and as light, joined to the mesh's eye."""
    middle = np.concatenate(rows).mean(0)
    width = 1 / float(np.hypot(*along[0, :2]))
    x0, y0, x1, y1 = box = _box(image, middle, width)
    if x1 - x0 < 6 or y1 - y0 < 6:
        return np.zeros((0, 2), np.float32)
    lab = cv2.cvtColor(image[y0:y1, x0:x1, :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    places = places_of(box)
    u, v = axes(places, along)
    skin = lab[(v > 0.42) & (np.abs(u) < 0.5)]
    if not len(skin):
        return np.zeros((0, 2), np.float32)
    light, *tone = np.median(skin, 0)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    pale = (lab[..., 0] > light + 2) & (chroma < 0.5 * float(np.hypot(*tone)))
    pale &= (np.abs(u) < 0.70) & (v > -0.36) & (v < 0.34)
    outline = np.round(np.concatenate([rows[0], rows[1][::-1]]) - (x0, y0)).astype(np.int32)
    eye = cv2.fillPoly(np.zeros(pale.shape, np.uint8), [outline], 1)
    labels = cv2.connectedComponents((pale | (eye > 0)).astype(np.uint8))[1]
    joined = pale & np.isin(labels, np.unique(labels[eye > 0]))
    return np.asarray(places[joined], np.float32)


def _round_whites(top: Floats, low: Floats, whites: Floats, along: Floats) -> tuple[Floats, Floats]:
    """The lids' edges, moved outwards where the white goes on beyond them."""
    u, v = axes(whites, along)
    place = np.clip(np.round((u - _ACROSS[0]) / (_ACROSS[1] - _ACROSS[0])).astype(int), 0, len(_ACROSS) - 1)
    top, low = top.copy(), low.copy()
    np.minimum.at(top, place, v - 0.03)
    np.maximum.at(low, place, v + 0.02)
    # The iris interrupts the white; an eye's opening bulges all the same.
    return _softened(-_hull(-top)), _softened(_hull(low))


def _hull(curve: Floats) -> Floats:
    """The lowest curve over `_ACROSS` that nowhere dents inwards and lies nowhere below `curve` (Andrew 1979)."""
    kept: list[int] = []
    for i in range(len(curve)):
        while len(kept) > 1:
            a, b = kept[-2:]
            if (curve[b] - curve[a]) * (i - a) > (curve[i] - curve[a]) * (b - a):
                break
            kept.pop()
        kept.append(i)
    return np.asarray(np.interp(np.arange(len(curve)), kept, curve[kept]), np.float32)


def _softened(curve: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(curve[None], (0, 0), 1.5)[0], np.float32)


def _curve(row: Floats, along: Floats) -> Floats:
    """A lid's edge over `_ACROSS`, beyond the corners at their height."""
    points = np.asarray(sorted((row @ along[:, :2].T + along[:, 2]).tolist()))
    through = np.interp(_ACROSS, points[:, 0], points[:, 1]).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(through[None], (0, 0), 1.2)[0], np.float32)


def _box(image: Frame, middle: Floats, width: float) -> tuple[int, int, int, int]:
    h, w = image.shape[:2]
    x, y = float(middle[0]), float(middle[1])
    return (
        max(0, int(x - 0.95 * width)), max(0, int(y - 0.75 * width)),
        min(w, int(x + 0.95 * width)), min(h, int(y + 0.62 * width)),
    )  # fmt: skip


def axes(places: Floats, along: Floats) -> tuple[Floats, Floats]:
    """An eye's axes at places (…, 2) of the picture: across and down, in its widths."""
    x, y = places[..., 0], places[..., 1]
    return (
        along[0, 0] * x + along[0, 1] * y + along[0, 2],
        along[1, 0] * x + along[1, 1] * y + along[1, 2],
    )


def over(u: Floats, curve: Floats) -> Floats:
    """The height of a lid's edge over each place."""
    return np.interp(u.ravel(), _ACROSS, curve).reshape(u.shape).astype(np.float32)


def places_of(box: tuple[int, int, int, int]) -> Floats:
    """(h, w, 2): the coordinates of a box's pixels."""
    x0, y0, x1, y1 = box
    return np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(np.float32)


def _strokes(image: Frame, eye: Eye, low: Floats) -> Floats:
    """Cover of thin dark lines above and beside the eye that are joined to its rim: lashes, as drawings have them."""
    x0, y0, x1, y1 = eye.box
    light = np.ascontiguousarray(cv2.cvtColor(image[y0:y1, x0:x1, :3], cv2.COLOR_RGB2LAB)[..., 0])
    if not _drawn(light):
        return np.zeros(light.shape, np.float32)
    u, v = axes(places_of(eye.box), eye.along)
    top = over(u, eye.upper)
    width = 1 / float(np.hypot(*eye.along[0, :2]))
    side = max(3, round(0.16 * width)) | 1
    thin = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    beside = (np.abs(u) > 0.46) & (v < over(u, low) + 0.04)
    near = (v > top - 0.40) & (np.abs(u) < 0.92) & ((v < top - 0.02) | beside)
    dark = near & (thin > _STROKE)
    rim = (np.abs(v - top) < 0.10) & (np.abs(u) < 0.66)
    labels = cv2.connectedComponents((dark | rim).astype(np.uint8))[1]
    joined = dark & np.isin(labels, np.unique(labels[rim]))
    joined |= _faint(thin, (v > top - 0.48) & (v < top), joined, width)
    reach = max(1, round(0.035 * width))
    grown = _grown(joined, reach)
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), max(0.6, 0.5 * reach)), np.float32)


def _faint(thin: NDArray[np.uint8], above: Mask, joined: Mask, width: float) -> Mask:
    """What goes on from those strokes above an eye, though it is pale or broken off: a crease fades out.

    Brows and glasses are left alone: their lines go on beyond what is `above`.
    """
    strong = (thin > _STROKE) & ~joined
    labels = cv2.connectedComponents(strong.astype(np.uint8))[1]
    others = strong & np.isin(labels, np.unique(labels[strong & ~above]))
    near = _grown(joined, round(0.16 * width)) - _grown(others, round(0.06 * width))
    return np.asarray((thin > _FAINT) & above & (near > 0))


def _grown(mask: NDArray[np.bool_], reach: int) -> Floats:
    side = 2 * max(1, reach) + 1
    return np.asarray(cv2.dilate(mask.astype(np.float32), np.ones((side, side), np.uint8)), np.float32)


def _drawn(light: NDArray[np.uint8]) -> bool:
    """Whether the eye is ink on even colour: edges harder than a lens leaves them, and skin without grain."""
    slope = np.hypot(*(cv2.Sobel(light, cv2.CV_32F, *way) / 4 for way in ((1, 0), (0, 1))))
    grain = np.abs(cv2.Laplacian(light, cv2.CV_32F))
    return float(np.percentile(slope, 98)) > _INK and float(np.median(grain)) < _GRAIN


def _shut(image: Frame, eye: Eye, low: Floats) -> Frame:
    """The picture of the shut eye: skin that flows in from around it, the shade of a ball below it, and lashes."""
    x0, y0, x1, y1 = eye.box
    part = image[y0:y1, x0:x1].astype(np.float32)
    u, v = axes(places_of(eye.box), eye.along)
    yu, yl, ys = (over(u, curve) for curve in (eye.upper, low, eye.shut))
    wide = np.clip((0.64 - np.abs(u)) / 0.10, 0, 1)
    hole = np.clip((v - (yu - 0.13)) / 0.05, 0, 1) * np.clip((yl + 0.07 - v) / 0.05, 0, 1) * wide
    hole = np.maximum(hole, eye.strokes)
    clean = (hole < 0.02) & (_even(part) if eye.strokes.any() else True)
    skin = _flowed(part, clean.astype(np.float32))
    out = part * (1 - hole[..., None]) + skin * hole[..., None]
    ball = np.exp(-(((v - (ys - 0.17)) / 0.12) ** 2)) * np.exp(-((u / 0.36) ** 2))
    under = np.exp(-(((v - (ys + 0.05)) / 0.06) ** 2)) * np.clip(1 - (u / 0.56) ** 2, 0, 1)
    out[..., :3] *= (1 + (0.07 * ball - 0.10 * under) * wide)[..., None]
    dark = np.percentile(part[..., :3].reshape(-1, 3), 2, axis=0) * 0.8
    thick = 0.017 * np.clip(1 - (u / 0.60) ** 2, 0, 1) ** 0.5 + 1e-4
    soft = max(0.016, 0.7 * float(np.hypot(*eye.along[0, :2])))  # eye widths; no finer than a pixel
    lash = np.exp(-np.clip(np.abs(v - ys) - thick, 0, None) / soft) * np.clip((0.60 - np.abs(u)) / 0.10, 0, 1)
    k = (0.72 * lash)[..., None]
    out[..., :3] = out[..., :3] * (1 - k) + dark * k
    return np.clip(out + 0.5, 0, 255).astype(np.uint8)


def _even(part: Floats) -> NDArray[np.bool_]:
    """Where a drawing shows skin, and no brow or frame of glasses whose dark would flow over the lid."""
    light = part[..., :3].mean(-1)
    return np.asarray(light > 0.86 * np.median(light))


def _flowed(part: Floats, keep: Floats) -> Floats:
    """Colour that flows from where `keep` is 1 over the rest: blurred at every scale, the finest that reaches wins."""
    out, sure = np.zeros_like(part), np.zeros_like(keep)
    for sigma in (1.5, 3, 6, 12, 24, 48):
        weight = cv2.GaussianBlur(keep, (0, 0), sigma)
        blurred = cv2.GaussianBlur(part * keep[..., None], (0, 0), sigma)
        take = (1 - sure) * np.clip(weight / 0.25, 0, 1)
        out += take[..., None] * blurred / np.maximum(weight, 1e-4)[..., None]
        sure += take
    return np.asarray(out / np.maximum(sure, 1e-4)[..., None], np.float32)


def _draw(eye: Eye, picture: Frame, places: Floats, blink: float) -> None:
    _without_strokes(eye, picture, places, min(1.0, blink / 0.30))
    u, v = axes(places, eye.along)
    top, shut = (over(u, curve) for curve in (eye.upper, eye.shut))
    edge = top + (shut - top) * blink
    # From the crease down the lid unrolls: at its edge it shows the lashes, at the crease it does not move.
    t = (v - eye.crease) / np.maximum(edge - eye.crease, 1e-3)
    from_v = np.where(v <= edge, eye.crease + t * (shut - eye.crease), v + (shut - edge))
    x0, y0 = eye.box[:2]
    back = np.linalg.inv(np.vstack([eye.along, [0, 0, 1]]))[:2].astype(np.float32)
    x = back[0, 0] * u + back[0, 1] * from_v + (back[0, 2] - x0)
    y = back[1, 0] * u + back[1, 1] * from_v + (back[1, 2] - y0)
    lid = cv2.remap(
        eye.lid, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    cover = np.clip((edge + 0.035 - v) / 0.03, 0, 1) * np.clip((v - eye.crease) / 0.10, 0, 1)
    cover = cover * np.clip((0.66 - np.abs(u)) / 0.08, 0, 1) * min(1.0, blink / 0.18)
    cover = cover + (1 - cover) * _below(u, v, edge, shut, blink)
    cover = cover.astype(np.float32)
    picture[:] = cv2.blendLinear(lid, np.ascontiguousarray(picture), cover, 1 - cover)


def _without_strokes(eye: Eye, picture: Frame, places: Floats, much: float) -> None:
    """Skin over the open eye's lashes: the lid that comes down has its own."""
    if not eye.strokes.any():
        return
    at = (places - np.array(eye.box[:2], np.float32)).astype(np.float32)
    skin = cv2.remap(eye.lid, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = np.float32(much) * cv2.remap(eye.strokes, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    picture[:] = cv2.blendLinear(skin, np.ascontiguousarray(picture), cover, 1 - cover)


def _below(u: Floats, v: Floats, edge: Floats, shut: Floats, blink: float) -> Floats:
    """Cover of the skin under a lid that is all but shut, so that nothing of the eye stays below the lashes."""
    t = np.clip((blink - 0.82) / 0.15, 0, 1)
    return np.asarray(
        t
        * np.clip((v - edge) / 0.02, 0, 1)
        * np.clip((shut + 0.22 - v) / 0.05, 0, 1)
        * np.clip((0.62 - np.abs(u)) / 0.08, 0, 1),
        np.float32,
    )
