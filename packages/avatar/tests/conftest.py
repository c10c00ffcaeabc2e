"""A face drawn from a mesh, so that picture and mesh agree whatever a detector says; and the face model, if pulled."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.engine.faces.mesh import EYES
from avatar.engine.faces.pull import ready
from avatar.engine.photo.anatomy import BROWS, LOWER_IN, LOWER_OUT, UPPER_IN, UPPER_OUT
from avatar.errors import BackendUnavailable
from avatar.media import Frame

MODELS = Path(__file__).parents[3] / ".cache" / "models"
SIDE = 512
_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
         150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
SKIN, LIP, DARK, WHITE = (196, 150, 120, 255), (176, 84, 84, 255), (90, 30, 34, 255), (240, 236, 230, 255)


@dataclass(frozen=True, eq=False)
class DrawnFace:
    """An RGBA picture, and the mesh of the face in it."""

    image: Frame
    points: np.ndarray


@pytest.fixture(scope="session")
def drawn_face() -> DrawnFace:
    """A face that looks at the viewer with closed lips, amid a square picture; copy it before changing it."""
    points = np.load(Path(__file__).with_name("mesh.npy")) * np.float32(SIDE)
    return DrawnFace(_picture(points), points)


@pytest.fixture(scope="session")
def face_models() -> Path:
    """The folder of pulled models; what needs it is skipped, and says so, where the face model is not."""
    try:
        ready(MODELS)
    except BackendUnavailable as error:
        pytest.skip(f"{error}: run make test, or AVATAR_MODELS={MODELS} avatar models pull face")
    return MODELS


def _picture(points: np.ndarray) -> Frame:
    """On a plain ground, with fine grain all over, by which motion can be measured."""
    out = np.full((SIDE, SIDE, 4), (70, 90, 110, 255), np.uint8)
    flat = points[:, :2]
    _fill(out, flat[list(_OVAL)], SKIN)
    for lower, upper in EYES:
        _fill(out, np.concatenate([flat[list(lower)], flat[list(upper)][::-1]]), WHITE)
        middle = flat[[*lower, *upper]].mean(0)
        radius = 0.2 * float(np.hypot(*(flat[lower[0]] - flat[lower[-1]])))
        cv2.circle(out, tuple(np.round(middle).astype(int).tolist()), round(radius), (50, 40, 36, 255), -1, cv2.LINE_AA)
    for brow in (BROWS[:5], BROWS[5:]):
        cv2.polylines(out, [np.round(flat[list(brow)]).astype(np.int32)], False, (70, 46, 34, 255), 5, cv2.LINE_AA)
    _fill(out, np.concatenate([flat[list(UPPER_OUT)], flat[list(LOWER_OUT)][::-1]]), LIP)
    seam = (flat[list(UPPER_IN)] + flat[list(LOWER_IN)]) / 2
    cv2.polylines(out, [np.round(seam * 16).astype(np.int32)], False, DARK, 2, cv2.LINE_AA, 4)
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 22, (SIDE, SIDE, 1)), (0, 0), 1.2)[..., None]
    out[..., :3] = np.clip(out[..., :3] + grain, 0, 255).astype(np.uint8)
    return out


def _fill(out: Frame, outline: np.ndarray, colour: tuple[int, ...]) -> None:
    cv2.fillPoly(out, [np.round(outline * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
