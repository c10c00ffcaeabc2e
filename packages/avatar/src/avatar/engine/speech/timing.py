"""Turns espeak-ng's events into phones that tile the sound and words as they were written."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech.espeak import Event, Spoken
from avatar.engine.speech.sentences import speakable, wide
from avatar.media import Phone, Word

BRIEF = 0.045
"""Seconds below which a silence is the closure of a stop, not a pause."""

LEAST_SOUND = 0.02
"""Seconds of the sound before that are left to it."""

STOPS = frozenset("pbtdkɡgqɢcɟʈɖ")
QUIET = 2e-4
NEAR = 0.012
"""Seconds by which a word may be told before its first sound."""

# espeak-ng's names that are not IPA (Chinese retroflexes and apical vowels)
TO_IPA = {"s.": "ʂ", "z.": "ʐ", "ts.": "ʈʂ", "ts.h": "ʈʂʰ", "i.": "ɨ", "i[": "ɨ"}

NOT_SOUNDS = re.compile(r"[ˈˌːˑ˥˦˧˨˩0-9_|^\[\].'-]")
LANGUAGE_SWITCH = re.compile(r"\([a-z-]+\)?")
MODIFIERS = frozenset("ʲʰʷˠˤⁿˡ̥̩̃")


def spoken_phones(spoken: Spoken) -> tuple[Phone, ...]:
    """The phones of what espeak-ng said, from its beginning to its end; a stop begins with its closure."""
    return closed(phones(spoken.events, len(spoken.samples), spoken.rate), spoken.samples, spoken.rate)


def closed(tiles: Sequence[Phone], samples: NDArray[np.float32], rate: int) -> tuple[Phone, ...]:
    """Give the closure before a burst, in which the lips or tongue are shut, to the stop: espeak-ng counts it to the
    sound before. It is the only silence inside its words, and a digital one."""
    out = list(tiles)
    for i in range(1, len(out)):
        before, stop = out[i - 1], out[i]
        if before.symbol and stop.symbol and stop.symbol[0] in STOPS:
            first, last = round((before.start + LEAST_SOUND) * rate), round(stop.start * rate)
            sounding = np.flatnonzero(np.abs(samples[first:last]) > QUIET)
            begins = (first + (sounding[-1] + 1 if len(sounding) else 0)) / rate
            if begins < stop.start:
                out[i - 1], out[i] = replace(before, end=begins), replace(stop, start=begins)
    return tuple(out)


def phones(events: Sequence[Event], samples: int, rate: int) -> tuple[Phone, ...]:
    """Phones from 0 to `samples / rate` seconds, each beginning where the one before ends.

    Symbols are IPA without stress, length and tone marks; "" is silence.
    """
    marks = [e for e in events if e.kind == "phone" and not LANGUAGE_SWITCH.fullmatch(e.symbol)]
    times = [0, *(min(e.sample, samples) for e in marks[1:]), samples]
    out: list[Phone] = []
    for event, start, end in zip(marks, times, times[1:], strict=False):
        if end > start:
            _append(out, _phone(event.symbol, start / rate, end / rate))
    return tuple(out) if out else (Phone("", 0.0, samples / rate),)


def _phone(symbol: str, start: float, end: float) -> Phone:
    stress = 2 if "ˈ" in symbol else 1 if "ˌ" in symbol else 0
    bare = symbol.strip("ˈˌː")
    return Phone(TO_IPA.get(bare, NOT_SOUNDS.sub("", bare)), start, end, stress)


def _append(out: list[Phone], phone: Phone) -> None:
    """Add a phone, or lengthen the one before when it is no sound of its own."""
    last = out[-1] if out else None
    brief = phone.symbol == "" and phone.end - phone.start < BRIEF
    modifier = phone.symbol != "" and all(c in MODIFIERS for c in phone.symbol)
    if last is not None and (brief or modifier or phone.symbol == last.symbol == ""):
        extra = phone.symbol if modifier and last.symbol and not last.symbol.endswith(phone.symbol) else ""
        out[-1] = replace(last, symbol=last.symbol + extra, end=phone.end)
    else:
        out.append(phone)


@dataclass
class _Token:
    """A written word and the sample at which espeak-ng says it begins; None when no event names it."""

    text: str
    position: int
    sample: int | None = None


def words(text: str, events: Sequence[Event], tiles: Sequence[Phone], rate: int) -> tuple[Word, ...]:
    """The words of `text` as written, with the punctuation around them, in order and within the phones' time.

    espeak-ng speaks some neighbours as one ("of the"); they share its time by their letters, cut between phones.
    """
    marks = [e for e in events if e.kind == "word" and 0 <= e.position < len(text)]
    tokens = _tokens(text, {e.position for e in marks})
    starts = [token.position for token in tokens]
    for event in marks:
        token = tokens[max(0, bisect_left(starts, event.position + 1) - 1)]
        token.sample = event.sample if token.sample is None else min(token.sample, event.sample)
    return _timed(_groups(tokens), tiles, rate)


def _tokens(text: str, positions: set[int]) -> list[_Token]:
    """Words between spaces, and each word event's own stretch in scripts without spaces; punctuation joins its word."""
    cuts = {p for p in positions if wide(text[p])}
    cuts |= {p for p in positions if p and wide(text[p - 1]) and text[p].isalnum()}
    pattern = re.compile(r"\S+")
    tokens: list[_Token] = []
    lead = ""
    for match in pattern.finditer(text):
        inner = sorted(c for c in cuts if match.start() < c < match.end())
        for start, end in zip([match.start(), *inner], [*inner, match.end()], strict=True):
            piece = text[start:end]
            if speakable(piece):
                tokens.append(_Token(lead + piece, start))
                lead = ""
            elif tokens:
                tokens[-1].text += ("" if start in cuts else " ") + piece
            else:
                lead += piece + " "
    return tokens


def _groups(tokens: list[_Token]) -> list[list[_Token]]:
    """Tokens that share one start: a heard one and the unheard ones behind it (at the very beginning: before it)."""
    out: list[list[_Token]] = []
    for token in tokens:
        if not out or (token.sample is not None and any(t.sample is not None for t in out[-1])):
            out.append([token])
        else:
            out[-1].append(token)
    return out


def _timed(groups: list[list[_Token]], tiles: Sequence[Phone], rate: int) -> tuple[Word, ...]:
    out: list[Word] = []
    told = [min((t.sample for t in group if t.sample is not None), default=0) / rate for group in groups]
    begins = _with_closure(told, tiles)
    floor = 0.0
    for group, begin, limit in zip(groups, begins, [*begins[1:], tiles[-1].end if tiles else 0.0], strict=True):
        start = max(begin, floor)
        end = max(_last_sound(tiles, start, limit), start)
        out += _share(group, start, end, tiles)
        floor = end
    return tuple(out)


def _with_closure(told: Sequence[float], tiles: Sequence[Phone]) -> list[float]:
    """espeak-ng tells the burst of a word's first stop; the word begins with its closure."""
    places = [phone.start for phone in tiles]
    out = []
    for time in told:
        tile = tiles[max(0, bisect_right(places, time + NEAR) - 1)] if tiles else None
        out.append(tile.start if tile is not None and tile.symbol and tile.symbol[0] in STOPS else time)
    return out


def _last_sound(tiles: Sequence[Phone], start: float, limit: float) -> float:
    """Where the last sound that begins between the two ends, at most `limit`."""
    ends = [p.end for p in tiles if p.symbol and p.start < limit and p.end > start]
    return min(max(ends, default=limit), limit)


def _share(group: list[_Token], start: float, end: float, tiles: Sequence[Phone]) -> list[Word]:
    """The group's words, one behind the other, in proportion to their letters."""
    borders = [p.end for p in tiles if start < p.end < end]
    total = sum(len(token.text) for token in group)
    out: list[Word] = []
    done = 0
    at = start
    for i, token in enumerate(group):
        done += len(token.text)
        ideal = start + (end - start) * done / total
        until = end if i == len(group) - 1 else _nearest([at, *(b for b in borders if b > at)], ideal)
        out.append(Word(token.text, at, until))
        at = until
    return out


def _nearest(times: Sequence[float], ideal: float) -> float:
    return min(times, key=lambda time: abs(time - ideal))
