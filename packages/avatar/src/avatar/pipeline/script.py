"""The text to speak, made fit for a synthesiser: what cannot be spoken is refused or reported, never dropped unseen."""

import re
import unicodedata
from dataclasses import replace

from avatar.errors import InputError
from avatar.media import Delivery

_LAYOUT = "\t\n\r\v\f\x85\u2028\u2029"


def prepare(text: str, longest: int) -> tuple[str, tuple[str, ...]]:
    """The text in Unicode NFC with control characters made spaces, and warnings about what was changed.

    Raises InputError for text that is empty, longer than `longest` characters, holds half a surrogate pair
    (bytes that were not UTF-8), or nothing that can be spoken.
    """
    if len(text) > longest:
        raise InputError(
            f"the text is {len(text):,} characters long; at most {longest:,} are taken in one run",
            "split it into several videos, or raise the setting longest_text",
        )
    _check_surrogates(text)
    warnings = []
    controls = [c for c in text if unicodedata.category(c) == "Cc" and c not in _LAYOUT]
    if controls:
        codes = ", ".join(sorted({f"U+{ord(c):04X}" for c in controls}))
        warnings.append(f"{len(controls)} control characters in the text were read as spaces ({codes})")
    cleaned = "".join(" " if c in controls else c for c in text)
    cleaned = unicodedata.normalize("NFC", cleaned)
    cleaned = cleaned.rstrip() if _marked_up(cleaned) else cleaned.strip()  # markup keeps its line numbers
    if not cleaned.strip():
        raise InputError("the text is empty", "give something to say: a text, @FILE, or - for standard input")
    if not any(unicodedata.category(c)[0] in "LNS" for c in cleaned):
        raise InputError(f"nothing in the text can be spoken: {cleaned[:40]!r}", "give words")
    return cleaned, tuple(warnings)


def recognised(text: str, delivery: Delivery) -> Delivery:
    """The delivery, as SSML where the text begins with <speak>."""
    return replace(delivery, ssml=True) if _marked_up(text) else delivery


def _marked_up(text: str) -> bool:
    return re.match(r"\s*(?:<\?xml\b[^>]*>\s*)?<speak\b", text) is not None


def _check_surrogates(text: str) -> None:
    for position, character in enumerate(text, start=1):
        if "\ud800" <= character <= "\udfff":
            raise InputError(
                f"character {position} of the text is half of a surrogate pair (U+{ord(character):04X})",
                "save the text as UTF-8",
            )
