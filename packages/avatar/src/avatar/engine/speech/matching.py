"""Matches the synthesiser to a reference recording: intelligible first, then alike.

Pace and vocal-tract length are set inside espeak-ng; the melody is changed and the long-term tone filtered behind it.
What is measured in full but kept in part is said in the voice's figures.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech import checking, gate, sounds, tone
from avatar.engine.speech.analysis import Analysis, Floats, analyse, band_centres
from avatar.engine.speech.melody import Melody
from avatar.engine.speech.parameters import DEFAULT_RATE, Parameters
from avatar.media import Audio, Utterance

LONGEST = 60.0
"""Seconds of a reference that are heard; more changes nothing."""

QUIETEST = -24.0
"""dBFS (root mean square) to which a quieter reference is raised before it is measured."""

PASSAGE = (
    "A quick brown fox jumps over the lazy dog, and the five boxing wizards watch from a hedge. "
    "Each of us saw the weather change before noon. Father heard how loud the toy boat sounded in the pool."
)
"""What the base says to be measured when the reference's own words are unknown."""

EVERYDAY = " ".join(checking.PROBES)
"""What the base says to be measured in melody and pace."""

FORMANTS = range(88, 121, 4)
"""Percent: vocal tracts tried."""

CLEARLY = 0.95
"""Share of the distance at the base's own scale that another must come down to: noise is as far from all."""

PITCH_BY, TONE_BY = 0.6, 0.5
"""Likeness at which pitch and pace, and at which the tone, are those of the reference in full."""

MOST_FORMANTS = ((0.0, PITCH_BY, 1.0), (0, 6, 16))
"""Likeness, and percent by which formants are scaled up at most: it is what costs words. By 10 % lj was 4.3 points over
the base, by 6 % 2.4, by none 0, for a likeness of .76, .75 and .70, on 731 words of both lists."""

RATE_BOUNDS = (155, 160)
"""Words a minute: a hastier synthesiser is heard as a worse one (0.2 of DNSMOS at 175), a slower one is understood less
(the base itself by 4 points of words at 145, on the tuning list)."""

SPREAD_BOUNDS = (0.16, 0.2)
"""On one note a formant synthesiser is heard as a worse one: of three voices on the tuning list two gained 0.1 and 0.25
of DNSMOS with a wider spread, none lost. But a high voice that moves much is understood less."""

HIGHEST_PITCH = 225.0
"""Hz above which a sixth of the speech may lie: with harmonics farther apart vowels are not told. A man who shouts (his
median is 244 Hz) is followed no further: up to 240 Hz he lost 2 points of words more, for .003 of likeness."""

LOWEST_PITCH = 30.0
"""Hz below which the range does not reach."""

PITCH_TRIALS = 3
"""Hearings after which the pitch range is as good as it gets."""

MISFIT = "transcript does not fit the recording"

UNPITCHED = np.zeros(0)
"""For measures that need no pitch."""

Say = Callable[[str, Parameters], Utterance]
"""Speaks a text with these parameters."""


@dataclass(frozen=True)
class Matcher:
    """Fits parameters to one reference. `text` is what the base says to be compared."""

    say: Say
    text: str
    reference: Analysis

    def heard(self, parameters: Parameters, f0: Floats | None = None) -> Analysis:
        """The base's own speech, measured as the reference is."""
        return analyse(self.say(self.text, parameters).audio, f0)

    def fits(self, parameters: Parameters) -> bool:
        """Whether the recording seems to say the text."""
        return sounds.fit(self.reference, self.heard(parameters)) <= sounds.FITS

    def seconds(self, parameters: Parameters) -> float:
        """How long the text takes."""
        return self.heard(parameters, UNPITCHED).speech_seconds

    def tract(self, parameters: Parameters) -> int:
        """The formant scale, in percent, whose frames lie nearest to the reference's frames in both directions."""
        target = _shapes(self.reference)
        plain = self.heard(parameters)  # at another scale each sound is where it was, as high as it was
        others = [plain if f == 100 else self.heard(replace(parameters, formants=f), plain.f0) for f in FORMANTS]
        found = [_nearness(target, _shapes(other)) for other in others]
        best = int(np.argmin(found))
        return FORMANTS[best] if found[best] < CLEARLY * found[FORMANTS.index(100)] else 100

    def pitch(self, share: float = 1.0) -> tuple[float, float]:
        """Median in Hz and spread (see `Analysis.pitch`) of the reference, within the bounds of what is understood.

        With a share below 1 they lie between the base's and the reference's.
        """
        median, spread = self.reference.pitch()
        spread = float(np.clip(spread, *SPREAD_BOUNDS))
        median = min(median, HIGHEST_PITCH / float(np.exp(spread)))
        if share < 1:
            own = self.heard(Parameters()).pitch()
            median, spread = (a ** (1 - share) * b**share for a, b in zip(own, (median, spread), strict=True))
        return median, spread

    def sung(self, parameters: Parameters, share: float = 1.0) -> Parameters:
        """With this pitch made by espeak-ng itself, whose range is set so that what is heard has it.

        Harsher than a melody given behind it, but quick, and nothing but the pitch is different: for measures.
        """
        median, spread = self.pitch(share)
        ends = round(0.85 * median), round((0.85 + 2.2 * spread) * median)
        for _ in range(PITCH_TRIALS):
            heard = self.heard(replace(parameters, pitch=ends))
            found = pitch_range(heard.f0[heard.voiced], ends, median, spread)
            if found == ends:
                break
            ends = found
        return replace(parameters, pitch=ends)

    def melody(self, parameters: Parameters, share: float) -> Melody:
        """From the pitch of these parameters to this one.

        Everyday sentences tell what they give: a few words of the reference's may be livelier than all that follows.
        """
        median, spread = self.pitch(share)
        own, lively = analyse(self.say(EVERYDAY, parameters).audio).pitch()
        return Melody(own, median, spread / lively)


def pitch_range(f0: Floats, ends: tuple[int, int], median: float, spread: float) -> tuple[int, int]:
    """The range at which speech heard with `f0` at the range `ends` (all in Hz) has this median and spread.

    espeak-ng's contour runs between the ends in proportion, so one hearing tells what any range would give.
    """
    low, high = ends
    places = (f0 - low) / max(high - low, 1)
    lowest, middle, highest = np.percentile(places, [16, 50, 84])

    def spread_at(width: float) -> float:
        bottom = median - width * middle
        return float(np.log((bottom + width * highest) / max(bottom + width * lowest, 1.0)) / 2)

    widths = np.arange(1.0, max(2.0, (median - LOWEST_PITCH) / max(middle, 0.05)))
    width = widths[int(np.argmin([abs(spread_at(width) - spread) for width in widths]))]
    bottom = median - width * middle
    return round(bottom), round(bottom + width)


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
        return DEFAULT_RATE, MISFIT
    base = analyse(matcher.say(EVERYDAY, parameters).audio)
    return _bounded(DEFAULT_RATE * (_beats(matcher.reference) / max(_beats(base), 0.1)) ** 0.7), "syllable beats"


def _rate_of_words(matcher: Matcher, parameters: Parameters) -> int | None:
    """The rate at which the same words take as long; None when no speaker would say them so."""
    wanted = matcher.reference.speech_seconds
    rate = float(parameters.rate)
    for _ in range(3):
        rate *= matcher.seconds(replace(parameters, rate=_bounded(rate))) / wanted
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

    `finished` says a text as a listener would hear it, `rate` is the pace in words a minute,
    `tract` is its formant scale in percent, `highest` in Hz what the recording holds.
    """

    matcher: Matcher
    finished: Say
    rate: int
    tract: int
    highest: float
    rate_from: str

    def at(self, likeness: float) -> Parameters:
        """Parameters of this likeness: 0 is the base itself."""
        if likeness <= 0:
            return replace(Parameters(), reference=self._figures(0.0))
        share = min(1.0, likeness / PITCH_BY)
        pace = round(DEFAULT_RATE + share * (self.rate - DEFAULT_RATE))
        plain = Parameters(rate=pace, formants=_formants(self.tract, likeness), likeness=likeness)
        melody = self.matcher.melody(plain, share)
        spoken = self.matcher.say(self.matcher.text, self.matcher.sung(plain, share))
        base = analyse(spoken.audio)
        share = min(1.0, likeness / TONE_BY)
        curves = self._tone(spoken, base).scaled(share, share * sounds.trust(self.reference.snr_db))
        figures = self._figures(tone.distance(self.reference, base))
        return replace(plain, melody=melody, tone=curves, reference=figures)

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

    `say` gives the synthesiser's bare speech, `finished` the same with filter, gain and limiter. A transcript that does
    not fit is not used.
    """
    heard = _listen(reference)
    words = " ".join((transcript or "").split())
    matcher = Matcher(say, words or PASSAGE, heard)
    start = matcher.sung(Parameters())
    if words and not matcher.fits(start):
        return replace(measure(reference, None, say, finished), rate_from=MISFIT)
    tract = matcher.tract(start)
    rate, how = speaking_rate(matcher, replace(start, formants=_formants(tract, 0.5)), words)
    return Match(matcher, finished, rate, tract, reference.rate / 2, how)


def checked(match: Match, likeness: float, ear: checking.Ear | None, version: str) -> Parameters:
    """The parameters of this likeness, or of the nearest below it at which the probes are understood.

    `version` is the engine's, of which it may be known what is heard of its base.
    """
    if ear is None:
        return match.at(likeness)
    known = checking.base_misheard(ear, version)
    check = checking.Check(ear, partial(_said, match.finished, Parameters()), dict(known))
    for step in checking.STEPS:
        fitted = match.at(round(likeness * step, 3))
        verdict = check.verdict(partial(_said, match.finished, fitted))
        if verdict.understood:
            break
    facts = {
        "result": "understood" if verdict.understood else "not understood",
        "by": "pocketsphinx",
        "asked_likeness": likeness,
        "probe_words": verdict.words,
        "misheard": verdict.misheard,
        "misheard_of_base": verdict.of_base,
        "base_heard_before": bool(known),
        "sentences_heard": check.hearings,
    }
    return replace(fitted, check=facts)


def _said(say: Say, parameters: Parameters, text: str) -> Audio:
    return say(text, parameters).audio


def _formants(tract: int, likeness: float) -> int:
    """Percent kept of the tract's scale; below 100 words are lost and nothing is won."""
    most = float(np.interp(likeness, *MOST_FORMANTS))
    return round(float(np.clip(100 + likeness * (tract - 100), 100, 100 + most)))


def _listen(reference: Audio) -> Analysis:
    gate.check_sound(reference)
    reference = Audio(reference.samples[: int(LONGEST * reference.rate)], reference.rate)
    heard = analyse(Audio(_raised(reference.samples), reference.rate))
    gate.check_speech(reference, heard)
    return heard


def _raised(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """At QUIETEST at least: a quiet recording's highest bands would lie below the floor of the measure."""
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return np.asarray(samples * max(1.0, 10 ** (QUIETEST / 20) / max(rms, 1e-9)), dtype=np.float32)


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
