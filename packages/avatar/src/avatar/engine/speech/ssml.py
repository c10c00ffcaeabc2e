"""Speech Synthesis Markup Language 1.1: the part of it that people write, read without trusting it.

Wrong and unknown markup is refused with line and column; so are document types, entities of one's own,
processing instructions, deep nesting and documents beyond a megabyte.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from avatar.engine.speech.sentences import UNSPOKEN
from avatar.errors import InputError

LARGEST = 1_000_000
DEEPEST = 32
LONGEST_BREAK = 10.0
ATTRIBUTES: dict[str, frozenset[str]] = {
    "speak": frozenset({"version", "xmlns", "xml:lang"}),
    "p": frozenset(),
    "s": frozenset(),
    "break": frozenset({"time", "strength"}),
    "emphasis": frozenset({"level"}),
    "prosody": frozenset({"rate", "pitch"}),
    "say-as": frozenset({"interpret-as", "format"}),
    "sub": frozenset({"alias"}),
    "phoneme": frozenset({"alphabet", "ph"}),
}
STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}
LEVELS = frozenset({"strong", "moderate", "none", "reduced"})
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.35, "x-fast": 1.8}
PITCHES = {"x-low": 0.75, "low": 0.87, "medium": 1.0, "default": 1.0, "high": 1.15, "x-high": 1.3}
LOWEST_PITCH, HIGHEST_PITCH = 0.65, 1.7
"""Times the voice's own that espeak-ng can do within a sentence."""

KINDS = frozenset({"cardinal", "number", "ordinal", "characters", "spell-out", "digits", "date", "time", "telephone"})
BLOCKS = frozenset({"p", "s", "speak"})


@dataclass(frozen=True)
class Span:
    """What the markup says of `text[start:end]`.

    kind "sub" (value: what is said), "ipa" (value: the IPA), "as" (value: "date" or "date mdy"),
    "tag" (value: espeak-ng's own opening tag). `place` is where its tag ends, for those who find the value wrong.
    """

    start: int
    end: int
    kind: str
    value: str
    place: str = ""


@dataclass(frozen=True)
class Script:
    """A text, what was marked in it, and pauses in seconds by the place they stand at."""

    text: str
    spans: tuple[Span, ...] = ()
    pauses: tuple[tuple[int, float], ...] = ()


def parse(markup: str) -> Script:
    """The script of a <speak> document. Raises InputError with line and column."""
    if len(markup) > LARGEST:
        raise InputError(f"the SSML is {len(markup):,} characters long; at most {LARGEST:,} are read")
    reader = _Reader()
    try:
        reader.parser.Parse(markup.encode(), True)
    except expat.ExpatError as error:
        raise InputError(
            f"SSML line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}",
            "write & as &amp; and < as &lt;, and close every tag",
        ) from error
    return Script("".join(reader.out), tuple(reader.spans), tuple(reader.pauses))


@dataclass
class _Reader:
    """Takes expat's events."""

    out: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)
    open: list[tuple[str, int, int, tuple[str, str] | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.add
        parser.StartDoctypeDeclHandler = lambda *_: self.refuse("a document type is not read")
        parser.EntityDeclHandler = lambda *_: self.refuse("entities of one's own are not read")
        parser.ProcessingInstructionHandler = lambda *_: self.refuse("processing instructions are not read")

    def refuse(self, reason: str, hint: str = "") -> NoReturn:
        """Stop at the place the parser is at."""
        raise InputError(f"{self.place()}: {reason}", hint)

    def place(self) -> str:
        """Where the parser is."""
        return f"SSML line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open a tag."""
        self.check(name, attributes)
        value = TAGS[name](self, attributes) if name in TAGS else None
        if name in BLOCKS:
            self.divide()
        self.open.append((name, self.length, len(self.out), value))

    def check(self, name: str, attributes: Mapping[str, str]) -> None:
        """Refuse what is unknown or out of place."""
        if name not in ATTRIBUTES:
            self.refuse(f"the tag <{name}> is not known", "known: " + ", ".join(ATTRIBUTES))
        if (name == "speak") != (not self.open):
            self.refuse(f"<{name}> cannot stand here", "everything stands inside one <speak>")
        if len(self.open) >= DEEPEST:
            self.refuse(f"tags are nested more than {DEEPEST} deep")
        if self.open and self.open[-1][0] in {"sub", "say-as", "phoneme", "break"}:
            self.refuse(f"<{self.open[-1][0]}> holds no tags")
        for attribute in attributes:
            if attribute not in ATTRIBUTES[name]:
                known = ", ".join(sorted(ATTRIBUTES[name])) or "none"
                self.refuse(f"<{name}> has no attribute {attribute!r} here", f"known: {known}")

    def end(self, name: str) -> None:
        """Close the innermost tag."""
        _, began, part, value = self.open.pop()
        text = "".join(self.out[part:]) if value is not None and value[0] != "tag" else ""
        if value is not None:
            start = began + len(text) - len(text.lstrip())
            stop = began + len(text.rstrip()) if text else self.length
            if stop <= start:
                self.refuse(f"<{name}> holds no text")
            self.spans.append(Span(start, stop, *value, self.place()))
        if name in BLOCKS:
            self.divide()

    def add(self, text: str) -> None:
        """Characters between tags; any white space is one space."""
        text = re.sub(r"\s+", " ", UNSPOKEN.sub("", text))
        if text.startswith(" ") and (not self.out or self.out[-1][-1].isspace()):
            text = text[1:]
        if text:
            self.out.append(text)
            self.length += len(text)

    def divide(self) -> None:
        """A sentence ends here."""
        if self.out and self.out[-1] != "\n\n":
            self.out.append("\n\n")
            self.length += 2

    def choose(self, given: str, known: Mapping[str, float] | frozenset[str], what: str) -> None:
        """Refuse a word that is none of the known ones."""
        if given not in known:
            self.refuse(f"{given!r} is no {what}", "known: " + ", ".join(sorted(known)))


def _break(reader: _Reader, attributes: Mapping[str, str]) -> None:
    seconds = STRENGTHS["medium"]
    if "strength" in attributes:
        reader.choose(attributes["strength"], STRENGTHS, "strength of a break")
        seconds = STRENGTHS[attributes["strength"]]
    if "time" in attributes:
        match = re.fullmatch(r"\+?(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})(ms|s)", attributes["time"].strip())
        if match is None:
            reader.refuse(f"{attributes['time']!r} is no time", "write 500ms or 1.5s")
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if seconds > LONGEST_BREAK:
        reader.refuse(f"a break of {seconds:g} s is too long", f"at most {LONGEST_BREAK:g} s")
    reader.divide()
    reader.pauses.append((reader.length, seconds))


def _emphasis(reader: _Reader, attributes: Mapping[str, str]) -> tuple[str, str]:
    level = attributes.get("level", "moderate")
    reader.choose(level, LEVELS, "level of emphasis")
    return "tag", f'<emphasis level="{level}">'


def _prosody(reader: _Reader, attributes: Mapping[str, str]) -> tuple[str, str]:
    out = ""
    if "rate" in attributes:
        rate = _ratio(reader, attributes["rate"], RATES, "rate")
        out += f' rate="{round(100 * rate)}%"'
    if "pitch" in attributes:
        ratio = _ratio(reader, attributes["pitch"], PITCHES, "pitch")
        if not LOWEST_PITCH <= ratio <= HIGHEST_PITCH:
            reach = f"from {LOWEST_PITCH - 1:+.0%} to {HIGHEST_PITCH - 1:+.0%}"
            reader.refuse(f"a pitch of {attributes['pitch']} is out of reach", reach)
        percent = round((128 if ratio > 1 else 135) * math.log2(ratio))  # measured on espeak-ng, median within 5 %
        out += f' pitch="{percent:+d}%" range="{round(100 * ratio) - 100:+d}%"'
    if not out:
        reader.refuse("<prosody> wants a rate or a pitch")
    return "tag", f"<prosody{out}>"


def _ratio(reader: _Reader, given: str, words: Mapping[str, float], what: str) -> float:
    """How many times the normal, from a word, "80%", "+10%", "+2st" or a bare number."""
    given = given.strip()
    if given in words:
        return words[given]
    match = re.fullmatch(r"([+-]?)(\d{1,3}(?:\.\d{1,3})?)(%|st)?", given)
    if match is None or (match[3] == "st" and what == "rate"):
        reader.refuse(f"{given!r} is no {what}", f"write +10% or one of {', '.join(words)}")
    sign, number, unit = match[1], float(match[2]), match[3]
    signed = -number if sign == "-" else number
    if unit == "st":
        ratio = 2 ** (signed / 12)
    elif sign or (what == "pitch" and unit == "%" and number <= 50):
        ratio = 1 + signed / (100 if unit else 1)
    else:
        ratio = number / (100 if unit else 1)
    if not 0.5 <= ratio <= 2:
        reader.refuse(f"a {what} of {given} is out of reach", "from half to double the normal")
    return ratio


def _say_as(reader: _Reader, attributes: Mapping[str, str]) -> tuple[str, str]:
    kind = attributes.get("interpret-as", "")
    reader.choose(kind, KINDS, "way to say something (interpret-as)")
    order = attributes.get("format", "")
    if order and not (kind == "date" and re.fullmatch(r"[dmy]{1,3}", order)) and kind != "time":
        reader.refuse(f"{order!r} is no format of a {kind}", "a date has mdy, dmy, ymd, md or dm")
    return "as", f"{kind} {order}".strip()


def _sub(reader: _Reader, attributes: Mapping[str, str]) -> tuple[str, str]:
    alias = " ".join(UNSPOKEN.sub("", attributes.get("alias", "")).split())
    if not alias:
        reader.refuse("<sub> wants an alias, the words to say instead")
    return "sub", alias


def _phoneme(reader: _Reader, attributes: Mapping[str, str]) -> tuple[str, str]:
    if attributes.get("alphabet", "ipa") != "ipa":
        reader.refuse(f"the alphabet {attributes['alphabet']!r} is not known", "write IPA")
    if not attributes.get("ph", "").strip():
        reader.refuse("<phoneme> wants ph, the sounds in IPA")
    return "ipa", attributes["ph"]


TAGS: dict[str, Callable[[_Reader, Mapping[str, str]], tuple[str, str] | None]] = {
    "break": _break,
    "emphasis": _emphasis,
    "prosody": _prosody,
    "say-as": _say_as,
    "sub": _sub,
    "phoneme": _phoneme,
}
