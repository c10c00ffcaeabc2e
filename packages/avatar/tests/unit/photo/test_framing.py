"""Photos of any shape in videos of any shape."""

from typing import Any

import numpy as np
import pytest

from avatar.engine.photo import PhotoLipSync, own_size, parameters_of
from avatar.engine.photo.framing import framed
from avatar.engine.photo.lipsync import mesh_of
from avatar.errors import InputError
from avatar.media import Portrait
from avatar.testing.contracts import babble


@pytest.mark.parametrize("size", [(512, 512), (640, 360), (360, 640), (256, 256), (1280, 720)])
def test_the_face_is_whole_and_the_mesh_lies_on_it(drawn_face: Any, size: tuple[int, int]) -> None:
    picture, points = framed(drawn_face.image, drawn_face.points, size)
    assert picture.shape == (size[1], size[0], 4)
    assert points[:468, 0].min() >= 0
    assert points[:468, 0].max() < size[0]
    assert points[:468, 1].min() >= 0
    assert points[:468, 1].max() < size[1]
    x, y = np.round(points[[4, 50, 280], :2]).astype(int).T
    assert (picture[y, x, 0] > picture[y, x, 2]).all()


@pytest.mark.parametrize("size", [(63, 64), (100, 101), (32, 32)])
def test_a_size_that_no_encoder_takes_is_refused(drawn_face: Any, size: tuple[int, int]) -> None:
    with pytest.raises(InputError):
        framed(drawn_face.image, drawn_face.points, size)


def test_a_video_has_the_photos_own_shape() -> None:
    assert own_size(np.zeros((1001, 701, 4), np.uint8)) == (700, 1000)
    assert own_size(np.zeros((4000, 3000, 4), np.uint8), 1280) == (960, 1280)


@pytest.mark.parametrize("damage", [{"photo_version": 9}, {"mesh": [[0, 0, 0]]}, {"mesh": "no"}, {"mood": "cross"}])
def test_damaged_parameters_are_refused(drawn_face: Any, damage: dict[str, Any]) -> None:
    parameters = parameters_of(drawn_face.points, (), 256.0) | damage
    portrait = Portrait("x", "photo", drawn_face.image, parameters)
    with pytest.raises(InputError):
        list(PhotoLipSync().animate(portrait, babble(0.2), fps=25, size=(256, 256), seed=1))


def test_parameters_carry_the_mesh(drawn_face: Any) -> None:
    parameters = parameters_of(drawn_face.points, ("glasses",), 256.0)
    assert np.abs(mesh_of(parameters) - drawn_face.points).max() < 0.01
    assert parameters["hints"] == ["glasses"]
