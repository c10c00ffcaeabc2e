"""A picture with its faces drawn into it: box, mesh, and the number and verdict of each."""

from collections.abc import Sequence

import cv2
import numpy as np

from avatar.engine.faces.mesh import EYES
from avatar.engine.faces.reading import Face
from avatar.media import Frame

_FIT, _UNFIT, _POINT, _LID = (60, 200, 90, 255), (230, 70, 60, 255), (120, 235, 255, 255), (255, 200, 60, 255)
_FINE = 4
"""Bits of a pixel that positions are drawn to."""


def drawn(image: Frame, faces: Sequence[Face]) -> Frame:
    """A copy with the faces numbered from 1, green where they are fit to speak, red where not."""
    out = image.copy()
    out[..., 3] = 255
    for number, face in enumerate(faces, 1):
        _draw(out, number, face)
    return out


def _draw(out: Frame, number: int, face: Face) -> None:
    colour = _UNFIT if face.refused else _FIT
    unit = max(1.0, face.width / 250)
    x, y, w, h = (round(v) for v in face.box)
    cv2.rectangle(out, (x, y), (x + w, y + h), colour, max(1, round(2 * unit)), cv2.LINE_AA)
    lids = {index for eye in EYES for lid in eye for index in lid}
    for index, point in enumerate(face.points[:, :2]):
        at = np.round(point * 2**_FINE).astype(int)
        radius = round((1.5 if index in lids else 0.9) * unit * 2**_FINE)
        ink = _LID if index in lids or index >= 468 else _POINT
        cv2.circle(out, (int(at[0]), int(at[1])), radius, ink, -1, cv2.LINE_AA, _FINE)
    size = max(0.4, 0.5 * unit)
    cv2.putText(out, str(number), (x + 4, y + round(26 * size)), cv2.FONT_HERSHEY_DUPLEX, size, colour, 1, cv2.LINE_AA)
