"""Many portraits on one picture, to choose from."""

from collections.abc import Mapping, Sequence
from typing import Any

from avatar.codec.tiles import tiled
from avatar.media import NOTHING, Frame
from avatar.pipeline.studio import Studio

_TILE = (480, 270)


def sheet(
    studio: Studio, prompt: str, seeds: Sequence[int], columns: int, given: Mapping[str, Any] = NOTHING
) -> tuple[Frame, tuple[str, ...]]:
    """The prompt with each of the seeds, labelled, in rows; and each warning about the words once."""
    painted = [studio.painter.paint(prompt, seed, _TILE, given) for seed in seeds]
    notes = [note for portrait in painted for note in portrait.parameters.get("notes", [])]
    unknown = painted[0].parameters.get("unknown_words")
    if unknown:
        notes.append("the prompt's words " + ", ".join(unknown) + " are not known and changed nothing")
    picture = tiled([portrait.image for portrait in painted], [f"seed {seed}" for seed in seeds], columns)
    return picture, tuple(dict.fromkeys(notes))
