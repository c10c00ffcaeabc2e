"""The smallest honest backends: instant, deterministic, and put in through the same seam as any other.

Name one in the settings to use it: `speech = "avatar.testing.fakes:ToneSpeech"`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from avatar.errors import InputError, NotFound
from avatar.media import NOTHING, PLAIN_DELIVERY, Audio, Delivery, Frame, Phone, Portrait, Size, Utterance, Voice, Word

_RATE = 16000
_VOWEL_SECONDS, _PAUSE_SECONDS = 0.20, 0.10


class ToneSpeech:
    """Hums a tone for each word and pauses after it; a learnt voice hums at the loudest frequency it heard."""

    name = "tone"
    version = "1"

    def languages(self) -> tuple[str, ...]:
        """Any tune is in English."""
        return ("en",)

    def default_voice(self) -> Voice:
        """220 Hz."""
        return Voice("default", self.name, {"hz": 220.0})

    def learn(self, name: str, reference: Audio, transcript: str | None, *, likeness: float | None = None) -> Voice:
        """The loudest frequency of the reference. Raises InputError under 3 seconds."""
        if reference.duration < 3:
            raise InputError(f"the recording has {reference.duration:.1f} s of sound; 3 are needed")
        spectrum = np.abs(np.fft.rfft(reference.samples[: reference.rate * 3]))
        return Voice(name, self.name, {"hz": float(np.argmax(spectrum) / 3)})

    def speak(self, text: str, voice: Voice, language: str, delivery: Delivery = PLAIN_DELIVERY) -> Iterator[Utterance]:
        """One utterance per full stop, at the rate asked for; tunes have neither lexicon nor markup.

        Raises InputError for no words or SSML, NotFound for another language.
        """
        if delivery.ssml:
            raise InputError("the tone backend reads no SSML", "give plain text")
        if language not in self.languages():
            raise NotFound.among("language", language, self.languages())
        sentences = [sentence.split() for sentence in text.split(".") if sentence.split()]
        if not sentences:
            raise InputError("nothing in the text can be spoken")
        for words in sentences:
            yield self._hum(words, float(voice.parameters["hz"]), language, delivery.rate)

    @staticmethod
    def _hum(words: list[str], hz: float, language: str, rate: float) -> Utterance:
        vowel, step = _VOWEL_SECONDS / rate, (_VOWEL_SECONDS + _PAUSE_SECONDS) / rate
        times = np.arange(round(step * len(words) * _RATE)) / _RATE
        sound = 0.3 * np.sin(2 * np.pi * hz * times) * (times % step < vowel)
        phones: list[Phone] = []
        for start in (step * i for i in range(len(words))):
            phones.append(Phone("a", start, start + vowel, stress=2))
            phones.append(Phone("", start + vowel, start + step))
        phones[-1] = Phone("", phones[-1].start, len(times) / _RATE)
        spoken = tuple(Word(w, step * i, step * i + vowel) for i, w in enumerate(words))
        return Utterance(" ".join(words) + ".", language, Audio(sound.astype(np.float32), _RATE), tuple(phones), spoken)


class PlainPainter:
    """A disc of the seed's colour on grey."""

    name = "plain"
    version = "1"

    def paint(self, prompt: str, seed: int, size: Size, given: Mapping[str, Any] = NOTHING) -> Portrait:
        """Knows no words, and says so."""
        colour = given.get("colour") or np.random.default_rng(seed).integers(60, 255, 3).tolist()
        unknown = sorted(set(prompt.split()))
        spec = {"colour": colour, "unknown_words": unknown}
        return Portrait("", self.name, _disc(size, colour, 0.0), spec, prompt, seed)


class PlainLipSync:
    """Opens a slot in the disc while a phone sounds."""

    name = "plain"
    version = "1"
    accepts = ("plain",)

    def animate(self, portrait: Portrait, utterance: Utterance, *, fps: int, size: Size, seed: int) -> Iterator[Frame]:
        """One frame per 1/fps seconds."""
        phones = utterance.phones or ()
        for number in range(max(1, round(utterance.audio.duration * fps))):
            now = (number + 0.5) / fps
            speaking = any(phone.symbol and phone.start <= now < phone.end for phone in phones)
            yield _disc(size, portrait.parameters["colour"], 1.0 if speaking else 0.0)


def _disc(size: Size, colour: list[int], opening: float) -> Frame:
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    radius = min(size) * 0.35
    image: Frame = np.full((height, width, 4), 128, np.uint8)
    image[(x - width / 2) ** 2 + (y - height / 2) ** 2 < radius**2, :3] = colour
    image[(abs(x - width / 2) < radius * 0.5) & (abs(y - height * 0.6) < radius * 0.2 * opening), :3] = 0
    image[..., 3] = 255
    return image
