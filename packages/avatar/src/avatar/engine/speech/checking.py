"""Is a learnt voice still understood? Heard by pocketsphinx where it is installed, and backed off until it is."""

import importlib
import importlib.util
import re
from collections.abc import Callable, Sequence
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

MORE_ERRORS = 2
"""Words more than the unmatched base's that may be misheard of the probes; one word is 3 %."""

STEPS = (1.0, 0.7, 0.4, 0.2)
"""Shares of the likeness asked for that are tried, one after the other."""

Ear = Callable[[Audio], list[str]]
"""The words it hears."""


def pocketsphinx() -> Ear | None:
    """An ear, where the package is installed."""
    return _heard if importlib.util.find_spec("pocketsphinx") else None


def misheard(ear: Ear, say: Callable[[str], Audio]) -> int:
    """Words of the probes that are wrong, missing or extra."""
    return sum(_errors(_words(probe), ear(say(probe))) for probe in PROBES)


def probe_words() -> int:
    """How many words the probes have."""
    return sum(len(_words(probe)) for probe in PROBES)


def _heard(audio: Audio) -> list[str]:
    """By a fresh decoder: one that has heard before hears otherwise."""
    decoder: Any = importlib.import_module("pocketsphinx").Decoder(samprate=16000, loglevel="FATAL", cmn="batch")
    samples = np.pad(resampled(audio.samples, audio.rate, 16000), 3200)
    samples = samples / (2 * np.abs(samples).max() + 1e-9)
    samples = samples + np.random.default_rng(0).normal(0, 3e-4, len(samples))  # digital silence upsets it
    decoder.start_utt()
    decoder.process_raw((samples * 32767).astype("<i2").tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return _words(found.hypstr) if found else []


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
