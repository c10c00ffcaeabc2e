"""Lip sync by a worker: the portrait's face is found here, the worker repaints its mouth, the rest stands still."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.codec.resample import resampled
from avatar.errors import BackendFailed, InputError
from avatar.media import Frame, Portrait, Size, Utterance
from avatar.workers.manifest import Manifest
from avatar.workers.painter import ASSUMED_FACE, Box, filled, opaque
from avatar.workers.process import OutOfMemory
from avatar.workers.speech import identity
from avatar.workers.workshop import Workshop

Points = NDArray[np.float32]
FindPoints = Callable[[Frame], Points | None]
"""The 478 points of the largest face in an RGBA picture, (478, 2) float32 pixels; None when there is none."""

Region = tuple[int, int, NDArray[np.uint8]]
"""Left, top and the changed pixels, (h, w, 3)."""

RATE = 16000
FPS = 25
MESH = 478


class WorkerLipSync:
    """`avatar.backends.LipSync` by the backend of that manifest."""

    def __init__(self, manifest: Manifest, workshop: Workshop, find_points: FindPoints | None = None) -> None:
        self.name = manifest.name
        self.version = identity(manifest)
        self.accepts = manifest.accepts
        self.notes: tuple[str, ...] = ()
        self._manifest = manifest
        self._workshop = workshop
        self._find_points = find_points

    def animate(self, portrait: Portrait, utterance: Utterance, *, fps: int, size: Size, seed: int) -> Iterator[Frame]:
        """round(duration * fps) frames; the model makes 25 a second, other rates repeat or leave out.

        Raises InputError when no face can be placed. `notes` says what was assumed.
        """
        notes = [note] if (note := self._manifest.restriction()) else []
        base = opaque(filled(portrait.image[..., :3], size))
        points = self._points(portrait, base, notes)
        if fps != FPS:
            notes.append(f"{self.name!r} moves at {FPS} frames a second; {fps} were made of them")
        self.notes = tuple(notes)
        wanted = max(1, round(utterance.audio.duration * fps))
        made = max(1, int(np.ceil(wanted * FPS / fps)))
        number = 0
        for index, region in enumerate(self._all_regions(base, points, utterance, made, size)):
            while number < wanted and min(made - 1, number * FPS // fps) == index:
                yield _with(base, region)
                number += 1

    def _all_regions(
        self, base: Frame, points: Points, utterance: Utterance, frames: int, size: Size
    ) -> Iterator[Region]:
        """Every frame's, in order; when memory runs out those still missing one at a time, and `notes` says so."""
        sound = resampled(utterance.audio, RATE).samples
        arrays: dict[str, NDArray[Any]] = {"image": base[..., :3], "points": points, "samples": sound}
        count = 0
        try:
            for region in self._regions(arrays, {"frames": frames}, f"{size[0]}x{size[1]}"):
                count += 1
                yield region
        except OutOfMemory:
            self.notes += ("memory was too small; frames were made one at a time",)
            alone = {"frames": frames, "from": count, "batch": 1}
            for region in self._regions(arrays, alone, f"{size[0]}x{size[1]} one by one"):
                count += 1
                yield region
        if count != frames:
            raise BackendFailed(f"the worker {self.name!r} made {count} frames of {frames}")

    def _regions(self, arrays: Mapping[str, NDArray[Any]], options: Mapping[str, int], size: str) -> Iterator[Region]:
        with self._workshop.lend(self._manifest, size) as worker:
            for header, parts in worker.process.run("animate", options, arrays):
                for region in parts["region"]:
                    yield int(header["left"]), int(header["top"]), region

    def _points(self, portrait: Portrait, base: Frame, notes: list[str]) -> Points:
        points = None if self._find_points is None else self._find_points(base)
        if points is not None:
            return points
        assumed = portrait.parameters.get("face")
        if "face" in portrait.parameters and assumed is None:
            assumed = ASSUMED_FACE  # a painter that looked for a face and said that it found none
        if assumed is None:
            raise InputError(
                "no face is found in the portrait, so there is no mouth to move"
                if self._find_points is not None
                else "finding the portrait's face needs the face model, which is not here",
                "give a portrait of a face" if self._find_points is not None else "get it: avatar models pull face",
            )
        notes.append("no face was measured; the mouth is put where the portrait's framing says it is")
        return assumed_points(tuple(assumed), size=(base.shape[1], base.shape[0]))


def assumed_points(face: Box, size: Size) -> Points:
    """A face of average proportions that fills the box (parts of the picture), for the points lip sync reads."""
    left, top, right, bottom = (face[i] * size[i % 2] for i in range(4))
    x, half = (left + right) / 2, (right - left) / 2
    points = np.full((MESH, 2), (x, (top + bottom) / 2), np.float32)
    height = bottom - top
    points[5] = (x, top + 0.57 * height)
    for side in (-1, 1):
        for indices, aside, down in _HALF_FACE[side]:
            for index in indices:
                points[index] = (x + side * aside * half, top + down * height)
    return points


_HALF_FACE: dict[int, tuple[tuple[tuple[int, ...], float, float], ...]] = {
    side: tuple((names[side < 0], aside, down) for names, aside, down in rows)
    for side in (-1, 1)
    for rows in (
        (
            (((356,), (127,)), 1.00, 0.46),
            (((454,), (234,)), 1.00, 0.52),
            (((323,), (93,)), 0.98, 0.60),
            (((361,), (132,)), 0.96, 0.66),
            (((288,), (58,)), 0.92, 0.73),
            (((397,), (172,)), 0.84, 0.80),
            (((365,), (136,)), 0.74, 0.86),
            (((379,), (150,)), 0.60, 0.91),
            (((378,), (149,)), 0.48, 0.94),
            (((400,), (176,)), 0.36, 0.97),
            (((377,), (148,)), 0.18, 0.99),
            (((152,), (152,)), 0.00, 1.00),
            (((281,), (51,)), 0.14, 0.59),
            (((278,), (48,)), 0.24, 0.62),
            (((294,), (64,)), 0.26, 0.65),
            (((327, 326), (98, 97)), 0.14, 0.67),
            (((2,), (2,)), 0.00, 0.68),
            (((291,), (61,)), 0.36, 0.79),
            (((375, 321, 405, 314), (146, 91, 181, 84)), 0.20, 0.84),
            (((17,), (17,)), 0.00, 0.86),
            (((409, 270, 269, 267), (185, 40, 39, 37)), 0.18, 0.755),
            (((0,), (0,)), 0.00, 0.75),
        ),
    )
}


def _with(base: Frame, placed: Region) -> Frame:
    left, top, region = placed
    frame = base.copy()
    frame[top : top + region.shape[0], left : left + region.shape[1], :3] = region
    return frame
