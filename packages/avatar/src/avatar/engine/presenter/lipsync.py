"""The embedded animator: a portrait's spec and an utterance become frames."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from avatar.engine.presenter.eyes import Look
from avatar.engine.presenter.lips import Floats, channels, mouth
from avatar.engine.presenter.moods import MOODS
from avatar.engine.presenter.motion import Motion, cues, move
from avatar.engine.presenter.rig import Pose, Rig
from avatar.engine.presenter.spec import Spec
from avatar.engine.presenter.warp import Turn
from avatar.engine.visemes import track
from avatar.errors import InputError
from avatar.media import Frame, Portrait, Size, Utterance


class EmbeddedLipSync:
    """Redraws the illustrated presenter in every frame."""

    name = "embedded"
    version = "2"
    accepts = ("embedded",)

    def animate(self, portrait: Portrait, utterance: Utterance, *, fps: int, size: Size, seed: int) -> Iterator[Frame]:
        """round(duration * fps) frames, at least one, all in one buffer. Raises InputError for a damaged spec."""
        if portrait.backend not in self.accepts:
            raise InputError(f"the embedded lip-sync animates embedded portraits, not {portrait.backend!r} ones")
        spec = Spec.from_json(portrait.parameters)
        return _frames(spec, utterance, fps, check_size(size), seed)


def check_size(size: Size) -> Size:
    """The size itself; InputError when nothing can be drawn or encoded at it."""
    w, h = size
    if w < 64 or h < 64 or w % 2 or h % 2:
        raise InputError(f"a picture of {w}x{h} cannot be drawn", "give an even width and height of at least 64")
    return size


def _frames(spec: Spec, utterance: Utterance, fps: int, size: Size, seed: int) -> Iterator[Frame]:
    count = max(1, round(utterance.audio.duration * fps))
    lips = channels(_fitted(track(utterance, fps), count))
    motion = move(cues(utterance), count, fps, seed, spec.smile, mood=MOODS[spec.mood], bearing=spec.bearing)
    rig = Rig(spec, size)
    with _a_core_for_the_encoder():
        for i in range(count):
            yield rig.draw(pose(motion, lips, i))


@contextmanager
def _a_core_for_the_encoder() -> Iterator[None]:
    """OpenCV on all cores but one: where two threads wait for a core, what they share out costs more than it saves."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(max(1, min(before, (os.cpu_count() or 1) - 1)))
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _fitted(weights: Floats, count: int) -> Floats:
    """Exactly `count` rows: the last one repeated, or rows beyond the end dropped."""
    rows = np.minimum(np.arange(count), len(weights) - 1)
    return weights[rows]


def pose(motion: Motion, lips: Floats, i: int) -> Pose:
    """Frame `i` of the tracks."""
    at = {name: float(getattr(motion, name)[i]) for name in Motion.__dataclass_fields__}
    m = mouth(lips[i])
    look = Look(at["blink"], at["gaze_x"], at["gaze_y"], at["squint"], at["wide"])
    turn = Turn(
        at["yaw"], at["pitch"], at["roll"], at["shift_x"], at["shift_y"],
        jaw=m.jaw, cheeks=max(0.0, 0.7 * at["smile"] + 0.3 * m.wide),
    )  # fmt: skip
    return Pose(m, look, turn, at["brow"], at["brow_inner"], at["smile"], at["breath"], at["lean"])
