"""How a mesh is turned, and what follows for speaking."""

from typing import Any

import numpy as np
import pytest

from avatar.engine.faces.boxes import Box
from avatar.engine.faces.mesh import Mesh
from avatar.engine.faces.reading import pose, read_face


def turned(points: np.ndarray, axis: int, degrees: float) -> np.ndarray:
    """The mesh turned about x, y or z through its middle."""
    a, b = [i for i in range(3) if i != axis]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    middle = points[:468].mean(0)
    out = points - middle
    out[:, a], out[:, b] = c * out[:, a] - s * out[:, b], s * out[:, a] + c * out[:, b]
    return (out + middle).astype(np.float32)


@pytest.mark.parametrize(("axis", "index"), [(1, 0), (0, 1), (2, 2)])
def test_turns_are_measured_in_degrees(drawn_face: Any, axis: int, index: int) -> None:
    rest = pose(drawn_face.points)[index]
    there, back = (pose(turned(drawn_face.points, axis, angle))[index] - rest for angle in (20, -20))
    assert abs(there) == pytest.approx(20, abs=3)
    assert back == pytest.approx(-there, abs=4)


def reading(drawn_face: Any, points: np.ndarray) -> Any:
    box = Box(100, 100, 400, 400, 0.9, np.zeros((6, 2), np.float32))
    return read_face(np.ascontiguousarray(drawn_face.image[..., :3]), box, Mesh(points, 1.0))


def test_a_face_that_looks_at_the_viewer_is_fit(drawn_face: Any) -> None:
    face = reading(drawn_face, drawn_face.points)
    assert face.refused == ""
    assert not face.is_open
    assert max(map(abs, (face.yaw, face.pitch, face.roll))) < 8


@pytest.mark.parametrize("degrees", [-50, 50])
def test_a_profile_is_refused_and_a_slight_turn_is_not(drawn_face: Any, degrees: float) -> None:
    assert "degrees to the side" in reading(drawn_face, turned(drawn_face.points, 1, degrees)).refused
    assert reading(drawn_face, turned(drawn_face.points, 1, degrees * 0.4)).refused == ""


def test_a_face_of_forty_pixels_is_refused(drawn_face: Any) -> None:
    face = reading(drawn_face, drawn_face.points * np.float32(40 / 256))
    assert "pixels wide; 64 is the least" in face.refused


@pytest.mark.parametrize("light", [1.0, 0.25])
def test_lips_are_seen_in_black_and_white_and_in_low_light(drawn_face: Any, light: float) -> None:
    image = drawn_face.image.copy()
    image[..., :3] = (image[..., :3].mean(2, keepdims=True) * light).astype(np.uint8)
    box = Box(100, 100, 400, 400, 0.9, np.zeros((6, 2), np.float32))
    face = read_face(np.ascontiguousarray(image[..., :3]), box, Mesh(drawn_face.points, 1.0))
    assert "mouth covered" not in face.hints
