"""What of the sound each frame of MuseTalk 1.5 sees: 200 ms of Whisper's layers, and where in them.

After TMElyralab/MuseTalk at commit 0a89dec, musetalk/utils/audio_processor.py and models/unet.py (PositionalEncoding).
"""

import math

import numpy as np
from numpy.typing import NDArray

RATE = 16000
STEPS_PER_SECOND = 50
AROUND = 2
"""Frames seen before and after the one drawn."""
WINDOW = 2 * (2 * AROUND + 1)
SEGMENT_SECONDS = 30


def segments(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The sound, 16 kHz, in the independent 30 s pieces Whisper hears."""
    size = SEGMENT_SECONDS * RATE
    return [samples[at : at + size] for at in range(0, max(1, len(samples)), size)]


def steps_of(samples: NDArray[np.float32]) -> int:
    """Encoder steps that hold sound; the rest is padding."""
    return len(samples) * STEPS_PER_SECOND // RATE


def windows(layers: NDArray[np.float32], frames: int, fps: int) -> NDArray[np.float32]:
    """What each frame hears: `layers` (steps, L, D) -> (frames, 10 * L, D), row t * L + l of a window.

    Frame i sees steps from floor(i * 50 / fps) - 2 * ceil(50 / fps) on; before and after the sound are zeros.
    """
    per_frame = STEPS_PER_SECOND / fps
    pad = math.ceil(per_frame)
    steps, count, width = layers.shape
    last = math.floor((frames - 1) * per_frame) + WINDOW
    padded = np.zeros((max(pad * AROUND + steps + pad * 3 * AROUND, last), count, width), np.float32)
    padded[pad * AROUND : pad * AROUND + steps] = layers
    starts = [math.floor(i * per_frame) for i in range(frames)]
    return np.stack([padded[at : at + WINDOW].reshape(WINDOW * count, width) for at in starts])


def positions(rows: int, width: int) -> NDArray[np.float32]:
    """The sinusoidal encoding added to a window (Vaswani et al. 2017, section 3.5), (rows, width)."""
    at = np.arange(rows, dtype=np.float64)[:, None]
    rate = np.exp(np.arange(0, width, 2) * (-math.log(10000.0) / width))
    table = np.zeros((rows, width), np.float32)
    table[:, 0::2] = np.sin(at * rate)
    table[:, 1::2] = np.cos(at * rate)
    return table
