"""Events of the synthesiser become phones and words."""

from avatar.engine.speech.espeak import Event
from avatar.engine.speech.timing import phones, words
from avatar.media import Phone

RATE = 1000


def word(sample: int, position: int, length: int = 1) -> Event:
    return Event("word", sample, position, length, "")


def phone(sample: int, symbol: str, position: int = 0) -> Event:
    return Event("phone", sample, position, 0, symbol)


def test_phones_tile_and_lose_marks_empty_ones_and_language_switches() -> None:
    events = [
        word(0, 0),
        phone(10, "h"),
        phone(80, "ˈoʊ"),
        phone(200, "(en)"),
        phone(200, "ɑː"),
        phone(300, "x"),
        phone(300, ""),
        phone(350, ""),
        phone(500, ""),
    ]
    assert phones(events, 500, RATE) == (
        Phone("h", 0.0, 0.08),
        Phone("oʊ", 0.08, 0.2, stress=2),
        Phone("ɑ", 0.2, 0.3),
        Phone("", 0.3, 0.5),
    )


def test_a_brief_silence_or_a_modifier_inside_a_word_belongs_to_its_neighbour() -> None:
    events = [word(0, 0), phone(0, "p"), phone(50, ""), phone(80, "r"), phone(120, "ʲ"), phone(160, "s.")]
    assert [p.symbol for p in phones(events, 300, RATE)] == ["p", "rʲ", "ʂ"]


def test_no_phones_is_silence() -> None:
    assert phones([], 100, RATE) == (Phone("", 0.0, 0.1),)


def test_words_spoken_as_one_share_their_time_at_a_phone_border() -> None:
    text = "one of the best?"
    events = [
        word(0, 0),
        phone(0, "w"),
        word(100, 4),
        phone(100, "ʌ"),
        phone(150, "v"),
        phone(200, "ð"),
        phone(250, "ə"),
        word(300, 11),
        phone(300, "b"),
        phone(400, ""),
    ]
    tiles = phones(events, 600, RATE)
    found = words(text, events, tiles, RATE)
    assert [(w.text, w.start, w.end) for w in found] == [
        ("one", 0.0, 0.1),
        ("of", 0.1, 0.2),
        ("the", 0.2, 0.3),
        ("best?", 0.3, 0.4),
    ]


def test_punctuation_between_spaces_joins_a_word() -> None:
    events = [word(0, 2), phone(0, "a"), word(100, 6), phone(100, "b"), phone(200, "")]
    tiles = phones(events, 300, RATE)
    assert [w.text for w in words("“ a — b !", events, tiles, RATE)] == ["“ a —", "b !"]


def test_scripts_without_spaces_are_cut_where_the_synthesiser_says() -> None:
    events = [word(0, 0), phone(0, "n"), word(100, 1), phone(100, "x"), word(200, 3), phone(200, "a"), phone(300, "")]
    tiles = phones(events, 400, RATE)
    assert [w.text for w in words("你好，a", events, tiles, RATE)] == ["你", "好，", "a"]
