"""Reading a prompt: which of its words choose what, which are unknown, which contradict each other."""

import re
from dataclasses import dataclass, field

from avatar.engine.presenter.vocabulary import (
    AGE_WORDS,
    COLOUR_NOUNS,
    COLOUR_WORDS,
    DIRECT,
    HAIR_LENGTHS,
    HAIR_NOUNS,
    HAIR_TEXTURES,
    IGNORED,
    SKIN_NOUNS,
    SKIN_TONES,
)  # fmt: skip

_TOKEN = re.compile(r"#[0-9a-fA-F]{6}\b|[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[,.;:!?]", re.UNICODE)
_LONGEST_PHRASE = 4


@dataclass
class Request:
    """What a prompt asks for: spec field -> value, with what was not understood or had to be decided.

    Colour fields hold names of the catalogue's palettes or "#rrggbb", `age` a number, the rest catalogue names.
    """

    choices: dict[str, str | float] = field(default_factory=dict)
    unknown_words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ask(self, slot: str, value: str | float) -> None:
        """Choose a value; a later word wins over an earlier one, and that is noted."""
        old = self.choices.get(slot)
        if old is not None and old != value:
            first, last = (f"{v:g}" if isinstance(v, float) else repr(v) for v in (old, value))
            self.notes.append(f"{slot}: both {first} and {last} were asked for; {last} is used")
        self.choices[slot] = value


def read_prompt(prompt: str) -> Request:
    """All choices in a prompt. Every word is either understood, ignored as grammar, or reported."""
    reader = _Reader([t.lower() for t in _TOKEN.findall(prompt.replace("-", " "))])
    return reader.read()


class _Reader:
    """Goes through the words once; colours and lengths wait for the noun they describe."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0
        self._request = Request()
        self._colour: str | None = None
        self._length: str | None = None
        self._texture: str | None = None
        self._tone: str | None = None
        self._last_noun: str | None = None

    def read(self) -> Request:
        while self._at < len(self._tokens):
            word = self._tokens[self._at]
            if word in ",.;:!?":
                self._settle()
                self._at += 1
            elif not (self._age() or self._phrase()):
                if word not in IGNORED:
                    self._request.unknown_words.append(word)
                self._at += 1
        self._settle()
        return self._request

    def _age(self) -> bool:
        """ "60", "60 years old", "60 year old"; and "in her sixties" by the vocabulary."""
        word = self._tokens[self._at]
        if not (word.isdecimal() and len(word) < 10):  # "²" is a digit, and no number
            return False
        if not 18 <= int(word) <= 95:
            self._request.notes.append(f"age: {word} is outside 18 to 95; the nearest is used")
        self._request.ask("age", float(min(95, max(18, int(word)))))
        self._at += 1
        while self._at < len(self._tokens) and self._tokens[self._at] in ("year", "years", "old", "yo", "aged"):
            self._at += 1
        return True

    def _phrase(self) -> bool:
        """The longest run of words that means something."""
        for length in range(_LONGEST_PHRASE, 0, -1):
            words = " ".join(self._tokens[self._at : self._at + length])
            if words.count(" ") == length - 1 and self._understand(words):
                self._at += length
                return True
        return False

    def _understand(self, words: str) -> bool:
        if words in HAIR_NOUNS:
            return self._hair()
        if words in SKIN_NOUNS:
            return self._skin()
        if words in COLOUR_NOUNS:
            return self._noun(words)
        if words in DIRECT:
            self._direct(words)
            return True
        if words in AGE_WORDS:
            self._request.ask("age", AGE_WORDS[words])
            return True
        return self._adjective(words)

    def _direct(self, words: str) -> None:
        """Words that need no noun; a colour before a cut or a beard is the hair's: "white bob"."""
        slots = dict(DIRECT[words])
        for slot, value in slots.items():
            self._request.ask(slot, value)
        if self._colour and not {"hair_style", "beard"}.isdisjoint(slots):
            self._request.ask("hair_colour", self._colour)
            self._forget("hair")

    def _adjective(self, words: str) -> bool:
        """Words that wait for their noun. Some serve several nouns: "dark hair", "dark skin"."""
        if words.startswith("#") and " " not in words:
            self._colour = words
            return True
        known = False
        for table, slot in (
            (COLOUR_WORDS, "_colour"), (HAIR_LENGTHS, "_length"), (HAIR_TEXTURES, "_texture"), (SKIN_TONES, "_tone"),
        ):  # fmt: skip
            if words in table:
                setattr(self, slot, table[words])
                known = True
        if known and self._last_noun and self._colour and self._follows("is", "are"):
            self._noun(self._last_noun)
        return known

    def _follows(self, *words: str) -> bool:
        return self._at > 0 and self._tokens[self._at - 1] in words

    def _hair(self) -> bool:
        colour, length, texture = self._colour, self._length, self._texture
        if colour:
            self._request.ask("hair_colour", {"navy": "black", "blonde": "blonde"}.get(colour, colour))
        style = (
            _HAIR_BY_LOOK.get((length, texture))
            or _HAIR_BY_LOOK.get((length, None))
            or _HAIR_BY_LOOK.get((None, texture))
        )
        if style:
            self._request.ask("hair_look", style)
        self._forget("hair")
        return True

    def _skin(self) -> bool:
        tone = self._tone or {"brown": "brown", "black": "deep", "tan": "tan", "olive": "olive", "white": "fair"}.get(
            self._colour or ""
        )
        if tone:
            self._request.ask("skin", tone)
        self._forget("skin")
        return True

    def _noun(self, words: str) -> bool:
        choices, colour_slot = COLOUR_NOUNS[words]
        for slot, value in choices:
            self._request.ask(slot, value)
        if self._colour:
            self._request.ask(colour_slot, self._colour)
            if colour_slot == "background_colour" and self._colour.startswith("#") and not choices:
                self._request.ask("background", "brand")
        self._forget(words)
        return True

    def _forget(self, noun: str) -> None:
        self._colour = self._length = self._texture = self._tone = None
        self._last_noun = noun if noun in COLOUR_NOUNS else None

    def _settle(self) -> None:
        """At the end of a clause: a colour without a noun is the garment's."""
        if self._colour and self._colour.startswith("#"):
            self._request.ask("background", "brand")
            self._request.ask("background_colour", self._colour)
        elif self._colour and self._tone is None:
            self._request.ask("garment_colour", self._colour)
            self._request.notes.append(f"colour: {self._colour!r} names nothing; it is used for the garment")
        self._colour = self._length = self._texture = self._tone = None


_HAIR_BY_LOOK: dict[tuple[str | None, str | None], str] = {
    ("long", None): "long",
    ("long", "straight"): "long_straight",
    ("long", "wavy"): "long_wavy",
    ("long", "curly"): "long_wavy",
    ("medium", None): "shoulder",
    ("short", None): "short",
    ("short", "curly"): "curly",
    ("short", "wavy"): "short_wavy",
    ("none", None): "bald",
    (None, "wavy"): "long_wavy",
    (None, "straight"): "long_straight",
    (None, "curly"): "curly",
    (None, "coily"): "afro",
}
