"""What a mesh and the pixels under it say of a face, and whether it can be made to speak."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from avatar.engine.faces.boxes import Box
from avatar.engine.faces.mesh import EYES, Mesh
from avatar.engine.faces.nets import Floats, Pixels

SMALLEST, COARSE = 64, 128
"""Pixels between the face's sides: below the first there is nothing to move, below the second it looks coarse."""
MOST_TURN, EASY_TURN = 32.0, 22.0
"""Degrees of yaw or pitch beyond which half the mouth cannot be seen, and beyond which it begins to look odd."""

UPPER_LIP, LOWER_LIP, RIGHT_CORNER, LEFT_CORNER = 13, 14, 61, 291
_CHEEKS = (50, 280, 101, 330, 205, 425)
_CHIN = (199, 175, 200, 208, 428, 171, 396)
_MOUSTACHE = (164, 167, 393, 165, 391)
_LIPS = (0, 37, 267, 17, 84, 314, 181, 405, 40, 270)
_MOUTH = (13, 14, 0, 17, 37, 267, 84, 314, 82, 312, 87, 317)
_ROUND_LIPS = (164, 92, 322, 18, 83, 313, 43, 273)
_UNDER_EYES = (119, 348, 118, 347, 230, 450)
_FLAT = np.radians(10.0)  # a face looking straight ahead slopes so from forehead to chin
_SIZE = 192  # pixels between the sides of the face in which it is looked at: hints do not depend on the camera


@dataclass(frozen=True, eq=False)
class Face:
    """One face. Lengths in pixels, angles in degrees: yaw to the picture's right, pitch down and roll clockwise are +.

    `box` is x, y, width, height; `mouth_open` the lips' gap by the mouth's width; `sharpness` 0 (blurred) to 1;
    `hints` are guesses; `refused` says why it cannot speak, empty when it can; `doubts` why it may look odd.
    """

    box: tuple[float, float, float, float]
    points: Floats
    score: float
    yaw: float
    pitch: float
    roll: float
    sharpness: float
    mouth_open: float
    hints: tuple[str, ...]
    refused: str
    doubts: tuple[str, ...]

    @property
    def width(self) -> float:
        """Pixels from one side of the face to the other, in depth too: a turn does not change it."""
        return float(np.linalg.norm(self.points[454] - self.points[234]))

    @property
    def is_open(self) -> bool:
        """Whether the lips are parted."""
        return self.mouth_open > OPEN

    def to_json(self) -> dict[str, Any]:
        """Everything, rounded to a hundredth."""
        plain = {
            "box": [round(v, 1) for v in self.box],
            "score": round(self.score, 3),
            "pose": {"yaw": round(self.yaw, 1), "pitch": round(self.pitch, 1), "roll": round(self.roll, 1)},
            "width": round(self.width, 1),
            "sharpness": round(self.sharpness, 2),
            "mouth": "open" if self.is_open else "closed",
            "mouth_open": round(self.mouth_open, 3),
            "hints": list(self.hints),
            "fit": not self.refused,
            "why_not": self.refused,
            "doubts": list(self.doubts),
        }
        return plain | {"mesh": np.round(self.points, 2).tolist()}


OPEN = 0.06
"""A gap of this part of the mouth's width counts as open."""


def read_face(picture: Pixels, box: Box, mesh: Mesh) -> Face:
    """All that can be told of the face with that mesh in an RGB picture."""
    p = mesh.points
    yaw, pitch, roll = pose(p)
    view, q = _upright(picture, p)
    hints = _hints(view, q)
    gap = float(
        np.hypot(*(p[LOWER_LIP] - p[UPPER_LIP])[:2]) / max(1.0, np.hypot(*(p[LEFT_CORNER] - p[RIGHT_CORNER])[:2]))
    )
    width = float(np.linalg.norm(p[454] - p[234]))
    sharp = _sharpness(picture, p)
    frame = (box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
    refused = _refusal(width, yaw, pitch, hints)
    doubts = _doubts(width, (yaw, pitch), sharp, hints)
    return Face(frame, p, mesh.score, yaw, pitch, roll, sharp, gap, hints, refused, doubts)


def pose(p: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, from the mesh's own depth."""
    across, down = p[454] - p[234], p[152] - p[10]
    roll = np.arctan2(p[263, 1] - p[33, 1], p[263, 0] - p[33, 0])
    yaw = np.arctan2(across[2], np.hypot(across[0], across[1]))
    pitch = _FLAT - np.arctan2(down[2], np.hypot(down[0], down[1]))
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def _upright(picture: Pixels, p: Floats) -> tuple[Floats, Floats]:
    """The face upright at a fixed size as CIE Lab, and its points there."""
    across = p[454, :2] - p[234, :2]
    k = _SIZE / max(8.0, float(np.linalg.norm(p[454] - p[234])))
    angle = np.arctan2(across[1], across[0])
    c, s = k * np.cos(angle), k * np.sin(angle)
    turn = np.array([[c, s], [-s, c]])
    shift = np.array([1.0, 1.2]) * _SIZE - turn @ p[:468, :2].mean(0)
    matrix = np.concatenate([turn, shift[:, None]], 1).astype(np.float32)
    size = (2 * _SIZE, round(2.4 * _SIZE))
    view = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(view.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab, (p[:, :2] @ turn.T + shift).astype(np.float32)


def _around(view: Floats, q: Floats, indices: tuple[int, ...], reach: int = 5) -> Floats:
    """(n, 3) Lab of the pixels round the points."""
    h, w = view.shape[:2]
    parts = []
    for x, y in np.round(q[list(indices)]).astype(int):
        part = view[max(0, y - reach) : min(h, y + reach + 1), max(0, x - reach) : min(w, x + reach + 1)]
        parts.append(part.reshape(-1, 3))
    return np.concatenate(parts)


def measures(view: Floats, q: Floats) -> dict[str, float]:
    """What the hints are made of: lightness by the cheeks', roughness by the cheeks', colour differences in Lab."""
    cheeks = _around(view, q, _CHEEKS)
    light = max(8.0, float(np.median(cheeks[:, 0])))
    rough = np.abs(view[..., 0] - cv2.GaussianBlur(view[..., 0], (0, 0), 2.5))
    rough3 = np.repeat(rough[..., None], 3, 2)
    smooth = max(0.35, float(_around(rough3, q, _CHEEKS).mean()))
    lips, skin = (_around(view, q, ids, 3).mean(0) for ids in (_LIPS, _ROUND_LIPS))
    eyes = [_filled(view, q[[*lower, *upper[::-1]]]) for lower, upper in EYES]
    return {
        "chin": float(_around(view, q, _CHIN)[:, 0].mean()) / light,
        "chin_rough": float(_around(rough3, q, _CHIN).mean()) / smooth,
        "moustache": float(_around(view, q, _MOUSTACHE)[:, 0].mean()) / light,
        "moustache_rough": float(_around(rough3, q, _MOUSTACHE).mean()) / smooth,
        "lips": float(np.linalg.norm(lips[1:] - skin[1:])) * 60 / light,
        "mouth": float(_around(view, q, _MOUTH, 2)[:, 0].std()) / light,
        "eyes": float(np.mean([np.percentile(eye[:, 0], 90) for eye in eyes])) / light,
        "eyes_spread": float(np.mean([eye[:, 0].std() for eye in eyes])) / light,
        "under_eyes": float(np.median(_around(view, q, _UNDER_EYES)[:, 0])) / light,
        "bridge": _bridge(view, q, light),
    }


def _filled(view: Floats, outline: Floats) -> Floats:
    mask = np.zeros(view.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    inside = view[mask > 0]
    return inside if len(inside) else view[:1, 0]


def _bridge(view: Floats, q: Floats, light: float) -> float:
    """How sharply lightness steps down the ridge of the nose, where a frame would cross it."""
    x = q[168, 0]
    top, end = int(q[9, 1]), int(q[195, 1])
    strip = view[max(0, top) : max(top + 3, end), int(x) - 7 : int(x) + 8, 0].mean(1)
    return float(np.abs(strip[3:] - strip[:-3]).max(initial=0.0)) / light


def _hints(view: Floats, q: Floats) -> tuple[str, ...]:
    m = measures(view, q)
    dark = m["eyes"] < 0.55 and m["eyes_spread"] < 0.10
    found = {
        "sunglasses": dark and m["under_eyes"] < 0.75,
        "glasses": m["bridge"] > 0.16 and not dark,
        "beard": m["chin"] < 0.72 or m["chin_rough"] > 2.6,
        "moustache": m["moustache"] < 0.66 or m["moustache_rough"] > 2.8,
        "mouth covered": m["lips"] < 2.0 and m["mouth"] < 0.05,
    }
    return tuple(name for name, seen in found.items() if seen)


def _sharpness(picture: Pixels, p: Floats) -> float:
    """How much of the face's contrast lies in its finest details, 1 for a crisp photo."""
    low, high = p[:468, :2].min(0), p[:468, :2].max(0)
    (x0, y0), (x1, y1) = np.maximum(low, 0).astype(int), np.ceil(high).astype(int)
    grey = cv2.cvtColor(picture[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float32) if x1 > x0 and y1 > y0 else None
    if grey is None or min(grey.shape) < 8:
        return 0.0
    return float(np.clip(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean() / max(1.0, float(grey.std())) * 4, 0, 1))


def _refusal(width: float, yaw: float, pitch: float, hints: tuple[str, ...]) -> str:
    if width < SMALLEST:
        return f"the face is {width:.0f} pixels wide; {SMALLEST} is the least"
    if abs(yaw) > MOST_TURN:
        return f"the face is turned {abs(yaw):.0f} degrees to the side; {MOST_TURN:.0f} is the most"
    if abs(pitch) > MOST_TURN:
        return (
            f"the face is turned {abs(pitch):.0f} degrees {'down' if pitch > 0 else 'up'}; {MOST_TURN:.0f} is the most"
        )
    return "the mouth seems to be covered" if "mouth covered" in hints else ""


def _doubts(width: float, turn: tuple[float, float], sharp: float, hints: tuple[str, ...]) -> tuple[str, ...]:
    doubts = []
    if width < COARSE:
        doubts.append(f"the face is only {width:.0f} pixels wide: its mouth will look coarse")
    if max(map(abs, turn)) > EASY_TURN:
        doubts.append("the face is turned far: the mouth may look slanted")
    if sharp < 0.10:
        doubts.append("the photo is not sharp: what is drawn in the mouth may look sharper")
    if "sunglasses" in hints:
        doubts.append("the eyes seem to be behind sunglasses: they will not blink")
    return tuple(doubts)
