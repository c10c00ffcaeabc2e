"""schemathesis over the whole schema: no server error, and no answer the schema does not know."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatar.settings import Settings

from .server import Server

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def served(root: Path, **more: Path) -> Iterator[Server]:
    settings = Settings.model_validate(
        {"library": root / "library", "cache": root / "cache", "jobs": root / "jobs", "size": "128x72"} | more
    )
    started = Server(settings)
    started.start("--rate", "10000")
    yield started
    started.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    yield from served(tmp_path)


@pytest.fixture
def server_with_photos(tmp_path: Path, face_models: Path) -> Iterator[Server]:
    """Where the model is missing a photo that is sent is answered with 503, and rightly."""
    yield from served(tmp_path, models=face_models)


SHORT = """
[[operations]]
include-path = "/jobs/{job}/events"
parameters = { "query.seconds" = 0.2 }
"""
"""Nobody takes these jobs, and whoever follows one would wait until it is made."""


def attack(server: Server, examples: int, *more: str) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    settings = server.settings.jobs.parent / "schemathesis.toml"
    settings.write_text(SHORT)
    line = [
        program, "--config-file", settings, "run", f"{server.url}/openapi.json", "--checks", CHECKS,
        "--max-examples", str(examples), "--seed", "1", "--generation-deterministic", "--no-color",
        "--request-timeout", "60", *more,
    ]  # fmt: skip
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=server.settings.jobs)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_few_requests_to_every_route(server: Server) -> None:
    attack(server, 1, "--phases", "examples,fuzzing", "--suppress-health-check", "all")


@pytest.mark.soak
def test_many_requests_to_every_route(server_with_photos: Server) -> None:
    attack(server_with_photos, 300, "--suppress-health-check", "all")
