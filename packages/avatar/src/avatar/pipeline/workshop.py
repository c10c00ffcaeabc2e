"""The neural backends of a studio: opened by its settings, given eyes where the face model is here."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.engine.faces.pull import ready
from avatar.errors import BackendUnavailable
from avatar.media import Frame
from avatar.settings import Settings
from avatar.workers import manifest
from avatar.workers.environments import Environments
from avatar.workers.models import Models
from avatar.workers.workshop import Choice, Workshop


def open_workshop(settings: Settings) -> Workshop:
    """Environments, models and the device the settings name."""
    return Workshop(
        Environments(settings.workers, settings.torch_index),
        Models(settings.models),
        Choice(settings.device, settings.precision, settings.memory_mib, settings.threads),
        peaks=settings.workers / "peaks.json",
    )


def seated(kind: str, made: Callable[..., Any], name: str, workshop: Workshop, settings: Settings) -> Any:
    """The backend behind its seam."""
    described = manifest.named(name)
    if kind == "speech":
        return made(described, workshop)
    points = face_points(settings)
    if kind == "lipsync":
        return made(described, workshop, points)
    return made(described, workshop, None if points is None else _box_of(points))


def face_points(settings: Settings) -> Callable[[Frame], NDArray[np.float32] | None] | None:
    """What finds the 478 points of the largest face; None where the face model was not pulled."""
    try:
        folder = ready(settings.models)
    except BackendUnavailable:
        return None

    @cache
    def finder() -> Any:
        from avatar.engine.faces import FaceFinder  # noqa: PLC0415  loads three networks

        return FaceFinder(folder)

    def find(frame: Frame) -> NDArray[np.float32] | None:
        faces = finder().find(frame)
        if not faces:
            return None
        largest = max(faces, key=lambda face: face.width)
        return np.ascontiguousarray(largest.points[:, :2], np.float32)

    return find


def _box_of(points: Callable[[Frame], NDArray[np.float32] | None]) -> Callable[[Frame], Any]:
    """A face's box as parts of the picture, of its points."""

    def find(frame: Frame) -> tuple[float, ...] | None:
        found = points(frame)
        if found is None:
            return None
        size = np.array([frame.shape[1], frame.shape[0]])
        return tuple(float(side) for side in np.concatenate([found.min(0) / size, found.max(0) / size]))

    return find
