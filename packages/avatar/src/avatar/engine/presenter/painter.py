"""The embedded painter: words and a seed become a presenter."""

from collections.abc import Mapping
from typing import Any

from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.eyes import Look
from avatar.engine.presenter.lipsync import check_size
from avatar.engine.presenter.moods import MOODS, Mood
from avatar.engine.presenter.motion import CALM, RESTING_BROW, facing
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.rig import Pose, Rig
from avatar.engine.presenter.spec import Spec
from avatar.engine.presenter.warp import Turn
from avatar.errors import InputError, nearest
from avatar.media import NOTHING, Portrait, Size


class EmbeddedPainter:
    """Draws an illustrated presenter; nothing is downloaded and no model runs."""

    name = "embedded"
    version = "2"

    def paint(self, prompt: str, seed: int, size: Size, given: Mapping[str, Any] = NOTHING) -> Portrait:
        """A still of the presenter; `parameters` hold its full spec, the unknown words and the notes.

        `given` settles some or all fields of the spec. Raises InputError for a field that is none, or damaged.
        """
        request = read_prompt(prompt)
        spec = _settled(cast(request, seed), given)
        image = Rig(spec, check_size(size)).draw(resting(spec.smile, MOODS[spec.mood], spec.bearing)).copy()
        parameters = spec.to_json() | {"unknown_words": request.unknown_words, "notes": request.notes}
        return Portrait(f"presenter-{seed}", "embedded", image, parameters, prompt, seed)


def _settled(spec: Spec, given: Mapping[str, Any]) -> Spec:
    fields = spec.to_json()
    for name in given:
        if name not in fields and name not in _NOT_LOOKS:
            raise InputError(f"a portrait's spec has no {name!r}", nearest(name, fields))
    return Spec.from_json(fields | dict(given))


_NOT_LOOKS = ("unknown_words", "notes")


def resting(smile: float, mood: Mood = CALM, bearing: float = 0.0) -> Pose:
    """Looking at the viewer, lips closed, the head turned by `bearing` degrees."""
    smile = mood.smile(smile)
    roll, gaze = facing(bearing)
    look = Look(gaze_x=gaze, squint=0.28 * smile, wide=mood.wide)
    turn = Turn(yaw=bearing, roll=roll, shift_x=0.38 * bearing, cheeks=0.7 * smile)
    return Pose(look=look, turn=turn, smile=smile, brow=mood.raised, brow_inner=RESTING_BROW + mood.worried)
