"""Formats for pages: webm that can be seen through, and gif."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2

from avatar.codec.publish import publish
from avatar.codec.video import check_even, check_frame, described_as, interleave, probe
from avatar.errors import InputError
from avatar.media import Audio, Clip, Frame, Size

_FASTEST_GIF = 50
"""Frames a second: gif counts in hundredths, and browsers slow down what asks for less than two."""


def write_webm(frames: Iterable[Frame], audio: Audio, path: Path, *, fps: int, size: Size, crf: int = 30) -> Clip:
    """Encode VP9 with an alpha channel and Opus, in real-time mode. `crf` is 0 (best) to 63."""
    check_even(size)
    with publish(path) as part:
        with av.open(str(part), "w", format="webm") as container:
            options = {"deadline": "realtime", "cpu-used": "7", "crf": str(crf), "row-mt": "1", "auto-alt-ref": "0"}
            video = container.add_stream("libvpx-vp9", rate=fps, options=options | {"b": "0"})
            video.width, video.height = size
            video.pix_fmt = "yuva420p"
            video.codec_context.thread_count = 0  # one per core
            video.metadata["alpha_mode"] = "1"  # by which players know that there is one
            sound = container.add_stream("libopus", rate=48000, layout="mono")
            interleave(container, video, sound, _pictures(frames, fps, size), audio)
        return described_as(probe(part), path)


def write_gif(frames: Iterable[Frame], path: Path, *, fps: int, size: Size) -> Clip:
    """Encode a gif, each frame with a palette of its own. Raises InputError above 50 frames a second."""
    if fps > _FASTEST_GIF:
        raise InputError(f"a gif cannot show {fps} frames a second", f"give --fps {_FASTEST_GIF} or less")
    with publish(path) as part:
        with av.open(str(part), "w", format="gif") as container:
            stream = container.add_stream("gif", rate=fps)
            stream.width, stream.height = size
            stream.pix_fmt = "pal8"
            for picture in _reduced(frames, fps, size):
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return described_as(probe(part), path)


def _pictures(frames: Iterable[Frame], fps: int, size: Size) -> Iterator["av.VideoFrame"]:
    """Straight alpha, as VP9 and gif want it."""
    for number, frame in enumerate(frames):
        check_frame(frame, number, size)
        straight = frame if frame[..., 3].min() == 255 else cv2.cvtColor(frame, cv2.COLOR_mRGBA2RGBA)
        picture = av.VideoFrame.from_ndarray(straight, format="rgba")
        picture.pts = number
        picture.time_base = Fraction(1, fps)
        yield picture


def _reduced(frames: Iterable[Frame], fps: int, size: Size) -> Iterator["av.VideoFrame"]:
    """Frames in 256 colours, by FFmpeg's palettegen and paletteuse."""
    graph = av.filter.Graph()
    source = graph.add_buffer(width=size[0], height=size[1], format=av.VideoFormat("rgba"), time_base=Fraction(1, fps))
    split, sink = graph.add("split"), graph.add("buffersink")
    palette = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=3:diff_mode=rectangle")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    for picture in chain(_pictures(frames, fps, size), [None]):
        graph.push(picture)
        yield from _pulled(graph)


def _pulled(graph: "av.filter.Graph") -> Iterator["av.VideoFrame"]:
    while True:
        try:
            picture = graph.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(picture, av.VideoFrame)
        yield picture
