"""Which writing systems a language's voice can read; the others' letters are only named, one by one."""

import unicodedata
from collections import Counter

from avatar.errors import InputError

SCRIPTS = {
    "CJK": ("Chinese characters", "zh cmn yue hak nan"),
    "HIRAGANA": ("hiragana", "ja"),
    "KATAKANA": ("katakana", "ja"),
    "CYRILLIC": ("Cyrillic letters", "ru uk bg mk be kk ky tt ba cv sr"),
    "ARABIC": ("Arabic letters", "ar fa ur sd ug ku"),
    "HEBREW": ("Hebrew letters", "he"),
    "THAI": ("Thai letters", "th"),
    "LAO": ("Lao letters", "lo"),
    "KHMER": ("Khmer letters", "km"),
    "MYANMAR": ("Burmese letters", "my"),
    "ETHIOPIC": ("Ethiopic letters", "am ti"),
    "TIBETAN": ("Tibetan letters", "bo"),
    "ARMENIAN": ("Armenian letters", "hy hyw"),
    "TELUGU": ("Telugu letters", "te"),
}
"""First word of the Unicode names -> what it is called and who reads it. espeak-ng finds the voice for Latin, Greek,
Devanagari, Bengali, Tamil, Hangul and others by itself, whatever the language."""


def check(text: str, tag: str) -> tuple[str, ...]:
    """A note for each writing system in the text that the language cannot read.

    Raises InputError where most letters of the text are such.
    """
    if text.isascii():
        return ()
    language = tag.split("-", maxsplit=1)[0].lower()
    found: Counter[str] = Counter()
    examples: dict[str, str] = {}
    letters = 0
    for character in filter(str.isalpha, text):
        letters += 1
        if character > "\u02ff":
            script = unicodedata.name(character, "").split(" ", maxsplit=1)[0]
            if script in SCRIPTS and language not in SCRIPTS[script][1].split():
                found[script] += 1
                examples.setdefault(script, character)
    if 2 * sum(found.values()) > letters:
        name, readers = SCRIPTS[found.most_common(1)[0][0]]
        raise InputError(f"the text is mostly in {name}, which {tag!r} cannot read", _hint(readers))
    return tuple(
        f"{count} {SCRIPTS[script][0]} ({examples[script]}…) cannot be read in {tag!r}: they are named, not spoken"
        for script, count in sorted(found.items())
    )


def _hint(readers: str) -> str:
    return f"give its language, like {readers[:2]}, where the voice speaks it, or write it in the letters of the other"
