"""How the presenter moves: blinks, gaze, brows, nods, sway and breath, from the seed and what is said.

All tracks are built before the first frame: a dozen floats per frame, ten minutes at 25 fps are
under a megabyte. Nothing repeats: every curve runs through values drawn from one generator.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avatar.engine.presenter.moods import MOODS, Mood
from avatar.media import Utterance

Floats = NDArray[np.float64]
Generator = np.random.Generator

MOST_YAW, MOST_PITCH = 12.0, 10.0
"""Degrees: further the flat drawing cannot turn and still look round."""

CALM = MOODS["neutral"]

RESTING_BROW = 0.28
"""How far the brows' inner ends rest raised: lower, a calm face looks stern."""

HOLD_X, HOLD_Y = 2.0, 1.5
"""Gaze for the sine of a turn of the head, by which the eyes hold the viewer."""

PAUSE = 0.16
"""A silence of at least this many seconds ends a phrase."""


@dataclass(frozen=True)
class Motion:
    """One value per frame in each track; units as in `Look`, `Turn` and `Pose`."""

    blink: Floats
    gaze_x: Floats
    gaze_y: Floats
    squint: Floats
    wide: Floats
    brow: Floats
    brow_inner: Floats
    yaw: Floats
    pitch: Floats
    roll: Floats
    shift_x: Floats
    shift_y: Floats
    smile: Floats
    breath: Floats
    lean: Floats


@dataclass(frozen=True)
class Cues:
    """What the speech asks of the body; times in seconds."""

    duration: float
    stresses: tuple[tuple[float, float], ...]  # (time, strength 0..1)
    phrase_ends: tuple[float, ...]
    questions: tuple[tuple[float, float], ...]  # (start, end)
    silences: tuple[tuple[float, float], ...]


def cues(utterance: Utterance) -> Cues:
    """Stressed sounds, phrase ends and questions of an utterance."""
    phones = utterance.phones or ()
    stresses = tuple(
        ((p.start + p.end) / 2, 1.0 if p.stress == 2 else 0.45) for p in phones if p.stress and p.end > p.start
    )
    silences = tuple((p.start, p.end) for p in phones if p.symbol == "" and p.end - p.start >= PAUSE)
    ends = tuple(start for start, _ in silences if start > 0.2)
    return Cues(utterance.audio.duration, stresses, ends, _questions(utterance), silences)


def _questions(utterance: Utterance) -> tuple[tuple[float, float], ...]:
    """From up to three words before a question mark to just after it."""
    found = []
    words = utterance.words
    for i, word in enumerate(words):
        if any(mark in word.text for mark in "?？؟"):
            found.append((words[max(0, i - 2)].start, word.end + 0.25))
    return tuple(found)


def bumps(t: Floats, centres: Floats, heights: Floats, rise: float, fall: float) -> Floats:
    """Soft bumps that overlap without adding up: the highest wins."""
    track = np.zeros_like(t)
    for centre, height in zip(centres, heights, strict=True):
        first, last = np.searchsorted(t, (centre - 4 * rise, centre + 4 * fall))
        x = t[first:last] - centre
        bump = height * np.exp(-0.5 * (x / np.where(x < 0, rise, fall)) ** 2)
        track[first:last] = np.maximum(track[first:last], bump)
    return track


def smoothed(track: Floats, fps: float, sigma: float) -> Floats:
    """The track without anything faster than a Gaussian of `sigma` seconds lets through."""
    radius = max(1, int(3 * sigma * fps))
    x = np.arange(-radius, radius + 1) / fps
    kernel = np.exp(-0.5 * (x / sigma) ** 2)
    padded = np.pad(track, radius, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def drift(rng: Generator, t: Floats, period: float) -> Floats:
    """A wandering curve of unit deviation that turns about every `period` seconds and never repeats."""
    knots = int(t[-1] / period) + 6
    values = rng.normal(0, 1, knots)
    where = (t + rng.uniform(0, period)) / period + 1
    i = where.astype(int)
    f = where - i
    a, b, c, d = values[i - 1], values[i], values[i + 1], values[i + 2]
    # Uniform cubic B-spline: twice differentiable, so no jerk at the knots.
    curve = (a * (1 - f) ** 3 + b * (3 * f**3 - 6 * f**2 + 4) + c * (-3 * f**3 + 3 * f**2 + 3 * f + 1) + d * f**3) / 6
    return np.asarray(curve * 1.35)


def blink_times(rng: Generator, cue: Cues) -> list[float]:
    """About 17 a minute, irregular, some double, likely where a phrase ends."""
    times: list[float] = []
    at = float(rng.uniform(0.8, 2.4))
    while at < cue.duration:
        near = [e + 0.06 for e in cue.phrase_ends if abs(e - at) < 0.7]
        at = near[0] if near and (not times or near[0] - times[-1] > 0.8) else at
        times.append(at)
        if rng.random() < 0.12:
            times.append(at + float(rng.uniform(0.30, 0.40)))
        at = times[-1] + float(np.clip(rng.lognormal(1.16, 0.42), 1.1, 8.0))
    return times


def blinks(t: Floats, times: list[float]) -> Floats:
    """Lids close in about 90 ms and open in about 190 ms."""
    track = np.zeros_like(t)
    for at in times:
        first, last = np.searchsorted(t, (at - 0.2, at + 0.5))
        x = t[first:last] - at
        down = np.clip(1 + x / 0.09, 0, 1)
        up = np.clip(1 - (x - 0.03) / 0.19, 0, 1)
        lid = np.where(x < 0, down, np.minimum(1.0, up))
        track[first:last] = np.maximum(track[first:last], lid * lid * (3 - 2 * lid))
    return track


def gaze(rng: Generator, t: Floats, cue: Cues) -> tuple[Floats, Floats]:
    """Fixations on the viewer's eyes and mouth, with a glance aside now and then; moves last 60 ms."""
    x, y = np.zeros_like(t), np.zeros_like(t)
    at, here = 0.0, (0.0, 0.0)
    while at < cue.duration:
        resting = any(a - 0.1 <= at <= b for a, b in cue.silences)
        there = _fixation(rng, aside=0.10 + 0.16 * resting)
        first = np.searchsorted(t, at - 0.06)
        s = np.clip((t[first:] - at) / 0.06 + 0.5, 0, 1)
        s = s * s * (3 - 2 * s)
        x[first:] = here[0] + (there[0] - here[0]) * s
        y[first:] = here[1] + (there[1] - here[1]) * s
        held = rng.uniform(0.35, 0.9) if abs(there[0]) > 0.2 else rng.lognormal(0.25, 0.5)
        at, here = at + float(np.clip(held, 0.3, 4.0)), there
    return x, y


def _fixation(rng: Generator, aside: float) -> tuple[float, float]:
    if rng.random() < aside:
        return (float(rng.choice([-1, 1]) * rng.uniform(0.30, 0.55)), float(rng.uniform(-0.30, 0.30)))
    return (float(rng.normal(0, 0.055)), float(rng.normal(0.0, 0.045)))


def _beats(rng: Generator, cue: Cues, share: float) -> tuple[Floats, Floats]:
    """A share of the stresses, never two within a third of a second."""
    times: list[float] = []
    heights: list[float] = []
    for at, strength in cue.stresses:
        if rng.random() < share * strength and (not times or at - times[-1] > 0.34):
            times.append(at)
            heights.append(float(rng.uniform(0.55, 1.0)))
    return np.array(times), np.array(heights)


def _asked(t: Floats, cue: Cues) -> Floats:
    track = np.zeros_like(t)
    for start, end in cue.questions:
        track = np.maximum(track, np.clip((t - start) / 0.3, 0, 1) * np.clip((end + 0.3 - t) / 0.3, 0, 1))
    return track


def limited(track: Floats, most: float) -> Floats:
    """The track, bent so that it never passes `most` and hardly changes far below it."""
    return np.asarray(most * np.tanh(track / most))


def facing(yaw: float) -> tuple[float, float]:
    """How the head is tilted (degrees), and where the eyes look (-1..1), to face the viewer from a turn of `yaw`."""
    return 0.22 * yaw, -float(np.sin(np.radians(yaw))) * HOLD_X


def move(
    cue: Cues, frames: int, fps: float, seed: int, smile: float, *, mood: Mood = CALM, bearing: float = 0.0
) -> Motion:
    """The tracks of `frames` frames; `smile` is the face's own, `bearing` the yaw at which the head rests."""
    rng = np.random.default_rng([seed, 77])
    t = np.asarray((np.arange(frames) + 0.5) / fps, np.float64)
    smile = mood.smile(smile)
    lids = blinks(t, blink_times(rng, cue))
    gx, gy = gaze(rng, t, cue)
    nod_at, nod_size = _beats(rng, cue, 0.75)
    brow_at, brow_size = _beats(rng, cue, 0.42)
    ends = np.array(cue.phrase_ends)
    nod = bumps(t, nod_at, nod_size, 0.10, 0.15) * mood.nods
    bow = bumps(t, ends - 0.02, rng.uniform(0.5, 1.0, len(ends)), 0.17, 0.30) * mood.nods
    asked = smoothed(_asked(t, cue), fps, 0.10)
    brow = smoothed(bumps(t, brow_at - 0.03, brow_size, 0.11, 0.20), fps, 0.04) * mood.brows
    speech = smoothed(_speaking(t, cue), fps, 0.25)
    swing = mood.turns * (3.9 * drift(rng, t, 1.9) + 1.3 * drift(rng, t, 0.83) * speech)
    yaw = limited(bearing + swing + smoothed(gx, fps, 0.12) * 5.0, MOST_YAW)
    pitch = 1.1 * drift(rng, t, 2.3) - 2.6 * nod - 2.8 * bow + 1.8 * asked
    roll = mood.tilts * (1.25 * drift(rng, t, 2.7) + 0.5 * drift(rng, t, 1.1) * speech) + 1.3 * asked
    posture = drift(rng, t, 5.1)
    eased = limited(smoothed(pitch, fps, 0.05), MOST_PITCH)
    return Motion(
        blink=lids,
        gaze_x=gx - np.sin(np.radians(yaw)) * HOLD_X,
        gaze_y=gy + np.sin(np.radians(eased)) * HOLD_Y,
        squint=np.clip(0.28 * smile + 0.10 * drift(rng, t, 1.7), 0, 1),
        wide=0.55 * brow + 0.45 * asked + mood.wide,
        brow=np.clip(0.62 * brow + 0.55 * asked + 0.08 * drift(rng, t, 1.3) + mood.raised, -1, 1.1),
        brow_inner=RESTING_BROW + 0.09 * drift(rng, t, 2.1) + 0.25 * asked + 0.30 * brow + mood.worried,
        yaw=yaw,
        pitch=eased,
        roll=roll + facing(bearing)[0],
        shift_x=2.2 * posture + 0.38 * yaw,
        shift_y=0.8 * drift(rng, t, 2.9) + 1.6 * nod + 2.2 * bow,
        smile=np.clip(smile * (1 - 0.30 * speech) + 0.05 * drift(rng, t, 2.4), 0, mood.most),
        breath=_breath(rng, t),
        lean=3.0 * posture,
    )


def _speaking(t: Floats, cue: Cues) -> Floats:
    track = np.ones_like(t)
    for start, end in cue.silences:
        track[(t >= start) & (t < end)] = 0.0
    return track


def _breath(rng: Generator, t: Floats) -> Floats:
    """About 15 breaths a minute, each a little different; in is quicker than out."""
    phase = t / 4.0 + 0.10 * drift(rng, t, 4.3) + rng.random()
    turn = 2 * np.pi * phase
    return np.asarray(np.sin(turn + 0.35 * np.sin(turn)))
