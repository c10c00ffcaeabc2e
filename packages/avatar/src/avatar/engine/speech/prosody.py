"""Melody and phrasing that the synthesiser does not find by itself.

espeak-ng lets every question rise, starts each clause as high as the first, and says a long stretch without commas in
one breath. Here questions for a fact fall, later clauses begin lower (declination reset, after Ladd, Intonational
Phonology, 2008, ch. 4), and long stretches are parted before a conjunction.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from avatar.engine.speech.ssml import Span
from avatar.engine.speech.words.reading import Change

LONG_STRETCH = 12
"""Words without a mark from which a breath is looked for."""

LEAST_WORDS = 5
"""Words on either side of it."""

LOWER, LOWEST = 6, 12
"""Percent of pitch, as espeak-ng counts, by which each later clause begins lower, and the most of it."""

SHORT = 3
"""Letters of a word that may stand before a question word."""

CLAUSE = re.compile(r"[,;:]\s+|\s[–—-]\s")
MARK = re.compile(r"[^\w\s'’-]")


@dataclass(frozen=True)
class Hints:
    """One language's question words and the conjunctions before which a breath may be taken.

    `anywhere`: question words do not have to begin the question.
    """

    questions: frozenset[str]
    conjunctions: frozenset[str]
    anywhere: bool = False


NONE = Hints(frozenset(), frozenset())


@cache
def hints(tag: str) -> Hints:
    """By the first part of a BCP 47 tag; empty for a language that has none."""
    table = tomllib.loads((files(__package__) / "prosody.toml").read_text("utf-8"))
    entry = table.get(tag.split("-", maxsplit=1)[0].lower())
    if entry is None:
        return NONE
    questions, conjunctions = (frozenset(entry[name].split()) for name in ("questions", "conjunctions"))
    return Hints(questions, conjunctions, entry.get("anywhere", False))


def changes(text: str, tag: str, *, complete: bool) -> list[Change]:
    """Marks put in or exchanged; `complete` is False where the sentence goes on behind this text."""
    found = [Change(at, at + 1, ", ") for at in _breaths(text, hints(tag))]
    if asks_for_a_fact(text, tag):
        found += [Change(m.start(), m.end(), ".") for m in re.finditer(r"\?", text) if m.start() > len(text) - 4]
    if not complete and text[-1:].isalnum():
        found.append(Change(len(text), len(text), ","))
    return found


def asks_for_a_fact(text: str, tag: str) -> bool:
    """Whether it is a question that begins with who, what, where... and so does not rise."""
    known = hints(tag)
    if "?" not in text[-3:] or not known.questions:
        return False
    clause = re.split(r"[,;:]\s", text)[-1]
    words = re.findall(r"[\w\u0900-\u097f'’-]+", clause.lower())
    # the second word where the first is a preposition or "and": por qué, o que, à quel, and where
    looked_at: Iterable[str] = words if known.anywhere else words[: 2 if words and len(words[0]) <= SHORT else 1]
    return any(_named(word, known.questions) for word in looked_at)


def _named(word: str, names: frozenset[str]) -> bool:
    """Also where it is run together with the verb: who's, qu'est-ce."""
    return word in names or re.split(r"['’-]", word)[0] in names


def _breaths(text: str, known: Hints) -> Iterator[int]:
    """The places of the spaces at which a breath is taken."""
    if not known.conjunctions:
        return
    start = 0
    for mark in [*MARK.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        yield from _within(text, start, end, known)
        start = end + 1


def _within(text: str, start: int, end: int, known: Hints) -> Iterator[int]:
    """Part a stretch at the conjunction nearest to its middle, and its parts again."""
    words = list(re.finditer(r"\S+", text[start:end]))
    if len(words) < LONG_STRETCH:
        return
    inner = range(LEAST_WORDS, len(words) - LEAST_WORDS + 1)
    places = [i for i in inner if words[i][0].lower() in known.conjunctions]
    if not places:
        return
    chosen = min(places, key=lambda i: abs(i - len(words) / 2))
    at = start + words[chosen].start() - 1
    yield from _within(text, start, at, known)
    yield at
    yield from _within(text, at, end, known)


def declination(text: str, tag: str) -> list[Span]:
    """Tags that let the clauses behind the first begin lower, one step each."""
    starts = sorted({m.end() for m in CLAUSE.finditer(text)} | {at + 1 for at in _breaths(text, hints(tag))})
    return [
        Span(start, end, "tag", f'<prosody pitch="-{min(LOWER * step, LOWEST)}%">')
        for step, (start, end) in enumerate(pairwise([*starts, len(text)]), start=1)
        if any(c.isalnum() for c in text[start:end])
    ]
