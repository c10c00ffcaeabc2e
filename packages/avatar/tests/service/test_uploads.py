"""What strangers send is read by what a limited process runs: odd files are taken, broken ones refused in a line."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avatar.codec import EncoderSettings, probe, write_mp4
from avatar.errors import InputError
from avatar.jobs.tasks import receive
from avatar.media import Audio
from avatar.pipeline import Studio, open_studio
from avatar.settings import Settings

PIXELS = np.full((90, 160, 4), 200, np.uint8)


@pytest.fixture
def studio(settings: Settings) -> Iterator[Studio]:
    with open_studio(settings) as opened:
        yield opened


@pytest.fixture
def film(tmp_path: Path) -> Path:
    sound = Audio(np.zeros(24000, np.float32), 24000)
    write_mp4([PIXELS] * 10, sound, tmp_path / "a.mp4", fps=10, size=(160, 90), settings=EncoderSettings("ultrafast"))
    return tmp_path / "a.mp4"


def test_a_video_with_odd_sides(studio: Studio, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "odd.webm"), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=10, options={"lossless": "1"})
        stream.width, stream.height, stream.pix_fmt = 161, 91, "yuv444p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((91, 161, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    receive(studio, path=str(tmp_path / "odd.webm"), folder=str(tmp_path), stem="taken")
    taken = probe(tmp_path / "taken.mp4")
    assert (taken.width, taken.height, taken.frames) == (160, 90, 3)


@pytest.mark.parametrize(("tag", "kind"), [(b"avc1", "audio"), (b"mp4a", "video")])
def test_a_stream_that_no_decoder_knows(studio: Studio, film: Path, tag: bytes, kind: str) -> None:
    head, _, rest = film.read_bytes().rpartition(tag)
    film.write_bytes(head + b"zzzz" + rest)
    assert receive(studio, path=str(film), folder=str(film.parent), stem="taken")["kind"] == kind
    if kind == "audio":
        with pytest.raises(InputError, match="not a video that can be read"):
            probe(film)
