"""A film that can be watched while it is made: fragmented mp4, its index first (ISO/IEC 14496-12, 8.8)."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from avatar.codec.behind import Behind
from avatar.codec.video import as_picture, check_even, describe
from avatar.media import Frame, Size

Moment = tuple[Frame, NDArray[np.float32]]
"""A frame, and the sound, (n,) float32 in [-1, 1], that is heard while it is seen."""

_FRAGMENTS_A_SECOND = 2
_SOUND_RATE = 48000
_FLAGS = "+empty_moov+default_base_moof+frag_keyframe"
_QUICK = {"preset": "superfast", "crf": "23", "profile": "high", "tune": "zerolatency", "sc_threshold": "0"}


class Sink(Protocol):
    """Where the bytes go, in order, each as soon as it is there."""

    def write(self, data: bytes, /) -> int | None:
        """Take them all."""


def write_stream(moments: Iterable[Moment], sink: Sink, *, fps: int, size: Size, rate: int, comment: str) -> None:
    """Encode moments, whose sound is at `rate` Hz, into H.264 and AAC in fragments of half a second.

    `comment` is what the file says of itself. Raises InputError for an odd size, BackendFailed for a frame of another.
    """
    check_even(size)
    with av.open(sink, "w", format="mp4", options={"movflags": _FLAGS, "flush_packets": "1"}) as container:
        container.metadata["comment"] = comment
        options = _QUICK | {"g": str(max(1, fps // _FRAGMENTS_A_SECOND))}
        video = container.add_stream("libx264", rate=fps, options=options)
        describe(video, size)
        sound = container.add_stream("aac", rate=_SOUND_RATE, layout="mono")
        sound.bit_rate = 96_000

        def encode(both: tuple["av.VideoFrame", "av.AudioFrame"]) -> None:
            container.mux(video.encode(both[0]))
            container.mux(sound.encode(both[1]))

        heard = 0
        with Behind(encode) as encoder:
            for number, (frame, samples) in enumerate(moments):
                encoder.give((as_picture(frame, number, fps, size), _piece(samples, heard, rate)))
                heard += len(samples)
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def _piece(samples: NDArray[np.float32], start: int, rate: int) -> "av.AudioFrame":
    whole = (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)
    piece = av.AudioFrame.from_ndarray(whole[None, :], format="s16", layout="mono")
    piece.sample_rate = rate
    piece.pts = start
    piece.time_base = Fraction(1, rate)
    return piece
