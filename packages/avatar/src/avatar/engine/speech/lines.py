"""A script line by line, each ready for the synthesiser."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from avatar.engine.speech import phonemes, prosody
from avatar.engine.speech.espeak import Event, Markup
from avatar.engine.speech.sentences import Piece
from avatar.engine.speech.ssml import Script, Span
from avatar.engine.speech.words.language import language
from avatar.engine.speech.words.reading import Change, Reading, apply, changes
from avatar.engine.speech.words.sayas import say_as
from avatar.errors import InputError

ESCAPES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


@dataclass(frozen=True)
class Line:
    """A piece of the text, how it is read, and the seconds of pause behind it where the script says so."""

    piece: Piece
    reading: Reading
    markup: Markup
    pause: float | None = None

    def written(self, events: tuple[Event, ...]) -> list[Event]:
        """The synthesiser's events with their places in the written text."""
        at = self.reading.written
        return [replace(e, position=at(e.position)) if e.position >= 0 else e for e in events]


class Lexicon:
    """A person's own pronunciations: IPA by word, upper or lower case alike."""

    def __init__(self, words: Mapping[str, str], tag: str) -> None:
        self.said = {word.casefold(): phonemes.notation(ipa, tag) for word, ipa in words.items()}
        longest_first = sorted(self.said, key=len, reverse=True)
        names = "|".join(re.escape(word) for word in longest_first)
        self.pattern = re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE) if names else None

    def changes(self, text: str) -> Iterator[Change]:
        """Where its words stand in the text."""
        if self.pattern is not None:
            for match in self.pattern.finditer(text):
                said = self.said.get(match[0].casefold())
                if said is not None:
                    yield Change(match.start(), match.end(), said)


def lines(script: Script, pieces: Iterable[Piece], tag: str, lexicon: Lexicon) -> Iterator[Line]:
    """The script's pieces in order, each with the pause behind it; `lead` is the one in front of the first."""
    at = 0
    for piece, following in pairwise(chain(pieces, [None])):
        assert piece is not None
        start = script.text.find(piece.text, at) if script.spans or script.pauses else 0
        at = max(start, at) + len(piece.text)
        pauses = _pauses(script, at, following) if script.pauses else []
        yield _line(piece, _inside(script.spans, start, at), tag, lexicon, sum(pauses) if pauses else None)


def _pauses(script: Script, at: int, following: Piece | None) -> list[float]:
    """Those between a place and the piece behind it."""
    until = len(script.text) + 1 if following is None else script.text.find(following.text, at)
    return [seconds for place, seconds in script.pauses if at <= place <= until]


def check(script: Script, tag: str) -> None:
    """Raises InputError with its place for a mark that the language cannot follow."""
    for span in script.spans:
        try:
            if span.kind != "tag":
                _given(span, script.text, tag)
        except InputError as error:
            raise InputError(f"{span.place}: {error.message}", error.hint) from error


def lead(script: Script, first_piece: Piece) -> float:
    """Seconds of pause in front of the first piece."""
    first = script.text.find(first_piece.text) if script.pauses else 0
    return sum(seconds for place, seconds in script.pauses if place <= first)


def _inside(spans: tuple[Span, ...], start: int, end: int) -> list[Span]:
    """The spans, or the parts of them, that lie in a piece, by their place in it."""
    return [
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
        if span.start < end and span.end > start
    ]


def _line(piece: Piece, spans: list[Span], tag: str, lexicon: Lexicon, pause: float | None) -> Line:
    text = piece.text
    given = [_given(span, text, tag) for span in spans if span.kind != "tag"]
    given += [c for c in lexicon.changes(text) if not any(c.start < g.end and c.end > g.start for g in given)]
    phonetic = any(change.spoken.startswith("[[") for change in given)
    if phonetic:
        brackets = [Change(m.start(), m.end(), "[ [") for m in re.finditer(r"\[\[", text)]
        given += [b for b in brackets if not any(b.start < g.end and b.end > g.start for g in given)]
    tags = [span for span in spans if span.kind == "tag"]
    said = [*given, *changes(text, language(tag), given)]
    if not tags:  # who marks a text up decides on its melody
        said += [c for c in prosody.changes(text, tag, complete=piece.complete) if _free(c, said)]
        tags = prosody.declination(text, tag)
    reading = apply(text, said)
    return Line(piece, _marked(reading, tags) if tags else reading, Markup(phonetic, bool(tags)), pause)


def _free(change: Change, others: list[Change]) -> bool:
    return not any(change.start < other.end and change.end > other.start for other in others)


def _given(span: Span, text: str, tag: str) -> Change:
    written = text[span.start : span.end]
    if span.kind == "ipa":
        said = phonemes.notation(span.value, tag)
    else:
        said = span.value if span.kind == "sub" else say_as(written, span.value, tag)
    return Change(span.start, span.end, said)


def _marked(reading: Reading, tags: list[Span]) -> Reading:
    """With espeak-ng's tags put in, and what would be taken for one escaped."""
    out: list[str] = []
    at: list[int] = []
    for character, place in zip(reading.text, reading.at, strict=True):
        active = tuple(span for span in tags if span.start <= place < span.end)
        _put(out, at, _switch(tags, at[-1] if at else -1, active), place)
        _put(out, at, ESCAPES.get(character, character), place)
    _put(out, at, _switch(tags, at[-1] if at else -1, ()), len(reading.text))
    return Reading("".join(out), tuple(at))


def _switch(tags: list[Span], place: int, active: tuple[Span, ...]) -> str:
    """The tags that close behind `place`, the outer ones last, and those that open."""
    before = tuple(span for span in tags if span.start <= place < span.end)
    if before == active:
        return ""
    closing = [re.match(r"<([\w-]+)", span.value) for span in before]  # inner spans come first: they ended first
    opening = [span.value for span in reversed(active)]
    return "".join(f"</{name[1]}>" for name in closing if name) + "".join(opening)


def _put(out: list[str], at: list[int], text: str, place: int) -> None:
    out.append(text)
    at.extend([place] * len(text))
