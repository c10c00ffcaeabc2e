"""The chart of visemes: each mouth with its name."""

import numpy as np

from avatar.codec.tiles import tiled
from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.lips import channels, mouth
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.rig import Pose, Rig
from avatar.engine.presenter.warp import Turn
from avatar.engine.visemes import VISEMES
from avatar.media import Frame

_TILE = (1280, 720)
_FACE = (slice(296, 566), slice(490, 790))


def viseme_chart(prompt: str, seed: int) -> Frame:
    """The mouth of each of the 15 visemes, close up, with its name."""
    rig = Rig(cast(read_prompt(prompt), seed), _TILE)
    faces = []
    for row in np.eye(len(VISEMES), dtype=np.float32):
        m = mouth(channels(row[None])[0])
        faces.append(rig.draw(Pose(mouth=m, turn=Turn(jaw=m.jaw)))[_FACE].copy())
    return tiled(faces, VISEMES, 5)
