"""Boxes are decoded as the network means them, and one face is one box."""

import numpy as np
import pytest

from avatar.engine.faces.boxes import Box, _distinct, anchors, overlap
from avatar.engine.faces.nets import Cut, through


def box(x0: float, y0: float, x1: float, y1: float, score: float = 0.9) -> Box:
    return Box(x0, y0, x1, y1, score, np.full((6, 2), x0, np.float32))


def test_the_anchors_are_as_many_as_the_network_has_outputs() -> None:
    assert anchors(128).shape == (896, 2)
    assert anchors(256).shape == (3584, 2)
    assert anchors(128)[0].tolist() == [4, 4]
    assert anchors(128)[-1].tolist() == [120, 120]


def test_overlap_is_the_shared_part_of_both() -> None:
    assert overlap(box(0, 0, 2, 2), box(1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap(box(0, 0, 2, 2), box(2, 0, 3, 2)) == 0
    assert overlap(box(0, 0, 2, 2), box(0, 0, 2, 2)) == 1


def test_boxes_of_one_face_become_one_and_of_two_stay_two() -> None:
    kept = _distinct([box(0, 0, 10, 10, 0.6), box(1, 0, 11, 10, 0.9), box(40, 0, 50, 10, 0.7)])
    assert [round(one.x0, 1) for one in kept] == [0.6, 40.0]
    assert kept[0].score == 0.9


def test_a_turned_cut_leads_back_to_the_picture() -> None:
    matrix = Cut((100.0, 50.0), 40.0, np.pi / 2).matrix(21)
    found = through(matrix, np.array([[10, 10], [20, 10], [10, 20]], np.float32))
    assert np.allclose(found[0], (100, 50), atol=1e-3)
    assert found[1][0] == pytest.approx(100, abs=1e-3)
    assert found[1][1] > 60
    assert found[2][0] < 90
