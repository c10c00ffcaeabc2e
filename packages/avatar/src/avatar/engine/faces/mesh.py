"""The face mesh (Kartynnik et al. 2019), with eyes refined by the iris network (Ablavatski et al. 2020).

Points are numbered as in MediaPipe's canonical face: 468 of the face, then five of each iris.
"""

from dataclasses import dataclass

import numpy as np

from avatar.engine.faces.boxes import Box
from avatar.engine.faces.nets import Cut, Floats, Net, Pixels, through

POINTS = 478
EYES = (
    ((33, 7, 163, 144, 145, 153, 154, 155, 133), (246, 161, 160, 159, 158, 157, 173)),
    ((263, 249, 390, 373, 374, 380, 381, 382, 362), (466, 388, 387, 386, 385, 384, 398)),
)
"""The person's right eye, then left: lower lid from the outer corner to the inner, upper lid without corners."""
_SETTLED = 2
"""A mesh is fitted once on the box and once on what that found."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """`points` (478, 3): x, y in pixels, z in pixels towards the back; `score` is how much of a face it is, 0..1."""

    points: Floats
    score: float


def fit_mesh(face: Net, iris: Net, picture: Pixels, box: Box) -> Mesh:
    """The mesh of the face in that box of an RGB picture."""
    cut = _cut_of_box(box)
    for _ in range(_SETTLED):
        matrix = cut.matrix(face.pixels)
        coded, flag = face.run(picture, matrix)
        rows = coded.reshape(-1, 3)
        flat = through(matrix, rows[:, :2])
        points = np.concatenate([flat, rows[:, 2:] * (cut.side / face.pixels)], 1)
        cut = _cut_of_points(flat)
    score = float(1 / (1 + np.exp(-flag.reshape(-1)[0])))
    points = np.concatenate([points, np.zeros((POINTS - len(points), 3), np.float32)])
    for side in range(2):
        _refine_eye(iris, picture, points, side)
    return Mesh(points.astype(np.float32), score)


def _cut_of_box(box: Box) -> Cut:
    right, left = box.points[0], box.points[1]
    angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    return Cut(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), 1.5 * box.side, angle)


def _cut_of_points(points: Floats) -> Cut:
    across = points[263] - points[33]
    angle = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    upright = points @ turn.T
    low, high = upright.min(0), upright.max(0)
    x, y = ((low + high) / 2) @ turn
    return Cut((float(x), float(y)), 1.5 * float((high - low).max()), angle)


def _refine_eye(net: Net, picture: Pixels, points: Floats, side: int) -> None:
    """Set the lids' and the iris' points from a close look; the network knows right eyes, so left ones are mirrored."""
    lower, upper = EYES[side]
    a, b = points[lower[0], :2], points[lower[-1], :2]
    across = (b - a) * (1 if side == 0 else -1)
    width = float(np.hypot(*across))
    middle = (a + b) / 2
    cut = Cut((float(middle[0]), float(middle[1])), 2.3 * width, float(np.arctan2(across[1], across[0])))
    matrix = cut.matrix(net.pixels)
    if side == 1:
        matrix = matrix @ np.array([[-1, 0, net.pixels - 1], [0, 1, 0], [0, 0, 1]], np.float32)
    contour, iris = net.run(picture, matrix)
    lids = through(matrix, contour.reshape(-1, 3)[: len(lower) + len(upper), :2])
    points[[*lower, *upper], :2] = lids
    ball = slice(468 + 5 * side, 473 + 5 * side)
    points[ball, :2] = through(matrix, iris.reshape(-1, 3)[:, :2])
    points[ball, 2] = points[[lower[0], lower[-1]], 2].mean()
