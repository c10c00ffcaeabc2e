"""Smooth displacement fields: thin-plate splines (Bookstein 1989) as one matrix, and their inverse on a grid."""

import cv2
import numpy as np

from avatar.engine.photo.anatomy import Floats


def spread(controls: Floats, anchors: Floats, places: Floats, scale: float) -> Floats:
    """(places, controls): how much of each control point's displacement each place takes.

    `controls` (n, 2) move, `anchors` (m, 2) never do; all in pixels, `scale` the length that is about 1.
    """
    knots = np.concatenate([controls, anchors]).astype(np.float64) / scale
    n, moving = len(knots), len(controls)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(knots, knots) + 1e-4 * np.eye(n)
    system[:n, n] = system[n, :n] = 1
    system[:n, n + 1 :], system[n + 1 :, :n] = knots, knots.T
    wanted = np.zeros((n + 3, moving))
    wanted[:moving] = np.eye(moving)
    weights = np.linalg.solve(system, wanted)
    at = places.astype(np.float64) / scale
    return np.asarray(_kernel(at, knots) @ weights[:n] + weights[n] + at @ weights[n + 1 :], np.float32)


class Moves:
    """The displacement at every place, from the displacements of some points and the amplitudes of some modes."""

    def __init__(self, weights: Floats, own: int, modes: Floats) -> None:
        """`weights` as `spread` gives them, of which the first `own` points are free; `modes` (k, controls, 2)."""
        self._own = np.ascontiguousarray(weights[:, :own])
        self._modes = np.stack([weights @ mode for mode in modes]).reshape(len(modes), -1)

    def __call__(self, moved: Floats, amplitudes: Floats) -> Floats:
        """(places, 2) for (own, 2) displacements and (k,) amplitudes."""
        by_modes = (amplitudes[: len(self._modes)] @ self._modes).reshape(-1, 2)
        return np.asarray(self._own @ moved + by_modes, np.float32)


def _kernel(a: Floats, b: Floats) -> Floats:
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(0.5 * squared * np.log(np.maximum(squared, 1e-12)))


class Lattice:
    """Nodes at the centres of square cells over a box of the picture, so that enlarging by whole cells is exact."""

    def __init__(self, box: tuple[int, int, int, int], cell: int) -> None:
        """`box` is x0, y0, x1, y1 in pixels; `cell` the pixels between nodes."""
        x0, y0, x1, y1 = box
        self.box, self.cell = box, cell
        self.columns, self.rows = -(-(x1 - x0) // cell), -(-(y1 - y0) // cell)
        self._offset = np.array([(x0 - 0.5) / cell + 0.5, (y0 - 0.5) / cell + 0.5], np.float32)
        x = x0 + (np.arange(self.columns, dtype=np.float32) + 0.5) * cell - 0.5
        y = y0 + (np.arange(self.rows, dtype=np.float32) + 0.5) * cell - 0.5
        self.nodes = np.stack(np.meshgrid(x, y), -1).astype(np.float32)

    def room(self) -> Floats:
        """What `full` may write two values for each pixel into."""
        return np.empty((self.rows * self.cell, self.columns * self.cell, 2), np.float32)

    def full(self, values: Floats, room: Floats | None = None) -> Floats:
        """A value for each pixel of the box, from one for each node; in `room` where that is given."""
        x0, y0, x1, y1 = self.box
        size = (self.columns * self.cell, self.rows * self.cell)
        return np.asarray(cv2.resize(values, size, room, interpolation=cv2.INTER_LINEAR)[: y1 - y0, : x1 - x0])

    def at(self, values: Floats, places: Floats) -> Floats:
        """The values at `places` (h, w, 2) in pixels; beyond the box those of its edge."""
        return self._between(values, places * np.float32(1 / self.cell) - self._offset)

    def _between(self, values: Floats, where: Floats) -> Floats:
        out = cv2.remap(values, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.float32)

    def backward(self, forward: Floats, rounds: int = 3) -> Floats:
        """Of a field that says where each source pixel goes, the one that says where each target pixel comes from.

        d'(q) = d(q - d'(q)), by fixed-point iteration (Chen et al. 2008); d must nowhere compress to nothing.
        """
        numbers = self.nodes * np.float32(1 / self.cell) - self._offset
        cells = forward * np.float32(1 / self.cell)
        back = cells
        for _ in range(rounds):
            back = self._between(cells, numbers - back)
        return back * np.float32(self.cell)
