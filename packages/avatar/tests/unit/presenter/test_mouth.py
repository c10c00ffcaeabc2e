"""The mouth that is drawn: closures close, vowels open, and no two visemes look alike."""

import numpy as np
import pytest

from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.lips import CHANNELS, channels, mouth
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.rig import Pose, Rig
from avatar.engine.presenter.warp import Turn
from avatar.engine.visemes import VISEMES
from avatar.media import Frame

PROMPT = "woman, light skin, no glasses, bun, plain background, blue sweater"


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(cast(read_prompt(PROMPT), 4), (640, 360))


def weights(**shares: float) -> np.ndarray:
    row = np.zeros((1, len(VISEMES)), np.float32)
    for name, share in shares.items():
        row[0, VISEMES.index(name)] = share
    return row


def drawn(rig: Rig, **shares: float) -> Frame:
    m = mouth(channels(weights(**shares))[0])
    return rig.draw(Pose(mouth=m, turn=Turn(jaw=m.jaw))).copy()


def mouth_of(rig: Rig, frame: Frame) -> np.ndarray:
    ox, oy = rig.framing.origin
    k = rig.framing.scale
    return frame[int(oy + 84 * k) : int(oy + 176 * k), int(ox - 56 * k) : int(ox + 56 * k), :3].astype(int)


def cavity(rig: Rig, frame: Frame) -> int:
    """Pixels as dark and red as the inside of a mouth."""
    r, g, b = np.moveaxis(mouth_of(rig, frame), 2, 0)
    return int(((r < 105) & (g < 48) & (b < 55)).sum())


def test_bilabials_close_and_open_vowels_open(rig: Rig) -> None:
    assert cavity(rig, drawn(rig, PP=1.0)) <= 4
    assert cavity(rig, drawn(rig, sil=1.0)) <= 4
    assert cavity(rig, drawn(rig, aa=1.0)) > 120
    assert cavity(rig, drawn(rig, aa=1.0)) > 1.5 * cavity(rig, drawn(rig, E=1.0))


def test_a_strong_bilabial_closes_against_its_neighbour(rig: Rig) -> None:
    assert cavity(rig, drawn(rig, PP=0.75, aa=0.25)) <= 4
    assert channels(weights(PP=0.75, aa=0.25))[0, CHANNELS.index("open")] < 0.01


def test_every_viseme_looks_different_at_360_lines(rig: Rig) -> None:
    pictures = {v: mouth_of(rig, drawn(rig, **{v: 1.0})) for v in VISEMES}
    for i, a in enumerate(VISEMES):
        for b in VISEMES[i + 1 :]:
            changed = (np.abs(pictures[a] - pictures[b]).max(axis=2) > 24).sum()
            assert changed >= 100, f"{a} and {b} differ in {changed} pixels only"


def test_rounded_vowels_are_narrower_and_spread_ones_wider(rig: Rig) -> None:
    def width(v: str) -> int:
        # lips and mouth are redder than the skin round them
        picture = mouth_of(rig, drawn(rig, **{v: 1.0}))
        red = picture[..., 0] - picture[..., 1]
        return int(np.ptp(np.flatnonzero((red > np.median(red) + 18).any(axis=0))))

    assert width("ou") < 0.75 * width("sil")
    assert width("ih") > width("sil")


def test_the_mouth_moves_nothing_outside_the_head(rig: Rig) -> None:
    a, b = drawn(rig, aa=1.0), drawn(rig, sil=1.0)
    assert np.array_equal(a[:, :200], b[:, :200])
    assert np.array_equal(a[:, 440:], b[:, 440:])
