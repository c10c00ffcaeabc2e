"""Eyes of a photo that look aside."""

from typing import Any

import cv2
import numpy as np
import pytest

from avatar.engine.faces.mesh import EYES
from avatar.engine.photo.head import EASE
from avatar.engine.photo.lipsync import pose
from avatar.engine.photo.rig import Pose, Rig
from avatar.engine.presenter.motion import HOLD_X, cues, move
from avatar.testing.contracts import babble


@pytest.fixture(scope="module")
def rig(drawn_face: Any) -> Rig:
    return Rig(drawn_face.image, drawn_face.points)


def shown(rig: Rig, **pose: Any) -> np.ndarray:
    return rig.draw(Pose(**pose)).astype(np.int16)[..., :3]


def opening(drawn_face: Any, side: int, wider: int = 0) -> np.ndarray:
    """A mask of what is between the lids of one eye."""
    lower, upper = (drawn_face.points[list(lid), :2] for lid in EYES[side])
    outline = np.round(np.concatenate([lower, upper[::-1]])).astype(np.int32)
    mask = cv2.fillPoly(np.zeros(drawn_face.image.shape[:2], np.uint8), [outline], 1)
    return np.asarray(cv2.dilate(mask, np.ones((2 * wider + 1, 2 * wider + 1), np.uint8)) > 0)


def iris(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The middle (x, y) of what is dark there."""
    rows, columns = np.nonzero((picture.max(2) < 120) & mask)
    return np.array([columns.mean(), rows.mean()])


def width(drawn_face: Any, side: int) -> float:
    lower, _ = EYES[side]
    return float(np.hypot(*(drawn_face.points[lower[0], :2] - drawn_face.points[lower[-1], :2])))


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("across", [-0.5, -0.1, 0.1, 0.5])
def test_an_iris_goes_where_it_is_told_and_no_further(rig: Rig, drawn_face: Any, side: int, across: float) -> None:
    mask = opening(drawn_face, side)
    went = iris(shown(rig, gaze=(across, 0.0)), mask) - iris(shown(rig), mask)
    assert went[0] == pytest.approx(0.2 * across * width(drawn_face, side), rel=0.25)
    assert abs(went[1]) < 0.6


@pytest.mark.parametrize("along", [-0.2, 0.2])
def test_an_iris_that_both_lids_touch_looks_up_and_down_a_little(rig: Rig, drawn_face: Any, along: float) -> None:
    mask = opening(drawn_face, 0)
    went = iris(shown(rig, gaze=(0.0, along)), mask) - iris(shown(rig), mask)
    assert 0.15 < went[1] / (0.2 * along * width(drawn_face, 0)) < 1.1


def test_what_is_not_the_eye_stays(rig: Rig, drawn_face: Any) -> None:
    off = np.abs(shown(rig, gaze=(0.6, 0.2)) - shown(rig)).max(2)
    eyes = opening(drawn_face, 0, 6) | opening(drawn_face, 1, 6)
    assert off[eyes].max() > 60
    assert off[~eyes].max() == 0


def test_the_lids_are_not_dragged_along(rig: Rig, drawn_face: Any) -> None:
    """What is skin stays skin and what is eye stays eye, but for the softness of the edge."""
    skin = [np.abs(shown(rig, gaze=gaze) - shown(rig)).max(2) > 60 for gaze in ((0.6, 0.0), (-0.6, 0.0))]
    inside = opening(drawn_face, 0, 1) | opening(drawn_face, 1, 1)
    for changed in skin:
        assert changed[inside].sum() > 200
        assert changed[~inside].sum() <= 4


def test_eyes_all_but_shut_are_left_alone(drawn_face: Any) -> None:
    points, image = drawn_face.points.copy(), drawn_face.image.copy()
    mask = opening(drawn_face, 0, 3) | opening(drawn_face, 1, 3)
    image[mask, :3] = np.roll(image, 60, axis=0)[mask, :3]  # skin, with its grain, from above the eyes
    for lower, upper in EYES:
        middle = points[[*lower, *upper], 1].mean()
        points[[*lower, *upper], 1] = middle + 0.3 * (points[[*lower, *upper], 1] - middle)
    rig = Rig(image, points)
    assert (shown(rig, gaze=(0.5, 0.0)) == shown(rig)).all()


def test_eyes_hold_the_viewer_as_far_as_the_head_turns() -> None:
    """The drawn presenter turns further than a photo does: its eyes would overtake the photo's head."""
    motion = move(cues(babble(4.0)), 100, 25, 3, 0.0)
    rows = np.zeros((100, 12), np.float32)
    looks = np.array([pose(motion, rows, i).gaze[0] for i in range(100)])
    turned = np.sin(np.radians(EASE * motion.yaw))
    glance = motion.gaze_x + HOLD_X * np.sin(np.radians(motion.yaw))
    assert np.abs(looks - (glance - HOLD_X * turned)).max() < 1e-6


def test_behind_sunglasses_nothing_looks_aside() -> None:
    motion = move(cues(babble(1.0)), 25, 25, 3, 0.0)
    assert pose(motion, np.zeros((25, 12), np.float32), 9, blinks=False).gaze == (0.0, 0.0)
