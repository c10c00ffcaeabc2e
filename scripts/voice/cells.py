"""One cell of the bench: a reference at a likeness, heard on a list of sentences. Kept on disk: a stop loses little."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from voice import ears
from voice.references import Reference

from avatar.engine.speech import EmbeddedSpeech
from avatar.media import Audio, Voice, join

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cell:
    """`errors` in percent of the words, `quality` DNSMOS, `seconds_learning` on this machine, `check` by the engine.

    `likest` is the speaker whose recording the speech resembles most, `similarity` the cosine at equal level and
    `similarity_as_is` at the levels the recordings happen to have.
    """

    reference: str
    likeness: float | None
    errors: float
    similarity: float
    similarity_as_is: float
    likest: str
    quality: float
    seconds_learning: float
    speed: float
    kept: float
    check: str


def sentences(name: str) -> list[str]:
    """A list's lines."""
    return (HERE / f"{name}.txt").read_text("utf-8").splitlines()


class Bench:
    """Measures cells; `everyone` are the recordings among which one is recognised."""

    def __init__(self, speech: EmbeddedSpeech, everyone: list[Reference], folder: Path) -> None:
        self.speech = speech
        self.everyone = everyone
        self.folder = folder
        self.identity = ears.Identity()
        self.cleanness = ears.Cleanness()
        self.base_errors: dict[str, float] = {}
        self.known = {reference.name: self.identity.of(level(reference.audio())) for reference in everyone}

    def cell(self, reference: Reference, which: str, likeness: float | None, *, checked: bool) -> Cell:
        """A learnt voice on a list; likeness None is the unmatched base."""
        file = self.folder / f"{self.speech.version}-{reference.name}-{which}-{likeness}-{checked}.json"
        return self._kept(file, lambda: self._measured(reference, which, likeness, checked))

    def _kept(self, file: Path, measure: Callable[[], Cell]) -> Cell:
        if not file.exists():
            file.write_text(json.dumps(asdict(measure())), "utf-8")
        return Cell(**json.loads(file.read_text("utf-8")))

    def _measured(self, reference: Reference, which: str, likeness: float | None, checked: bool) -> Cell:
        ear = self.speech.ear
        self.speech.ear = ear if checked else None
        began = time.perf_counter()
        voice = self._voice(reference, likeness)
        learning = time.perf_counter() - began
        self.speech.ear = ear
        began = time.perf_counter()
        spoken = [join(self.speech.speak(text, voice, "en")).audio for text in sentences(which)]
        speed = (time.perf_counter() - began) / sum(audio.duration for audio in spoken)
        whole = ears.together(spoken)
        like = self._likenesses(whole)
        as_is = float(self.identity.of(reference.audio()) @ self.identity.of(whole))
        best = max(self.everyone, key=lambda other: like[other.name]).speaker
        kept, check = voice.parameters["likeness"], voice.parameters["check"]["result"]
        errors = self._errors(which, spoken, likeness is None)
        return Cell(
            reference.name,
            likeness,
            errors,
            like[reference.name],
            as_is,
            best,
            self.cleanness.of(whole),
            learning,
            speed,
            kept,
            check,
        )

    def _errors(self, which: str, spoken: list[Audio], base: bool) -> float:
        """The base says the same for every reference: it is heard once."""
        if base and which in self.base_errors:
            return self.base_errors[which]
        errors = ears.word_errors(sentences(which), spoken)
        if base:
            self.base_errors[which] = errors
        return errors

    def _voice(self, reference: Reference, likeness: float | None) -> Voice:
        if likeness is None:
            return self.speech.default_voice()
        return self.speech.learn(reference.name, reference.audio(), reference.transcript, likeness=likeness)

    def _likenesses(self, audio: Audio) -> dict[str, float]:
        own = self.identity.of(level(audio))
        return {name: float(own @ other) for name, other in self.known.items()}


def level(audio: Audio) -> Audio:
    """At -30 dBFS, so that how loud a recording is says nothing about who speaks."""
    gain = 10 ** (-30 / 20) / float(np.sqrt(np.mean(audio.samples**2)))
    return Audio((audio.samples * gain).astype(np.float32), audio.rate)
