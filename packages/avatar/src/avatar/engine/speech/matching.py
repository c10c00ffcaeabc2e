"""Matches the synthesiser to a reference recording: intelligible first, then alike.

Pitch and vocal-tract length are set inside espeak-ng, where they cost no vocoder; the long-term tone is a filter
behind it. What is measured in full but kept in part is said in the voice's figures.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from avatar.engine.speech import checking, gate, sounds, tone
from avatar.engine.speech.analysis import Analysis, Floats, analyse, band_centres
from avatar.engine.speech.parameters import DEFAULT_RATE, Parameters
from avatar.media import Audio, Utterance

LONGEST = 60.0
"""Seconds of a reference that are heard; more changes nothing."""

PASSAGE = (
    "A quick brown fox jumps over the lazy dog, and the five boxing wizards watch from a hedge. "
    "Each of us saw the weather change before noon. Father heard how loud the toy boat sounded in the pool."
)
"""What the base says to be measured when the reference's own words are unknown."""

FORMANTS = range(88, 121, 4)
"""Percent: vocal tracts tried."""

MOST_FORMANTS = 16
"""Percent by which formants are scaled up at full likeness: what costs words (15 %: 6-12 % errors become 38 %)."""

PITCH_BY, TONE_BY = 0.25, 0.5
"""Likeness at which pitch and pace, and at which the tone, are those of the reference in full."""

RATE_BOUNDS = (145, 160)
"""Words a minute: a hastier synthesiser is heard as a worse one (0.2 of DNSMOS at 175), and with more errors."""

SPREAD_BOUNDS = (0.16, 0.2)
"""On one note a formant synthesiser is heard as a worse one: of three voices on the tuning list two gained 0.2 of
DNSMOS and more with a wider spread, though one lost 0.15."""

Say = Callable[[str, Parameters], Utterance]
"""Speaks a text with these parameters."""


@dataclass(frozen=True)
class Matcher:
    """Fits parameters to one reference. `text` is what the base says to be compared."""

    say: Say
    text: str
    reference: Analysis

    def heard(self, parameters: Parameters) -> Analysis:
        """The base's own speech, measured as the reference is."""
        return analyse(self.say(self.text, parameters).audio)

    def tract(self, parameters: Parameters) -> int:
        """The formant scale, in percent, whose frames lie nearest to the reference's frames in both directions."""
        target = _shapes(self.reference)
        found = [_nearness(target, _shapes(self.heard(replace(parameters, formants=f)))) for f in FORMANTS]
        return FORMANTS[int(np.argmin(found))]

    def pitched(self, parameters: Parameters, share: float = 1.0) -> Parameters:
        """Set espeak-ng's pitch range so that what is heard has the reference's median and spread.

        With a share below 1 it stays between the base's and the reference's.
        """
        median, spread = self.reference.pitch()
        spread = float(np.clip(spread, *SPREAD_BOUNDS))
        if share < 1:
            own = self.heard(Parameters()).pitch()
            median, spread = (a ** (1 - share) * b**share for a, b in zip(own, (median, spread), strict=True))
        low, width = 0.85 * median, 2.2 * spread * median
        for _ in range(4):
            ends = (round(low), round(low + width))
            parameters = replace(parameters, pitch=ends)
            got_median, got_spread = self.heard(parameters).pitch()
            width *= float(np.clip(spread / max(got_spread, 0.01), 0.6, 1.6))
            low = max(30.0, low * median / got_median)
        # the range is fixed now: what is left is to move it
        shift = median / self.heard(parameters).pitch()[0]
        return replace(parameters, pitch=(round(ends[0] * shift), round(ends[1] * shift)))


def _shapes(analysis: Analysis) -> Floats:
    """Cepstra of the louder voiced frames below 8 kHz, less their mean: what vowels differ by, not the tone."""
    loud = analysis.voiced & (analysis.level > np.percentile(analysis.level[analysis.active], 30))
    below = band_centres() < 8000
    bands = analysis.bands[loud][:, below]
    bands = bands[:: 1 + len(bands) // 1200]
    orders, places = np.arange(1, 15), np.arange(below.sum()) + 0.5
    cepstra = bands @ np.cos(np.pi * np.outer(orders, places) / len(analysis.bands[0])).T
    return np.asarray(cepstra - cepstra.mean(axis=0), dtype=np.float64)


def _nearness(first: Floats, second: Floats) -> float:
    """Mean squared distance of each frame to the nearest of the other side."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None] - 2 * first @ second.T
    return float((squares.min(axis=1).mean() + squares.min(axis=0).mean()) / 2)


def speaking_rate(matcher: Matcher, parameters: Parameters, transcript: str | None) -> tuple[int, str]:
    """Words a minute, and how they were found."""
    if transcript:
        rate = _rate_of_words(matcher, parameters)
        if rate is not None:
            return rate, "transcript"
        return DEFAULT_RATE, "transcript does not fit the recording"
    # the passage is made for its sounds, not for its rhythm: everyday sentences have that
    base = analyse(matcher.say(" ".join(checking.PROBES), parameters).audio)
    return _bounded(DEFAULT_RATE * (_beats(matcher.reference) / max(_beats(base), 0.1)) ** 0.7), "syllable beats"


def _rate_of_words(matcher: Matcher, parameters: Parameters) -> int | None:
    """The rate at which the same words take as long; None when no speaker would say them so."""
    wanted = matcher.reference.speech_seconds
    rate = float(parameters.rate)
    for _ in range(3):
        rate *= matcher.heard(replace(parameters, rate=_bounded(rate))).speech_seconds / wanted
        if not 60 < rate < 360:
            return None
    return _bounded(rate)


def _bounded(rate: float) -> int:
    return int(np.clip(round(rate), *RATE_BOUNDS))


def _beats(analysis: Analysis) -> float:
    """Rises of the voiced level per second of speech: about the syllable rate (after Mermelstein 1975)."""
    kernel = np.hanning(13)
    level = np.convolve(np.where(analysis.voiced, analysis.level, analysis.floor), kernel / kernel.sum(), mode="same")
    beats, valley, peak, rising = 0, level[0], level[0], True
    for value in level:
        if rising:
            peak = max(peak, value)
            if value < peak - 2.5:
                beats, rising, valley = beats + 1, False, value
        else:
            valley = min(valley, value)
            if value > valley + 2.5:
                rising, peak = True, value
    return beats / max(analysis.speech_seconds, 0.1)


@dataclass(frozen=True)
class Match:
    """What was measured of a reference, from which parameters of any likeness follow.

    `finished` says a text as a listener would hear it, `start` has the reference's pitch and pace and no more,
    `tract` is its formant scale in percent, `highest` in Hz what the recording holds.
    """

    matcher: Matcher
    finished: Say
    start: Parameters
    tract: int
    highest: float
    rate_from: str

    def at(self, likeness: float) -> Parameters:
        """Parameters of this likeness: 0 is the base itself."""
        if likeness <= 0:
            return replace(Parameters(), reference=self._figures(0.0))
        share = min(1.0, likeness / PITCH_BY)
        pace = round(DEFAULT_RATE + share * (self.start.rate - DEFAULT_RATE))
        fitted = replace(self.start, rate=pace, formants=_formants(self.tract, likeness), likeness=likeness)
        fitted = self.matcher.pitched(fitted, share)
        spoken = self.matcher.say(self.matcher.text, fitted)
        base = analyse(spoken.audio)
        share = min(1.0, likeness / TONE_BY)
        curves = self._tone(spoken, base).scaled(share, share * sounds.trust(self.reference.snr_db))
        return replace(fitted, tone=curves, reference=self._figures(tone.distance(self.reference, base)))

    @property
    def reference(self) -> Analysis:
        """The recording, measured."""
        return self.matcher.reference

    def _tone(self, spoken: Utterance, base: Analysis) -> tone.Tone:
        """The long-term tone and, where the words are known to be the same, that of each sound."""
        found = tone.compare(self.reference, base, self.highest)
        if self.rate_from != "transcript" or spoken.phones is None:
            return found
        return replace(found, phones=sounds.compare(self.reference, base, spoken.phones, self.highest))

    def _figures(self, gap: float) -> dict[str, float | str]:
        return _figures(self.reference, self.tract, self.rate_from, gap)


def measure(reference: Audio, transcript: str | None, say: Say, finished: Say) -> Match:
    """Compare a recording with the synthesiser. InputError when it cannot carry a voice.

    `say` gives the synthesiser's bare speech, `finished` the same with filter, gain and limiter.
    """
    heard = _listen(reference)
    words = " ".join((transcript or "").split())
    matcher = Matcher(say, words or PASSAGE, heard)
    start = matcher.pitched(Parameters())
    tract = matcher.tract(start)
    rate, how = speaking_rate(matcher, replace(start, formants=_formants(tract, 0.5)), words)
    return Match(matcher, finished, replace(start, rate=rate), tract, reference.rate / 2, how)


def checked(match: Match, likeness: float, ear: checking.Ear | None) -> Parameters:
    """The parameters of this likeness, or of the nearest below it at which the probes are understood."""
    if ear is None:
        return match.at(likeness)
    check = checking.Check(ear, partial(_said, match.finished, Parameters()))
    for step in checking.STEPS:
        fitted = match.at(round(likeness * step, 3))
        wrong = check.misheard(partial(_said, match.finished, fitted))
        if understood := check.understood(wrong):
            break
    facts = {
        "result": "understood" if understood else "not understood",
        "by": "pocketsphinx",
        "asked_likeness": likeness,
        "probe_words": checking.probe_words(),
        "misheard": wrong,
        "misheard_of_base": check.base_misheard,
        "sentences_heard": check.hearings,
    }
    return replace(fitted, check=facts)


def _said(say: Say, parameters: Parameters, text: str) -> Audio:
    return say(text, parameters).audio


def _formants(tract: int, likeness: float) -> int:
    """Percent kept of the tract's scale; below 100 words are lost and nothing is won."""
    return round(float(np.clip(100 + likeness * (tract - 100), 100, 100 + likeness * MOST_FORMANTS)))


def _listen(reference: Audio) -> Analysis:
    gate.check_sound(reference)
    reference = Audio(reference.samples[: int(LONGEST * reference.rate)], reference.rate)
    heard = analyse(reference)
    gate.check_speech(reference, heard)
    return heard


def _figures(heard: Analysis, tract: int, how: str, gap: float) -> dict[str, float | str]:
    """What was measured of the reference."""
    median, spread = heard.pitch()
    return {
        "speech_s": round(heard.speech_seconds, 1),
        "snr_db": round(heard.snr_db, 1),
        "f0_median_hz": round(median, 1),
        "f0_spread": round(spread, 3),
        "formants_percent": tract,
        "rate_from": how,
        "tone_distance_db": round(gap, 1),
    }
