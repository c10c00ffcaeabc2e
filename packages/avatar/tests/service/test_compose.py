"""deploy/: the processes that compose.yaml names, started at once on an empty database, make a video together."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from avatar.settings import Settings

from .conftest import Postgres, environment, eventually
from .server import Server

ROOT = Path(__file__).parents[4]
yaml = pytest.importorskip("yaml")


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    return found


def test_all_of_them_start_at_once_on_an_empty_database(tmp_path: Path, postgres: Postgres) -> None:
    postgres.empty()
    settings = Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs", size="64x64",
                        database=postgres.address)  # fmt: skip
    server = Server(settings)
    key = {"Authorization": f"Bearer {server.key('studio-one')[1]}"}
    lines = [
        [*service["command"]]
        for service in services().values()
        if service.get("image") == "avatar-service"
        for _ in range(service.get("deploy", {}).get("replicas", 1))
    ]
    assert len(lines) == 4
    started = [start(line, server, tmp_path / f"{number}.log") for number, line in enumerate(lines)]
    try:
        eventually(lambda: answers(server), seconds=90)
        jobs = [server.ask("POST", "/jobs", {"text": "One.", "seed": n}, **key).json["id"] for n in range(6)]
        assert {server.finished(job, **key)["state"] for job in jobs} == {"completed"}
        assert server.ask("GET", "/jobs").status == 401
    finally:
        for process in started:
            process.terminate()
        codes = [process.wait(timeout=30) for process in started]
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert codes == [0, 0, 0, 0], logs
    assert "Traceback" not in logs


def start(line: list[str], server: Server, log: Path) -> subprocess.Popen[bytes]:
    """As the container would, but on loopback, and asking for keys all the same."""
    own = {"0.0.0.0": "127.0.0.1", "8000": str(server.port)}
    words = [own.get(word, word) for word in line] + (["--require-keys"] if "server" in line else [])
    with log.open("w") as told:
        return subprocess.Popen(
            [sys.executable, "-m", "avatar", *words], env=environment(server.settings), stderr=told, stdout=told
        )


def answers(server: Server) -> bool:
    try:
        return server.ask("GET", "/health").status == 200
    except OSError:
        return False


def test_the_image_has_what_the_steps_copy_and_the_drawing_needs() -> None:
    steps = (ROOT / "deploy/service.Dockerfile").read_text()
    sent = (ROOT / "deploy/service.Dockerfile.dockerignore").read_text().splitlines()
    copied = [word for line in re.findall(r"^COPY (.*)$", steps, re.M) for word in line.split()[:-1]]
    for word in copied:
        assert (ROOT / word).exists(), word
        assert any(line.startswith(f"!{word}") for line in sent), word
    assert {"libegl1", "libgl1"} <= set(steps.split()), "skia is linked against them"
