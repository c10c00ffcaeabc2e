"""The values that pass through every seam. Plain, frozen, with their units and shapes.

Times are seconds from the start of the audio; levels are linear, full scale = 1.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from avatar.errors import InputError

Frame = NDArray[np.uint8]
"""One picture: (height, width, 4) uint8, RGBA, premultiplied alpha, sRGB. Opaque unless its maker says otherwise.

An animator may hand out the same buffer again for its next frame; who keeps a frame copies it."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""No parameters."""

Size = tuple[int, int]
"""(width, height) in pixels; both even where the frame will be encoded as yuv420p."""


@dataclass(frozen=True, eq=False)
class Audio:
    """Mono sound: `samples` is (n,) float32 in [-1, 1], `rate` in Hz."""

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(f"Audio wants (n,) float32, got {self.samples.shape} {self.samples.dtype}")
        if self.rate <= 0:
            raise ValueError(f"Audio wants a positive rate, got {self.rate}")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Phone:
    """One speech sound.

    `symbol` is IPA without stress marks, "" for silence; `stress` is 0 none, 1 secondary, 2 primary.
    """

    symbol: str
    start: float
    end: float
    stress: int = 0


@dataclass(frozen=True)
class Word:
    """One word as it was written, with the punctuation that follows it ("you?")."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Delivery:
    """How a text is spoken: `rate` times the voice's own pace, `lexicon` the IPA of words, `ssml` if it is marked up.

    Raises InputError for a rate outside SLOWEST to FASTEST.
    """

    SLOWEST: ClassVar[float] = 0.5
    FASTEST: ClassVar[float] = 2.0

    rate: float = 1.0
    lexicon: Mapping[str, str] = field(default_factory=dict)
    ssml: bool = False

    def __post_init__(self) -> None:
        if not self.SLOWEST <= self.rate <= self.FASTEST:
            raise InputError(
                f"a rate of {self.rate:g} is out of reach", f"from {self.SLOWEST:g} to {self.FASTEST:g}; 1 is normal"
            )


PLAIN_DELIVERY = Delivery()


@dataclass(frozen=True, eq=False)
class Utterance:
    """Speech: sound with what is said in it.

    `phones` tile the audio from 0 to its end without gaps, in order. None means the engine
    does not know them: an animator then has to listen. `words` is empty when unknown.
    `notes` tell a person what in the text could not be spoken as it was meant.
    """

    text: str
    language: str
    audio: Audio
    phones: tuple[Phone, ...] | None = None
    words: tuple[Word, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Voice:
    """A voice that `backend` can speak with.

    `parameters` is JSON and small, and belongs to the backend that made it; `state` is the
    same backend's opaque tensor data, empty for the embedded engine.
    """

    name: str
    backend: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, eq=False)
class Portrait:
    """A person to animate: a still `image` and the `parameters` (JSON) its backend draws it from."""

    name: str
    backend: str
    image: Frame
    parameters: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Clip:
    """A finished video file and the facts a player would read from it."""

    path: Path
    duration: float
    fps: float
    width: int
    height: int
    frames: int
    video_codec: str
    audio_codec: str | None
    sample_rate: int | None


def join(utterances: Iterable[Utterance]) -> Utterance:
    """One utterance of several spoken in turn, all at one rate; times are shifted to the whole.

    Phones survive only where every part knows them. Raises ValueError for no parts or mixed rates.
    """
    parts = list(utterances)
    if not parts:
        raise ValueError("join wants at least one utterance")
    rate = parts[0].audio.rate
    if any(part.audio.rate != rate for part in parts):
        raise ValueError("join wants utterances of one sample rate")
    phones: list[Phone] = []
    words: list[Word] = []
    samples_before = 0
    for part in parts:
        offset = samples_before / rate
        phones += [replace(p, start=p.start + offset, end=p.end + offset) for p in part.phones or ()]
        words += [replace(w, start=w.start + offset, end=w.end + offset) for w in part.words]
        samples_before += len(part.audio.samples)
    return Utterance(
        text=" ".join(part.text for part in parts),
        language=parts[0].language,
        audio=Audio(np.concatenate([part.audio.samples for part in parts]), rate),
        phones=tuple(phones) if all(part.phones is not None for part in parts) else None,
        words=tuple(words),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )
