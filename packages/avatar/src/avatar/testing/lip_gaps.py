"""An independent eye on a face: mediapipe's mesh, run by a Python of its own, for it needs an older numpy.

python lip_gaps.py FILE...    one line of JSON a file: of each frame the gap between the inner lips, as a part of
                              the face's width, or null where no face is found
"""

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

_UPPER_LIP, _LOWER_LIP = 13, 14
_LEFT_EDGE, _RIGHT_EDGE = 234, 454


def frames(path: str) -> Iterator[Any]:
    """Each RGB frame of a video, or the one of a picture."""
    with av.open(path) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def gap(mesh: Any, picture: Any) -> float | None:
    """The lips' distance by the face's width, which speaking does not change."""
    found = mesh.process(picture).multi_face_landmarks
    if not found:
        return None
    height, width = picture.shape[:2]
    points = np.array([(p.x * width, p.y * height) for p in found[0].landmark])
    across = float(np.hypot(*(points[_LEFT_EDGE] - points[_RIGHT_EDGE])))
    return float(np.hypot(*(points[_UPPER_LIP] - points[_LOWER_LIP]))) / across


def main(paths: list[str]) -> None:
    """A line for each file; what the library itself prints goes to standard error."""
    out = os.dup(1)
    os.dup2(2, 1)
    with contextlib.redirect_stdout(sys.stderr):
        face_mesh = importlib.import_module("mediapipe.python.solutions.face_mesh")
    for path in paths:  # each frame anew: tracking would smooth what is to be measured
        with face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True) as mesh:
            line = json.dumps([gap(mesh, picture) for picture in frames(path)])
        os.write(out, (line + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1:])
