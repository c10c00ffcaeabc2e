"""What SSML's say-as asks for."""

import re

from avatar.engine.speech.words import english, ordinals
from avatar.engine.speech.words.figures import Figures, date
from avatar.engine.speech.words.language import language
from avatar.engine.speech.words.reading import read
from avatar.errors import InputError


def say_as(text: str, way: str, tag: str) -> str:
    """The text as a cardinal, an ordinal, characters, digits, a date, a time or a telephone number.

    Raises InputError for a text that is no such thing.
    """
    kind, _, order = way.partition(" ")
    spoken = language(tag)
    if kind in {"characters", "spell-out"}:
        return " ".join(c for c in text if not c.isspace())
    if kind in {"digits", "telephone"}:
        return _digits(text, kind, tag)
    if spoken is None:
        return text
    f = Figures(spoken)
    if kind in {"cardinal", "number", "ordinal"}:
        return _number(f, text, kind)
    if kind == "date" and order:
        return _dated(f, text, order)
    return read(text, tag).text


def _digits(text: str, kind: str, tag: str) -> str:
    groups = re.findall(r"\d+", text)
    if not groups:
        raise _wrong(text, kind)
    if tag.startswith("en"):
        said = [english.digits(group) for group in groups]
        return ("plus " if text.strip().startswith("+") else "") + ", ".join(said)
    return ", ".join(" ".join(group) for group in groups)


def _number(f: Figures, text: str, kind: str) -> str:
    bare = text.strip()
    if not re.fullmatch(rf"[-−+]?{f.number}(?:st|nd|rd|th|\.)?", bare):
        raise _wrong(text, kind)
    minus = f"{f.spoken.signs['minus']} " if bare[0] in "-−" else ""
    if kind == "ordinal":
        whole = int("".join(c for c in bare if c.isdecimal()))
        return minus + _ordinal(f.spoken.code, whole)
    return minus + f.said(bare.strip("-−+."))


def _ordinal(code: str, number: int) -> str:
    """Masculine nominative where it has forms; beyond 99 in Dutch, Polish and Russian as espeak-ng reads it."""
    if code == "en":
        return english.ordinal(number)
    if code == "de" and 0 < number < 1000:
        return ordinals.german(number) + "e"
    if code == "nl" and 0 < number < 100:
        return ordinals.dutch(number)
    if code in ordinals.GENITIVES and 0 < number < 100:
        return ordinals.declined(code, ordinals.genitive(code, number), "m")
    return f"{number}{ {'fr': 'ème', 'es': 'º', 'it': 'º', 'pt': 'º'}.get(code, '.') }"


def _dated(f: Figures, text: str, order: str) -> str:
    parts = re.findall(r"\d+", text)
    named = dict(zip(order, parts, strict=False))
    if len(parts) != len(order) or not {"d", "m"} <= named.keys():
        raise _wrong(text, f"date in the order {order}")
    said = date(f, int(named["d"]), int(named["m"]), named.get("y", ""))
    if said is None:
        raise _wrong(text, f"date in the order {order}")
    return said


def _wrong(text: str, kind: str) -> InputError:
    return InputError(f"{text.strip()[:40]!r} cannot be said as a {kind}")
