"""What is asked of the pipeline, what it answers, and how it says how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from avatar.media import PLAIN_DELIVERY, Delivery, Size
from avatar.provenance.signing import Signed


class Progress(Protocol):
    """Called as work goes on: the stage's name and how much of it is done, 0 to 1."""

    def __call__(self, stage: str, fraction: float) -> None:
        """Take note; must be quick, it is called for every frame."""


class Silent:
    """A Progress that nobody watches."""

    def __call__(self, stage: str, fraction: float) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Request:
    """One video to make. None means "as the settings say".

    `voice` is a library name or a recording's path; `portrait` a library name, a PNG that `avatar portrait generate`
    wrote or a photo, of which `face` (from 1, from the left) is meant, None the largest; without a portrait one is
    painted from `prompt`, `seed` and the parameters `given`.
    `mood` changes how whichever portrait moves. With `audio` that recording is the speech, `text` its words or empty.
    """

    text: str
    output: Path
    delivery: Delivery = PLAIN_DELIVERY
    voice: str = "default"
    consent: str | None = None
    transcript: str | None = None
    likeness: float | None = None
    prompt: str = ""
    portrait: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    mood: str | None = None
    seed: int = 0
    language: str | None = None
    size: Size | None = None
    fps: int | None = None
    captions: tuple[str, ...] = ()
    label: str = ""
    audio: Path | None = None
    use_cache: bool = True
    keep_stages: bool = False
    face: int | None = None


@dataclass(frozen=True)
class DubRequest:
    """One video to make of speech that exists: `portrait` and `face` as in Request, `recording` any file with sound.

    `text` is what is said in it, empty where that is unknown.
    """

    portrait: str
    recording: Path
    output: Path
    seed: int = 0
    text: str = ""
    language: str | None = None
    face: int | None = None


@dataclass(frozen=True)
class StageRecord:
    """One stage as it went: its wall-clock seconds, and whether its result was there already."""

    name: str
    seconds: float
    cached: bool


@dataclass(frozen=True)
class VoiceUse:
    """The voice asked for and the one used.

    `similarity` is the cosine of speaker embeddings to the reference, None when no encoder measured it; `source_sha256`
    is the recording's, `consent` the id of the consent record, both None for the voice that needs none.
    """

    requested: str
    used: str
    backend: str
    similarity: float | None
    source_sha256: str | None = None
    consent: str | None = None


@dataclass(frozen=True)
class LipSyncUse:
    """The animator used, and where it knows the sounds from.

    From fine to coarse: "phones" of the engine, "aligned:pocketsphinx", "aligned:dtw", "recognised", "sound" alone.
    """

    backend: str
    timing: str


@dataclass(frozen=True)
class Result:
    """A finished video and how it came about. `real_time_factor` is seconds of work per second of video."""

    output: str
    poster: str
    duration_s: float
    fps: float
    width: int
    height: int
    stages: tuple[StageRecord, ...]
    real_time_factor: float
    voice: VoiceUse | None
    portrait: dict[str, Any]
    lipsync: LipSyncUse
    provenance: Signed
    captions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
