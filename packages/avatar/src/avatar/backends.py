"""The three seams, and the one table of what stands behind them.

Values in, values out: no paths, settings or logging cross a seam. An implementation is imported
when it is first used; a missing one says which command gets it.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from avatar.errors import BackendUnavailable, NotFound
from avatar.media import NOTHING, PLAIN_DELIVERY, Audio, Delivery, Frame, Portrait, Size, Utterance, Voice


@runtime_checkable
class Speech(Protocol):
    """Learns voices and speaks with them."""

    # short name in the table, and a version that changes whenever the same input would sound different
    name: str
    version: str

    # BCP 47 tags it can speak
    def languages(self) -> tuple[str, ...]: ...

    # the voice that needs no recording
    def default_voice(self) -> Voice: ...

    # a voice like the one heard; InputError when the recording cannot carry one; likeness from 0 to 1 where it can be
    # had at a price in words, None: as the backend thinks best
    def learn(self, name: str, reference: Audio, transcript: str | None, *, likeness: float | None = None) -> Voice: ...

    # the text sentence by sentence, each ready as soon as it is spoken; InputError when nothing can be spoken,
    # a note on an utterance for what could not be spoken as meant, or for a part of the delivery it cannot do
    def speak(
        self, text: str, voice: Voice, language: str, delivery: Delivery = PLAIN_DELIVERY
    ) -> Iterator[Utterance]: ...


@runtime_checkable
class Painter(Protocol):
    """Makes portraits from words."""

    # as in Speech
    name: str
    version: str

    # the same inputs give the same portrait; words it does not know stand in parameters["unknown_words"];
    # `given` holds parameters, of an earlier portrait of this painter, that are settled whatever the prompt says
    def paint(self, prompt: str, seed: int, size: Size, given: Mapping[str, Any] = NOTHING) -> Portrait: ...


@runtime_checkable
class LipSync(Protocol):
    """Makes a portrait speak."""

    # as in Speech
    name: str
    version: str

    # which Portrait.backend values it can animate
    accepts: tuple[str, ...]

    # round(duration * fps) frames of one size, in order; memory does not grow with their number
    def animate(
        self, portrait: Portrait, utterance: Utterance, *, fps: int, size: Size, seed: int
    ) -> Iterator[Frame]: ...


@dataclass(frozen=True)
class Entry:
    """One line of the table: where the implementation lives and how a person gets it.

    `worker`: the name of the manifest it runs by, in a process and an environment of its own.
    """

    target: str
    get_it: str
    worker: str = ""


def _worker(target: str, name: str) -> Entry:
    return Entry(f"avatar.workers.{target}", f"avatar models pull {name}", name)


BACKENDS: dict[str, dict[str, Entry]] = {
    "speech": {
        "embedded": Entry("avatar.engine.speech:EmbeddedSpeech", "pip install avatar-pipeline"),
        **{name: _worker("speech:WorkerSpeech", name) for name in ("pocket-tts", "xtts", "qwen3-tts", "chatterbox")},
    },
    "painter": {
        "embedded": Entry("avatar.engine.presenter:EmbeddedPainter", "pip install avatar-pipeline"),
        **{
            name: _worker("painter:WorkerPainter", name)
            for name in ("sdxl", "sdxl-turbo", "flux2-klein", "z-image-turbo")
        },
    },
    "lipsync": {
        "embedded": Entry("avatar.engine.presenter:EmbeddedLipSync", "pip install avatar-pipeline"),
        "photo": Entry("avatar.engine.photo:PhotoLipSync", "pip install avatar-pipeline"),
        "musetalk": _worker("lipsync:WorkerLipSync", "musetalk"),
    },
}


def load(kind: str, name: str) -> Any:
    """The backend class of that kind and name, or of an import string "module:Class".

    An import string is code: take it from this machine's own settings only, never from a request.
    Raises NotFound for a name the table does not hold, BackendUnavailable with the command that
    gets it when its packages are not installed.
    """
    table = BACKENDS[kind]
    entry = Entry(name, "install the package that holds it") if ":" in name else table.get(name)
    if entry is None:
        raise NotFound.among(f"{kind} backend", name, table)
    module_name, _, attribute = entry.target.partition(":")
    try:
        return getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise BackendUnavailable(
            f"the {kind} backend {name!r} cannot run here: {error}", f"get it with: {entry.get_it}"
        ) from error
