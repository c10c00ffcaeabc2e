"""Speech by a worker: sentences cut to what the model takes, its pieces joined, its limits said aloud."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.codec.resample import resampled
from avatar.errors import BackendFailed, BackendUnavailable, InputError, NotFound
from avatar.media import PLAIN_DELIVERY, Audio, Delivery, Utterance, Voice
from avatar.workers.manifest import Manifest
from avatar.workers.process import OutOfMemory
from avatar.workers.stretch import stretched
from avatar.workers.workshop import Workshop

_SENTENCE = re.compile(r"[^.!?…。！？।]+[.!?…。！？।]*[\"'»”)\]]*\s*")
_SHORTEST, _LONGEST = 3.0, 30.0
_FADE_SECONDS = 0.02
_PEAK = 0.89
_SMALLEST = 40


class WorkerSpeech:
    """`avatar.backends.Speech` by the backend of that manifest."""

    def __init__(self, manifest: Manifest, workshop: Workshop) -> None:
        self.name = manifest.name
        self.version = identity(manifest)
        self._manifest = manifest
        self._workshop = workshop

    def languages(self) -> tuple[str, ...]:
        """As the manifest says."""
        return self._manifest.languages

    def default_voice(self) -> Voice:
        """The model's own."""
        return Voice("default", self.name)

    def learn(self, name: str, reference: Audio, transcript: str | None, *, likeness: float | None = None) -> Voice:
        """The model's state after hearing the reference.

        Raises InputError under 3 s of sound, BackendUnavailable where the weights here cannot clone.
        """
        if reference.duration < _SHORTEST:
            raise InputError(
                f"the recording has {reference.duration:.1f} s of sound; {_SHORTEST:g} are needed",
                "record 10 seconds or more",
            )
        if not self._manifest.clones_voices:
            raise InputError(f"{self.name!r} cannot learn voices", "use another speech backend")
        heard = Audio(reference.samples[: round(_LONGEST * reference.rate)], reference.rate)
        with self._workshop.lend(self._manifest, "voice") as worker:
            if not worker.facts.get("can_clone"):
                raise BackendUnavailable(
                    f"the weights of {self.name!r} here cannot learn voices: those that can are gated",
                    f"accept their terms, set HF_TOKEN, then: avatar models pull {self.name}",
                )
            rate = int(worker.facts.get("reference_rate") or worker.facts["rate"])
            samples = resampled(heard, rate).samples
            options = {"rate": rate, "transcript": transcript or ""}
            _, arrays = next(worker.process.run("learn", options, {"samples": samples}), ({}, {}))
        if "state" not in arrays:
            raise BackendFailed(f"the worker {self.name!r} learnt nothing")
        return Voice(name, self.name, _said(heard, reference, likeness), arrays["state"].tobytes())

    def speak(self, text: str, voice: Voice, language: str, delivery: Delivery = PLAIN_DELIVERY) -> Iterator[Utterance]:
        """Sentence by sentence. Raises InputError for SSML or nothing to say, NotFound for another language."""
        if delivery.ssml:
            raise InputError(f"{self.name!r} reads no SSML", "give plain text, or use --speech embedded")
        tongue = language.partition("-")[0].lower()
        if tongue not in self.languages():
            raise NotFound.among(f"language of {self.name}", language, self.languages())
        sentences = [sentence.strip() for sentence in _SENTENCE.findall(text) if re.search(r"\w", sentence)]
        if not sentences:
            raise InputError("nothing in the text can be spoken")
        lexicon = f"{self.name!r} takes no pronunciations; the lexicon changed nothing" if delivery.lexicon else ""
        notes = tuple(note for note in (self._manifest.restriction(), lexicon) if note)
        for number, sentence in enumerate(sentences):
            audio, said = self._spoken(sentence, voice, tongue, number)
            samples = stretched(audio.samples, audio.rate, delivery.rate)
            first = notes if number == 0 else ()
            yield Utterance(sentence, language, Audio(samples, audio.rate), notes=first + said)

    def _spoken(self, sentence: str, voice: Voice, language: str, number: int) -> tuple[Audio, tuple[str, ...]]:
        """The sentence, and a note when it had to be spoken in smaller pieces."""
        longest = self._manifest.longest(language)
        try:
            return self._pieces(sentence, voice, language, number, longest), ()
        except OutOfMemory:
            smaller = max(_SMALLEST, (longest or len(sentence)) // 2)
            audio = self._pieces(sentence, voice, language, number, smaller)
            return audio, (f"memory was too small; spoken in pieces of {smaller} characters",)

    def _pieces(self, sentence: str, voice: Voice, language: str, number: int, longest: int) -> Audio:
        state: Mapping[str, NDArray[Any]] = {}
        if voice.state:
            state = {"state": np.frombuffer(voice.state, np.uint8)}
        pieces: list[NDArray[np.float32]] = []
        rate = 0
        with self._workshop.lend(self._manifest, "speech") as worker:
            for chunk in chunks(sentence, longest):
                options = {"text": chunk, "language": language, "seed": _seed(chunk, number)}
                for header, arrays in worker.process.run("speak", options, state):
                    rate = int(header["rate"])
                    pieces.append(self._checked(arrays["samples"]))
        return Audio(level(faded(pieces, rate)), rate)

    def _checked(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all():
            raise BackendFailed(f"the worker {self.name!r} made sound that is empty or not finite")
        return samples.astype(np.float32)


def identity(manifest: Manifest) -> str:
    """The backend's version: its own, its packages' and its models'."""
    lock = hashlib.sha256(manifest.lock.read_bytes()).hexdigest()[:8]
    models = hashlib.sha256("".join(model.revision for model in manifest.models).encode()).hexdigest()[:8]
    return f"{manifest.version}-{lock}-{models}"


def chunks(sentence: str, longest: int) -> list[str]:
    """The sentence in pieces of at most `longest` characters (0: whole), cut at pauses, then at spaces."""
    if not longest or len(sentence) <= longest:
        return [sentence]
    pieces, rest = [], sentence
    while len(rest) > longest:
        head = rest[: longest + 1]
        cut = max(head.rfind(mark) + 1 for mark in (", ", "; ", ": ", "，", "、", " — "))
        cut = cut if cut > longest // 3 else head.rfind(" ")
        cut = cut if cut > 0 else longest
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*pieces, rest] if rest else pieces


def faded(pieces: list[NDArray[np.float32]], rate: int) -> NDArray[np.float32]:
    """The pieces joined with a cross-fade of 20 ms, equal power."""
    joined = pieces[0]
    for piece in pieces[1:]:
        size = min(round(rate * _FADE_SECONDS), len(joined), len(piece))
        ramp = np.linspace(0, np.pi / 2, size, dtype=np.float32)
        seam = joined[len(joined) - size :] * np.cos(ramp) + piece[:size] * np.sin(ramp)
        joined = np.concatenate([joined[: len(joined) - size], seam, piece[size:]])
    return joined


def level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Within −1 dBFS: models may overshoot full scale."""
    peak = float(np.abs(samples).max(initial=0))
    return samples if peak <= _PEAK else samples * np.float32(_PEAK / peak)


def _seed(chunk: str, number: int) -> int:
    """The same words at the same place sound the same, whatever was spoken before."""
    return int.from_bytes(hashlib.sha256(f"{number}:{chunk}".encode()).digest()[:4], "little")


def _said(heard: Audio, reference: Audio, likeness: float | None) -> dict[str, Any]:
    warnings = []
    if heard.duration < reference.duration:
        warnings.append(f"the first {heard.duration:g} of {reference.duration:.0f} s were learnt from")
    if likeness is not None:
        warnings.append("this backend has no dial for likeness; it changed nothing")
    return {"seconds": round(heard.duration, 2), "warnings": warnings}
