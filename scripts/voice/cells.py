"""One cell of the bench: a reference at a likeness, heard on a list of sentences. Kept on disk: a stop loses little."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from voice import ears
from voice.references import Reference

from avatar.engine.speech import EmbeddedSpeech
from avatar.media import Audio, Voice, join

HERE = Path(__file__).parent
SAID = ("klatt", "pitch", "melody", "formants", "rate", "level_db", "gain_db")
"""Of a voice's parameters: what can be heard. Voices alike in these are measured once."""


@dataclass(frozen=True)
class Cell:
    """`errors` in percent of the words, `quality` DNSMOS, `seconds_learning` of CPU time, `check` by the engine.

    Seconds and `speed` are of this process' CPU time, because the machine may have other work; the synthesiser's own
    process adds 0.004 to the speed. The tuning list, which is heard often, is not judged for quality. `likest` is the
    speaker whose recording the speech resembles most, `similarity` the cosine at equal level and `similarity_as_is`
    at the levels the recordings happen to have.
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


@dataclass(frozen=True)
class Heard:
    """What the ears say of a voice on a list, whoever it is like."""

    errors: float
    quality: float
    levelled: NDArray[np.float64]
    as_is: NDArray[np.float64]
    speed: float


def sentences(name: str) -> list[str]:
    """A list's lines."""
    return (HERE / f"{name}.txt").read_text("utf-8").splitlines()


class Bench:
    """Measures cells; `everyone` are the recordings among which one is recognised."""

    def __init__(self, speech: EmbeddedSpeech, everyone: list[Reference], folder: Path) -> None:
        self.speech = speech
        self.everyone = everyone
        self.folder = folder
        self.alike: dict[str, Heard] = {}

    @cached_property
    def identity(self) -> ears.Identity:
        """Loaded when there is something to hear; kept cells need none of the ears."""
        return ears.Identity()

    @cached_property
    def cleanness(self) -> ears.Cleanness:
        """Likewise."""
        return ears.Cleanness()

    @cached_property
    def known(self) -> dict[str, NDArray[np.float64]]:
        """The speaker vector of each recording."""
        return {reference.name: self.identity.of(level(reference.audio())) for reference in self.everyone}

    def cell(self, reference: Reference, which: str, likeness: float | None, *, checked: bool) -> Cell:
        """A learnt voice on a list; likeness None is the unmatched base."""
        file = self._file(reference, which, likeness, checked)
        return self._kept(file, lambda: self._measured(reference, which, likeness, checked))

    def measured(self, reference: Reference, which: str, likeness: float, *, checked: bool) -> bool:
        """Whether `cell` only has to read."""
        return self._file(reference, which, likeness, checked).exists()

    def _file(self, reference: Reference, which: str, likeness: float | None, checked: bool) -> Path:
        return self.folder / f"{self.speech.version}-{reference.name}-{which}-{likeness}-{checked}.json"

    def _kept(self, file: Path, measure: Callable[[], Cell]) -> Cell:
        if not file.exists():
            file.write_text(json.dumps(asdict(measure())), "utf-8")
        return Cell(**json.loads(file.read_text("utf-8")))

    def _measured(self, reference: Reference, which: str, likeness: float | None, checked: bool) -> Cell:
        ear = self.speech.ear
        self.speech.ear = ear if checked else None
        began = time.process_time()
        voice = self._voice(reference, likeness)
        learning = time.process_time() - began
        self.speech.ear = ear
        found = self._heard(which, voice)
        like = {name: float(found.levelled @ other) for name, other in self.known.items()}
        return Cell(
            reference.name,
            likeness,
            found.errors,
            like[reference.name],
            float(self.identity.of(reference.audio()) @ found.as_is),
            max(self.everyone, key=lambda other: like[other.name]).speaker,
            found.quality,
            learning,
            found.speed,
            voice.parameters["likeness"],
            voice.parameters["check"]["result"],
        )

    def _heard(self, which: str, voice: Voice) -> Heard:
        said = json.dumps([which, *(voice.parameters[key] for key in SAID)])
        if said not in self.alike:
            began = time.process_time()
            spoken = [join(self.speech.speak(text, voice, "en")).audio for text in sentences(which)]
            speed = (time.process_time() - began) / sum(audio.duration for audio in spoken)
            whole = ears.together(spoken)
            quality = self.cleanness.of(whole) if which == "held" else float("nan")
            levelled, as_is = self.identity.of(level(whole)), self.identity.of(whole)
            self.alike[said] = Heard(ears.word_errors(sentences(which), spoken), quality, levelled, as_is, speed)
        return self.alike[said]

    def _voice(self, reference: Reference, likeness: float | None) -> Voice:
        if likeness is None:
            return self.speech.default_voice()
        return self.speech.learn(reference.name, reference.audio(), reference.transcript, likeness=likeness)


def level(audio: Audio) -> Audio:
    """At -30 dBFS, so that how loud a recording is says nothing about who speaks."""
    gain = 10 ** (-30 / 20) / float(np.sqrt(np.mean(audio.samples**2)))
    return Audio((audio.samples * gain).astype(np.float32), audio.rate)
