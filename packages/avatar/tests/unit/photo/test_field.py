"""Splines pass through their points, and a field run backwards undoes itself."""

import numpy as np

from avatar.engine.photo.field import Lattice, spread


def test_a_spline_moves_its_points_as_told_and_holds_its_anchors() -> None:
    controls = np.array([[30, 30], [70, 40], [50, 60]], np.float32)
    anchors = np.array([[0, 0], [100, 0], [0, 100], [100, 100]], np.float32)
    moved = np.array([[3, 0], [0, -4], [2, 2]], np.float32)
    for places, want in ((controls, moved), (anchors, 0 * anchors)):
        assert np.abs(spread(controls, anchors, places, 100.0) @ moved - want).max() < 0.02


def test_backward_undoes_forward() -> None:
    lattice = Lattice((10, 20, 210, 180), 6)
    x, y = lattice.nodes[..., 0], lattice.nodes[..., 1]
    bump = np.exp(-(((x - 110) ** 2 + (y - 100) ** 2) / 1800))
    forward = np.stack([4 * bump, 14 * bump], -1).astype(np.float32)
    back = lattice.backward(forward, rounds=6)
    source = lattice.nodes - back
    assert np.abs(source + lattice.at(forward, source) - lattice.nodes).max() < 0.15


def test_a_lattice_enlarged_holds_its_values_at_its_nodes() -> None:
    lattice = Lattice((3, 5, 48, 50), 9)
    full = lattice.full(lattice.nodes)
    y, x = np.mgrid[10:40, 10:40]
    assert np.abs(full[10:40, 10:40, 0] - (x + 3)).max() < 1e-2
    assert np.abs(full[10:40, 10:40, 1] - (y + 5)).max() < 1e-2
