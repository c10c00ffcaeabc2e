"""Recordings in, sound files out, by PyAV (FFmpeg's libraries)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from avatar.codec.publish import publish
from avatar.errors import InputError
from avatar.media import Audio

LONGEST_RECORDING = 600.0
"""Seconds. Nobody means an hour of sound as a reference; decoding it would take minutes."""

_CODECS = {
    ".wav": "pcm_s16le",
    ".flac": "flac",
    ".mp3": "libmp3lame",
    ".m4a": "aac",
    ".ogg": "libopus",
    ".opus": "libopus",
}


@dataclass(frozen=True, eq=False)
class Recording:
    """A decoded sound file: mono `audio` at its own rate, the `sha256` of the file, and what was odd about it."""

    audio: Audio
    sha256: str
    notes: tuple[str, ...] = ()


def read_recording(path: Path, longest: float = LONGEST_RECORDING) -> Recording:
    """Decode the first sound stream of any file FFmpeg reads, mixed down to mono.

    Raises InputError for a file that is missing, empty, not sound, unreadable, or longer than `longest` seconds.
    """
    _check_file(path)
    try:
        with av.open(str(path)) as container:
            return _decode(container, path, longest)
    except (av.error.FFmpegError, ValueError) as error:  # ValueError: a damaged head changes the sound's form midway
        raise InputError(
            f"{path} is not a sound file that can be read ({_reason(error)})",
            "give a recording: wav, mp3, m4a, ogg, opus, flac, or a video with sound",
        ) from error


def write_audio(audio: Audio, path: Path) -> None:
    """Write `audio` in the format its ending names: wav, flac, mp3, m4a, ogg or opus. InputError for any other."""
    if path.suffix.lower() not in _CODECS:
        raise InputError(f"cannot write {path}: the ending says no known format", "use one of " + ", ".join(_CODECS))
    with publish(path) as part, av.open(str(part), "w") as container:
        codec = _CODECS[path.suffix.lower()]
        stream = cast(av.AudioStream, container.add_stream(codec, rate=_rate_for(codec, audio), layout="mono"))
        for frame in sound_frames(audio):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _rate_for(codec: str, audio: Audio) -> int:
    """Opus knows 48 kHz and its divisors only; FFmpeg resamples on the way in."""
    return 48000 if codec == "libopus" else audio.rate


def sound_frames(audio: Audio, block: int = 8192) -> Iterator[av.AudioFrame]:
    """The sound as FFmpeg frames of `block` samples, 16-bit mono, timestamped."""
    for start in range(0, len(audio.samples), block):
        piece = np.clip(audio.samples[start : start + block], -1.0, 1.0)
        frame = av.AudioFrame.from_ndarray((piece * 32767).astype(np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate = audio.rate
        frame.pts = start
        yield frame


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"there is no file {path}", "check the name; relative names start at the folder you are in")
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a recording")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty", "record it again, or give another file")


def _decode(container: "av.container.InputContainer", path: Path, longest: float) -> Recording:
    if not container.streams.audio:
        raise InputError(f"{path} has no sound in it", "give a recording of a voice")
    stream = container.streams.audio[0]
    declared = float(container.duration or 0) / av.time_base
    _check_length(path, declared, longest)
    notes: list[str] = []
    samples = _mono(container, stream, path, longest, notes)
    if stream.rate <= 0 or len(samples) == 0:
        raise InputError(f"{path} holds no sound", "record it again, or give another file")
    audio = Audio(samples, stream.rate)
    if declared - audio.duration > max(0.5, 0.05 * declared):
        notes.append(f"{path.name} says it is {declared:.1f} s long but only {audio.duration:.1f} s could be read")
    with path.open("rb") as file:
        return Recording(audio, hashlib.file_digest(file, "sha256").hexdigest(), tuple(notes))


def _mono(
    container: "av.container.InputContainer", stream: "av.AudioStream", path: Path, longest: float, notes: list[str]
) -> NDArray[np.float32]:
    """All samples of the stream as (n,) float32; damage in the middle ends it and is noted."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
    blocks: list[NDArray[np.float32]] = []
    count = 0
    try:
        for frame in _frames(container, stream, path, notes):
            for mono in resampler.resample(frame):
                blocks.append(mono.to_ndarray().reshape(-1).astype(np.float32))
                count += len(blocks[-1])
            _check_length(path, count / stream.rate, longest)
        blocks += [mono.to_ndarray().reshape(-1).astype(np.float32) for mono in resampler.resample(None)]
    except (av.error.FFmpegError, ValueError) as error:
        if not blocks:
            raise
        notes.append(
            f"{path.name} is damaged after {count / stream.rate:.1f} s ({_reason(error)}); the part before is used"
        )
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _frames(
    container: "av.container.InputContainer", stream: "av.AudioStream", path: Path, notes: list[str]
) -> Iterator[av.AudioFrame]:
    """Every frame that can be decoded; how many packets could not is noted. Raises the error where none can."""
    good, bad = 0, 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            bad += 1
            if bad > 50 and not good:
                raise
            continue
        good += len(frames)
        yield from frames
    if bad:
        notes.append(f"{path.name} is damaged: {bad} of its pieces could not be decoded and are left out")


def _check_length(path: Path, seconds: float, longest: float) -> None:
    if seconds > longest:
        raise InputError(
            f"{path} is {seconds / 60:.0f} minutes long; at most {longest / 60:.0f} are read",
            "cut out a part: 10 to 60 seconds of one person speaking are plenty for a voice",
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).strip().lower()
