"""Viseme weights become the channels of the mouth rig."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from avatar.engine.visemes import VISEMES

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Mouth:
    """One frame of the mouth; every channel is 0 at rest and about 1 at its extreme."""

    open: float = 0.0  # gap between the lips
    wide: float = 0.0  # corners drawn apart (negative: together)
    round: float = 0.0  # lips pushed forward into a ring
    raise_upper: float = 0.0  # upper lip lifted off the teeth
    drop_lower: float = 0.0  # lower lip drawn down off the teeth
    upper_teeth: float = 0.0  # how far they show
    lower_teeth: float = 0.0
    tongue: float = 0.0  # height of its body
    tip: float = 0.0  # its tip up at, or between, the teeth
    press: float = 0.0  # lips rolled against each other
    bite: float = 0.0  # lower lip under the upper teeth
    jaw: float = 0.0  # chin lowered


CHANNELS = tuple(f.name for f in fields(Mouth))

WIDEST = 52.0
"""The gap between the lips of the widest vowel, in head units."""

_SHAPES: dict[str, Mouth] = {
    "sil": Mouth(),
    "PP": Mouth(press=1.0, wide=-0.10),
    "FF": Mouth(open=0.20, bite=1.0, upper_teeth=1.0, raise_upper=0.55, wide=0.10, jaw=0.08),
    "TH": Mouth(open=0.38, upper_teeth=0.95, tongue=0.45, tip=1.0, wide=0.05, jaw=0.24, drop_lower=0.3),
    "DD": Mouth(open=0.32, upper_teeth=0.45, tongue=1.0, tip=0.20, wide=0.40, jaw=0.18, lower_teeth=0.75),
    "kk": Mouth(open=0.40, upper_teeth=0.5, tongue=0.55, wide=0.16, jaw=0.36, lower_teeth=0.3),
    "CH": Mouth(open=0.36, round=0.52, upper_teeth=1.0, lower_teeth=1.0, raise_upper=0.6, drop_lower=0.6, jaw=0.12),
    "SS": Mouth(open=0.24, wide=0.62, upper_teeth=1.0, lower_teeth=1.0, raise_upper=0.4, drop_lower=0.3, jaw=0.06),
    "nn": Mouth(open=0.24, wide=0.28, upper_teeth=0.8, tongue=0.8, tip=0.55, jaw=0.16, lower_teeth=0.15),
    "RR": Mouth(open=0.34, round=0.50, upper_teeth=0.55, tongue=0.55, jaw=0.22, raise_upper=0.2),
    "aa": Mouth(open=1.0, wide=0.14, upper_teeth=0.75, tongue=0.22, jaw=1.0, lower_teeth=0.25),
    "E": Mouth(open=0.56, wide=0.50, upper_teeth=0.85, tongue=0.35, jaw=0.45, lower_teeth=0.35, raise_upper=0.15),
    "ih": Mouth(open=0.36, wide=0.80, upper_teeth=1.0, tongue=0.4, jaw=0.20, lower_teeth=0.5, raise_upper=0.25),
    "oh": Mouth(open=0.68, round=0.72, upper_teeth=0.35, tongue=0.15, jaw=0.66),
    "ou": Mouth(open=0.34, round=1.0, tongue=0.05, jaw=0.30),
}

_MATRIX = np.array([[getattr(_SHAPES[v], c) for c in CHANNELS] for v in VISEMES], np.float32)
_PP = VISEMES.index("PP")


def channels(weights: Floats) -> Floats:
    """(frames, 12) mouth channels of (frames, 15) viseme weights.

    A mix of a closure with its neighbours would leave a gap that nobody makes when saying
    "mama", so a strong PP shuts the lips whatever else pulls.
    """
    mixed: Floats = weights @ _MATRIX
    t = np.clip((weights[:, _PP] - 0.35) / 0.35, 0, 1)
    closing = t * t * (3 - 2 * t)
    for name in ("open", "upper_teeth", "lower_teeth", "raise_upper", "drop_lower", "bite"):
        mixed[:, CHANNELS.index(name)] *= 1 - closing
    return mixed


def mouth(row: Floats) -> Mouth:
    """The channels of one frame by name."""
    return Mouth(*(float(v) for v in row))


def opening(m: Mouth) -> float:
    """The gap between the lips in the middle of the mouth, in head units."""
    top, low = edges(m)
    return low - top


def edges(m: Mouth) -> tuple[float, float]:
    """How far above (negative) and below the mouth's line the lips' inner edges are in its middle."""
    gap = WIDEST * max(0.0, m.open)
    parted = min(1.0, m.open * 5)
    top = -gap * 0.24 - 4.0 * m.raise_upper * parted
    return top, gap * 0.76 * (1 - 0.55 * m.bite) + 4.0 * m.drop_lower * parted
