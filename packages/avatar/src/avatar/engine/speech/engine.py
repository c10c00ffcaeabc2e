"""Speech behind the seam of `avatar.backends.Speech`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain
from types import TracebackType
from typing import Self

import numpy as np

from avatar.engine.speech import (
    checking,
    gate,
    languages,
    lines,
    loudness,
    matching,
    melody,
    pace,
    sentences,
    ssml,
    timing,
    tone,
    writing,
)
from avatar.engine.speech.espeak import Espeak, Markup, Spoken
from avatar.engine.speech.lines import Lexicon, Line
from avatar.engine.speech.parameters import DEFAULT_LIKENESS, Parameters
from avatar.engine.speech.ssml import Script
from avatar.engine.speech.words.reading import read
from avatar.errors import InputError
from avatar.media import PLAIN_DELIVERY, Audio, Delivery, Phone, Utterance, Voice

RATE = 22050
"""Of espeak-ng's sound, in Hz."""

PAUSE, BREATH = 0.35, 0.06
"""Seconds of silence behind a sentence, and where a long one is cut between words; both go with the rate."""

MISSED = 0.03
"""Share by which the rate may be missed without a word about it."""

RATE_TAG = re.compile(r'(?<=<prosody )rate="(\d+)%"')
PITCH_TAG = re.compile(r'pitch="([+-]\d+)%" range="([+-]\d+)%"')
"""As SSML's are written; the steps down of later clauses, which are melody, have no range."""


class EmbeddedSpeech:
    """Speaks with espeak-ng's formant synthesiser, in its own voice or in one matched to a recording.

    Japanese is read only where it is written in kana: espeak-ng does not know the readings of kanji.
    """

    name = "embedded"
    version = "11"

    def __init__(self) -> None:
        self._espeak = Espeak()
        self.ear = checking.pocketsphinx()
        """Who hears whether a learnt voice is understood; None leaves it unchecked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the synthesiser's process; a later call starts another."""
        self._espeak.close()

    @cached_property
    def _languages(self) -> Mapping[str, str]:
        return languages.table(self._espeak.voices())

    def languages(self) -> tuple[str, ...]:
        """BCP 47 tags, sorted; a longer tag that is not here is served by its beginning ("de-AT" by "de")."""
        return tuple(self._languages)

    def default_voice(self) -> Voice:
        """The unmatched base."""
        return Voice("default", self.name, Parameters().to_json())

    def speak(self, text: str, voice: Voice, language: str, delivery: Delivery = PLAIN_DELIVERY) -> Iterator[Utterance]:
        """One utterance per sentence, with the pause behind it; long sentences come in several.

        Sound is at 22050 Hz, each sentence at -16 LUFS, true peaks below -1 dBFS. `Utterance.language` is the tag of
        `languages()` that was used.
        Raises InputError for nothing to say, wrong markup or IPA, and a text mostly in letters that the language
        cannot read; NotFound for an unknown language: all at the call.
        """
        if voice.backend != self.name:
            raise InputError(f"voice {voice.name!r} belongs to the backend {voice.backend!r}, not {self.name!r}")
        parameters = Parameters.from_json(voice.parameters)
        tag = languages.resolve(language, self._languages)
        script = ssml.parse(text) if delivery.ssml else Script(text)
        pieces = sentences.pieces(script.text, tag)
        first = next(pieces, None)
        if first is None:
            raise InputError("the text holds nothing that can be spoken", "write at least one word")
        notes = writing.check(script.text, tag)
        lines.check(script, tag)
        ready = lines.lines(script, chain([first], pieces), tag, Lexicon(delivery.lexicon, tag))
        spoken = self._utterances(ready, parameters, tag, delivery.rate)
        return _introduced(spoken, lines.lead(script, first), notes)

    def learn(self, name: str, reference: Audio, transcript: str | None, *, likeness: float | None = None) -> Voice:
        """A voice matched to a recording of at least 3 s of speech, at any rate; the best minute is heard.

        Pitch, tract length, speaking rate and long-term tone are matched, the speaker's accent and manner are not.
        The transcript serves the speaking rate and the tone of single sounds. `likeness` from 0 (the base itself) to 1
        buys resemblance with words. InputError with reason and figure for what cannot carry a voice.
        """
        wanted = DEFAULT_LIKENESS if likeness is None else likeness
        if not 0 <= wanted <= 1:
            raise InputError(f"a likeness of {wanted:g} is not between 0 and 1", "0 is the base voice, 1 all there is")
        report = gate.examine(reference)
        part = reference if report.verdict == "refused" else gate.cut(reference, report.used)
        match = matching.measure(part, transcript, self._raw, self._finished)
        parameters = matching.checked(match, wanted, self.ear, self.version).to_json()
        notes = [f"the {match.rate_from}, and is not used"] if match.rate_from == matching.MISFIT else []
        return Voice(name, self.name, parameters | {"warnings": [*report.warnings, *notes]})

    def _raw(self, text: str, parameters: Parameters) -> Utterance:
        """What espeak-ng says, in English."""
        spoken = self._espeak.say(read(text, "en").text, self._languages["en"], parameters.variant(), parameters.rate)
        tiles = timing.spoken_phones(spoken)
        return Utterance(text, "en", Audio(spoken.samples, spoken.rate), tiles)

    def _finished(self, text: str, parameters: Parameters) -> Utterance:
        """What a listener would hear of it."""
        spoken = self._espeak.say(read(text, "en").text, self._languages["en"], parameters.variant(), parameters.rate)
        tiles = timing.spoken_phones(spoken)
        return Utterance(text, "en", Audio(_sound(spoken, tiles, parameters), spoken.rate), tiles)

    def _utterances(self, ready: Iterator[Line], parameters: Parameters, tag: str, rate: float) -> Iterator[Utterance]:
        silent = True
        for line in ready:
            spoken, reached = self._paced(line, parameters, tag, rate)
            utterance = _utterance(line, spoken, parameters, tag, reached)
            if any(phone.symbol for phone in utterance.phones or ()):
                missed = silent and abs(reached / rate - 1) > MISSED
                yield replace(utterance, notes=(_missed(rate, reached),)) if missed else utterance
                silent = False
        if silent:
            raise InputError(f"nothing in the text can be spoken in {tag!r}", "check that the language fits the text")

    def _paced(self, line: Line, parameters: Parameters, tag: str, rate: float) -> tuple[Spoken, float]:
        """The line at `rate` times the voice's own pace, and how many times as fast it became."""
        heard: dict[int, Spoken] = {}

        def say(wanted: int, text: str, markup: Markup) -> Spoken:
            return self._espeak.say(text, self._languages[tag], parameters.variant(), wanted, markup)

        def seconds(wanted: int) -> float:
            heard[wanted] = say(wanted, text, line.markup)
            return _sounding(heard[wanted])

        def tagged(match: re.Match[str]) -> str:
            bare = re.sub(r"<[^>]*>", "", line.reading.text)
            plain = Markup(line.markup.phonemes, tags=True)
            found = pace.setting(lambda p: _sounding(say(p, bare, plain)), parameters.rate, int(match[1]) / 100)
            return f'rate="{round(100 * found / parameters.rate)}%"'

        text = RATE_TAG.sub(tagged, _asked(line.reading.text, parameters)) if line.markup.tags else line.reading.text
        own = parameters.rate
        if rate == 1:
            return say(own, text, line.markup), 1.0
        chosen = pace.setting(seconds, own, rate)
        reached = _sounding(heard[own]) / max(_sounding(heard[chosen]), 1e-3)
        return heard[chosen], reached or rate  # silence takes no time at any rate


def _asked(text: str, parameters: Parameters) -> str:
    """The text with its tags of pitch made smaller by what the melody will widen them."""
    width = parameters.melody.width if parameters.melody else 1.0

    def narrowed(match: re.Match[str]) -> str:
        pitch, reach = int(match[1]), 1 + int(match[2]) / 100
        return f'pitch="{round(pitch / width):+d}%" range="{round(100 * reach ** (1 / width)) - 100:+d}%"'

    return PITCH_TAG.sub(narrowed, text) if width > 0 else text


def _sounding(spoken: Spoken) -> float:
    """Seconds up to the silence at the end."""
    last = timing.spoken_phones(spoken)[-1]
    return last.end if last.symbol else last.start


def _missed(rate: float, reached: float) -> str:
    bounds = f"espeak-ng goes from {pace.SLOWEST} to {pace.FASTEST} words a minute"
    return f"the rate is {reached:.2f} of the voice's own, not {rate:g}: {bounds}"


def _utterance(line: Line, spoken: Spoken, parameters: Parameters, tag: str, rate: float) -> Utterance:
    tiles = timing.spoken_phones(spoken)
    samples = _sound(spoken, tiles, parameters)
    pause = line.pause
    if pause is None:
        pause = (PAUSE if line.piece.complete else BREATH) / rate
    samples, tiles = _with_pause(samples, tiles, spoken.rate, pause)
    words = timing.words(line.piece.text, line.written(spoken.events), tiles, spoken.rate)
    return Utterance(line.piece.text, tag, Audio(samples, spoken.rate), tiles, words)


def _sound(spoken: Spoken, tiles: tuple[Phone, ...], parameters: Parameters) -> loudness.Samples:
    """Melody, tone, gain and limiter."""
    samples = spoken.samples
    if parameters.melody is not None:
        samples = melody.moved(samples, spoken.rate, parameters.melody, tiles)
    if parameters.tone is not None:
        samples = tone.apply(samples, spoken.rate, tiles, parameters.tone)
    gained = (samples * 10 ** (parameters.level_db / 20)).astype(np.float32)
    return loudness.levelled(gained, spoken.rate)


def _introduced(spoken: Iterator[Utterance], pause: float, notes: tuple[str, ...]) -> Iterator[Utterance]:
    """The utterances, the pause in front of them as one of its own; the first carries the notes."""
    for utterance in spoken:
        if pause > 0:
            silence = np.zeros(round(pause * RATE), np.float32)
            yield Utterance("", utterance.language, Audio(silence, RATE), (Phone("", 0.0, len(silence) / RATE),))
        yield replace(utterance, notes=(*notes, *utterance.notes)) if notes else utterance
        pause, notes = 0.0, ()


def _with_pause(
    samples: loudness.Samples, tiles: tuple[Phone, ...], rate: int, pause: float
) -> tuple[loudness.Samples, tuple[Phone, ...]]:
    """Make the silence at the end as long as it should be."""
    last = tiles[-1]
    begins = last.end if last.symbol else last.start
    sounding = tiles if last.symbol else tiles[:-1]
    end = round(begins * rate) + int(pause * rate)
    if end > len(samples):
        samples = np.concatenate([samples, np.zeros(end - len(samples), np.float32)])
    tail = (Phone("", begins, end / rate),) if end / rate > begins else ()
    return samples[:end], (*sounding, *tail)
