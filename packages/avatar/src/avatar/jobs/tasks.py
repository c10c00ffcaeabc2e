"""What a warm process does besides stages: short work for the service, in a process that can be killed and limited."""

import dataclasses
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from pydantic import TypeAdapter

from avatar import codec
from avatar.errors import InputError
from avatar.library import portrait_from, portrait_json
from avatar.media import Audio, Delivery, Frame
from avatar.pipeline import Request, Silent, Studio, learn_voice, paint, picture_text, preview, speak
from avatar.pipeline.film import PORTRAIT_KEYWORD
from avatar.pipeline.preview import Preview
from avatar.pipeline.sealing import painted, sealing, spoken

LARGEST_PIXELS = 40_000_000
LONGEST_SECONDS = 600.0
LONGEST_SIDE = 1920
MOST_FPS = 120


def speech(
    studio: Studio, *, text: str, voice: str, language: str | None, rate: float, output: str, ssml: bool = False
) -> dict[str, Any]:
    """Speak into a file; its length, and notes on the text."""
    path = Path(output)
    utterance, warnings = speak(
        studio, text, voice, language=language, delivery=Delivery(rate, {}, ssml), on_progress=Silent()
    )
    audio = utterance.audio
    if path.suffix == ".pcm":
        path.write_bytes((np.clip(_at(audio, 24000), -1, 1) * 32767).astype("<i2").tobytes())
    elif path.suffix == ".aac":
        _adts(audio, path)
    else:
        codec.write_audio(audio, path)
    signed = sealing(studio, spoken(studio, voice, studio.speech.name))(path, path.name)
    return {"duration_s": round(audio.duration, 3), "warnings": warnings, "provenance": dataclasses.asdict(signed)}


def clone(
    studio: Studio, *, recording: str, name: str, consent: str, transcript: str | None, likeness: float | None
) -> dict[str, Any]:
    """Learn a voice and keep it."""
    voice, warnings = learn_voice(
        studio, Path(recording), name, consent=consent, transcript=transcript, likeness=likeness, on_progress=Silent()
    )
    return {"name": name, "backend": voice.backend, "parameters": dict(voice.parameters), "warnings": warnings}


def portrait(
    studio: Studio, *, prompt: str, seed: int, size: list[int] | None, mood: str | None, name: str | None, output: str
) -> dict[str, Any]:
    """Paint a portrait into a PNG, and keep it where it has a name."""
    given = {"mood": mood} if mood else {}
    if name is not None:
        studio.library.check_new_portrait(name)
    wanted = (size[0], size[1]) if size else None
    made, warnings = paint(studio, prompt, seed, wanted, Silent(), given=given)
    kept = dataclasses.replace(made, name=name or "")
    path = Path(output)
    codec.write_picture(kept.image, path, picture_text(kept))
    signed = sealing(studio, painted(kept.backend))(path, path.name)
    if name is not None:
        studio.library.add_portrait(kept)
    return {"warnings": warnings, "backend": kept.backend, "provenance": dataclasses.asdict(signed)}


def info(_studio: Studio, *, path: str) -> dict[str, Any]:
    """A video's facts."""
    facts = dataclasses.asdict(codec.probe(Path(path)))
    del facts["path"]
    return facts


def encode(studio: Studio, *, path: str, output: str) -> dict[str, Any]:
    """A video again in the form the output's ending names."""
    source, target = Path(path), Path(output)
    clip = codec.probe(source)
    if clip.duration > LONGEST_SECONDS or max(clip.width, clip.height) > LONGEST_SIDE:
        raise InputError(f"the video is larger than is taken here: {LONGEST_SECONDS:.0f} s of {LONGEST_SIDE} pixels")
    fps, size = (
        max(1, round(clip.fps)),
        (clip.width - clip.width % 2, clip.height - clip.height % 2),
    )  # as encoders want
    if min(size) < 2 or fps > MOST_FPS:
        raise InputError(f"a video of {clip.width}x{clip.height} pixels at {fps} frames a second is not taken here")
    audio = codec.read_recording(source).audio if clip.audio_codec else Audio(np.zeros(4800, np.float32), 48000)
    if target.suffix == ".gif":
        codec.write_gif(_frames(source, size), target, fps=fps, size=size)
    elif target.suffix == ".webm":
        codec.write_webm(_frames(source, size), audio, target, fps=fps, size=size)
    else:
        options = codec.EncoderSettings(studio.settings.preset, studio.settings.crf)
        codec.write_mp4(_frames(source, size), audio, target, fps=fps, size=size, settings=options)
    return info(studio, path=output)


def receive(studio: Studio, *, path: str, folder: str, stem: str) -> dict[str, Any]:
    """Find out what an upload is by its content, and write it anew: nothing of the sender's file is kept but its media.

    Raises InputError for what is neither a picture, a sound nor a video.
    """
    source, into = Path(path), Path(folder)
    kind = _kind(source)
    if kind == "image":
        return {"kind": kind, "file": _picture(source, into / f"{stem}.png")}
    if kind == "video":
        target = into / f"{stem}.mp4"
        facts = encode(studio, path=path, output=str(target))
        return {"kind": kind, "file": target.name, "duration_s": facts["duration"]}
    sound = codec.read_recording(source)
    codec.write_audio(sound.audio, into / f"{stem}.wav")
    return {"kind": kind, "file": f"{stem}.wav", "duration_s": round(sound.audio.duration, 3)}


def stream(studio: Studio, *, request: dict[str, Any], output: str) -> dict[str, Any]:
    """Film a request as a preview into a file that may be read while it grows; beside it, first, what it will be."""
    path = Path(output)
    wanted = TypeAdapter(Request).validate_python(request)

    def ready(about: Preview) -> None:
        with codec.publish(path.with_suffix(".json")) as part:
            part.write_text(json.dumps(dataclasses.asdict(about)), "utf-8")

    with path.open("wb", buffering=0) as sink:
        preview(wanted, studio, sink, ready)
    return {}


def detect(studio: Studio, *, path: str) -> dict[str, Any]:
    """The faces in a photo, from left to right. Raises BackendUnavailable where no face model is installed."""
    from avatar.pipeline.photos import look  # noqa: PLC0415  onnx, and only for photos

    seen = look(Path(path), studio)
    faces = [dataclasses.asdict(face) for face in seen.faces]
    kept = [{k: v for k, v in face.items() if not isinstance(v, np.ndarray)} for face in faces]
    return {"width": seen.image.shape[1], "height": seen.image.shape[0], "faces": kept, "warnings": list(seen.notes)}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    task.__name__: task for task in (speech, clone, portrait, info, encode, receive, stream, detect)
}


_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
_MEDIA = (
    b"fLaC",
    b"OggS",
    b"ID3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",
    b"\xff\xf9",
    b"\x1aE\xdf\xa3",
    b"FORM",
)
_NEITHER = "the upload is neither a picture, a sound nor a video that is taken here", "send wav, mp3, png, jpeg or mp4"


def _kind(path: Path) -> str:
    """By the first bytes: FFmpeg would take a list of other files' names for a film too, and open them."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    riff = head.startswith(b"RIFF") and head[8:12] in {b"WAVE", b"AVI "}
    if not (riff or head.startswith(_MEDIA) or head[4:8] == b"ftyp"):
        raise InputError(*_NEITHER)
    try:
        with av.open(str(path)) as container:
            known = [stream for stream in container.streams if stream.codec_context is not None]
            moving = [s for s in known if s.type == "video" and not s.disposition & av.stream.Disposition.attached_pic]
            if moving or any(stream.type == "audio" for stream in known):
                return "video" if moving else "audio"
    except (av.error.FFmpegError, UnicodeDecodeError, ValueError):
        pass
    raise InputError(*_NEITHER)


def _picture(source: Path, target: Path) -> str:
    """The pixels alone, and of the text only what makes it a portrait of ours."""
    width, height = _dimensions(source)
    if width * height > LARGEST_PIXELS:
        raise InputError(f"a picture of {width}x{height} is too large", f"at most {LARGEST_PIXELS:,} pixels")
    image = codec.read_picture(source)
    words = codec.read_picture_text(source).get(PORTRAIT_KEYWORD)
    text = {} if words is None else {PORTRAIT_KEYWORD: portrait_json(portrait_from(words, image, source))}
    codec.write_picture(image, target, text)
    return target.name


def _dimensions(path: Path) -> tuple[int, int]:
    """Before a single pixel is decoded: a small file can hold a huge picture."""
    with path.open("rb") as file:
        head = file.read(24)
    if head.startswith(b"\x89PNG") and len(head) == 24:
        width, height = struct.unpack(">II", head[16:24])
        return width, height
    try:
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            return int(context.width), int(context.height)
    except (av.error.FFmpegError, AttributeError, IndexError, ValueError) as error:
        raise InputError("the picture cannot be read") from error


def _frames(path: Path, size: tuple[int, int]) -> Iterator[Frame]:
    """All of that size: a damaged video can change its own on the way."""
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield np.asarray(frame.reformat(*size, format="rgba").to_ndarray(), np.uint8)
    except av.error.FFmpegError as error:
        raise InputError(f"the video is damaged: {error.strerror}") from error


def _at(audio: Audio, rate: int) -> Any:
    if audio.rate == rate:
        return audio.samples
    places = np.arange(int(len(audio.samples) * rate / audio.rate)) * (audio.rate / rate)
    return np.interp(places, np.arange(len(audio.samples)), audio.samples)


def _adts(audio: Audio, path: Path) -> None:
    """Bare AAC, as OpenAI's "aac" is."""
    beside = path.with_suffix(".m4a")
    codec.write_audio(audio, beside)
    with av.open(str(beside)) as source, av.open(str(path), "w", format="adts") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    beside.unlink()
