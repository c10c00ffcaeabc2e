"""The animator of photos: a picture with the mesh of its face, and an utterance, become frames."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from avatar.engine.photo.anatomy import Floats
from avatar.engine.photo.framing import framed
from avatar.engine.photo.head import EASE
from avatar.engine.photo.rig import Pose, Rig
from avatar.engine.presenter.lips import channels, mouth
from avatar.engine.presenter.moods import MOODS
from avatar.engine.presenter.motion import HOLD_X, HOLD_Y, Motion, cues, move
from avatar.engine.visemes import track
from avatar.errors import InputError, nearest
from avatar.media import Frame, Portrait, Size, Utterance

BACKEND = "photo"
PHOTO_VERSION = 1
_HEAD_UNIT = 1 / 300
"""Of the face's width: the presenter's head units, in which it is told to shift."""


class PhotoLipSync:
    """Warps the photo itself in every frame, by the same motion and mouth channels as the drawn presenter."""

    name = BACKEND
    version = "2"
    accepts = (BACKEND,)

    def animate(self, portrait: Portrait, utterance: Utterance, *, fps: int, size: Size, seed: int) -> Iterator[Frame]:
        """round(duration * fps) frames, at least one, all in one buffer.

        Raises InputError for a portrait of another backend, without the mesh of a face, or a size too small.
        """
        if portrait.backend not in self.accepts:
            raise InputError(f"photo animates photo portraits, not {portrait.backend!r} ones")
        picture, points = framed(portrait.image, mesh_of(portrait.parameters), size)
        return _frames(Rig(picture, points), portrait.parameters, utterance, fps, seed)


def parameters_of(points: Floats, hints: tuple[str, ...], width: float) -> dict[str, Any]:
    """What a photo portrait carries, as JSON: the mesh of its face in pixels of its picture, and what was guessed."""
    return {
        "photo_version": PHOTO_VERSION, "mesh": np.round(points.astype(float), 2).tolist(), "hints": list(hints),
        "face_width": round(width, 1), "mood": "neutral",
    }  # fmt: skip


def mesh_of(parameters: Mapping[str, Any]) -> Floats:
    """(478, 3) of a photo portrait's parameters. Raises InputError when they are damaged."""
    if parameters.get("photo_version") != PHOTO_VERSION:
        raise InputError(
            f"this photo portrait has version {parameters.get('photo_version')!r}, not {PHOTO_VERSION}",
            "add the photo again: avatar portrait add",
        )
    try:
        points = np.asarray(parameters["mesh"], np.float32)
    except (KeyError, TypeError, ValueError):
        points = np.zeros(0, np.float32)
    if points.shape != (478, 3) or not np.isfinite(points).all():
        raise InputError("this photo portrait's mesh is damaged", "add the photo again: avatar portrait add")
    return points


def _frames(rig: Rig, parameters: Mapping[str, Any], utterance: Utterance, fps: int, seed: int) -> Iterator[Frame]:
    named = str(parameters.get("mood", "neutral"))
    if named not in MOODS:
        raise InputError(f"no mood is called {named!r}", nearest(named, MOODS))
    count = max(1, round(utterance.audio.duration * fps))
    weights = track(utterance, fps)
    lips = channels(weights[np.minimum(np.arange(count), len(weights) - 1)])
    motion = move(cues(utterance), count, fps, seed, 0.0, mood=MOODS[named])
    sees = "sunglasses" not in parameters.get("hints", ())
    for i in range(count):
        yield rig.draw(pose(motion, lips, i, blinks=sees))


def pose(motion: Motion, lips: Floats, i: int, *, blinks: bool = True) -> Pose:
    """Frame `i` of the tracks."""
    at = {name: float(getattr(motion, name)[i]) for name in _TRACKS}
    shift = (at["shift_x"] * _HEAD_UNIT, at["shift_y"] * _HEAD_UNIT)
    blink, gaze = (at["blink"], _gaze(at)) if blinks else (0.0, (0.0, 0.0))
    return Pose(mouth(lips[i]), blink, at["brow"], at["smile"], at["yaw"], at["pitch"], at["roll"], shift, gaze)


def _gaze(at: Mapping[str, float]) -> tuple[float, float]:
    """The presenter's eyes hold the viewer against all of its head's turn; a photo's head turns by a part of that."""
    yaw, pitch = (math.sin(math.radians(at[name])) - math.sin(math.radians(EASE * at[name])) for name in _TURNS)
    return at["gaze_x"] + HOLD_X * yaw, at["gaze_y"] - HOLD_Y * pitch


_TURNS = ("yaw", "pitch")
_TRACKS = ("blink", "gaze_x", "gaze_y", "brow", "smile", "yaw", "pitch", "roll", "shift_x", "shift_y")
