"""A text as the synthesiser would say it: the sounds to look for in a recording, with what each should look like."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from avatar.engine.alignment.features import Floats, features
from avatar.engine.speech.sounds import kind
from avatar.engine.speech.timing import STOPS
from avatar.media import Phone, Utterance, Word

EARLIER = {
    ("nasal", "vowel"): 0.034,
    ("liquid", "vowel"): 0.020,
    ("vowel", "liquid"): 0.014,
    ("stop", "vowel"): -0.010,
    ("obstruent", "vowel"): -0.006,
    ("obstruent", "liquid"): 0.010,
}
"""Seconds by which people hear a sound begin before espeak-ng says so: it counts the glide between two sounds to the
first. Medians over three flite voices, on sentences that no figure of ours is measured with."""

MOST = 0.5
"""Share of a sound that may be taken from it."""


@dataclass(frozen=True)
class Sound:
    """One sound of the script; `word` is its place in `Script.words`, -1 for silence. Times are the synthesiser's."""

    symbol: str
    stress: int
    start: float
    end: float
    word: int


@dataclass(frozen=True, eq=False)
class Script:
    """Everything that should be heard, in order, and the synthesiser's own features, one row every `HOP`."""

    sounds: tuple[Sound, ...]
    words: tuple[str, ...]
    frames: Floats

    def starts_word(self, index: int) -> bool:
        """Whether a pause may come before this sound."""
        return index == 0 or self.sounds[index].word != self.sounds[index - 1].word


def script_of(spoken: Iterable[Utterance]) -> Script:
    """The script of an utterance after the other; their sound is let go as soon as its features are known."""
    sounds: list[Sound] = []
    words: list[str] = []
    frames: list[Floats] = []
    at = 0.0
    for part in spoken:
        sounds += _sounds(heard(part.phones or ()), part.words, at, len(words))
        words += [word.text for word in part.words]
        at += part.audio.duration
        frames.append(features(part.audio))
    return Script(tuple(sounds), tuple(words), np.concatenate(frames))


def heard(phones: Sequence[Phone]) -> tuple[Phone, ...]:
    """The phones with borders where people hear them."""
    out = list(phones)
    for i in range(1, len(out)):
        before, after = out[i - 1], out[i]
        if before.symbol and after.symbol:
            early = EARLIER.get((_kind(before.symbol), _kind(after.symbol)), 0.0)
            longest = MOST * ((before if early > 0 else after).end - (before if early > 0 else after).start)
            border = after.start - min(max(early, -longest), longest)
            out[i - 1], out[i] = replace(before, end=border), replace(after, start=border)
    return tuple(out)


def _kind(symbol: str) -> str:
    """Of the first letter: stop, obstruent, nasal, liquid or vowel."""
    if symbol[0] in STOPS:
        return "stop"
    found = kind(symbol)
    return found if found in {"nasal", "liquid"} else "obstruent" if found is None else "vowel"


def _sounds(phones: Iterable[Phone], words: tuple[Word, ...], offset: float, first: int) -> list[Sound]:
    starts = [word.start for word in words]
    out = []
    for phone in phones:
        middle = (phone.start + phone.end) / 2
        word = first + max(0, bisect_right(starts, middle) - 1) if phone.symbol else -1
        out.append(Sound(phone.symbol, phone.stress, phone.start + offset, phone.end + offset, word))
    return out


def ordered(spans: list[tuple[float, float] | None], duration: float) -> list[tuple[float, float] | None]:
    """The spans, none beginning before the end of the one before it, all within the recording."""
    out: list[tuple[float, float] | None] = []
    at = 0.0
    for span in spans:
        if span is None:
            out.append(None)
            continue
        start = min(max(span[0], at), duration)
        at = min(max(start, span[1]), duration)
        out.append((start, at))
    return out


def timed(script: Script, spans: list[tuple[float, float] | None], duration: float) -> tuple[Phone, ...]:
    """Phones that tile 0 to `duration`: each sound at its span, silence wherever there is none."""
    out: list[Phone] = []
    at = 0.0
    for sound, span in zip(script.sounds, spans, strict=True):
        if span is None or not sound.symbol:
            continue
        start, end = span
        if end - start < 1e-6:
            continue
        if start > at + 1e-6:
            out.append(Phone("", at, start))
        else:
            start = at
        out.append(Phone(sound.symbol, start, end, sound.stress))
        at = end
    if duration > at + 1e-6:
        out.append(Phone("", at, duration))
    elif out:
        out[-1] = Phone(out[-1].symbol, out[-1].start, duration, out[-1].stress)
    return tuple(out) or (Phone("", 0.0, duration),)


def timed_words(script: Script, spans: list[tuple[float, float] | None]) -> tuple[Word, ...]:
    """Words from their first sound's beginning to their last one's end; what has no sound is left out."""
    found: dict[int, tuple[float, float]] = {}
    for sound, span in zip(script.sounds, spans, strict=True):
        if sound.word >= 0 and span is not None:
            start, _ = found.get(sound.word, span)
            found[sound.word] = (start, span[1])
    return tuple(Word(script.words[index], start, end) for index, (start, end) in sorted(found.items()))
