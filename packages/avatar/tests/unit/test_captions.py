"""Spoken words become captions a person can read in time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avatar.codec.captions import COLUMNS, LINES, LONGEST, columns, cues, joined, srt, vtt
from avatar.media import Word


def spoken(text: str, rate: float = 0.3) -> list[Word]:
    """Each word takes `rate` seconds, one after the other."""
    return [Word(word, i * rate, (i + 1) * rate) for i, word in enumerate(text.split())]


def test_a_sentence_is_a_cue() -> None:
    made = cues(spoken("Good morning. How are you?"), 2.0)
    assert [cue.text for cue in made] == ["Good morning.", "How are you?"]
    assert made[0].start == 0
    assert made[1].end == pytest.approx(1.9)


def test_a_long_sentence_is_cut_at_its_commas_and_into_even_lines() -> None:
    text = "When the train to the coast had left the station at last, the old man who had waited all morning went home."
    made = cues(spoken(text, 0.2), 10.0)
    assert made[0].text.endswith("at last,")
    assert made[0].text.count("\n") == 1
    first, second = made[0].text.split("\n")
    assert abs(len(first) - len(second)) < 14


def test_a_pause_begins_a_new_cue() -> None:
    words = [Word("one", 0, 0.3), Word("two", 0.4, 0.7), Word("three", 2.0, 2.3)]
    made = cues(words, 3.0)
    assert [cue.text for cue in made] == ["one two", "three"]
    assert made[0].end < 2.0, "it does not stay through the silence"


def test_scripts_without_spaces_are_joined_without_them() -> None:
    words = [Word("你好，", 0, 0.5), Word("世界。", 0.5, 1), Word("OK", 1, 1.5)]
    assert joined(words[:2]) == "你好，世界。"
    assert joined(words) == "你好，世界。 OK"
    assert columns("世界") == 4
    assert columns("e\u0301") == 1


def test_subrip_and_webvtt_are_written_as_their_specifications_say() -> None:
    made = cues([Word("Rock", 0.5, 0.8), Word("&", 0.8, 1.0), Word("<roll>.", 3661.0, 3661.5)], 3662.0)
    assert srt(made) == "1\n00:00:00,500 --> 00:00:01,400\nRock &\n\n2\n01:01:01,000 --> 01:01:01,900\n<roll>.\n"
    assert vtt(made).startswith("WEBVTT\n\n00:00:00.500 --> 00:00:01.400\nRock &amp;\n\n")
    assert "&lt;roll&gt;." in vtt(made)


@given(
    st.lists(
        st.tuples(st.text("abcdé世,.?", min_size=1, max_size=60), st.floats(0, 2), st.floats(0.01, 2)), max_size=60
    )
)
def test_any_words_become_cues_in_order_that_fit(parts: list[tuple[str, float, float]]) -> None:
    words, at = [], 0.0
    for text, gap, length in parts:
        words.append(Word(text, at + gap, at + gap + length))
        at += gap + length
    made = cues(words, at)
    assert [word for cue in made for line in cue.lines for word in line] == words, "nothing lost, nothing twice"
    assert all(a.end <= b.start for a, b in pairwise(made))
    assert all(cue.start <= cue.end <= at for cue in made)
    for cue in made:
        assert len(cue.lines) <= LINES
        assert cue.end - cue.start <= LONGEST + 1e-9 or sum(map(len, cue.lines)) == 1
        for line in cue.lines:
            assert columns(joined(line)) <= COLUMNS or len(line) == 1


@pytest.mark.parametrize("words", [[], [Word("", 0.0, 0.0)]])
def test_nothing_spoken_is_nothing_shown(words: list[Word]) -> None:
    assert cues(words, 1.0) == ()
