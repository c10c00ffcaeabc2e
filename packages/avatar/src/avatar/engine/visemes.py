"""Phones become mouth shapes: the 15 Oculus visemes with co-articulation.

The set is the one of Meta's Oculus LipSync reference; the blending follows Cohen and Massaro,
"Modeling coarticulation in synthetic visual speech" (1993): every phone pulls the mouth towards
its shape with a dominance that fades with distance in time, and the mouth is the weighted mean.
"""

import math

import numpy as np
from numpy.typing import NDArray

from avatar.engine.listening import listen
from avatar.media import Phone, Utterance

VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
INDEX = {name: i for i, name in enumerate(VISEMES)}

LEAD = 0.03
"""Seconds by which the mouth runs ahead of the sound: articulators move before the sound they make, and
viewers forgive early lips far more readily than late ones (ITU-R BT.1359-1: +45 ms against -125 ms)."""

_SOUNDS = {
    "PP": "p b m ɓ ʙ pf",
    "FF": "f v ɱ ʋ ⱱ ɸ β",
    "TH": "θ ð",
    "DD": "t d ʈ ɖ ɗ ɾ ɽ",
    "kk": "k ɡ g q ɢ x ɣ χ ʀ ʁ ħ ʕ h ɦ ʔ c ɟ ŋ ɴ ɰ",
    "CH": "tʃ dʒ ʃ ʒ ʂ ʐ ɕ ʑ tɕ dʑ tʂ dʐ ç ʝ ɥ",
    "SS": "s z ts dz",
    "nn": "n l ɲ ʎ ɭ ɫ ɬ ɮ ɳ ɺ",
    "RR": "r ɹ ɻ ɚ ɝ ɜ",
    "aa": "a ɑ ɐ æ ʌ ɒ ä",
    "E": "e ɛ ə ɘ ɞ œ",
    "ih": "i ɪ j ɨ ɯ ᵻ",
    "oh": "o ɔ ɤ ɵ ø",
    "ou": "u ʊ w y ʏ ʉ ʍ",
}
SOUND_TO_VISEME = {sound: viseme for viseme, sounds in _SOUNDS.items() for sound in sounds.split()}
_LONGEST = max(map(len, SOUND_TO_VISEME))

# How strongly each shape insists on being reached. Lips that must meet insist most; sounds made
# behind the teeth or in the throat leave the mouth to their neighbours.
_DOMINANCE = {
    "sil": 0.45, "PP": 1.6, "FF": 1.4, "TH": 0.8, "DD": 0.5, "kk": 0.3, "CH": 0.9, "SS": 0.75,
    "nn": 0.45, "RR": 0.5, "aa": 0.9, "E": 0.7, "ih": 0.7, "oh": 0.95, "ou": 1.0,
}  # fmt: skip
_WEAK = {"ə": 0.5, "ɐ": 0.6, "ᵻ": 0.5, "h": 0.4, "ɦ": 0.4, "ʔ": 0.3, "j": 0.7}
_FADE = 0.035
"""Seconds in which a shape's pull falls to 1/e beyond its phone."""


def spell(symbol: str) -> list[str]:
    """The IPA symbol of one phone as the sounds the mouth makes in turn: "aɪ" -> ["a", "ɪ"], "tʃ" -> ["tʃ"].

    Length, tone and place marks that no lip shows are passed over.
    """
    sounds = []
    at = 0
    while at < len(symbol):
        for width in range(min(_LONGEST, len(symbol) - at), 0, -1):
            if symbol[at : at + width] in SOUND_TO_VISEME:
                sounds.append(symbol[at : at + width])
                at += width
                break
        else:
            at += 1
    return sounds


def track(utterance: Utterance, fps: float) -> NDArray[np.float32]:
    """Viseme weights for every frame: (round(duration * fps), 15) float32, each row sums to 1.

    Every bilabial is fully closed on at least one frame, however fast the speech. Where the utterance
    does not know its phones, they are guessed from the sound (see `listening`).
    """
    phones = utterance.phones if utterance.phones is not None else listen(utterance.audio)
    frames = max(1, round(utterance.audio.duration * fps))
    pulls = np.full((frames, len(VISEMES)), 1e-6, np.float32)
    pulls[:, INDEX["sil"]] += 1e-3
    for phone in phones:
        for viseme, start, end, strength in _shapes(phone):
            _pull(pulls[:, INDEX[viseme]], start - LEAD, end - LEAD, strength, fps)
    weights: NDArray[np.float32] = pulls / pulls.sum(axis=1, keepdims=True)
    _close_lips(weights, phones, fps)
    return weights


def _shapes(phone: Phone) -> list[tuple[str, float, float, float]]:
    """(viseme, start, end, dominance) for each shape a phone passes through."""
    sounds = spell(phone.symbol)
    if not sounds:
        # A gap inside a word is the hold of a stop, not a closed mouth.
        return [("sil", phone.start, phone.end, _DOMINANCE["sil"] * min(1.0, (phone.end - phone.start) / 0.12))]
    step = (phone.end - phone.start) / len(sounds)
    return [
        (
            SOUND_TO_VISEME[sound],
            phone.start + i * step,
            phone.start + (i + 1) * step,
            _DOMINANCE[SOUND_TO_VISEME[sound]] * _WEAK.get(sound, 1.0) * (1.0 + 0.1 * phone.stress),
        )
        for i, sound in enumerate(sounds)
    ]


def _pull(column: NDArray[np.float32], start: float, end: float, strength: float, fps: float) -> None:
    """Add one shape's dominance to its column, around the frames it can reach."""
    reach = 5 * _FADE
    first = max(0, math.floor((start - reach) * fps))
    last = min(len(column), math.ceil((end + reach) * fps) + 1)
    if last <= first:
        return
    times = (np.arange(first, last) + 0.5) / fps
    plateau = 0.5 * (end - start) * 0.6
    away = np.maximum(0.0, np.abs(times - (start + end) / 2) - plateau)
    pull = strength * np.exp(-((away / _FADE) ** 1.3))
    # The strongest claim of one shape counts once: two neighbours of a kind do not shout down a third.
    column[first:last] = np.maximum(column[first:last], pull)


def _close_lips(weights: NDArray[np.float32], phones: tuple[Phone, ...], fps: float) -> None:
    """Force each bilabial onto the frame nearest its middle: a closure missed is the error viewers see first."""
    for phone in phones:
        for viseme, start, end, _ in _shapes(phone):
            if viseme != "PP":
                continue
            frame = int(((start + end) / 2 - LEAD) * fps)
            if 0 <= frame < len(weights):
                weights[frame] *= 0.04 / max(1e-6, 1.0 - weights[frame, INDEX["PP"]])
                weights[frame, INDEX["PP"]] = 0.0
                weights[frame, INDEX["PP"]] = 1.0 - weights[frame].sum()
