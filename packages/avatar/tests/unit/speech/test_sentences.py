"""Where a text is cut."""

import pytest

from avatar.engine.speech.sentences import LIMIT, WIDE_LIMIT, Piece, speakable, split


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("en", "One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "en",
            "Dr. Smith met Mrs. Jones at 3.5 km. They spoke.",
            ["Dr. Smith met Mrs. Jones at 3.5 km.", "They spoke."],
        ),
        ("en", "It cost $3.50. Cheap.", ["It cost $3.50.", "Cheap."]),
        ("en", "J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ("en", "He lives in the U.S. The house is big.", ["He lives in the U.S.", "The house is big."]),
        ("en", "the U.S. Army came", ["the U.S. Army came"]),
        ("en", "I said no. Then I left.", ["I said no.", "Then I left."]),
        ("en", "See no. 5 there.", ["See no. 5 there."]),
        ("en", "“Really?” he asked. “Yes.” She nodded.", ["“Really?” he asked.", "“Yes.”", "She nodded."]),
        ("en", "Well… maybe. Wait… What?", ["Well… maybe.", "Wait…", "What?"]),
        ("en", "First line\nsame sentence.\n\nNew paragraph", ["First line same sentence.", "New paragraph"]),
        ("de", "Am 3. Mai kam er. Dann ging er.", ["Am 3. Mai kam er.", "Dann ging er."]),
        ("cmn", "你好。你好吗？我很好！", ["你好。", "你好吗？", "我很好！"]),
        ("hi", "यह घर है। वह पेड़ है।", ["यह घर है।", "वह पेड़ है।"]),
        ("ar", "كيف حالك؟ أنا بخير.", ["كيف حالك؟", "أنا بخير."]),
        ("en", "... Hello. --- ...", ["Hello."]),
    ],
)
def test_sentences(language: str, text: str, sentences: list[str]) -> None:
    assert [piece.text for piece in split(text, language)] == sentences


@pytest.mark.parametrize("text", ["", "   \n\t", "...", "— “ ” !?", "\x00\x07\u200b"])
def test_nothing_to_say(text: str) -> None:
    assert split(text, "en") == []


def test_signs_with_a_name_are_spoken() -> None:
    assert speakable("€")
    assert speakable("%")
    assert speakable("😀")
    assert not speakable("…")


def test_a_long_sentence_is_cut_behind_a_comma_and_says_that_it_goes_on() -> None:
    text = ", ".join(["a clause of some words"] * 30) + "."
    pieces = split(text, "en")
    assert all(len(piece.text) <= LIMIT for piece in pieces)
    assert all(piece.text.endswith(",") and not piece.complete for piece in pieces[:-1])
    assert pieces[-1].complete
    assert " ".join(piece.text for piece in pieces) == text


def test_no_piece_is_unbounded() -> None:
    assert max(len(piece.text) for piece in split("x" * 5000, "en")) <= LIMIT
    assert max(len(piece.text) for piece in split("好" * 1000, "cmn")) <= WIDE_LIMIT


def test_characters_that_are_no_text_are_dropped() -> None:
    assert split("He\u00adllo\x00 the\ud800re", "en") == [Piece("Hello there", complete=True)]
