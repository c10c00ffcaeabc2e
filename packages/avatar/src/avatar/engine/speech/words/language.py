"""What one language says for signs, months, units and currencies."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Forms = Mapping[str, str]
"""Words by CLDR plural category: one, few, many, other."""


@dataclass(frozen=True)
class Language:
    """`units` are patterns like "{0} kilometers" by sign, `currencies` names by ISO 4217 code."""

    code: str
    decimal: str
    order: str
    date: str
    time: str
    hour: str
    cents: str
    percent_first: bool
    signs: Mapping[str, str]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    units: Mapping[str, Forms]
    currencies: Mapping[str, Forms]
    abbreviations: Mapping[str, str]
    fractions: Mapping[str, str]

    def plural(self, number: str) -> str:
        """The CLDR plural category of a number in figures, decimals behind a point."""
        return PLURALS.get(self.code, _english)(number)

    def form(self, forms: Forms, number: str) -> str:
        """The word that goes with the number."""
        return forms.get(self.plural(number)) or forms["other"]


def _english(number: str) -> str:
    return "one" if number == "1" else "other"


def _french(number: str) -> str:
    return "one" if float(number) < 2 else "other"


def _hindi(number: str) -> str:
    return "one" if float(number) <= 1 else "other"


def _polish(number: str) -> str:
    if "." in number:
        return "other"
    if number == "1":
        return "one"
    return "few" if number[-1] in "234" and number[-2:-1] != "1" else "many"


def _russian(number: str) -> str:
    if "." in number:
        return "other"
    if number[-2:-1] == "1":
        return "many"
    return "one" if number[-1] == "1" else "few" if number[-1] in "234" else "many"


PLURALS: dict[str, Callable[[str], str]] = {
    "fr": _french,
    "pt": _french,
    "hi": _hindi,
    "pl": _polish,
    "ru": _russian,
    "zh": lambda _: "other",
}


@cache
def language(tag: str) -> Language | None:
    """The rules for a BCP 47 tag, by its first part; None for a language that has none."""
    code = {"cmn": "zh"}.get(first := tag.split("-", maxsplit=1)[0].lower(), first)
    spoken = _spoken().get(code)
    return None if spoken is None else _language(code, spoken, _names()[code])


def _language(code: str, spoken: dict[str, Any], names: dict[str, Any]) -> Language:
    units = dict(names["units"])
    units |= spoken.get("counted", {})
    units |= {sign: {"other": "{0}" + said} for sign, said in spoken.get("units_said", {}).items()}
    units |= {sign: units[known] for sign, known in spoken.get("units", {}).items()}
    return Language(
        code=code,
        percent_first=spoken.get("percent_first", False),
        **{name: spoken[name] for name in ("decimal", "order", "date", "time", "hour", "cents", "signs")},
        months=tuple(names["months"]),
        short_months=tuple(names["short_months"]),
        units=units,
        currencies={code: forms for code, forms in names["currencies"].items() if forms} | spoken["currencies"],
        abbreviations=spoken["abbreviations"],
        fractions=spoken.get("fractions", {}),
    )


@cache
def _spoken() -> dict[str, Any]:
    return tomllib.loads(_data("spoken.toml"))


@cache
def _names() -> dict[str, Any]:
    names: dict[str, Any] = json.loads(_data("cldr.json"))
    return names


def _data(name: str) -> str:
    return (files(__package__) / "data" / name).read_text("utf-8")
