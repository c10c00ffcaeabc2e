"""Text made fit to speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.errors import InputError
from avatar.pipeline.script import prepare


@pytest.mark.parametrize("text", ["", "  \n\t ", "...", "—!?", "\x00\x07"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"empty|nothing in the text"):
        prepare(text, 100)


def test_too_long_a_text_is_refused_with_both_numbers() -> None:
    with pytest.raises(InputError, match=r"200,000 characters.*50,000"):
        prepare("a" * 200_000, 50_000)


def test_half_a_surrogate_pair_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match=r"character 4 .*U\+D83D"):
        prepare("abc\ud83d", 100)


def test_control_characters_become_spaces_and_are_reported() -> None:
    text, warnings = prepare("one\x00two\x1b three", 100)
    assert text == "one two  three"
    assert len(warnings) == 1
    assert "U+0000, U+001B" in warnings[0]


def test_plain_text_passes_untouched() -> None:
    assert prepare("Grüße, 世界 🙂\nnext", 100) == ("Grüße, 世界 🙂\nnext", ())


def test_combining_marks_are_composed() -> None:
    assert prepare("e\u0301", 100)[0] == "é"


@given(st.text(max_size=200))
def test_any_text_is_prepared_or_refused(text: str) -> None:
    try:
        prepared, _ = prepare(text, 150)
    except InputError:
        return
    assert prepared == prepared.strip() != ""
    assert not any("\ud800" <= c <= "\udfff" or c == "\0" for c in prepared)
    assert prepare(prepared, 600)[0] == prepared
