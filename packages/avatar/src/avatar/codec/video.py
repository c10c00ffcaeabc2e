"""Frames and sound into an mp4 that plays anywhere, one frame at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import av.error
import cv2
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from avatar.codec.audio import sound_frames
from avatar.codec.behind import Behind
from avatar.codec.captions import Cue, add_track, packets
from avatar.codec.publish import publish
from avatar.errors import BackendFailed, BackendUnavailable, InputError
from avatar.media import Audio, Clip, Frame, Size

_SOUND_RATE = 48000


@dataclass(frozen=True)
class EncoderSettings:
    """x264's speed/size `preset` and its quality `crf` (0 lossless, 51 worst; 20 is visually clean)."""

    preset: str = "veryfast"
    crf: int = 20


def write_mp4(
    frames: Iterable[Frame],
    audio: Audio,
    path: Path,
    *,
    fps: int,
    size: Size,
    settings: EncoderSettings,
    captions: Sequence[Cue] = (),
    language: str = "",
) -> Clip:
    """Encode H.264 High yuv420p + AAC with the index in front (faststart), holding one frame at a time.

    Frames are RGBA as `media.Frame`; `size` must be even. `captions` become a text track in `language` (BCP 47).
    Raises BackendFailed when a frame has another size.
    """
    check_even(size)
    with publish(path) as part:
        with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            video = _video_stream(container, fps, size, settings)
            sound = container.add_stream("aac", rate=_SOUND_RATE, layout="mono")
            sound.bit_rate = 96_000
            text = add_track(container, language) if captions else None
            for packet in packets(captions, text) if text else ():
                container.mux(packet)  # first: the muxer keeps them until their time has come
            interleave(container, video, sound, (as_picture(f, n, fps, size) for n, f in enumerate(frames)), audio)
        return described_as(probe(part), path)


def interleave(
    container: "av.container.OutputContainer",
    video: "av.VideoStream",
    sound: "av.AudioStream",
    pictures: Iterable["av.VideoFrame"],
    audio: Audio,
) -> None:
    """Mux pictures and sound in step, so that neither players nor the muxer have to hold much of one for the other.

    The encoder works in a thread beside the one that draws: a frame's maker may reuse its buffer, a picture is a copy.
    """
    pieces = sound_frames(audio)
    spoken = 0.0

    def encode(picture: "av.VideoFrame") -> None:
        nonlocal spoken
        container.mux(video.encode(picture))
        while spoken <= (picture.time or 0.0) and (piece := next(pieces, None)) is not None:
            container.mux(sound.encode(piece))
            spoken += piece.samples / audio.rate

    with Behind(encode) as encoder:
        for picture in pictures:
            encoder.give(picture)
    for piece in pieces:
        container.mux(sound.encode(piece))
    container.mux(video.encode(None))
    container.mux(sound.encode(None))


def check_even(size: Size) -> None:
    """Raise InputError unless both sides are even."""
    if size[0] % 2 or size[1] % 2:
        raise InputError(
            f"the size {size[0]}x{size[1]} is odd", "colour at half resolution needs even numbers of pixels"
        )


def check_frame(frame: Frame, number: int, size: Size) -> None:
    """Raise BackendFailed when a frame is not of the size asked for."""
    if frame.shape != (size[1], size[0], 4):
        got = "x".join(map(str, frame.shape[1::-1]))
        raise BackendFailed(f"frame {number} is {got}, not {size[0]}x{size[1]} as asked")


def _video_stream(
    container: "av.container.OutputContainer", fps: int, size: Size, settings: EncoderSettings
) -> "av.VideoStream":
    stream = container.add_stream(
        "libx264", rate=fps, options={"preset": settings.preset, "crf": str(settings.crf), "profile": "high"}
    )
    describe(stream, size)
    return stream


def describe(stream: "av.VideoStream", size: Size) -> None:
    """The size and the colours of what `as_picture` gives, and one thread per core."""
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.thread_count = 0  # one per core
    # OpenCV converts by BT.601's matrix; say so, or players show HD by BT.709 and skin turns green.
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.SMPTE170M
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.IEC61966_2_1


def as_picture(frame: Frame, number: int, fps: int, size: Size) -> "av.VideoFrame":
    """Frame `number` as the encoder takes it. Raises BackendFailed when it is not of the size asked for."""
    check_frame(frame, number, size)
    made = av.VideoFrame.from_ndarray(cv2.cvtColor(frame, cv2.COLOR_RGBA2YUV_I420), format="yuv420p")
    made.pts = number
    made.time_base = Fraction(1, fps)
    return made


def probe(path: Path) -> Clip:
    """The facts of a video file. Raises InputError for what is not one."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    try:
        with av.open(str(path)) as container:
            return _facts(container, path)
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a video that can be read") from error


def _facts(container: "av.container.InputContainer", path: Path) -> Clip:
    if not container.streams.video:
        raise InputError(f"{path} has no picture in it", "video info wants a video")
    video = container.streams.video[0]
    if video.codec_context is None:  # a damaged head can name what no decoder knows
        raise InputError(f"{path} is not a video that can be read", "send mp4 or webm")
    sound = next((stream for stream in container.streams.audio if stream.codec_context is not None), None)
    rate = float(video.average_rate or 0)
    duration = float(container.duration or 0) / av.time_base
    return Clip(
        path=path,
        duration=duration,
        fps=rate,
        width=video.codec_context.width,
        height=video.codec_context.height,
        frames=video.frames or round(duration * rate),
        video_codec=video.codec_context.name,
        audio_codec=sound.codec_context.name if sound else None,
        sample_rate=sound.rate if sound else None,
    )


def described_as(clip: Clip, path: Path) -> Clip:
    """The facts of a file under the name it is about to get."""
    return Clip(**{**clip.__dict__, "path": path})


@cache
def encoder_works() -> None:
    """Raise BackendUnavailable when this PyAV build cannot write H.264."""
    if "libx264" not in av.codecs_available:
        raise BackendUnavailable(
            "this PyAV was built without libx264", "get a wheel that has it: pip install --force-reinstall av"
        )
