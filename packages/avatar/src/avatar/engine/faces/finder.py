"""Finds and reads the faces of a picture."""

from pathlib import Path

import cv2
import numpy as np

from avatar.engine.faces.boxes import find_boxes
from avatar.engine.faces.mesh import fit_mesh
from avatar.engine.faces.nets import Net, Pixels
from avatar.engine.faces.reading import Face, read_face
from avatar.media import Frame

FILES = ("face_detection_short_range.tflite", "face_landmark.tflite", "iris_landmark.tflite")
"""What a finder reads from its folder: MediaPipe 0.10.21's models, Apache-2.0."""

_LEAST_SCORE = 0.6


class FaceFinder:
    """Holds the three networks of `folder`. Raises BackendUnavailable when OpenCV cannot read them."""

    def __init__(self, folder: Path) -> None:
        boxes, mesh, iris = (folder / name for name in FILES)
        self._boxes = Net(boxes, 128, ("regressors", "classificators"), -1.0)
        self._mesh = Net(mesh, 192, ("conv2d_21", "conv2d_31"), 0.0)
        self._iris = Net(iris, 64, ("output_eyes_contours_and_brows", "output_iris"), 0.0)

    def find(self, frame: Frame) -> list[Face]:
        """The faces of a frame from left to right; what is clear in it is taken as grey."""
        picture = on_grey(frame)
        faces = []
        for box in find_boxes(self._boxes, picture):
            mesh = fit_mesh(self._mesh, self._iris, picture, box)
            if mesh.score >= _LEAST_SCORE:
                faces.append(read_face(picture, box, mesh))
        return sorted(faces, key=lambda face: face.box[0])


def on_grey(frame: Frame) -> Pixels:
    """(h, w, 3) RGB of a premultiplied RGBA frame, laid on middle grey."""
    picture = cv2.cvtColor(frame, cv2.COLOR_RGBA2RGB)
    alpha = cv2.extractChannel(frame, 3)
    if cv2.minMaxLoc(alpha)[0] == 255:
        return np.asarray(picture, np.uint8)
    grey = ((255 - alpha.astype(np.uint16)) * 128 // 255).astype(np.uint8)
    return np.asarray(cv2.add(picture, cv2.merge([grey] * 3)), np.uint8)
