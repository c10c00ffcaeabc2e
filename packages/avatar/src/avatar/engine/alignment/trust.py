"""Whether a text is what a recording says: its words in their order must fit better than the same words shuffled."""

from dataclasses import replace

import numpy as np

from avatar.engine.alignment.dtw import Heard, Spans, fitted
from avatar.engine.alignment.features import HOP, Floats
from avatar.engine.alignment.script import Script, Sound
from avatar.engine.alignment.warping import columns_of, warp
from avatar.media import Audio

LEAST_WORDS = 5
"""Below this a shuffling is no other text."""

HEARD = 20.0
"""Seconds of the recording that are compared."""

SHUFFLES, FITTINGS = 3, 2
_THIN = 2


def fit(audio: Audio, script: Script, spans: Spans) -> float | None:
    """Price of the words in order over that of the same words shuffled: well below 1 for the right text, about 1 for
    any other. None for too few words to tell.
    """
    part = _beginning(script, spans)
    words = sorted({sound.word for sound in part if sound.word >= 0})
    if len(words) < LEAST_WORDS:
        return None
    until = max(span[1] for span in spans[: len(part)] if span is not None)
    heard = Heard.of(Audio(audio.samples[: int((until + 0.3) * audio.rate)], audio.rate)).thinned(_THIN)
    shapes = heard.shapes(script)
    random = np.random.default_rng(0)
    orders = [words] + [[words[i] for i in _deranged(len(words), random)] for _ in range(SHUFFLES)]
    prices = [_price(heard, script, shapes, _reordered(part, order)) for order in orders]
    return prices[0] / float(np.mean(prices[1:]))


def _beginning(script: Script, spans: Spans) -> tuple[Sound, ...]:
    """The sounds of whole words that were found in the first seconds."""
    for index, span in enumerate(spans):
        if span is not None and span[1] > HEARD and script.starts_word(index):
            return script.sounds[:index]
    return script.sounds


def _deranged(count: int, random: np.random.Generator) -> list[int]:
    """An order in which hardly anything stands where it stood, or follows what it followed."""
    best = random.permutation(count)
    for _ in range(20):
        order = random.permutation(count)
        if (np.diff(order) == 1).sum() + (order == np.arange(count)).sum() < (
            (np.diff(best) == 1).sum() + (best == np.arange(count)).sum()
        ):
            best = order
    return [int(i) for i in best]


def _reordered(sounds: tuple[Sound, ...], order: list[int]) -> tuple[Sound, ...]:
    return tuple(sound for word in order for sound in sounds if sound.word == word)


def _price(heard: Heard, script: Script, shapes: Floats, sounds: tuple[Sound, ...]) -> float:
    columns = columns_of(replace(script, sounds=sounds), shapes, 2 * _THIN * HOP, 2)
    path, price = warp(heard.rows, heard.loud, columns)
    for _ in range(FITTINGS):  # with one, the right words of one recording in sixty looked wrong
        columns = replace(columns, shape=fitted(heard, columns, path))
        path, price = warp(heard.rows, heard.loud, columns)
    return price
