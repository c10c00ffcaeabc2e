"""MediaPipe's networks, run by OpenCV: a square cut of the picture in, arrays out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avatar.errors import BackendUnavailable

Floats = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Cut:
    """A square of the picture: `centre` (x, y) and `side` in pixels, turned by `angle` radians clockwise."""

    centre: tuple[float, float]
    side: float
    angle: float = 0.0

    def matrix(self, pixels: int) -> Floats:
        """(2, 3): from coordinates of the cut, `pixels` a side, to the picture's."""
        k = self.side / pixels
        c, s = k * np.cos(self.angle), k * np.sin(self.angle)
        half = (pixels - 1) / 2
        x, y = self.centre
        return np.array([[c, -s, x - half * c + half * s], [s, c, y - half * s - half * c]], np.float32)


class Net:
    """One .tflite file. Raises BackendUnavailable when this OpenCV cannot read it."""

    def __init__(self, path: Path, pixels: int, outputs: tuple[str, ...], low: float) -> None:
        self.pixels, self._outputs, self._low = pixels, outputs, low
        # OpenCV 5's newer engine knows only one output of these files; 4 has no choice of engines.
        engine = [cv2.dnn.ENGINE_CLASSIC] if hasattr(cv2.dnn, "ENGINE_CLASSIC") else []
        try:
            self._net: Any = cv2.dnn.readNetFromTFLite(str(path), *engine)
        except cv2.error as error:
            raise BackendUnavailable(
                f"OpenCV {cv2.__version__} cannot read the face model {path}: {str(error).splitlines()[-1]}",
                "fetch it again: avatar models pull face --again",
            ) from error

    def run(self, picture: Pixels, matrix: Floats, pixels: int | None = None) -> list[Floats]:
        """The outputs for an RGB picture seen through `matrix`; outside the picture is black."""
        side = pixels or self.pixels
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(picture, matrix, (side, side), flags=flags)
        span = (1.0 - self._low) / 255
        blob = (cut.astype(np.float32) * span + self._low).transpose(2, 0, 1)[None]
        self._net.setInput(np.ascontiguousarray(blob))
        return [np.asarray(out, np.float32) for out in self._net.forward(list(self._outputs))]


def through(matrix: Floats, points: Floats) -> Floats:
    """(n, 2) points of a cut in the picture's coordinates."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)
