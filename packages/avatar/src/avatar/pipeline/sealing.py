"""What is said of the files that leave the pipeline, and the signing of it into them."""

import hashlib
from pathlib import Path

from avatar.library import DEFAULT_VOICE
from avatar.media import Portrait
from avatar.pipeline.output import Seal
from avatar.pipeline.request import VoiceUse
from avatar.pipeline.run import Run
from avatar.pipeline.stages import Take
from avatar.pipeline.studio import Studio
from avatar.provenance.claim import COMPOSITE, SYNTHETIC, TRAINED, Claim, Ingredient
from avatar.provenance.signing import Signed, sign

_DRAWN = ("embedded",)
"""Backends that learnt from nobody: what they make is plain algorithmic media."""


def sealing(studio: Studio, claim: Claim) -> Seal:
    """What signs files with that claim, by the key of the settings."""
    own = studio.settings.signer
    keys = own or studio.settings.library / "signer"

    def seal(path: Path, name: str) -> Signed:
        return sign(path, claim, keys, own=own is not None, title=name)

    return seal


def consent_of(voice: str, studio: Studio) -> tuple[str | None, str | None]:
    """The SHA-256 of the recording a voice was learnt from, and its consent's id; None for the default voice."""
    if voice == DEFAULT_VOICE:
        return None, None
    record = studio.library.voice(voice)
    source = record.source_sha256
    return source, record.consent.id(source) if record.consent and source else None


def filmed(run: Run, take: Take, voice: VoiceUse | None, *, heard: Path | None) -> Claim:
    """What is to be said of a video: of a voice, or of a recording that is `heard` in it."""
    parts = [Ingredient("portrait", _hash(take.portrait))]
    recording = None if heard is None else hashlib.sha256(heard.read_bytes()).hexdigest()
    source = voice.source_sha256 if voice else recording
    if source is not None:
        parts.append(Ingredient("voice recording" if voice else "speech recording", source))
    studio = run.studio
    speech = [f"speech {voice.backend} {studio.speech.version}"] if voice else []
    lips = studio.animator(take.portrait)
    engines = (*speech, f"portrait {take.portrait.backend}", f"lips {lips.name} {lips.version}")
    kind = COMPOSITE if heard is not None else _source(source, voice, take.portrait, lips.name)
    return Claim(kind, tuple(parts), voice.consent if voice else None, engines)


def spoken(studio: Studio, voice: str, backend: str) -> Claim:
    """What is to be said of speech in a voice of the library."""
    source, consent = consent_of(voice, studio)
    parts = () if source is None else (Ingredient("voice recording", source),)
    kind = TRAINED if source or backend not in _DRAWN else SYNTHETIC
    return Claim(kind, parts, consent, (f"speech {backend} {studio.speech.version}",))


def painted(*backends: str) -> Claim:
    """What is to be said of portraits made from words."""
    kind = SYNTHETIC if all(backend in _DRAWN for backend in backends) else TRAINED
    return Claim(kind, engines=tuple(f"portrait {backend}" for backend in dict.fromkeys(backends)))


def _source(recording: str | None, voice: VoiceUse | None, portrait: Portrait, lipsync: str) -> str:
    drawn = all(name in _DRAWN for name in (portrait.backend, lipsync, voice.backend if voice else "embedded"))
    if portrait.backend == "photo":
        return COMPOSITE
    return SYNTHETIC if drawn and recording is None else TRAINED


def _hash(portrait: Portrait) -> str:
    return hashlib.sha256(portrait.image.tobytes()).hexdigest()
