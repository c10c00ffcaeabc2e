"""Draw docs/pictures/photo.jpg and photo-closeup.jpg: each face with eight visemes and a blink.

python -m photo.pictures
"""

import cv2
import numpy as np

from avatar.codec.tiles import tiled
from avatar.engine.photo.rig import Pose, Rig
from avatar.engine.presenter.lips import Mouth, channels, mouth
from avatar.engine.visemes import INDEX, VISEMES
from avatar.media import Frame
from photo.faces import ROOT, Sitter, sitters

SHOWN = ("PP", "FF", "DD", "SS", "aa", "E", "oh", "ou")
CLOSE = ("PP", "FF", "TH", "aa", "ih", "ou")


def shape(viseme: str) -> Mouth:
    """The mouth in that shape and no other."""
    weights = np.zeros((1, len(VISEMES)), np.float32)
    weights[0, INDEX[viseme]] = 1
    return mouth(channels(weights)[0])


def row(sitter: Sitter) -> tuple[list[Frame], list[str]]:
    """The picture as it is, talking, and blinking: the head, cut out."""
    rig = Rig(sitter.image, sitter.points)
    poses = [*(Pose(mouth=shape(viseme)) for viseme in SHOWN), Pose(blink=1.0)]
    frames = [sitter.image, *(rig.draw(pose).copy() for pose in poses)]
    return [_cut(frame, sitter.points, 0.66, (140, 176)) for frame in frames], [sitter.name, *SHOWN, "blink"]


def close_up(sitter: Sitter) -> tuple[list[Frame], list[str]]:
    """The mouth, at the picture's own size."""
    rig = Rig(sitter.image, sitter.points)
    frames = [rig.draw(Pose(mouth=shape(viseme))).copy() for viseme in CLOSE]
    x, y = sitter.points[[61, 291], :2].mean(0).astype(int)
    return [frame[y - 80 : y + 90, x - 105 : x + 105] for frame in frames], list(CLOSE)


def _cut(frame: Frame, points: np.ndarray, reach: float, size: tuple[int, int]) -> Frame:
    """The head, in the middle of a tile of that size."""
    low, high = points[:468, :2].min(0), points[:468, :2].max(0)
    x, y = (low + high) / 2
    half = reach * float(high[1] - low[1]) * 1.12
    k = size[1] / (2 * half)
    matrix = np.array([[k, 0, size[0] / 2 - k * x], [0, k, size[1] / 2 - k * (y - 0.08 * half)]])
    blurred = cv2.GaussianBlur(frame, (0, 0), max(0.3, 0.45 / k))
    return np.asarray(cv2.warpAffine(blurred, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def main() -> None:
    """Both pictures."""
    everyone = sitters()
    rows = [row(sitter) for sitter in everyone]
    _keep("photo", _sheet(rows))
    _keep("photo-closeup", _sheet([close_up(sitter) for sitter in everyone[:4]]))


def _keep(name: str, picture: Frame) -> None:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR)
    cv2.imwrite(str(ROOT / "docs" / "pictures" / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 82])


def _sheet(rows: list[tuple[list[Frame], list[str]]]) -> Frame:
    tiles = [tile for frames, _ in rows for tile in frames]
    return tiled(tiles, [label for _, labels in rows for label in labels], len(rows[0][0]))


if __name__ == "__main__":
    main()
