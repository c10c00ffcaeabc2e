"""Is a learnt voice still understood? Heard by pocketsphinx where it is installed, and backed off until it is."""

import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from avatar.engine.speech.analysis import resampled
from avatar.media import Audio

PROBES = (
    "My brother has worked for the city government for twenty years.",
    "They waited outside the hotel until the rain had stopped.",
    "We will talk about the price of food next week.",
)
"""Sentences that belong to no list of the bench."""

MORE_PROBES = (
    "The weather will be warm and dry until the end of the month.",
    "She read the letter twice and put it back in the drawer.",
    "People say that the new school is too far from the center.",
)
"""Heard too when a voice fails on the first: three sentences fail a good voice by chance."""

ROUNDS = (PROBES, MORE_PROBES)

MORE_ERRORS = 0.05
"""Share of the words by which a voice may be worse than the base; with allowance for chance, voices passed that lost 8
to 15 points."""

STEPS = (1.0, 0.7, 0.4)
"""Shares of the likeness asked for that are tried, one after the other: the check hears at most four times both rounds
of probes, once per step and once the base."""

Ear = Callable[[Audio], list[str]]
"""The words it hears, whatever it heard before."""


def pocketsphinx() -> Ear | None:
    """An ear, where the package is installed."""
    return Pocketsphinx() if importlib.util.find_spec("pocketsphinx") else None


QUICK: Mapping[str, Any] = {"fwdflat": False, "maxhmmpf": 3000, "maxwpf": 20}
"""One pass instead of two, with fewer guesses at a time: as many words in half the time (30 errors for 32 of 105)."""


BASE_MISHEARD: Mapping[tuple[str, str, str], tuple[int, ...]] = {("11", "0.2.4", "5.1.1"): (5, 3)}
"""Words of each round that `QUICK` mishears of the base, by versions of this engine, espeakng-loader and pocketsphinx:
they are the same every time, and a test hears them again. With other versions the base is heard when it is needed."""


class Pocketsphinx:
    """pocketsphinx with its own English model, which is loaded at the first sound, and these settings of it."""

    def __init__(self, settings: Mapping[str, Any] = QUICK) -> None:
        self.settings = settings

    @cached_property
    def _decoder(self) -> Any:
        decoder = importlib.import_module("pocketsphinx").Decoder
        return decoder(samprate=16000, loglevel="FATAL", cmn="batch", **self.settings)

    def __call__(self, audio: Audio) -> list[str]:
        """What a decoder hears that has heard nothing before: one that has, hears otherwise."""
        self._decoder.reinit_feat()  # forgets the means and noise of what it has heard; its model it keeps
        samples = np.pad(resampled(audio.samples, audio.rate, 16000), 3200)
        samples = samples / (2 * np.abs(samples).max() + 1e-9)
        samples = samples + np.random.default_rng(0).normal(0, 3e-4, len(samples))  # digital silence upsets it
        self._decoder.start_utt()
        self._decoder.process_raw((samples * 32767).astype("<i2").tobytes(), no_search=False, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return _words(found.hypstr) if found else []


@dataclass(frozen=True)
class Verdict:
    """Words said, those of them that are wrong, missing or extra, and those of the base where it was asked."""

    understood: bool
    words: int
    misheard: int
    of_base: int | None = None


@dataclass
class Check:
    """Hears voices against the base on the same probes; the base only when a voice is not faultless enough alone, and
    what it loses in a round (`of_base`) is not known from before.
    """

    ear: Ear
    base: Callable[[str], Audio]
    of_base: dict[int, int] = field(default_factory=dict)
    hearings: int = 0

    def verdict(self, say: Callable[[str], Audio]) -> Verdict:
        """Whether no more is misheard than `MORE_ERRORS` over the base: on the first round, or else on both."""
        words = wrong = base = 0
        for number, probes in enumerate(ROUNDS):
            words += probe_words(probes)
            wrong += self._misheard(say, probes)
            if wrong <= MORE_ERRORS * words:
                return Verdict(True, words, wrong)
            base += self._of_base(number)
            if wrong <= base + MORE_ERRORS * words:
                return Verdict(True, words, wrong, base)
        return Verdict(False, words, wrong, base)

    def _of_base(self, number: int) -> int:
        if number not in self.of_base:
            self.of_base[number] = self._misheard(self.base, ROUNDS[number])
        return self.of_base[number]

    def _misheard(self, say: Callable[[str], Audio], probes: Sequence[str]) -> int:
        self.hearings += len(probes)
        return sum(_errors(_words(probe), self.ear(say(probe))) for probe in probes)


def base_misheard(ear: Ear, version: str) -> dict[int, int]:
    """What this ear is known to mishear of this version's base, by round; empty where that was not heard before."""
    if not isinstance(ear, Pocketsphinx) or ear.settings != QUICK:
        return {}
    loader, recogniser = (importlib.metadata.version(name) for name in ("espeakng-loader", "pocketsphinx"))
    return dict(enumerate(BASE_MISHEARD.get((version, loader, recogniser), ())))


def probe_words(probes: Sequence[str]) -> int:
    """How many words they have."""
    return sum(len(_words(probe)) for probe in probes)


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def _errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's distance, in words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]
