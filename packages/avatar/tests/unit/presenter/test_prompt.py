"""Every family of words steers the picture; what is not understood is reported."""

import pytest

from avatar.engine.presenter.casting import cast
from avatar.engine.presenter.catalogue import CHOICES, COLOURS, EYE_COLOURS, HAIR_COLOURS, SKINS
from avatar.engine.presenter.prompt import read_prompt
from avatar.engine.presenter.spec import Spec

SEEDS = range(6)


def spec(prompt: str, seed: int) -> Spec:
    return cast(read_prompt(prompt), seed)


@pytest.mark.parametrize(
    ("prompt", "field", "value"),
    [
        ("a woman", "presentation", "feminine"),
        ("businessman in an office", "presentation", "masculine"),
        ("an androgynous person", "presentation", "androgynous"),
        ("a 60 years old man", "age", 60.0),
        ("an elderly lady", "age", 76.0),
        ("a man in his fifties", "age", 55.0),
        ("long brown hair", "hair_colour", HAIR_COLOURS["brown"]),
        ("blonde woman", "hair_colour", HAIR_COLOURS["blonde"]),
        ("an old woman with a white bob", "hair_colour", HAIR_COLOURS["white"]),
        ("a black ponytail", "hair_colour", HAIR_COLOURS["black"]),
        ("grey-haired man", "hair_colour", HAIR_COLOURS["grey"]),
        ("woman with short hair", "hair_style", "pixie"),
        ("man with short hair", "hair_style", "side_part"),
        ("long straight black hair", "hair_style", "long_straight"),
        ("hair in a bun", "hair_style", "bun"),
        ("curly hair", "hair_style", "curly"),
        ("a bald man", "hair_style", "bald"),
        ("green eyes", "eye_colour", EYE_COLOURS["green"]),
        ("blue-eyed", "eye_colour", EYE_COLOURS["blue"]),
        ("dark skin", "skin", SKINS["dark brown"]),
        ("a pale woman", "skin", SKINS["fair"]),
        ("round glasses", "glasses", "round"),
        ("no glasses", "glasses", "none"),
        ("a man with a full beard", "beard", "full"),
        ("stubble", "beard", "stubble"),
        ("hoop earrings", "earrings", "hoop"),
        ("navy blazer", "garment", "blazer"),
        ("navy blazer", "garment_colour", COLOURS["navy"]),
        ("a red turtleneck", "garment_colour", COLOURS["red"]),
        ("t-shirt", "garment", "tee"),
        ("in front of bookshelves", "background", "library"),
        ("window with city", "background", "window"),
        ("studio background", "background", "studio"),
        ("freckles", "freckles", 0.9),
        ("flat style", "art_style", "flat"),
        ("line art", "art_style", "line"),
        ("smiling", "smile", 0.8),
        ("serious", "smile", 0.05),
        ("a square jaw", "face_shape", "square"),
        ("a navy head scarf", "headwear", "scarf"),
        ("a navy hijab", "headwear_colour", COLOURS["navy"]),
        ("a man with a mustard turban", "headwear", "turban"),
        ("a hearing aid", "hearing_aid", "right"),
        ("a green cardigan", "garment", "cardigan"),
        ("a red dress", "garment", "dress"),
        ("polo shirt", "garment", "polo"),
        ("a lab coat", "garment", "lab_coat"),
        ("living room", "background", "home"),
        ("#1a7f5a background", "background_light", "1a7f5a"),
        ("a man in a suit, #1A7F5A", "background", "brand"),
        ("a #112233 blazer", "garment_colour", "112233"),
        ("a heavy man", "build", 1.18),
        ("a petite woman", "build", 0.90),
        ("cool undertone", "undertone", "cool"),
        ("an enthusiastic host", "mood", "excited"),
    ],
)
def test_a_word_decides_its_field_whatever_the_seed(prompt: str, field: str, value: object) -> None:
    assert {getattr(spec(prompt, seed), field) for seed in SEEDS} == {value}
    assert not read_prompt(prompt).unknown_words


def test_a_background_colour_tints_the_scene_and_not_the_garment() -> None:
    green = spec("green background", 1)
    r, g, b = (int(green.background_light[i : i + 2], 16) for i in (0, 2, 4))
    assert g > r
    assert g > b
    assert green.garment_colour == spec("", 1).garment_colour


def test_one_word_moves_one_thing() -> None:
    plain, steered = spec("woman", 3).to_json(), spec("woman, round glasses", 3).to_json()
    assert {k for k in plain if plain[k] != steered[k]} <= {"glasses"}


def test_unknown_words_are_reported_once_and_grammar_is_not() -> None:
    request = read_prompt("A woman with the xylophone, wearing a blazer on Mars")
    assert request.unknown_words == ["xylophone", "mars"]


def test_contradictions_are_resolved_aloud() -> None:
    request = read_prompt("a bald woman with a ponytail")
    assert request.choices["hair_style"] == "ponytail"
    assert any("bald" in note and "ponytail" in note for note in request.notes)


@pytest.mark.parametrize(
    ("prompt", "field"),
    [
        ("a woman with a hijab and blonde curly hair", "hair_style"),
        ("a woman with a bob and a hearing aid", "hearing_aid"),
        ("long hair, hoop earrings", "earrings"),
    ],
)
def test_what_cannot_be_seen_is_said(prompt: str, field: str) -> None:
    request = read_prompt(prompt)
    cast(request, 1)
    assert [note for note in request.notes if note.startswith(f"{field}:")], request.notes
    assert not request.unknown_words


def test_an_age_out_of_range_is_noted() -> None:
    request = read_prompt("a 7 year old")
    assert request.choices["age"] == 18.0
    assert request.notes


def test_an_empty_prompt_is_fine_and_seeds_reach_every_family() -> None:
    cast_of = [spec("", seed) for seed in range(60)]
    for field in ("face_shape", "garment", "background"):
        drawn = {getattr(s, field) for s in cast_of}
        left_to_seeds = set(CHOICES[field]) - {"plain", "brand", "picture", "transparent"}
        assert drawn <= left_to_seeds
        assert len(drawn) >= len(left_to_seeds) - 1
    assert len({s.hair_style for s in cast_of}) >= 12


@pytest.mark.parametrize("word", ["²", "①", "9" * 5000])
def test_digits_that_are_no_age_are_not_understood(word: str) -> None:
    assert "age" not in read_prompt(f"a man {word}").choices


def test_two_ages_are_told_as_people_write_them() -> None:
    assert "age: both 25 and 76 were asked for; 76 is used" in read_prompt("a 25 years old elderly man").notes
