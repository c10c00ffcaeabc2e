"""Draw the pictures of README.md and docs/presenter.md into docs/pictures, each small enough to keep.

python scripts/pictures.py out/hello.mp4
"""

import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from avatar.codec import read_picture
from avatar.engine.presenter import EmbeddedPainter
from avatar.engine.presenter.chart import viseme_chart
from avatar.media import Frame

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
GREETING = 0.84  # seconds into the demo: mid-word, eyes open


def main(demo: Path) -> None:
    """All four pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "hello.png").write_bytes(in_full(scaled(frame_at(demo, GREETING), 960)))
    keep("visemes", viseme_chart("a woman, bun, light skin, no glasses, blue sweater, plain background", 4), width=1200)
    keep("closeup", close_up(), width=1280)
    keep("sheet", sheet(), width=1200)


def keep(name: str, picture: Frame, width: int, colours: int = 256) -> None:
    """Write docs/pictures/NAME.png, no wider than `width`, with a palette."""
    rgb = np.ascontiguousarray(scaled(picture, width)[..., :3])
    (FOLDER / f"{name}.png").write_bytes(with_palette(rgb, colours))


def scaled(picture: Frame, width: int) -> Frame:
    """The picture, no wider than `width`."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if width < picture.shape[1] else picture


def in_full(rgb: Frame) -> bytes:
    """A PNG in full colour, each channel in 128 levels so that it packs."""
    even = cv2.cvtColor(rgb // 2 * 2, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".png", even, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


def with_palette(rgb: NDArray[np.uint8], colours: int) -> bytes:
    """A PNG of the colours that suit the picture best; about a third of its size in full colour."""
    graph = Graph()
    form = av.VideoFormat("rgb24")
    source = graph.add_buffer(width=rgb.shape[1], height=rgb.shape[0], format=form, time_base=Fraction(1, 25))
    split, generate = graph.add("split"), graph.add("palettegen", f"max_colors={colours}:reserve_transparent=0")
    use, sink = graph.add("paletteuse", "dither=sierra2_4a"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(generate, 1, 0)
    generate.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    graph.push(av.VideoFrame.from_ndarray(rgb, format="rgb24"))
    graph.push(None)
    painted = graph.pull()
    assert isinstance(painted, av.VideoFrame)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = painted.width, painted.height, "pal8"
    encoder.options = {"compression_level": "9"}
    encoder.time_base = Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*encoder.encode(painted), *encoder.encode(None)])


def frame_at(video: Path, seconds: float) -> Frame:
    """The frame shown at that time."""
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= seconds:
                return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    sys.exit(f"{video} is shorter than {seconds} s")


def close_up() -> Frame:
    """Two faces as they are in a 1080p video, pixel for pixel."""
    prompts = (
        ("a friendly woman with long wavy auburn hair, green eyes, light skin, teal blazer, plain", 14),
        ("a man, cropped brown hair, short beard, tan skin, navy blazer, plain background, no earrings, square jaw", 3),
    )
    faces = [EmbeddedPainter().paint(prompt, seed, (1920, 1080)).image[130:770, 680:1240] for prompt, seed in prompts]
    return np.hstack(faces)


def sheet() -> Frame:
    """What `avatar portrait sheet` writes."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheet.png"
        command = [sys.executable, "-m", "avatar", "portrait", "sheet", "--seeds", "24", "-o", str(target)]
        subprocess.run(command, check=True)
        return read_picture(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
