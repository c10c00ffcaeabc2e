"""Voices and portraits on disk."""

import json
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import ConsentMissing, InputError, NotFound
from avatar.library import Consent, Library
from avatar.media import Portrait, Voice

CONSENT = Consent("Ada Lovelace", "our product video", "2026-11-22T10:00:00+00:00")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def portrait(name: str) -> Portrait:
    image = np.zeros((4, 6, 4), np.uint8)
    image[..., 3] = 255
    image[1, 2] = (10, 20, 30, 255)
    return Portrait(name, "plain", image, {"colour": [1, 2, 3]}, "a person", 7)


def test_a_voice_comes_back_with_its_source_and_consent(library: Library) -> None:
    library.add_voice(Voice("ada", "tone", {"hz": 180.5}, b"\x00state"), "ab" * 32, CONSENT)
    assert library.voices() == ["ada"]
    record = library.voice("ada")
    assert record.voice == Voice("ada", "tone", {"hz": 180.5}, b"\x00state")
    assert (record.source_sha256, record.consent) == ("ab" * 32, CONSENT)


def test_an_unknown_voice_offers_the_nearest(library: Library) -> None:
    library.add_voice(Voice("narrator", "tone"), "", CONSENT)
    with pytest.raises(NotFound) as refused:
        library.voice("narator")
    assert "narrator" in refused.value.hint


@pytest.mark.parametrize("name", ["", "Ada", "../x", "a b", "x" * 65, ".hidden", "default"])
def test_names_that_cannot_be_are_refused(library: Library, name: str) -> None:
    with pytest.raises(InputError):
        library.add_voice(Voice(name, "tone"), "", CONSENT)


def test_a_taken_name_is_refused_and_the_first_kept(library: Library) -> None:
    library.add_voice(Voice("ada", "tone", {"hz": 1}), "", CONSENT)
    with pytest.raises(InputError, match="already"):
        library.add_voice(Voice("ada", "tone", {"hz": 2}), "", CONSENT)
    assert library.voice("ada").voice.parameters == {"hz": 1}


def test_deleting_removes_all_of_it(library: Library) -> None:
    library.add_voice(Voice("ada", "tone"), "", CONSENT)
    library.delete_voice("ada")
    assert library.voices() == []
    assert list((library.root / "voices").iterdir()) == []
    with pytest.raises(NotFound):
        library.delete_voice("ada")


def test_the_default_voice_cannot_be_deleted(library: Library) -> None:
    with pytest.raises(InputError):
        library.delete_voice("default")


@pytest.mark.parametrize("content", ["", "{", '{"name": "ada"}'])
def test_a_damaged_voice_is_said_so(library: Library, content: str) -> None:
    library.add_voice(Voice("ada", "tone"), "", CONSENT)
    (library.root / "voices" / "ada" / "voice.json").write_text(content)
    with pytest.raises(InputError, match="damaged"):
        library.voice("ada")


def test_a_portrait_comes_back(library: Library) -> None:
    library.add_portrait(portrait("bo"))
    back = library.portrait("bo")
    assert (back.prompt, back.seed, back.parameters) == ("a person", 7, {"colour": [1, 2, 3]})
    assert np.array_equal(back.image, portrait("bo").image)
    library.delete_portrait("bo")
    assert library.portraits() == []


def test_consent_needs_who_and_what_for() -> None:
    agreed = Consent.parse(" Ada Lovelace , our product video, and its trailer ")
    assert (agreed.who, agreed.purpose) == ("Ada Lovelace", "our product video, and its trailer")
    for text in (None, "", "yes", "Ada,", ", video"):
        with pytest.raises(ConsentMissing):
            Consent.parse(text)


def test_consent_is_written_down_line_by_line(library: Library) -> None:
    library.record_consent(CONSENT, "ab" * 32, "voice ada")
    library.record_consent(CONSENT, "cd" * 32, "video x.mp4")
    lines = [json.loads(line) for line in (library.root / "consent.jsonl").read_text("utf-8").splitlines()]
    assert [line["used_for"] for line in lines] == ["voice ada", "video x.mp4"]
    assert lines[0]["who"] == "Ada Lovelace"
