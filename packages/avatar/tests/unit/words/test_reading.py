"""Written text and what is handed to the synthesiser for it."""

import time
from pathlib import Path

import pytest

from avatar.engine.speech.words import english, ordinals
from avatar.engine.speech.words.agreement import agreed
from avatar.engine.speech.words.reading import read
from avatar.engine.speech.words.roman import roman
from avatar.engine.speech.words.sayas import say_as
from avatar.errors import InputError

FOLDER = Path(__file__).parent


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (FOLDER / name).read_text("utf-8").splitlines()]


def said(text: str, tag: str) -> str:
    return " ".join(read(text, tag).text.split())


@pytest.mark.parametrize(("written", "spoken"), rows("english.tsv"))
def test_english(written: str, spoken: str) -> None:
    assert said(written, "en-US") == spoken


@pytest.mark.parametrize(("tag", "written", "spoken"), rows("others.tsv"))
def test_other_languages(tag: str, written: str, spoken: str) -> None:
    assert said(written, tag) == spoken


def test_the_tables_are_long_enough() -> None:
    assert len(rows("english.tsv")) >= 150
    assert {row[0] for row in rows("others.tsv")} >= {"es", "fr", "de", "it", "pt", "nl", "pl", "ru", "hi", "zh"}


@pytest.mark.parametrize(
    ("code", "figures", "word", "spoken"),
    [
        ("ru", "22", "минуты", "20 две"),
        ("ru", "11", "минут", "11"),
        ("ru", "121", "минута", "120 одна"),
        ("ru", "2", "окна", "два"),
        ("pl", "22", "osoby", "20 dwie"),
        ("pl", "21", "osoba", "21"),
        ("pl", "12", "osób", "12"),
        ("es", "21", "horas", "veintiuna"),
        ("es", "1", "días", "un"),
        ("pt", "2", "quilogramas", "dois"),
        ("de", "1", "Stunde", "eine"),
        ("hi", "1", "रुपया", "1"),
    ],
)
def test_one_and_two_agree_with_what_they_count(code: str, figures: str, word: str, spoken: str) -> None:
    assert agreed(code, figures, word) == spoken


@pytest.mark.parametrize("code", ["pl", "ru"])
def test_ordinals_have_their_forms(code: str) -> None:
    third = [ordinals.declined(code, ordinals.genitive(code, 3), case) for case in ("m", "f", "n", "in")]
    assert (
        third
        == {
            "pl": ["trzeci", "trzecia", "trzecie", "trzecim"],
            "ru": ["третий", "третья", "третье", "третьем"],
        }[code]
    )
    assert ordinals.year(code, 2000) in {"dwutysięcznego", "двухтысячного"}


@pytest.mark.parametrize(("written", "spoken"), rows("english.tsv"))
def test_every_spoken_character_has_its_place(written: str, spoken: str) -> None:
    reading = read(f"So {written} it is", "en")
    assert len(reading.at) == len(reading.text)
    assert list(reading.at) == sorted(reading.at)
    assert reading.written(len(reading.text) + 9) == len(f"So {written} it is")


def test_words_keep_their_places_where_as_many_are_said_as_written() -> None:
    reading = read("run 5 km for $5.50 today", "en")
    assert reading.text == "run five kilometers for five dollars and fifty cents today"
    places = {word: reading.written(reading.text.index(word)) for word in ("kilometers", "fifty", "today")}
    assert places == {"kilometers": 6, "fifty": 13, "today": 19}


def test_numbers() -> None:
    assert english.cardinal(1_000_001) == "one million one"
    assert english.ordinal(112) == "one hundred twelfth"
    assert [english.year(n) for n in (1066, 1900, 2000, 2010)] == [
        "ten sixty-six",
        "nineteen hundred",
        "two thousand",
        "twenty ten",
    ]
    assert [roman(n) for n in ("IV", "XIX", "MCMXC")] == [4, 19, 1990]


@pytest.mark.parametrize(
    "text", ["1" * 5000, "a." * 3000, "$" * 5000, "-5" * 2000, "1,234," * 900, "@" * 4000, "1 " * 2500]
)
def test_hostile_figures_are_read_in_time(text: str) -> None:
    began = time.process_time()
    for tag in ("en", "ru"):
        read(text[:260], tag)
    assert time.process_time() - began < 5.0  # backtracking would take hours


@pytest.mark.parametrize(
    ("text", "way", "tag", "spoken"),
    [
        ("1234", "cardinal", "en", "one thousand two hundred thirty-four"),
        ("-3", "number", "en", "minus three"),
        ("3", "ordinal", "en", "third"),
        ("3", "ordinal", "de", "dritte"),
        ("22", "ordinal", "nl", "tweeëntwintigste"),
        ("3", "ordinal", "pl", "trzeci"),
        ("40", "ordinal", "ru", "сороковой"),
        ("abc", "characters", "en", "a b c"),
        ("2026", "digits", "en", "two zero two six"),
        ("555 1234", "telephone", "en", "five five five, one two three four"),
        ("3/4/2026", "date dmy", "en", "April third, twenty twenty-six"),
        ("3/4", "date md", "en", "March fourth"),
        ("3/4/2026", "date dmy", "de", "dritter April 2026"),
        ("10:45", "time", "en", "ten forty-five"),
        ("1234", "cardinal", "sv", "1234"),
    ],
)
def test_say_as(text: str, way: str, tag: str, spoken: str) -> None:
    assert say_as(text, way, tag) == spoken


@pytest.mark.parametrize(
    ("text", "way"), [("x", "cardinal"), ("x", "digits"), ("31/31/2026", "date dmy"), ("5", "date dm")]
)
def test_what_cannot_be_said_so_is_refused(text: str, way: str) -> None:
    with pytest.raises(InputError, match="cannot be said"):
        say_as(text, way, "en")
