"""Two thousand damaged uploads: each is answered, none crashes the service, and its memory stays bounded."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avatar.codec import write_picture
from avatar.settings import Settings

from .server import Server

ROOT = Path(__file__).parents[4]
MOST_BYTES = 700 * 2**20
UPLOADS = 2000


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


@pytest.mark.soak
def test_two_thousand_damaged_uploads(server: Server, tmp_path: Path) -> None:
    write_picture(np.random.default_rng(1).integers(0, 255, (90, 160, 4), np.uint8), tmp_path / "a.png")
    sound = server.ask("POST", "/v1/audio/speech", {"model": "builtin", "input": "Hello.", "voice": "default"}).body
    seeds = [(tmp_path / "a.png").read_bytes(), (ROOT / "examples/reference.flac").read_bytes()[:60_000], sound]
    chance = random.Random(5)
    for _ in range(UPLOADS):
        answer = server.send("/uploads", damaged(chance.choice(seeds), chance))
        assert answer.status in {201, 400}, answer.body
    assert server.process is not None
    assert resident(server.process.pid) < MOST_BYTES
