"""Draw the pictures of README.md and docs/presenter.md into docs/pictures, each small enough to keep.

python scripts/pictures.py out/hello.mp4
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np

from avatar.codec import read_picture
from avatar.engine.presenter import EmbeddedPainter
from avatar.engine.presenter.chart import viseme_chart
from avatar.media import Frame

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
GREETING = 1.0  # seconds into the demo: mid-word, eyes open


def main(demo: Path) -> None:
    """All five pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "hello.png").write_bytes(in_full(scaled(frame_at(demo, GREETING), 960)))
    keep("visemes", viseme_chart("a woman, bun, light skin, no glasses, blue sweater, plain background", 4), width=1200)
    keep("closeup", close_up(), width=1280)
    keep("styles", styles(), width=1600)
    keep("sheet", sheet(), width=1920)


def keep(name: str, picture: Frame, width: int) -> None:
    """Write docs/pictures/NAME.jpg, no wider than `width`."""
    bgr = cv2.cvtColor(scaled(picture, width), cv2.COLOR_RGBA2BGR)
    cv2.imwrite(str(FOLDER / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])


def scaled(picture: Frame, width: int) -> Frame:
    """The picture, no wider than `width`."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if width < picture.shape[1] else picture


def in_full(rgb: Frame) -> bytes:
    """A PNG in full colour, each channel in 128 levels so that it packs."""
    even = cv2.cvtColor(rgb // 2 * 2, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".png", even, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


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


def styles() -> Frame:
    """One place and three people in the three styles, and each as upright as a telephone."""
    wide, tall = [], []
    people = {"soft": "woman, bob, olive skin", "flat": "man, beard, glasses", "line": "woman, afro, brown skin"}
    for style, who in people.items():
        given = {"art_style": style, "background_light": "dcebe2", "background_dark": "86ad9c"}
        paint = EmbeddedPainter().paint
        wide.append(paint(f"{who}, office", 12, (1280, 720), given).image)
        tall.append(scaled(paint(f"{who}, home", 12, (720, 1280), given).image, 405))
    return np.hstack([picture for pair in zip(wide, tall, strict=True) for picture in pair])


def sheet() -> Frame:
    """What `avatar portrait sheet` writes."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheet.png"
        command = [sys.executable, "-m", "avatar", "portrait", "sheet", "--seeds", "24", "-o", str(target)]
        subprocess.run(command, check=True)
        return read_picture(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
