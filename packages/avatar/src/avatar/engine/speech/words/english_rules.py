"""What only English needs: its dates and times, fractions, years, Roman numerals, streets and saints."""

import re
from collections.abc import Callable

from avatar.engine.speech.words import english
from avatar.engine.speech.words.figures import DASH, Figures

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
YEAR = r"(?P<year>1\d{3}|20\d\d)"
BEFORE_YEAR = r"(?i:\b(?:in|since|until|till|by|from|of|year|circa|c\.|before|after|during|early|late|mid)\s)"
COUNTED = r"(?i:chapter|part|section|book|volume|vol\.|act|scene|phase|article|appendix|bowl|war|level|type|title|mark)"
FRACTIONS = {"½": "half", "⅓": "one third", "⅔": "two thirds", "¼": "quarter", "¾": "three quarters"}
FRACTIONS |= {"⅛": "one eighth", "⅜": "three eighths", "⅝": "five eighths", "⅞": "seven eighths"}
ROMAN = r"(?=[IVXLC])(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
POWERS = {2: "squared", 3: "cubed"}


def rules(f: Figures) -> list[Rule]:
    """English alone, before the rules that all languages share."""
    return [*_dates(), *_times(), *_years(), *_fractions(), *_codes(f), *_names(), *_counts(f)]


def _dates() -> list[Rule]:
    day_first = rf"\b(?:[Tt]he\s)?{DAY}(?:\s+of)?\s+{MONTH}(?:,?\s+{YEAR})?\b"
    month_first = rf"\b{MONTH}\s+{DAY}(?:{DASH}(?P<until>[0-3]?\d)(?:st|nd|rd|th)?)?(?:,?\s+{YEAR})?\b(?!:)"
    month_year = rf"\b{MONTH},?\s+{YEAR}\b"
    return [
        (re.compile(month_first), _month_first),
        (re.compile(day_first), lambda m: _said_date(m, f"the {_day(m['day'])} of {{month}}")),
        (re.compile(month_year), lambda m: f"{_month(m['month'])} {english.year(int(m['year']))}"),
    ]


def _month_first(match: re.Match[str]) -> str | None:
    until = f" to {_day(match['until'])}" if match["until"] else ""
    return _said_date(match, f"{{month}} {_day(match['day'])}{until}")


def _said_date(match: re.Match[str], said: str) -> str | None:
    if not 1 <= int(match["day"]) <= 31:
        return None
    year = f", {english.year(int(match['year']))}" if match["year"] else ""
    return said.format(month=_month(match["month"])) + year


def _day(figures: str) -> str:
    return english.ordinal(int(figures))


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name[:3]))


def _times() -> list[Rule]:
    half = r"(?P<half>[AaPp])\.?\s?[Mm](?:\.|\b)"
    return [
        (re.compile(rf"(?<![\w:.])(?P<h>1?\d)(?:[:.](?P<m>[0-5]\d))?\s?{half}"), _clock),
        (re.compile(r"(?<![\w:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?P<half>)(?![\w:])"), _clock),
    ]


def _clock(match: re.Match[str]) -> str:
    hour, minute, half = int(match["h"]), match["m"], match["half"]
    said = "zero" if hour == 0 else english.cardinal(hour)
    if minute and int(minute):
        said += (" oh " if minute[0] == "0" else " ") + english.cardinal(int(minute))
    elif not half:
        said += " o'clock" if 0 < hour <= 12 else " hundred"
    seconds = match.groupdict().get("s")
    if seconds:
        said += f" and {english.cardinal(int(seconds))} seconds"
    return f"{said} {half.lower()}.m." if half else said


def _years() -> list[Rule]:
    decade = r"(?<![\w.,$€£'’])(?P<century>1\d|20)?(?P<tens>\d0)['’]?s\b"
    short = r"(?<!\w)['’](?P<tens>\d0)s\b"
    span = rf"(?<![\w.,$€£-])(?P<a>1[1-9]\d\d|20\d\d){DASH}(?P<b>1[1-9]\d\d|20\d\d|\d\d)(?![\w-])"
    return [
        (re.compile(decade), _decade),
        (re.compile(short), lambda m: english.plural(english.cardinal(int(m["tens"])))),
        (re.compile(span), _years_apart),
        (re.compile(rf"(?P<lead>{BEFORE_YEAR}){YEAR}(?![\w,.]*\d)"), _lead_year),
        (
            re.compile(r"(?<![\w.,$€£+/-])(?P<year>19\d\d|20[1-9]\d)(?![\w%/]|[.,]\d|-\d)"),
            lambda m: english.year(int(m["year"])),
        ),
        (re.compile(r"(?<![\w.,])(?P<year>\d{3,4})(?=\s(?:AD|BC|CE|BCE)\b)"), lambda m: english.year(int(m["year"]))),
    ]


def _decade(match: re.Match[str]) -> str:
    tens = int(match["tens"])
    if match["century"] is None:
        return english.plural(english.cardinal(tens))
    century = english.cardinal(int(match["century"]))
    if tens == 0:
        return "two thousands" if match["century"] == "20" else f"{century} hundreds"
    return f"{century} {english.plural(english.cardinal(tens))}"


def _years_apart(match: re.Match[str]) -> str:
    a, b = match["a"], match["b"]
    later = english.year(int(b)) if len(b) == 4 else english.number(b)
    return f"{english.year(int(a))} to {later}"


def _lead_year(match: re.Match[str]) -> str:
    return match["lead"] + english.year(int(match["year"]))


def _fractions() -> list[Rule]:
    signs = "".join(FRACTIONS)
    return [
        (re.compile(r"(?<![\w/])24/7(?![\w/])"), lambda _: "twenty-four seven"),
        (re.compile(r"(?<![\w/])9/11(?![\w/])"), lambda _: "nine eleven"),
        (re.compile(rf"(?P<whole>\d+)\s?(?P<sign>[{signs}])"), _mixed_sign),
        (
            re.compile(f"[{signs}]"),
            lambda m: {"half": "one half", "quarter": "one quarter"}.get(said := FRACTIONS[m[0]], said),
        ),
        (re.compile(r"(?<![\w./$€£])(?:(?P<whole>\d+)\s)?(?P<n>\d{1,2})[/⁄](?P<d>\d{1,3})(?![\w/]|\.\d)"), _fraction),
    ]


def _mixed_sign(match: re.Match[str]) -> str:
    part = FRACTIONS[match["sign"]]
    return f"{english.number(match['whole'])} and {'a ' if ' ' not in part else ''}{part}"


def _fraction(match: re.Match[str]) -> str | None:
    n, d = int(match["n"]), int(match["d"])
    if not 0 < n < d or not (d <= 20 or d in {32, 50, 64, 100}):
        return None
    many = n > 1
    name = {2: "halves" if many else "half", 4: "quarter"}.get(d, english.ordinal(d))
    said = f"{english.cardinal(n)} {name}{'s' if many and d != 2 else ''}"
    if not match["whole"]:
        return said
    if n == 1 and d in {2, 4}:
        said = f"a {name}"
    return f"{english.number(match['whole'])} and {said}"


def _codes(f: Figures) -> list[Rule]:
    """Telephone numbers as North America writes them, powers, and numbers with a letter for a scale."""
    phone = r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\)\s?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])|(?<![\w.-])\d{3}-\d{4}(?![\w-])"
    scales = {"k": "thousand", "K": "thousand", "M": "million", "B": "billion", "bn": "billion"}
    return [
        (re.compile(phone), lambda m: ", ".join(english.digits(part) for part in re.findall(r"\d+", m[0]))),
        (re.compile(r"(?<![\w.])(\d+)\^(-?\d+)(?!\w)"), _power),
        (re.compile(rf"(?<![\w.,$€£])({f.number})(k|K|M|B|bn)(?!\w)"), lambda m: f"{f.said(m[1])} {scales[m[2]]}"),
        (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[eE]([+-]?\d+)(?!\w)"), _scientific),
        (re.compile(r"(?<![\w.])(\d{1,2})['′]\s?(\d{1,2})(?:\"|″|”)"), _feet),
    ]


def _signed(figures: str) -> str:
    return ("minus " if figures.startswith("-") else "") + english.number(figures.lstrip("+-"))


def _power(match: re.Match[str]) -> str:
    base, power = english.number(match[1]), int(match[2])
    return f"{base} {POWERS[power]}" if power in POWERS else f"{base} to the power of {_signed(match[2])}"


def _scientific(match: re.Match[str]) -> str:
    return f"{english.number(match[1])} times ten to the power of {_signed(match[2])}"


def _feet(match: re.Match[str]) -> str:
    return f"{english.number(match[1])} foot {english.number(match[2])}"


def _names() -> list[Rule]:
    """Saints and streets, doctors and drives; kings, wars and chapters."""
    one = r"(?P<roman>" + ROMAN + r")\b(?!['’])"
    return [
        (re.compile(r"(?<=[a-z] )St\.?(?!\w)"), _street),
        (re.compile(r"(?<=[a-z] )Dr\.(?=\s*(?:$|[,;]))"), lambda _: "drive"),
        (re.compile(r"\bDr\.?(?=\s[A-Z])"), lambda _: "doctor"),
        (re.compile(r"\bSt\.(?=\s[A-Z])"), lambda _: "saint"),
        (re.compile(rf"(?P<lead>\b{COUNTED}\s){one}"), _counted_roman),
        (re.compile(rf"(?P<lead>\b[A-Z][a-z]{{2,}}\s)(?=[IVX]{{2,}}|[VX]\b){one}"), _king),
    ]


def _street(match: re.Match[str]) -> str | None:
    """None where a saint's name follows another name: "visit St. James"."""
    before = match.string[: match.start()].split()
    return "street" if before and before[-1][:1].isupper() and before[-1].lower() not in {"the", "in", "at"} else None


def _value(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[c] for c in numeral]
    return sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values))


def _counted_roman(match: re.Match[str]) -> str:
    return match["lead"] + english.cardinal(_value(match["roman"]))


KINGS = frozenset(
    [
        "louis",
        "henry",
        "charles",
        "george",
        "edward",
        "james",
        "william",
        "richard",
        "elizabeth",
        "mary",
        "john",
        "paul",
        "pius",
        "benedict",
        "gregory",
        "leo",
        "innocent",
        "urban",
        "alexander",
        "nicholas",
        "peter",
        "catherine",
        "napoleon",
        "philip",
        "ferdinand",
        "frederick",
        "wilhelm",
        "francis",
        "alfonso",
        "christian",
        "gustav",
        "harald",
        "olav",
        "ramses",
        "ptolemy",
        "cleopatra",
        "robert",
        "stephen",
        "malcolm",
        "otto",
        "henri",
        "felipe",
        "juan",
        "carlos",
        "ivan",
    ]
)


def _king(match: re.Match[str]) -> str:
    value = _value(match["roman"])
    name = match["lead"].strip().lower()
    return match["lead"] + (f"the {english.ordinal(value)}" if name in KINGS else english.cardinal(value))


def _counts(f: Figures) -> list[Rule]:
    """Ordinals in figures, numbers after #, No. and p., sizes."""
    return [
        (
            re.compile(r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b"),
            lambda m: english.ordinal(int(m[1].replace(",", ""))),
        ),
        (re.compile(r"(?<=\d)\s?<\s?(?=\d)"), lambda _: " is less than "),
        (re.compile(r"(?<=\d)\s?>\s?(?=\d)"), lambda _: " is greater than "),
        (re.compile(r"(?<!\w)(?:#|№\s?|No\.\s?|no\.\s?|Nos\.\s?)(?=\d)"), lambda _: "number "),
        (re.compile(r"\bp\.\s?(?=\d)"), lambda _: "page "),
        (
            re.compile(rf"(?<![\w.])({f.number})\s?[x×]\s?({f.number})(?:\s?[x×]\s?({f.number}))?(?!\w)"),
            lambda m: " by ".join(f.said(n) for n in m.groups() if n),
        ),
        (re.compile(rf"(?<![\w.])({f.number})[x×](?!\w)"), lambda m: f"{f.said(m[1])} times"),
    ]
