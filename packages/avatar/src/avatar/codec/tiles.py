"""Pictures side by side, with labels."""

from collections.abc import Sequence

import cv2
import numpy as np

from avatar.media import Frame


def tiled(pictures: Sequence[Frame], labels: Sequence[str], columns: int) -> Frame:
    """The pictures, all of one size, in rows, each with its label; empty places are white."""
    rows = -(-len(pictures) // columns)
    h, w = pictures[0].shape[:2]
    sheet = np.full((rows * h, columns * w, 4), 255, np.uint8)
    for i, picture in enumerate(pictures):
        y, x = i // columns * h, i % columns * w
        sheet[y : y + h, x : x + w] = picture
    _write(sheet, [(i % columns * w, i // columns * h, label) for i, label in enumerate(labels)], h)
    return sheet


def _write(sheet: Frame, labels: Sequence[tuple[int, int, str]], tile_height: int) -> None:
    """White on a dark plate, in the strokes OpenCV brings along: no font of the machine is asked."""
    scale = tile_height / 480
    for x, y, text in labels:
        (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 1)
        edge = below + 2
        plate = sheet[y : y + height + 2 * edge, x : x + width + 2 * edge, :3]
        plate[:] = plate // 3
        cv2.putText(
            sheet, text, (x + edge, y + edge + height), cv2.FONT_HERSHEY_DUPLEX, scale, (255,) * 4, 1, cv2.LINE_AA
        )
