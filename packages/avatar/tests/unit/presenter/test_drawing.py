"""What is drawn anew in every frame takes short cuts, and looks as if it had not taken them."""

import cv2
import numpy as np
import pytest

from avatar.engine.presenter import pen
from avatar.engine.presenter.canvas import surface
from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.eyes import Eyes, Look
from avatar.engine.presenter.lips import Mouth
from avatar.engine.presenter.mouth import Lips
from avatar.engine.presenter.pen import Array, fill, linear, polygon, wash
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.rig import Pose, Rig
from avatar.media import Frame

SIZE = (320, 180)
COLOURS = [(0.8, 0.2, 0.1, 1.0), (0.1, 0.3, 0.9, 0.5)]


def drop(count: int = 24) -> Array:
    """A closed outline in a picture of 64 by 64."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([32 + 22 * np.cos(angle), 30 + 18 * np.sin(angle)], axis=1)


def a_rig() -> Rig:
    return Rig(cast(read_prompt("a woman, bob, plain background"), 3), SIZE)


def test_a_path_read_from_memory_is_the_path_drawn_point_by_point() -> None:
    assert polygon(drop()) == pen._drawn_up(drop(), 24)
    assert pen.hairs(drop(), drop() + np.array([1.0, 2.0]), 1.5).countPoints() == 4 * 24


def test_another_skia_that_keeps_paths_otherwise_gets_them_point_by_point(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = polygon(drop())
    monkeypatch.setattr(pen, "_mould", lambda *_: None)
    assert polygon(drop()) == quick


@pytest.mark.parametrize("across", [False, True])
def test_a_gradient_looked_up_is_the_gradient_computed(across: bool) -> None:
    computed, looked_up = blank(), blank()
    end = (44.0, 0.0) if across else (0.0, 44.0)
    start = (20.0, 0.0) if across else (0.0, 20.0)
    surface(computed).getCanvas().drawPath(polygon(drop()), linear(start, end, COLOURS))
    wash(surface(looked_up).getCanvas(), polygon(drop()), (20.0, 44.0), COLOURS, across=across)
    assert np.abs(computed.astype(int) - looked_up).max() <= 6
    assert computed.std() > 20


def test_a_spot_from_a_bitmap_is_the_glow() -> None:
    computed, looked_up = blank(), blank()
    pen.glow(surface(computed).getCanvas(), (30, 32), (20, 11), (0.9, 0.1, 0.2, 0.7))
    pen.spot(surface(looked_up).getCanvas(), (30, 32), (20, 11), (0.9, 0.1, 0.2, 0.7))
    assert np.abs(computed.astype(int) - looked_up).max() <= 8
    assert computed.std() > 10


def blank() -> Frame:
    frame = np.zeros((64, 64, 4), np.uint8)
    surface(frame).getCanvas().drawPaint(fill((0.8, 0.8, 0.7, 1.0)))
    return frame


def test_eyes_and_lips_that_rest_are_not_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = a_rig()
    presenter.draw(Pose())
    monkeypatch.setattr(Eyes, "draw", lambda *_: pytest.fail("the eyes rest"))
    monkeypatch.setattr(Lips, "draw", lambda *_: pytest.fail("the lips rest"))
    presenter.draw(Pose(look=Look(gaze_x=0.001)))


def test_what_moves_little_by_little_arrives_where_it_would_in_one_step() -> None:
    steps, at_once = a_rig(), a_rig()
    for i in range(41):
        far = i / 40
        pose = Pose(Mouth(open=0.2 * far, wide=0.3 * far), Look(blink=0.3 * far, gaze_x=0.4 * far), brow=0.5 * far)
        frame = steps.draw(pose)
    difference = cv2.absdiff(frame, at_once.draw(pose))
    assert difference.max() < 40
    assert difference.mean() < 0.02
