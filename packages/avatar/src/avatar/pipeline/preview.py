"""A film to be watched while it is made: spoken and animated a few sentences at a time. Labelled, and not signed."""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from avatar.codec.captions import cues
from avatar.codec.stream import Moment, Sink, write_stream
from avatar.engine.titles import Titles
from avatar.media import Audio, Frame, Portrait, Size, Utterance, join
from avatar.pipeline import photos, recorded, stages
from avatar.pipeline.film import check_seed, portrait_named, readied, size_of, voice_of
from avatar.pipeline.request import Request, Silent, VoiceUse
from avatar.pipeline.run import Run, open_run
from avatar.pipeline.script import prepare, recognised
from avatar.pipeline.studio import Studio

LABEL = "Preview · AI-generated"
LONGEST_SIDE, MOST_FPS = 854, 30
LONGEST = 300.0
"""Seconds after which a preview ends, whatever there is left to say."""

_FIRST_SHOT, _LAST_SHOT = 2.0, 48.0
"""Seconds of speech that are enough to begin with, and as many as are ever spoken ahead."""

_BLENDED = 5
"""Frames for which a shot begins in the pose that the one before it ended in: speech pauses there."""


@dataclass(frozen=True)
class Preview:
    """What is about to be shown: its size, its frame rate, who speaks, and what a person should know."""

    width: int
    height: int
    fps: int
    voice: VoiceUse | None
    portrait: str
    warnings: tuple[str, ...]


def preview(request: Request, studio: Studio, sink: Sink, on_ready: Callable[[Preview], None]) -> None:
    """Film the request into `sink`, smaller than asked for where it is large; `on_ready` comes before the first byte.

    Raises the errors of `pipeline.render`.
    """
    fps = min(request.fps or studio.settings.fps, MOST_FPS)
    check_seed(request.seed)
    with open_run(studio, Silent(), request.use_cache) as run, ThreadPoolExecutor(1) as beside:
        painting = beside.submit(_portrait, run, request)  # while the synthesiser, another process, begins to speak
        use, parts = _spoken(run, request)
        shots = _shots(parts)
        first = next(shots)
        portrait, size = painting.result()
        warnings = tuple(dict.fromkeys((*run.warnings, *first.notes)))
        on_ready(Preview(*size, fps, use, portrait.name or portrait.prompt, warnings))
        moments = _moments(run, request, portrait, _again(first, shots), size=size, fps=fps)
        rate = first.audio.rate
        write_stream(_cut(moments, fps), sink, fps=fps, size=size, rate=rate, comment=f"{LABEL}. Not signed.")


def fitted(size: Size) -> Size:
    """The size itself, or one of its shape and even whose longer side is LONGEST_SIDE."""
    scale = min(1.0, LONGEST_SIDE / max(size))
    return max(64, round(size[0] * scale / 2) * 2), max(64, round(size[1] * scale / 2) * 2)


def _portrait(run: Run, request: Request) -> tuple[Portrait, Size]:
    """Who speaks, in the mood asked for, and how large they are shown."""
    studio = run.studio
    size = fitted(size_of(request.size, studio))
    if request.portrait is None:
        portrait = stages.paint(run, request.prompt, request.seed, size, request.given)
    else:
        portrait = portrait_named(request.portrait, studio, request.face)
    portrait = stages.in_mood(run, readied(run, portrait), request.mood)
    return portrait, fitted(photos.video_size(portrait, request.size, size))


def _spoken(run: Run, request: Request) -> tuple[VoiceUse | None, Iterator[Utterance]]:
    """Who says it, and what is said, sentence by sentence as it is spoken. A recording is one piece."""
    language = request.language or run.studio.settings.language
    if request.audio is not None:
        return None, iter([recorded.hear(run, request.audio, request.text, language)[0]])
    text, warnings = prepare(request.text, run.studio.settings.longest_text)
    run.warnings += warnings
    voice, use = voice_of(run, request)
    return use, run.studio.speech.speak(text, voice, language, recognised(text, request.delivery))


def _shots(parts: Iterable[Utterance]) -> Iterator[Utterance]:
    """The parts in pieces that may take longer and longer to make, as what is made stays ahead of what is seen."""
    enough, held = _FIRST_SHOT, list[Utterance]()
    for part in parts:
        held.append(part)
        if sum(each.audio.duration for each in held) >= enough:
            yield join(held)
            enough, held = min(2 * enough, _LAST_SHOT), []
    if held:
        yield join(held)


def _again(first: Utterance, rest: Iterator[Utterance]) -> Iterator[Utterance]:
    yield first
    yield from rest


def _moments(
    run: Run, request: Request, portrait: Portrait, shots: Iterator[Utterance], *, size: Size, fps: int
) -> Iterator[Moment]:
    """Every frame of every shot with the sound of its time."""
    last: Frame | None = None
    for number, shot in enumerate(shots):
        whole, count = _whole_frames(shot, fps)
        frames = run.studio.animator(portrait).animate(portrait, whole, fps=fps, size=size, seed=request.seed + number)
        titled = _titles(request, whole, size).over(_blended(frames, last), fps)
        for at, frame in zip(range(count), titled, strict=False):
            yield frame, _sound(whole.audio, at, fps)
            if at == count - 1:
                last = frame.copy()


def _whole_frames(shot: Utterance, fps: int) -> tuple[Utterance, int]:
    """The shot, with silence at its end to fill the last frame, and its number of frames: so no shot drifts."""
    count = max(1, math.ceil(shot.audio.duration * fps - 1e-9))
    rate = shot.audio.rate
    samples = np.zeros(max(len(shot.audio.samples), round(count * rate / fps)), np.float32)
    samples[: len(shot.audio.samples)] = shot.audio.samples
    audio = Audio(samples, rate)
    phones = shot.phones and (*shot.phones[:-1], replace(shot.phones[-1], end=audio.duration))
    return replace(shot, audio=audio, phones=phones), count


def _sound(audio: Audio, at: int, fps: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    start, end = (round(number * audio.rate / fps) for number in (at, at + 1))
    return audio.samples[start:end]


def _titles(request: Request, shot: Utterance, size: Size) -> Titles:
    """The label, with the user's own beneath it, and the captions that are drawn into the picture."""
    drawn = {"burn", "highlight"} & set(request.captions)
    shown = cues(shot.words, shot.audio.duration) if drawn else ()
    label = f"{LABEL}\n{request.label}" if request.label else LABEL
    return Titles(size, shown, highlight="highlight" in drawn, label=label)


def _blended(frames: Iterator[Frame], last: Frame | None) -> Iterator[Frame]:
    """The frames, the first few of them mixed with the last of the shot before."""
    for number, frame in enumerate(frames):
        if last is None or number >= _BLENDED:
            yield frame
        else:
            share = (number + 1) / (_BLENDED + 1)
            yield np.asarray(cv2.addWeighted(last, 1 - share, frame, share, 0), np.uint8)


def _cut(moments: Iterator[Moment], fps: int) -> Iterator[Moment]:
    for _, moment in zip(range(round(LONGEST * fps)), moments, strict=False):
        yield moment
