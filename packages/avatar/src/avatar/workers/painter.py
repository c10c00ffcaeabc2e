"""Portraits by a worker: framed for a speaking head, checked for a face, painted again by the next seed without one."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.errors import BackendFailed, InputError
from avatar.media import NOTHING, Frame, Portrait, Size
from avatar.workers.manifest import Manifest
from avatar.workers.process import OutOfMemory
from avatar.workers.speech import identity
from avatar.workers.workshop import Workshop

Box = tuple[float, float, float, float]
FindFace = Callable[[Frame], Box | None]
"""(left, top, right, bottom) of the one face in an RGBA picture, as parts of its size; None when there is none."""

FRAMING = "portrait photo of {0}, one person, facing the camera, head and shoulders, mouth closed, even soft light"
AVOIDED = "several people, profile, hands, text, watermark, open mouth, cropped head, blurry, deformed"
TRIES = 3
ASSUMED_FACE: Box = (0.36, 0.14, 0.64, 0.62)
"""Where the framing puts the face, for a picture in which none was found."""


class WorkerPainter:
    """`avatar.backends.Painter` by the backend of that manifest; `find_face` None: nothing here can look for faces."""

    def __init__(self, manifest: Manifest, workshop: Workshop, find_face: FindFace | None = None) -> None:
        self.name = manifest.name
        self.version = identity(manifest)
        self._manifest = manifest
        self._workshop = workshop
        self._find_face = find_face

    def paint(self, prompt: str, seed: int, size: Size, given: Mapping[str, Any] = NOTHING) -> Portrait:
        """A portrait of `size`; `given` may settle the prompt, seed, steps and guidance of an earlier one.

        Raises InputError for parameters of another painter. A picture without a face is kept after three tries,
        with a note that says so.
        """
        unknown = set(given) - {"prompt", "seed", "steps", "guidance", "face", "model", "notes", "unknown_words"}
        if unknown:
            raise InputError(f"{self.name!r} takes no parameter {sorted(unknown)[0]!r}", "give prompt, seed or steps")
        words, seed = str(given.get("prompt", prompt)).strip() or "a person", int(given.get("seed", seed))
        notes = [note] if (note := self._manifest.restriction()) else []
        image, face, used = self._look(words, seed, size, given, notes)
        model = self._manifest.models[0]
        parameters = {
            "prompt": words, "seed": used, "face": None if face is None else [round(side, 4) for side in face],
            "model": f"{model.repo}@{model.revision[:10]}", "notes": notes, "unknown_words": None,
        } | {key: given[key] for key in ("steps", "guidance") if key in given}  # fmt: skip
        return Portrait("", self.name, image, parameters, prompt, seed)

    def _look(
        self, words: str, seed: int, size: Size, given: Mapping[str, Any], notes: list[str]
    ) -> tuple[Frame, Box | None, int]:
        """The first picture with a face, or the first of all."""
        first: Frame | None = None
        for attempt in range(1 if self._find_face is None or "seed" in given else TRIES):
            image = self._painted(words, seed + attempt * 1000, size, given, notes)
            face = None if self._find_face is None else self._find_face(image)
            if face is not None:
                if attempt:
                    notes.append(f"no face in {attempt} picture(s); painted again with seed {seed + attempt * 1000}")
                return image, face, seed + attempt * 1000
            first = image if first is None else first
        assert first is not None, "at least one was painted"
        why = "nothing here can look for faces" if self._find_face is None else f"no face was found in {TRIES} pictures"
        notes.append(f"{why}; the first is used as if its face stood where the framing puts it")
        return first, None, seed

    def _painted(self, words: str, seed: int, size: Size, given: Mapping[str, Any], notes: list[str]) -> Frame:
        options = {
            "prompt": FRAMING.format(words), "negative": AVOIDED, "seed": seed, "size": list(size),
            "steps": given.get("steps"), "guidance": given.get("guidance"),
        }  # fmt: skip
        try:
            return self._run(options, size)
        except OutOfMemory:
            smaller = [max(64, side // 2 // 8 * 8) for side in size]
            image = self._run(options | {"size": smaller}, size)
            notes.append(f"memory was too small; painted at {smaller[0]}x{smaller[1]} and enlarged")
            return image

    def _run(self, options: dict[str, Any], size: Size) -> Frame:
        width, height = options["size"]
        with self._workshop.lend(self._manifest, f"{width}x{height}") as worker:
            arrays = dict(next(worker.process.run("paint", options), ({}, {}))[1])
        image = arrays.get("image")
        if image is None or image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise BackendFailed(f"the worker {self.name!r} painted no picture")
        return opaque(filled(image, size))


def filled(image: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """The picture (h, w, 3) scaled and cropped about its middle to fill `size`."""
    import cv2  # noqa: PLC0415  slow to import, and only for what was painted

    width, height = size
    scale = max(width / image.shape[1], height / image.shape[0])
    wide, high = round(image.shape[1] * scale), round(image.shape[0] * scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(image, (max(wide, width), max(high, height)), interpolation=how)
    left, top = (large.shape[1] - width) // 2, (large.shape[0] - height) // 2
    return np.ascontiguousarray(large[top : top + height, left : left + width])


def opaque(image: NDArray[np.uint8]) -> Frame:
    """RGBA of RGB."""
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
