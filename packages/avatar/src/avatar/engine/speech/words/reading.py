"""A written text made ready to be spoken, with each spoken character's place in what was written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from avatar.engine.speech.sentences import wide
from avatar.engine.speech.words.language import Language, language
from avatar.engine.speech.words.rules import rules_of


@dataclass(frozen=True)
class Change:
    """`text[start:end]` is said as `spoken`."""

    start: int
    end: int
    spoken: str


@dataclass(frozen=True)
class Reading:
    """`text` is for the synthesiser; `at[i]` is where its character i stands in the written text."""

    text: str
    at: tuple[int, ...]

    def written(self, position: int) -> int:
        """The place in the written text; behind the end for what is behind the end."""
        return self.at[position] if position < len(self.at) else (self.at[-1] + 1 if self.at else 0)


def read(text: str, tag: str, given: Iterable[Change] = ()) -> Reading:
    """How a piece of text is read in a language. `given` changes come before the language's own and do not overlap."""
    return apply(text, [*given, *changes(text, language(tag), given)])


def changes(text: str, spoken: Language | None, given: Iterable[Change] = ()) -> list[Change]:
    """What the language's rules change, the earlier rule first where two want the same characters."""
    taken = [False] * len(text)
    for change in given:
        taken[change.start : change.end] = [True] * (change.end - change.start)
    found: list[Change] = []
    for pattern, speak in () if spoken is None else rules_of(spoken.code):
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            said = speak(match)
            if said is not None:
                found.append(_trimmed(match, said))
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return found


def _trimmed(match: re.Match[str], said: str) -> Change:
    """A change; the dot of an abbreviation that ends the sentence still ends it."""
    ends = match.end() == len(match.string.rstrip()) and match[0].endswith(".")
    return Change(match.start(), match.end(), said + "." if ends and not said.endswith(".") else said)


def apply(text: str, found: Iterable[Change]) -> Reading:
    """The text with the changes made."""
    out: list[str] = []
    at: list[int] = []
    done = 0
    for change in sorted(found, key=lambda change: change.start):
        out.append(text[done : change.start])
        at.extend(range(done, change.start))
        spoken = _apart(change, text, out)
        out.append(spoken)
        at.extend(_places(text[change.start : change.end], change.start, spoken))
        done = change.end
    out.append(text[done:])
    at.extend(range(done, len(text)))
    return Reading("".join(out), tuple(at))


def _apart(change: Change, text: str, out: list[str]) -> str:
    """What is said, kept apart from letters and figures on either side."""
    before = out[-1][-1:] if out[-1] else text[: change.start][-1:]
    after = text[change.end : change.end + 1]
    left = " " if _touch(before, change.spoken[:1]) else ""
    right = " " if _touch(change.spoken[-1:], after) else ""
    return left + change.spoken + right


def _touch(left: str, right: str) -> bool:
    """Whether the two would be read as one word."""
    return left.isalnum() and right.isalnum() and not (wide(left) or wide(right))


def _places(written: str, start: int, spoken: str) -> list[int]:
    """Word for word where there are as many said as written, else all at the first."""
    said = list(re.finditer(r"\S+", spoken))
    wrote = list(re.finditer(r"\S+", written))
    if len(said) != len(wrote):
        return [start] * len(spoken)
    places = [start] * len(spoken)
    for one, other in zip(said, wrote, strict=True):
        places[one.start() :] = [start + other.start()] * (len(spoken) - one.start())
    return places
