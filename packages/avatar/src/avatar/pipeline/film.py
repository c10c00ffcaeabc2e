"""What a person asks for: a film of a text, a film of a recording, a voice, a portrait."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avatar import codec
from avatar.codec.speech import write_speech
from avatar.errors import InputError, NotFound
from avatar.library import DEFAULT_VOICE, Consent, portrait_from, portrait_json
from avatar.media import NOTHING, PLAIN_DELIVERY, Delivery, Portrait, Size, Utterance, Voice
from avatar.pipeline import language as tongues
from avatar.pipeline import photos, recorded, stages
from avatar.pipeline.output import Seal, claimed, deliver, poster_of, stages_of
from avatar.pipeline.request import DubRequest, LipSyncUse, Progress, Request, Result, VoiceUse
from avatar.pipeline.run import Run, open_run
from avatar.pipeline.script import prepare, recognised
from avatar.pipeline.sealing import consent_of, filmed, sealing
from avatar.pipeline.stages import Take
from avatar.pipeline.studio import PHOTO, Studio
from avatar.pipeline.titling import titling, write_beside
from avatar.provenance.signing import Signed

PORTRAIT_KEYWORD = "avatar-portrait"
"""The PNG text chunk in which a portrait's picture carries what it was drawn from."""

_SMALLEST, _LARGEST = 64, 3840


def render(request: Request, studio: Studio, on_progress: Progress) -> Result:
    """Text to mp4. Raises the errors of `avatar.errors`; an output is whole or absent."""
    began = time.perf_counter()
    size, fps = size_of(request.size, studio), request.fps or studio.settings.fps
    check_seed(request.seed)
    with claimed(request.output, studio.locks), open_run(studio, on_progress, request.use_cache) as run:
        # A picture that cannot speak is refused before anything is spoken.
        named = (
            None if request.portrait is None else readied(run, portrait_named(request.portrait, studio, request.face))
        )
        utterance, use, timing = _spoken(run, request)
        portrait = named or readied(run, stages.paint(run, request.prompt, request.seed, size, request.given))
        size = photos.video_size(portrait, request.size, size)
        portrait = stages.in_mood(run, portrait, request.mood)
        titles, missing = titling(request.captions, request.label, utterance)
        form = request.output.suffix.lower()
        run.warnings += (*missing, *_limits(form, portrait, request.captions))
        take = Take(portrait, utterance, size, fps, request.seed, titles, form)
        seal = sealing(run.studio, filmed(run, take, use, heard=request.audio))
        signed = deliver(stages.animate(run, take), request.output, seal)
        if request.keep_stages:
            _keep(take, stages_of(request.output), seal)
        return _result(run, take, request.output, use, signed, timing=timing, seconds=time.perf_counter() - began)


def dub(request: DubRequest, studio: Studio, on_progress: Progress) -> Result:
    """A portrait and speech that exists already to mp4; the mouth follows what can be heard in it."""
    began = time.perf_counter()
    size, fps = size_of(None, studio), studio.settings.fps
    check_seed(request.seed)
    with claimed(request.output, studio.locks), open_run(studio, on_progress, True) as run:
        portrait = readied(run, portrait_named(request.portrait, studio, request.face))
        language = request.language or studio.settings.language
        speech, timing = recorded.hear(run, request.recording, request.text, language)
        size = photos.video_size(portrait, None, size)
        form = request.output.suffix.lower()
        run.warnings += _limits(form, portrait, ())
        take = Take(portrait, speech, size, fps, request.seed, form=form)
        seal = sealing(run.studio, filmed(run, take, None, heard=request.recording))
        signed = deliver(stages.animate(run, take), request.output, seal)
        return _result(run, take, request.output, None, signed, timing=timing, seconds=time.perf_counter() - began)


def learn_voice(
    studio: Studio,
    recording: Path,
    name: str,
    *,
    consent: str | None,
    transcript: str | None,
    likeness: float | None = None,
    on_progress: Progress,
) -> tuple[Voice, tuple[str, ...]]:
    """Learn a voice and keep it in the library; the voice, and warnings about the recording."""
    agreed = Consent.parse(consent)
    studio.library.check_new_voice(name)
    with open_run(studio, on_progress, True) as run:
        voice, sha256 = stages.learn(run, name, recording, transcript, likeness)
        studio.library.add_voice(voice, sha256, agreed)
        studio.library.record_consent(agreed, sha256, f"voice {name}")
        return voice, tuple(run.warnings)


def speak(
    studio: Studio,
    text: str,
    voice: str,
    *,
    language: str | None,
    delivery: Delivery = PLAIN_DELIVERY,
    on_progress: Progress,
) -> tuple[Utterance, tuple[str, ...]]:
    """Speak a text with a voice of the library; the speech, and warnings about the text."""
    text, warnings = prepare(text, studio.settings.longest_text)
    with open_run(studio, on_progress, True) as run:
        tag = language or studio.settings.language
        utterance = stages.speak(run, text, voice_named(voice, studio), tag, recognised(text, delivery))
        return utterance, (*warnings, *run.warnings)


def paint(
    studio: Studio,
    prompt: str,
    seed: int,
    size: Size | None,
    on_progress: Progress,
    *,
    given: Mapping[str, Any] = NOTHING,
) -> tuple[Portrait, tuple[str, ...]]:
    """A portrait from words and parameters that are settled, and warnings about the words."""
    with open_run(studio, on_progress, True) as run:
        return stages.paint(run, prompt, seed, size_of(size, studio), given), tuple(run.warnings)


def picture_text(portrait: Portrait) -> dict[str, str]:
    """What the PNG of a portrait carries, so that the file alone can be animated."""
    return {PORTRAIT_KEYWORD: portrait_json(portrait)}


def voice_named(name: str, studio: Studio) -> Voice:
    """A voice of the library, or the default one. Raises NotFound with the nearest names."""
    return studio.speech.default_voice() if name == DEFAULT_VOICE else studio.library.voice(name).voice


def portrait_named(name: str, studio: Studio, face: int | None = None) -> Portrait:
    """A portrait of the library, of a PNG that `portrait generate` wrote, or of a photo, of which `face` is meant.

    Raises NotFound with the nearest names, InputError for a picture without a face that could speak,
    BackendUnavailable for a photo where the face model is not.
    """
    if name in studio.library.portraits():
        return studio.library.portrait(name)
    path = Path(name)
    if not path.exists() and not _looks_like_file(name):
        raise NotFound.among("portrait", name, studio.library.portraits())
    words = codec.read_picture_text(path).get(PORTRAIT_KEYWORD)
    if words is None:
        return photos.portrait_of(path, studio, face)
    return portrait_from(words, codec.read_picture(path), path)


def readied(run: Run, portrait: Portrait) -> Portrait:
    """The portrait as its animator takes it; what is doubtful about a photo becomes a warning."""
    portrait = photos.prepared(portrait, run.studio)
    if portrait.backend == PHOTO:
        run.warnings += portrait.parameters.get("notes", [])
    return portrait


def _spoken(run: Run, request: Request) -> tuple[Utterance, VoiceUse | None, str]:
    """The speech of the film, the voice that says it where one was used, and where its sounds are known from."""
    language = request.language or run.studio.settings.language
    if request.audio is not None:
        utterance, timing = recorded.hear(run, request.audio, request.text, language)
        return utterance, None, timing
    text, warnings = prepare(request.text, run.studio.settings.longest_text)
    run.warnings += warnings
    if (tag := tongues.asked(request, run.studio.settings)) is not None:
        engine = run.studio.speech
        tongues.check(tag, engine.languages(), engine.name)  # before a recording is learnt from
    voice, use = voice_of(run, request)
    utterance = stages.speak(run, text, voice, language, recognised(text, request.delivery))
    return utterance, use, "sound" if utterance.phones is None else "phones"


def voice_of(run: Run, request: Request) -> tuple[Voice, VoiceUse]:
    """The voice the request names: the library's, or learnt from a recording with consent."""
    library = run.studio.library
    sha256, consent = None, None
    if request.voice == DEFAULT_VOICE or request.voice in library.voices():
        voice = voice_named(request.voice, run.studio)
        sha256, consent = consent_of(request.voice, run.studio)
    elif Path(request.voice).exists() or _looks_like_file(request.voice):
        agreed = Consent.parse(request.consent)
        voice, sha256 = stages.learn(run, "reference", Path(request.voice), request.transcript, request.likeness)
        library.record_consent(agreed, sha256, f"video {request.output}")
        consent = agreed.id(sha256)
    else:
        raise NotFound.among("voice", request.voice, [*library.voices(), DEFAULT_VOICE])
    similarity = voice.parameters.get("similarity")
    return voice, VoiceUse(request.voice, voice.name, voice.backend, similarity, sha256, consent)


def _limits(form: str, portrait: Portrait, captions: tuple[str, ...]) -> tuple[str, ...]:
    """What the output's form cannot carry of what was asked for."""
    warnings = []
    if form == ".gif":
        warnings.append("a gif has no sound")
    if form == ".mp4" and int(portrait.image[..., 3].min()) < 255:
        warnings.append(
            "an mp4 cannot be seen through: the background is black; name the output .webm to keep it clear"
        )
    if form != ".mp4" and "track" in captions:
        warnings.append(f"only an mp4 carries a text track; {form} has none")
    return tuple(warnings)


def _keep(take: Take, folder: Path, seal: Seal) -> None:
    """Leave each stage's result beside the video, for those who want to look."""
    folder.mkdir(exist_ok=True)
    codec.write_audio(take.utterance.audio, folder / "speech.wav")
    write_speech(take.utterance, folder)
    codec.write_picture(take.portrait.image, folder / "portrait.png", picture_text(take.portrait))
    for name in ("speech.wav", "portrait.png"):
        seal(folder / name, name)


def _result(
    run: Run, take: Take, output: Path, voice: VoiceUse | None, signed: Signed, *, timing: str, seconds: float
) -> Result:
    clip = codec.probe(output)
    studio = run.studio
    studio.cache.trim(studio.settings.cache_limit_mb * 1_000_000)
    portrait = take.portrait
    return Result(
        output=str(output),
        poster=str(poster_of(output)),
        duration_s=round(clip.duration, 3),
        fps=clip.fps,
        width=clip.width,
        height=clip.height,
        stages=tuple(run.records),
        real_time_factor=round(seconds / clip.duration, 3),
        voice=voice,
        portrait={
            "name": portrait.name,
            "backend": portrait.backend,
            "prompt": portrait.prompt,
            "seed": portrait.seed,
            "parameters": dict(portrait.parameters),
        },
        lipsync=LipSyncUse(studio.animator(portrait).name, timing),
        provenance=signed,
        captions=write_beside(take.titles, output),
        warnings=tuple(run.warnings),
    )


def _looks_like_file(name: str) -> bool:
    return "/" in name or "\\" in name or re.search(r"\.\w{2,5}$", name) is not None


def check_seed(seed: int) -> None:
    """Raise InputError for a seed that no generator of chance begins with."""
    if seed < 0:
        raise InputError(f"a seed of {seed} is out of reach", "from 0 on")


def size_of(size: Size | None, studio: Studio) -> Size:
    """The size asked for, or that of the settings. Raises InputError for one that cannot be encoded."""
    width, height = size or studio.settings.frame_size
    if width % 2 or height % 2 or min(width, height) < _SMALLEST or max(width, height) > _LARGEST:
        raise InputError(
            f"a video of {width}x{height} cannot be made",
            f"both must be even and from {_SMALLEST} to {_LARGEST}",
        )
    return width, height
