"""Looks on the command line: written down, given back, put on a sheet, moved by a mood."""

import json
from pathlib import Path

import cv2
import numpy as np

from .conftest import Command

SMALL = ("--size", "320x180")


def test_a_spec_written_down_paints_the_same_and_can_be_changed(avatar: Command) -> None:
    generate = ("portrait", "generate", *SMALL)
    first = avatar(*generate, "a woman with a bun", "--seed", "5", "-o", "a.png", "--spec-out", "a.json", "--json")
    assert first.json["parameters"]["hair_style"] == "bun"
    assert avatar(*generate, "--spec", "a.json", "-o", "b.png").code == 0
    a, b = (cv2.imread(str(avatar.folder / name)) for name in ("a.png", "b.png"))
    assert np.array_equal(a, b)
    spec = avatar.folder / "a.json"
    spec.write_text(json.dumps({"hair_style": "bob", "glasses": "round"}))
    changed = avatar(*generate, "a man", "--spec", "a.json", "-o", "c.png", "--json").json["parameters"]
    assert (changed["hair_style"], changed["glasses"], changed["presentation"]) == ("bob", "round", "masculine")


def test_a_spec_that_cannot_be_is_refused_in_a_line(avatar: Command) -> None:
    spec = avatar.folder / "bad.json"
    for text, named in (("{", "JSON"), ("[]", "looks"), ('{"hare_style": "bun"}', "hair_style"), ('{"age": 7}', "age")):
        spec.write_text(text)
        done = avatar("portrait", "generate", "--spec", "bad.json", "-o", "x.png")
        assert done.code != 0
        assert named in done.err
        assert "Traceback" not in done.err
    assert not (avatar.folder / "x.png").exists()


def test_a_picture_of_ones_own_is_the_background(avatar: Command) -> None:
    cv2.imwrite(str(avatar.folder / "mine.png"), np.full((90, 160, 3), (200, 60, 30), np.uint8))
    done = avatar("portrait", "generate", "a man", "--background", "mine.png", "-o", "p.png", *SMALL)
    assert done.code == 0, done.err
    corner = cv2.imread(str(avatar.folder / "p.png"))[:20, :20].astype(int)
    assert np.abs(corner - (200, 60, 30)).max() < 12


def test_a_sheet_shows_every_seed_and_says_what_it_did_not_know(avatar: Command) -> None:
    done = avatar("portrait", "sheet", "a qwzxv woman", "--seeds", "3", "--columns", "2", "-o", "sheet.png", "--json")
    assert done.json["seeds"] == [0, 1, 2]
    assert "qwzxv" in done.json["warnings"][0]
    sheet = cv2.imread(str(avatar.folder / "sheet.png"))
    assert sheet.shape == (540, 960, 3)
    assert (sheet[270:, 480:] == 255).all()
    assert np.abs(sheet[:270, :480].astype(int) - sheet[:270, 480:]).mean() > 5


def test_a_mood_moves_a_kept_portrait_otherwise(avatar: Command) -> None:
    assert avatar("portrait", "generate", "a woman", "-o", "p.png", *SMALL).code == 0
    film = ("pipeline", "run", "Hello there.", "--portrait", "p.png", *SMALL, "--json", "--keep-stages")
    calm = avatar(*film, "-o", "calm.mp4")
    glad = avatar(*film, "-o", "glad.mp4", "--mood", "excited")
    assert (calm.json["portrait"]["parameters"]["mood"], glad.json["portrait"]["parameters"]["mood"]) == (
        "neutral", "excited",
    )  # fmt: skip
    assert Path(avatar.folder / "calm.mp4").read_bytes() != Path(avatar.folder / "glad.mp4").read_bytes()
    wrong = avatar(*film, "-o", "x.mp4", "--background", "p.png")
    assert wrong.code == 2
