"""Where ordinals stand in a text, and which form they take there, in the languages that espeak-ng reads wrongly."""

import re
from collections.abc import Callable

from avatar.engine.speech.words import ordinals
from avatar.engine.speech.words.figures import Figures
from avatar.engine.speech.words.roman import ROMAN, roman

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

NAME = r"(?P<name>\b[A-ZÀ-ÞŁŚŻŹĆŃĘĄА-ЯЁ][a-zà-ÿąćęłńóśźżа-яё]{2,})"
NUMERAL = rf"(?=[IVX]{{1,6}}\b)(?P<roman>{ROMAN})"

STRONG = frozenset(
    [
        "am",
        "im",
        "vom",
        "zum",
        "beim",
        "zur",
        "den",
        "dem",
        "des",
        "einem",
        "einen",
        "einer",
        "diesem",
        "diesen",
        "dieses",
        "seinem",
        "ihrem",
    ]
)
WEAK = frozenset(["der", "die", "das", "dieser", "diese", "jeder", "jede", "jedes", "welcher"])
DATIVE = frozenset(
    [
        "in",
        "auf",
        "aus",
        "bei",
        "mit",
        "nach",
        "von",
        "zu",
        "seit",
        "an",
        "vor",
        "hinter",
        "über",
        "unter",
        "neben",
        "ab",
    ]
)


def rules(f: Figures) -> list[Rule]:
    """One language's."""
    makers: dict[str, Callable[[Figures], list[Rule]]] = {
        "de": _german,
        "nl": _dutch,
        "fr": _french,
        "pl": _polish,
        "ru": _russian,
    }
    latin = _latin if f.spoken.code in {"es", "it", "pt"} else None
    make = makers.get(f.spoken.code, latin)
    return [] if make is None else make(f)


def _german(f: Figures) -> list[Rule]:
    months = "|".join(f.spoken.months)
    year = r"(?:\s(?P<y>\d{4}))?(?!\d)"
    return [
        (re.compile(rf"(?<![\w.])(?P<d>\d{{1,2}})\.\s?(?P<m>{months}){year}"), lambda m: _german_date(f, m)),
        (
            re.compile(r"(?<![\w.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?:\s?(?P<y>\d{4}|\d{2}))?(?![\d.])"),
            lambda m: _german_date(f, m),
        ),
        (re.compile(r"(?<![\w.,])(?P<d>\d{1,3})\.(?=\s[A-ZÄÖÜ][a-zäöüß])"), _german_rank),
        (re.compile(rf"{NAME}\s{NUMERAL}\."), lambda m: f"{m['name']} der {ordinals.german(roman(m['roman']))}e"),
    ]


def _german_date(f: Figures, match: re.Match[str]) -> str | None:
    day, month = int(match["d"]), match["m"]
    before = _before(match)
    if month.isdecimal():
        if not 1 <= int(month) <= 12 or (not match["y"] and before not in STRONG | WEAK):
            return None
        month = f.spoken.months[int(month) - 1]
    if not 1 <= day <= 31:
        return None
    written = match["y"] or ""
    year = written if len(written) != 2 else str((1900 if int(written) > 50 else 2000) + int(written))
    return f"{ordinals.german(day)}{_german_ending(match, 'er')} {month} {year}".strip()


def _german_rank(match: re.Match[str]) -> str | None:
    number = int(match["d"])
    if not number or _before(match) not in STRONG | WEAK:
        return None
    return ordinals.german(number) + _german_ending(match, "e")


def _german_ending(match: re.Match[str], alone: str) -> str:
    before = _before(match)
    if before in STRONG:
        return "en"
    if before not in WEAK:
        return alone
    return "en" if before == "der" and _before(match, 2) in DATIVE else "e"


def _before(match: re.Match[str], back: int = 1) -> str:
    words = match.string[: match.start()].split()
    return words[-back].lower() if len(words) >= back else ""


def _dutch(_: Figures) -> list[Rule]:
    return [
        (re.compile(r"(?<![\w.,])(\d{1,2})(?:e|de|ste)\b"), lambda m: ordinals.dutch(int(m[1])) if int(m[1]) else None),
        (re.compile(rf"{NAME}\s{NUMERAL}\b"), lambda m: f"{m['name']} de {ordinals.dutch(roman(m['roman']))}"),
    ]


def _french(_: Figures) -> list[Rule]:
    return [
        (re.compile(r"(?<![\w.,])1(?:re|ère)\b"), lambda _: "première"),
        (re.compile(r"(?<![\w.,])2(?:nde|de)\b"), lambda _: "seconde"),
        (re.compile(r"(?<![\w.,])2nd\b"), lambda _: "second"),
        (re.compile(r"(?<![\w.,])(\d+)(?:es|e|èmes)\b"), lambda m: f"{m[1]}ème"),
    ]


def _latin(f: Figures) -> list[Rule]:
    """The dot of 2.ª, and a degree sign where an ordinal's is meant: il 2° piano."""
    out: list[Rule] = [
        (re.compile(r"(?<![\w.,])(\d{1,2})\.?([ºª])(?!\s?[CF]\b)"), lambda m: f"{m[1]}{m[2]}"),
        (re.compile(r"(?<![\w.,])(\d{1,2})°(?=\s[a-zà-ÿ]{3})"), lambda m: f"{m[1]}º"),
    ]
    if f.spoken.code == "es":
        out.append((re.compile(r"(?<![\w.,])([13])\.?er\b"), lambda m: "primer" if m[1] == "1" else "tercer"))
    return out


def _polish(f: Figures) -> list[Rule]:
    ranks = r"(?<![\w.,])(?P<n>\d{1,2})\.(?=\s(?P<word>[a-ząćęłńóśźż]{3,}))"
    return [
        _full_date(f, r"roku|r\."),
        (re.compile(r"(?P<in>\b[Ww]e?\s)?(?<![\d.,])(?P<y>[12]\d{3})\s?(?:roku\b|r\.)"), lambda m: _year(m, "pl")),
        (re.compile(rf"(?P<in>\b[Ww]e?\s)?\b{NUMERAL}\s(?P<w>wieku?)\b"), lambda m: _century(m, "pl", "wiek")),
        (re.compile(rf"{NAME}\s{NUMERAL}\b"), lambda m: _king(m, "pl")),
        (re.compile(ranks), lambda m: _ranked("pl", int(m["n"]), _gender_pl(m["word"]))),
        (re.compile(r"(?:(?P<at>\b(?:[Oo]|[Pp]o|[Dd]o|[Oo]d)\s))?(?<![\w:.])(?P<h>[01]?\d|2[0-4])[:.](?P<m>[0-5]\d)(?![\w:.]|,\d)"),
         _polish_time),
    ]  # fmt: skip


def _full_date(f: Figures, noun: str) -> Rule:
    """12 мая 2026 г.: the day and the year in the genitive."""
    months, code = "|".join(f.spoken.months), f.spoken.code
    named = rf"(?<!\w)(?P<d>\d{{1,2}})\s(?P<m>{months})(?:\s(?P<y>\d{{4}})(?P<noun>\s?(?:{noun}))?)?(?!\w)"

    def say(match: re.Match[str]) -> str | None:
        if not 1 <= int(match["d"]) <= 31:
            return None
        year = f" {ordinals.year(code, int(match['y']))}" if match["y"] else ""
        word = {"pl": " roku", "ru": " года"}[code] if match["noun"] else ""
        return f"{ordinals.genitive(code, int(match['d']))} {match['m']}{year}{word}"

    return re.compile(named), say


def _year(match: re.Match[str], code: str) -> str:
    """In the year 1998, or of it."""
    said = ordinals.year(code, int(match["y"]))
    noun = {"pl": ("roku", "roku"), "ru": ("года", "году")}[code]
    if match["in"]:
        return f"{match['in']}{ordinals.declined(code, said, 'in')} {noun[1]}"
    return f"{said} {noun[0]}"


def _century(match: re.Match[str], code: str, noun: str) -> str:
    said = ordinals.genitive(code, roman(match["roman"]))
    if match["w"] == noun:
        return f"{match['in'] or ''}{ordinals.declined(code, said, 'm')} {match['w']}"
    return f"{match['in']}{ordinals.declined(code, said, 'in')} {match['w']}" if match["in"] else f"{said} {match['w']}"


def _king(match: re.Match[str], code: str) -> str:
    return f"{match['name']} {ordinals.declined(code, ordinals.genitive(code, roman(match['roman'])), 'm')}"


def _ranked(code: str, number: int, form: str) -> str | None:
    return ordinals.declined(code, ordinals.genitive(code, number), form) if number else None


def _gender_pl(word: str) -> str:
    return "f" if word.endswith("a") else "n" if word[-1] in "oeę" else "m"


def _polish_time(match: re.Match[str]) -> str:
    """o dziewiątej zero pięć, dziewiąta zero pięć."""
    hour, minute = int(match["h"]), match["m"]
    if hour:
        said = ordinals.declined("pl", ordinals.genitive("pl", hour), "in f" if match["at"] else "f")
    else:
        said = "zerowej" if match["at"] else "zero"
    rest = "" if minute == "00" else f" zero {minute[1]}" if minute[0] == "0" else f" {minute}"
    return f"{match['at'] or ''}{said}{rest}"


def _russian(f: Figures) -> list[Rule]:
    hours = {"one": "час", "few": "часа", "many": "часов"}
    minutes = {"one": "минута", "few": "минуты", "many": "минут"}

    def clock(match: re.Match[str]) -> str:
        hour, minute = (str(int(match[name])) for name in "hm")
        return f.counted(hours, hour, None) + ("" if minute == "0" else f" {f.counted(minutes, minute, None)}")

    ending = r"(?P<e>й|я|е|го|м|ю|ом|ой|ый|ий|ая|ое|ые)"
    return [
        _full_date(f, r"года|г\."),
        (re.compile(r"(?P<in>\b[Вв]о?\s)?(?<![\d.,])(?P<y>[12]\d{3})\s?(?:году\b|г\.)"), lambda m: _year(m, "ru")),
        (re.compile(r"(?P<in>(?!))?(?<![\d.,])(?P<y>[12]\d{3})\sгода\b"), lambda m: _year(m, "ru")),
        (re.compile(rf"(?P<in>\b[Вв]о?\s)?\b{NUMERAL}\s(?P<w>век[еа]?)\b"), lambda m: _century(m, "ru", "век")),
        (re.compile(rf"{NAME}\s{NUMERAL}\b"), lambda m: _king(m, "ru")),
        (re.compile(rf"(?<![\w.,])(?P<n>\d{{1,2}})-?{ending}\b(?:(?=\s(?P<w>\w+)))?"), _russian_rank),
        (re.compile(r"(?<![\w:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?![\w:])"), clock),
    ]


def _russian_rank(match: re.Match[str]) -> str | None:
    number, end = int(match["n"]), match["e"]
    if not number:
        return None
    years = end in {"е", "ые"} and (match["w"] or "").startswith(("год", "числ")) and number % 10 == 0
    form = {"я": "f", "ая": "f", "е": "n", "ое": "n", "м": "in", "ом": "in", "ой": "in f"}.get(end, "m")
    said = ordinals.genitive("ru", number)
    if end == "го":
        return said
    if end == "ю":
        return ordinals.declined("ru", said, "f").replace("ая", "ую").replace("третья", "третью")
    return ordinals.declined("ru", said, "plural" if years else form)
