"""Amounts, units, ranges, dates and times, in any language that `language` knows."""

import re
from collections.abc import Callable
from typing import Any

from avatar.engine.speech.words import english, ordinals
from avatar.engine.speech.words.agreement import COUNTED, agreed
from avatar.engine.speech.words.language import Forms, Language

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

DASH = r"\s?[-–—‒]\s?"
CURRENCIES = {
    "US$": "USD", "CA$": "CAD", "A$": "AUD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY",
    "￥": "CNY", "₹": "INR", "zł": "PLN", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH", "₪": "ILS",
}  # fmt: skip
CENTS = {"USD": ("cent", "cents"), "EUR": ("cent", "cents"), "GBP": ("penny", "pence")}
HOURS = {"es": "hora", "it": "ora", "pt": "hora", "fr": "heure", "de": "Uhr"}
"""What hours of the day are counted as; "Uhr" is as a masculine: ein Uhr."""

MINOR = {
    "es": {"EUR": "céntimos", "USD": "centavos", "GBP": "peniques"},
    "fr": {"EUR": "centimes", "USD": "cents", "CHF": "centimes"},
    "de": {"EUR": "Cent", "USD": "Cent", "CHF": "Rappen"},
    "it": {"EUR": "centesimi", "USD": "centesimi"},
    "pt": {"EUR": "cêntimos", "USD": "centavos", "BRL": "centavos"},
    "nl": {"EUR": "cent", "USD": "cent"},
    "pl": {"PLN": "groszy", "EUR": "centów", "USD": "centów"},
    "ru": {"RUB": "копеек", "EUR": "центов", "USD": "центов"},
    "hi": {"INR": "पैसे"},
}
"""Of less than one whole: 0,99 €."""

SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "t": "trillion",
    "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
}  # fmt: skip


class Figures:
    """How numbers are written and said in one language."""

    def __init__(self, spoken: Language) -> None:
        self.spoken = spoken
        self.gap = "" if spoken.code == "zh" else " "
        point = re.escape(spoken.decimal)
        groups = ",'’ " if spoken.decimal == "." else ".'’ "
        space = "" if spoken.code == "en" else " "
        group = f"[{groups}\xa0\u202f{space}]"
        self.number = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+(?!\d)(?:{point}\d+)?|\d+(?:{point}\d+)?)"

    def plain(self, figures: str) -> str:
        """Without grouping, with a decimal point."""
        point = self.spoken.decimal
        kept = "".join(c for c in figures if c.isdecimal() or c == point)
        return "".join(str(int(c)) if c.isdecimal() else "." for c in kept)

    def said(self, figures: str) -> str:
        """A number as it is handed to the synthesiser: words in English, bare figures elsewhere."""
        plain = self.plain(figures)
        return english.number(plain) if self.spoken.code == "en" else plain.replace(".", self.spoken.decimal)

    def one_by_one(self, figures: str) -> str:
        """Digit by digit."""
        return english.digits(figures) if self.spoken.code == "en" else " ".join(c for c in figures if c.isdecimal())

    def span(self, low: str, high: str | None) -> str:
        """A number or a range."""
        parts = [low] if high is None else [low, high]
        if (
            high
            and self.spoken.code in {"ru", "pl"}
            and low.isdecimal()
            and high == str(int(low) + 1)
            and len(high) < 2
        ):
            return f"{low} {high}"  # два-три дня
        return f"{self.gap}{self.spoken.signs['range']}{self.gap}".join(self.said(part) for part in parts)

    def counted(self, forms: Forms, low: str, high: str | None) -> str:
        """A number, or range, with the unit in its plural."""
        word = self.spoken.form(forms, self.plain(high or low))
        said = self.span(low, high)
        if high is None:
            said = agreed(self.spoken.code, said, word.replace("{0}", ""))
        return word.format(said) if "{0}" in word else f"{said}{self.gap}{word}"

    def year(self, figures: str) -> str:
        """As in a date."""
        if self.spoken.code == "en":
            return english.year(int(figures))
        if self.spoken.code == "zh":
            return "".join("零一二三四五六七八九"[int(c)] for c in figures)
        if self.spoken.code in ordinals.GENITIVES and len(figures) == 4:
            return ordinals.year(self.spoken.code, int(figures))
        return figures

    def day(self, number: int) -> str:
        """As in a date."""
        code = self.spoken.code
        if code == "en":
            return english.ordinal(number)
        if code in ordinals.GENITIVES:
            return ordinals.genitive(code, number)
        if number == 1 and code in {"fr", "it", "pt"}:
            return {"fr": "1er", "it": "primo", "pt": "primeiro"}[code]
        return f"{ordinals.german(number)}er" if code == "de" else str(number)


def rules(f: Figures) -> list[Rule]:
    """The language's rules about figures."""
    return [*_money(f), *_dates(f), *_times(f), *_codes(f), *_units(f), *_fractions(f), *_ranges(f), *_counted(f)]


def _money(f: Figures) -> list[Rule]:
    symbols = "|".join(re.escape(symbol) for symbol in CURRENCIES)
    codes = "|".join(f.spoken.currencies)
    scale = r"(?:\s?(?P<scale>(?i:thousand|million|billion|trillion|k|mn|bn|m|b|t)))?(?!\w)"
    amount = rf"(?P<low>{f.number})(?:{DASH}(?:{symbols})?(?P<high>{f.number}))?"
    tail = scale if f.spoken.code == "en" else r"(?P<scale>(?!))?"
    per = r"(?:/(?P<per>[^\W\d_]+))?"
    before = rf"(?<![\w$])(?P<sign>(?:{symbols}|{codes}\b))\s?{amount}{tail}{per}"
    after = rf"(?<![\w.,]){amount}{tail}\s?(?P<sign>(?:{symbols}|(?:{codes})\b))(?!\w){per}"
    return [(re.compile(pattern), lambda m: _amount(f, m)) for pattern in (before, after)]


def _amount(f: Figures, match: re.Match[str]) -> str | None:
    code = CURRENCIES.get(match["sign"], match["sign"])
    forms = f.spoken.currencies.get(code)
    if forms is None:
        return None
    per = f" {f.spoken.signs['per']} {match['per']}" if match["per"] else ""
    if match["scale"]:
        return f"{f.span(match['low'], match['high'])} {SCALES[match['scale'].lower()]} {forms['other']}{per}"
    whole, point, cents = f.plain(match["low"]).partition(".")
    if match["high"] or not point or len(cents) != 2:
        return f.counted(forms, match["low"], match["high"]) + per
    return _with_cents(f, code, forms, whole, cents) + per


def _with_cents(f: Figures, code: str, forms: Forms, whole: str, cents: str) -> str:
    units = f.counted(forms, whole, None)
    said = f.said(str(int(cents)))
    if f.spoken.code == "zh":
        return f"{whole}.{cents}{forms['other']}"
    if f.spoken.code == "en":
        if code not in CENTS:
            return f.counted(forms, f"{whole}.{cents}", None)
        said += " " + CENTS[code][int(cents) != 1]
    if int(cents) == 0:
        return units
    minor = MINOR.get(f.spoken.code, {}).get(code)
    if int(whole) == 0 and minor and int(cents) > 4:
        return f"{said} {minor}"
    return said if int(whole) == 0 and f.spoken.code == "en" else f.spoken.cents.format(whole=units, cents=said)


def _dates(f: Figures) -> list[Rule]:
    iso = r"(?<![\w-])(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?![\w-])"
    figured = r"(?<![\w./-])(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?![\w/-]|\.\d)"
    rules: list[Rule] = [
        (re.compile(iso), lambda m: date(f, int(m["d"]), int(m["m"]), m["y"])),
        (re.compile(figured), lambda m: _figured(f, m)),
    ]
    if f.spoken.code == "fr":
        months = "|".join(f.spoken.months)
        named = rf"(?<!\w)(?P<d>1)\s(?P<m>{months})(?!\w)"
        rules.append((re.compile(named), lambda m: f"1er {m['m']}"))
    if f.spoken.code == "zh":
        rules.append((re.compile(r"(?<!\d)(\d{4})(?=年)"), lambda m: f.year(m[1])))
    return rules


def _figured(f: Figures, match: re.Match[str]) -> str | None:
    """12/05/2026 in the language's order, or in the only one that can be."""
    a, b = int(match["a"]), int(match["b"])
    month_first = f.spoken.order == "mdy"
    if a > 12 or b > 12:
        month_first = b > 12
    day, month = (b, a) if month_first else (a, b)
    year = match["y"] if len(match["y"]) == 4 else str((1900 if int(match["y"]) > 50 else 2000) + int(match["y"]))
    return date(f, day, month, year)


def date(f: Figures, day: int, month: int, year: str) -> str | None:
    """A day in words, its year where there is one; None for no day of the calendar."""
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    name = f.spoken.months[month - 1]
    if not year:
        return (
            f.spoken.date.split("{month}", maxsplit=1)[0].format(day=f.day(day)) + name
            if f.spoken.order == "dmy"
            else f"{name} {f.day(day)}"
        )
    return f.spoken.date.format(day=f.day(day), month=name, year=f.year(year))


def _times(f: Figures) -> list[Rule]:
    if f.spoken.code == "en":
        return []  # english_rules
    word = r"\dA-Za-z" if f.spoken.code == "zh" else r"\w"
    uhr = {"de": r"\s?Uhr", "fr": r"", "nl": r"\s?uur"}.get(f.spoken.code, "")
    clock = rf"(?<![\w:.])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?:{uhr}\b)?(?![{word}:])"
    rules: list[Rule] = [(re.compile(clock), lambda m: _time(f, m))]
    if f.spoken.code in {"fr", "pt"}:
        gap = r"\s?" if f.spoken.code == "fr" else ""
        hours = rf"(?<!\w)(?P<h>[01]?\d|2[0-4]){gap}h{gap}(?P<m>[0-5]\d)?(?:{gap}min\b)?(?!\w)"
        rules.append((re.compile(hours), lambda m: _time(f, m)))
    if uhr:
        dotted = rf"(?<![\w:.])(?P<h>[01]?\d|2[0-4])\.(?P<m>[0-5]\d){uhr}\b"
        rules.append((re.compile(dotted), lambda m: _time(f, m)))
    return rules


def _time(f: Figures, match: re.Match[str]) -> str:
    hour, minute, code = str(int(match["h"])), int(match["m"] or 0), f.spoken.code
    if code == "fr" and hour in {"0", "1"}:
        return f"{'une' if hour == '1' else 'zéro'} heure {minute or ''}".strip()
    if code == "pt" and hour == "1" and not minute:
        return "uma hora"
    if code == "zh":
        hour = "两" if hour == "2" else hour
        return f"{hour}点" + (f"{'零' if minute < 10 else ''}{minute}分" if minute else "")
    said = f.spoken.time if minute else f.spoken.hour
    return said.format(hour=agreed(code, hour, HOURS.get(code, "")), minute=minute)


def _codes(f: Figures) -> list[Rule]:
    """Telephone and version numbers, addresses of computers."""
    grouped = r"(?:[ ./-]?\(?\d{1,5}\)?){2,7}"
    plus = rf"(?<!\w)\+\d{{1,3}}{grouped}(?!\w)"
    local = {
        "pt": r"(?<![\w.,])(?:\(?\d{2}\)?\s)?9?\d{4}-\d{4}(?![\w-])",
        "ru": r"(?<![\w.,])(?:8[ -])?\(?\d{3}\)?[ -]\d{3}-\d{2}-\d{2}(?![\w-])",
    }.get(f.spoken.code, r"(?!)")
    zero = r"(?<![\w.,])\(?0\d{1,5}\)?[ /-]\d{2,8}(?:[ -]\d{2,6}){0,4}(?!\w|[.,]\d)"
    dots = r"(?<![\w.])(?P<v>[vV])?(?P<n>\d+(?:\.\d+){2,})(?!\w|\.\d)"
    return [
        (re.compile(plus), lambda m: _phone(f, m[0]) if sum(map(str.isdecimal, m[0])) >= 7 else None),
        (
            re.compile(local),
            lambda m: _phone(f, m[0]) if not re.fullmatch(r"(?:1\d|20)\d\d-(?:1\d|20)\d\d", m[0]) else None,
        ),
        (re.compile(zero), lambda m: _phone(f, m[0]) if sum(map(str.isdecimal, m[0])) >= 7 else None),
        (re.compile(dots), lambda m: _dotted(f, m)),
    ]


def _phone(f: Figures, written: str) -> str:
    groups = [f.one_by_one(group) for group in re.findall(r"\d+", written)]
    return (f"{f.spoken.signs['plus']} " if written.startswith("+") else "") + ", ".join(groups)


def _dotted(f: Figures, match: re.Match[str]) -> str | None:
    parts = match["n"].split(".")
    grouped = f.spoken.decimal == "," and all(len(part) == 3 for part in parts[1:]) and not match["v"]
    if grouped:
        return None
    point = "dot" if len(parts) == 4 or f.spoken.code != "en" else "point"
    version = "version " if match["v"] and f.spoken.code == "en" else ""
    return version + f" {f.spoken.signs[point]} ".join(f.said(part) for part in parts)


def _units(f: Figures) -> list[Rule]:
    """Numbers with a unit or a percent sign."""
    spoken = f.spoken
    known: dict[str, Any] = {**spoken.units, "L": spoken.units.get("l"), "mL": spoken.units.get("ml")}
    known |= {"℃": known["°C"], "kph": spoken.units.get("km/h"), "KB": spoken.units.get("kB")}
    known |= {"lbs": spoken.units.get("lb"), "º": None, "km2": spoken.units.get("km²"), "m2": spoken.units.get("m²")}
    known = {sign: forms for sign, forms in known.items() if forms}
    signs = "|".join(re.escape(sign).replace("°", r"°\s?") for sign in sorted(known, key=len, reverse=True))
    amount = rf"(?<![\w.,])(?P<low>{f.number})(?:{DASH}(?P<high>{f.number}))?"
    word = "" if spoken.code == "zh" else r"(?!\w)"
    unit = rf"{amount}\s?(?P<sign>{signs}){word}(?!/\w)"

    def counted(match: re.Match[str]) -> str:
        return f.counted(known[match["sign"].replace(" ", "")], match["low"], match["high"])

    return [
        (re.compile(rf"{amount}\s?(?P<sign>%|‰)"), lambda m: _percent(f, m)),
        (re.compile(unit), counted),
    ]


def _percent(f: Figures, match: re.Match[str]) -> str:
    word = f.spoken.signs["percent" if match["sign"] == "%" else "permille"]
    if f.spoken.code == "ru" and match["sign"] == "%":
        forms = {"one": "процент", "few": "процента", "many": "процентов", "other": "процента"}
        return f.counted(forms, match["low"], match["high"])
    span = f.span(match["low"], match["high"])
    return f"{word}{span}" if f.spoken.percent_first else f"{span} {word}"


def _fractions(f: Figures) -> list[Rule]:
    """Halves, thirds and quarters, in figures and as one sign; English has rules of its own."""
    known = f.spoken.fractions
    if not known:
        return []
    signs = dict(zip("½⅓⅔¼¾", ("1/2", "1/3", "2/3", "1/4", "3/4"), strict=True))
    names = "|".join(map(re.escape, known))
    return [
        (re.compile("(?P<n>\\d+)?\\s?(?P<s>[½⅓⅔¼¾])"), lambda m: _mixed(f, m, known[signs[m["s"]]])),
        (
            re.compile(rf"(?<![\w./])(?:(?P<n>\d+)\s)?(?P<s>{names})(?![\w/]|[.,]\d)"),
            lambda m: _mixed(f, m, known[m["s"]]),
        ),
    ]


def _mixed(f: Figures, match: re.Match[str], part: str) -> str:
    """Also behind a whole number; a half of something feminine is: media taza."""
    following = re.match(r"\s(?:de\s|di\s|d')?(\w+)", match.string[match.end() :])
    if part in {"medio", "meio", "mezzo"} and following and following[1].endswith("a"):
        part = part[:-1] + "a"
    return part if match["n"] is None else f"{match['n']}{f.gap}{f.spoken.signs['and']}{f.gap}{part}"


def _counted(f: Figures) -> list[Rule]:
    """One and two of things that have a gender."""
    if f.spoken.code == "zh":
        measures = "个|位|只|张|条|件|本|块|斤|公斤|公里|小时|分钟|天|次|倍|千|万|亿|杯|家|种"
        return [(re.compile(rf"(?<![\d.,第/-])2(?={measures})"), lambda _: "两")]
    nouns = "|".join(COUNTED.get(f.spoken.code, "").split())
    if not nouns:
        return []

    def say(match: re.Match[str]) -> str | None:
        said = agreed(f.spoken.code, match[1], match[2])
        return None if said == match[1] else said

    return [(re.compile(rf"(?<![\w.,/:+-])(\d+)(?=\s({nouns})(?!\w))"), say)]


def _ranges(f: Figures) -> list[Rule]:
    """Two numbers with a dash between; 3 of them are no range."""
    low, high = f"(?P<low>{f.number})", f"(?P<high>{f.number})"
    word = r"A-Za-z\d" if f.spoken.code == "zh" else r"\w"
    pattern = rf"(?<![\w.,:/+-]){low}(?:[-–—‒]|\s[–—]\s){high}(?![{word}/-]|[.,:]\d)"
    return [(re.compile(pattern), lambda m: f.span(m["low"], m["high"]))]
