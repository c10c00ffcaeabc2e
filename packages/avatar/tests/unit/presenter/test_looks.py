"""What is worn, and what is behind: each choice can be seen, and only where it belongs."""

import base64

import cv2
import numpy as np
import pytest

from avatar.engine.presenter.background import draw_background
from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.catalogue import CHOICES
from avatar.engine.presenter.painter import resting
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.rig import Rig
from avatar.engine.presenter.spec import Spec
from avatar.errors import InputError
from avatar.media import Frame

SIZE = (320, 180)
BASE = cast(
    read_prompt("a woman, bun, light skin, no glasses, blue tee, white background, plain background"), 3
).to_json()


def drawn(**changes: object) -> Frame:
    return Rig(Spec.from_json(BASE | changes), SIZE).draw(resting(0.3)).copy()


@pytest.mark.parametrize(
    "field", ["garment", "hair_style", "headwear", "background", "art_style", "face_shape", "beard"]
)
def test_no_two_choices_look_alike(field: str) -> None:
    values = [value for value in CHOICES[field] if value != "picture"]
    pictures = {value: drawn(**{field: value}).astype(int) for value in values}
    for i, a in enumerate(values):
        for b in values[i + 1 :]:
            changed = (np.abs(pictures[a] - pictures[b]).max(axis=2) > 12).sum()
            assert changed > 60, f"{field}: {a} and {b} differ in {changed} pixels only"


def test_a_scarf_covers_the_ears_and_a_hearing_aid_sits_on_one() -> None:
    bare, aided = drawn().astype(int), drawn(hearing_aid="right").astype(int)
    columns = np.flatnonzero((np.abs(bare - aided).max(axis=2) > 12).any(axis=0))
    assert columns.min() > SIZE[0] / 2
    assert np.array_equal(drawn(headwear="scarf"), drawn(headwear="scarf", hearing_aid="right"))


@pytest.mark.parametrize("worn", ["scarf", "turban"])
def test_what_is_worn_on_the_head_has_its_colour(worn: str) -> None:
    r, g, b = np.moveaxis(drawn(headwear=worn, headwear_colour="10c020")[..., :3].astype(int), 2, 0)
    assert ((g > r + 60) & (g > b + 60)).sum() > 800


def test_undertones_warm_and_cool_the_skin_only() -> None:
    cheek = (slice(84, 90), slice(146, 152))
    warm, cool = (drawn(undertone=tone)[cheek][..., :3].mean(axis=(0, 1)) for tone in ("warm", "cool"))
    assert warm[2] < cool[2] - 6
    assert np.array_equal(drawn(undertone="warm")[:, :80], drawn(undertone="cool")[:, :80])


def test_a_transparent_background_leaves_alpha_and_the_person_is_opaque() -> None:
    frame = drawn(background="transparent")
    assert (frame[:40, :40] == 0).all()
    assert (frame[80:100, 150:170, 3] == 255).all()
    assert (frame[..., :3].max(axis=2) <= frame[..., 3]).all()


def picture(colour: tuple[int, int, int], size: tuple[int, int]) -> str:
    pixels = np.full((size[1], size[0], 3), colour, np.uint8)
    return base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode()


@pytest.mark.parametrize("size", [(64, 64), (1000, 200), (200, 900)])
def test_the_users_picture_covers_the_background(size: tuple[int, int]) -> None:
    spec = Spec.from_json(BASE | {"background": "picture", "background_picture": picture((30, 60, 200), size)})
    frame = draw_background(spec, SIZE)
    assert frame.shape == (180, 320, 4)
    assert (frame == np.array([200, 60, 30, 255])).all()


@pytest.mark.parametrize("damaged", ["", "not base64!", base64.b64encode(b"not a picture").decode()])
def test_a_picture_that_is_none_is_refused(damaged: str) -> None:
    with pytest.raises(InputError, match="background_picture"):
        draw_background(Spec.from_json(BASE | {"background": "picture", "background_picture": damaged}), SIZE)


def test_specs_of_before_these_looks_still_open() -> None:
    newer = ("headwear", "headwear_colour", "hearing_aid", "undertone", "mood", "background_picture")
    older = {name: value for name, value in BASE.items() if name not in newer}
    assert Spec.from_json(older).headwear == "none"
