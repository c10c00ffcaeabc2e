"""The four stages: learn a voice, speak, paint, and animate into a video. Each is done once for the same inputs."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from avatar import codec
from avatar.codec.speech import read_speech, write_speech
from avatar.engine.titles import Titles
from avatar.errors import BackendFailed, InputError
from avatar.library import portrait_from, portrait_json
from avatar.media import NOTHING, PLAIN_DELIVERY, Delivery, Frame, Portrait, Size, Utterance, Voice, join
from avatar.pipeline.request import Progress
from avatar.pipeline.run import Run
from avatar.pipeline.titling import UNTITLED, Titling

VIDEO_VERSION = "2"
"""Changes whenever the same frames would be encoded to another file."""


@dataclass(frozen=True, eq=False)
class Take:
    """What the camera films: who says what, how large, how many frames a second, and the seed of their liveliness."""

    portrait: Portrait
    utterance: Utterance
    size: Size
    fps: int
    seed: int
    titles: Titling = UNTITLED
    form: str = ".mp4"


def learn(run: Run, name: str, path: Path, transcript: str | None, likeness: float | None) -> tuple[Voice, str]:
    """The voice of a recording, and the SHA-256 of its file."""
    recording = codec.read_recording(path)
    run.warnings += recording.notes
    run.studio.library.check_not_revoked(source_sha256=recording.sha256)
    engine = run.studio.speech
    inputs = {
        "engine": [engine.name, engine.version],
        "source": recording.sha256,
        "transcript": transcript,
        "likeness": likeness,
    }

    def make(folder: Path) -> None:
        voice = engine.learn(name, recording.audio, transcript, likeness=likeness)
        (folder / "voice.json").write_text(json.dumps(dict(voice.parameters)), "utf-8")
        (folder / "state.bin").write_bytes(voice.state)

    def read(folder: Path) -> Voice:
        parameters = json.loads((folder / "voice.json").read_text("utf-8"))
        return Voice(name, engine.name, parameters, (folder / "state.bin").read_bytes())

    voice = run.stage("voice", inputs, make, read)
    run.warnings += voice.parameters.get("warnings", [])
    return voice, recording.sha256


def speak(run: Run, text: str, voice: Voice, language: str, delivery: Delivery = PLAIN_DELIVERY) -> Utterance:
    """The text in that voice, all sentences joined; what could not be spoken as meant becomes a warning."""
    engine = run.studio.speech
    if voice.backend != engine.name:
        raise InputError(
            f"the voice {voice.name!r} was learnt by the backend {voice.backend!r}, not by {engine.name!r}",
            f"speak with that backend, or learn the voice again with {engine.name!r}",
        )
    inputs = {
        "engine": [engine.name, engine.version],
        "text": text,
        "language": language,
        "delivery": [delivery.rate, dict(delivery.lexicon), delivery.ssml],
        "voice": dict(voice.parameters),
        "state": hashlib.sha256(voice.state).hexdigest(),
    }

    def make(folder: Path) -> None:
        parts = []
        for part in engine.speak(text, voice, language, delivery):
            parts.append(part)
            run.on_progress("speech", min(0.99, sum(len(p.text) for p in parts) / len(text)))
        write_speech(join(parts), folder)

    utterance = run.stage("speech", inputs, make, read_speech)
    run.warnings += utterance.notes
    return utterance


def paint(run: Run, prompt: str, seed: int, size: Size, given: Mapping[str, Any] = NOTHING) -> Portrait:
    """The portrait the prompt and the seed give at that size."""
    painter = run.studio.painter
    inputs = {"engine": [painter.name, painter.version], "prompt": prompt, "seed": seed, "size": size}
    if given:
        inputs["given"] = dict(given)

    def make(folder: Path) -> None:
        portrait = painter.paint(prompt, seed, size, given)
        (folder / "portrait.json").write_text(portrait_json(portrait), "utf-8")
        codec.write_picture(portrait.image, folder / "image.png")

    def read(folder: Path) -> Portrait:
        words = (folder / "portrait.json").read_text("utf-8")
        return portrait_from(words, codec.read_picture(folder / "image.png"), folder)

    portrait = run.stage("portrait", inputs, make, read)
    unknown = portrait.parameters.get("unknown_words")
    if unknown:
        run.warnings.append("the prompt's words " + ", ".join(unknown) + " are not known and changed nothing")
    run.warnings += portrait.parameters.get("notes", [])
    return portrait


def in_mood(run: Run, portrait: Portrait, mood: str | None) -> Portrait:
    """The portrait with that mood among its parameters; a warning when its backend knows none."""
    if mood is None or mood == portrait.parameters.get("mood"):
        return portrait
    if "mood" not in portrait.parameters:
        run.warnings.append(f"portraits made by {portrait.backend!r} know no moods; {mood!r} changed nothing")
        return portrait
    return replace(portrait, parameters=dict(portrait.parameters) | {"mood": mood})


def animate(run: Run, take: Take) -> Path:
    """The folder that holds video.mp4 and poster.png."""
    animator = run.studio.animator(take.portrait)
    settings = run.studio.settings
    if take.portrait.backend not in animator.accepts:
        raise InputError(
            f"the lip-sync backend {animator.name!r} cannot animate a portrait made by {take.portrait.backend!r}",
            "it animates those of " + ", ".join(animator.accepts),
        )
    encoder = codec.EncoderSettings(settings.preset, settings.crf)
    inputs = {
        "engine": [animator.name, animator.version, VIDEO_VERSION],
        "portrait": portrait_json(replace(take.portrait, name="")),
        "pixels": hashlib.sha256(take.portrait.image.tobytes()).hexdigest(),
        "speech": _fingerprint(take.utterance),
        "video": [take.size, take.fps, take.seed, asdict(encoder)],
        "titles": [take.form, *take.titles.picture],
    }

    def make(folder: Path) -> None:
        frames = animator.animate(take.portrait, take.utterance, fps=take.fps, size=take.size, seed=take.seed)
        frames = _titled(frames, take)
        first = next(frames, None)
        if first is None:
            raise BackendFailed(f"the lip-sync backend {animator.name!r} made no frames")
        codec.write_picture(first, folder / "poster.png")
        watched = _watched(chain([first], frames), take, run.on_progress)
        _encode(watched, take, folder / f"video{take.form}", encoder)
        (folder / "notes.json").write_text(json.dumps(getattr(animator, "notes", ())), "utf-8")

    folder = run.stage("video", inputs, make, lambda folder: folder)
    run.warnings += json.loads((folder / "notes.json").read_text("utf-8"))
    return folder


def _titled(frames: Iterator[Frame], take: Take) -> Iterator[Frame]:
    """The frames with their captions and label, if any are drawn."""
    titles = take.titles
    if not titles.drawn:
        return frames
    burnt = titles.shown if {"burn", "highlight"} & set(titles.kinds) else ()
    highlight = "highlight" in titles.kinds
    return Titles(take.size, burnt, highlight=highlight, label=titles.label).over(frames, take.fps)


def _encode(frames: Iterator[Frame], take: Take, path: Path, encoder: codec.EncoderSettings) -> None:
    """Into the form the output's ending names."""
    audio = take.utterance.audio
    if take.form == ".gif":
        codec.write_gif(frames, path, fps=take.fps, size=take.size)
    elif take.form == ".webm":
        codec.write_webm(frames, audio, path, fps=take.fps, size=take.size)
    else:
        track = take.titles.shown if "track" in take.titles.kinds else ()
        codec.write_mp4(
            frames, audio, path, fps=take.fps, size=take.size, settings=encoder,
            captions=track, language=take.utterance.language,
        )  # fmt: skip


def _fingerprint(utterance: Utterance) -> str:
    digest = hashlib.sha256(utterance.audio.samples.tobytes())
    digest.update(repr((utterance.audio.rate, utterance.phones, utterance.words)).encode())
    return digest.hexdigest()


def _watched(frames: Iterator[Frame], take: Take, on_progress: Progress) -> Iterator[Frame]:
    count = max(1, round(take.utterance.audio.duration * take.fps))
    for number, frame in enumerate(frames, start=1):
        yield frame
        on_progress("video", min(0.999, number / count))
