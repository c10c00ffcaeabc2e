"""Two thousand damaged uploads of every kind: each is answered in time, none ends a process, memory stays bounded."""

import random
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from avatar.codec import EncoderSettings, write_mp4, write_picture, write_webm
from avatar.media import Audio
from avatar.settings import Settings

from .conftest import stage_processes
from .server import Server

MOST_BYTES = 700 * 2**20
UPLOADS = 2500


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings = Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs", size="128x72")
    started = Server(settings)
    started.start("--rate", "10000")
    yield started
    assert started.stop() == 0


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Cut short, with bytes changed, or with a piece doubled."""
    data = bytearray(whole[: chance.randrange(16, len(whole))] if chance.random() < 0.4 else whole)
    for _ in range(chance.randrange(1, 40)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.2:
        start = chance.randrange(len(data))
        data[start:start] = data[start : start + 1000]
    return bytes(data)


def resident(process: int) -> int:
    line = next(one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def whole_ones(server: Server, folder: Path) -> list[bytes]:
    """A file of each kind that is taken, small."""
    pixels = np.random.default_rng(1).integers(0, 255, (90, 160, 4), np.uint8)
    write_picture(pixels, folder / "a.png")
    said = {"model": "builtin", "input": "Hello.", "voice": "default"}
    sounds = [
        server.ask("POST", "/v1/audio/speech", said | {"response_format": form}).body
        for form in ("wav", "mp3", "opus", "aac", "flac")
    ]
    sound = Audio(np.zeros(24000, np.float32), 24000)
    write_mp4([pixels] * 10, sound, folder / "a.mp4", fps=10, size=(160, 90), settings=EncoderSettings("veryfast", 30))
    write_webm([pixels] * 10, sound, folder / "a.webm", fps=10, size=(160, 90))
    jpeg(pixels, folder / "a.jpg")
    return [*sounds, *((folder / f"a.{end}").read_bytes() for end in ("png", "jpg", "mp4", "webm"))]


def jpeg(pixels: np.ndarray, path: Path) -> None:
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("mjpeg", rate=1, options={"strict": "unofficial"})
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], "yuvj420p"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")), *stream.encode()]:
            container.mux(packet)


@pytest.mark.soak
def test_two_thousand_damaged_uploads(server: Server, tmp_path: Path) -> None:
    seeds = whole_ones(server, tmp_path)
    for seed in seeds:
        assert server.send("/uploads", seed).status == 201
    first = sorted(stage_processes(server.settings))
    chance = random.Random(5)
    for number in range(UPLOADS):
        sent = damaged(chance.choice(seeds), chance)
        answer = server.send("/uploads", sent)
        if answer.status not in {201, 400}:
            (tmp_path / "guilty").write_bytes(sent)
        assert answer.status in {201, 400}, f"upload {number}: {answer.body!r}"
    assert sorted(stage_processes(server.settings)) == first, "none of them ended the process that reads them"
    assert server.process is not None
    assert all(resident(process) < MOST_BYTES for process in [server.process.pid, *first])
