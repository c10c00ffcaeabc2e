"""The examples and the blocks of docs/api.md, run as they stand against a real service."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatar.codec import probe
from avatar.settings import Settings

from .conftest import environment
from .server import Server

ROOT = Path(__file__).parents[4]
EXAMPLES = ROOT / "examples/service"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("examples")
    settings = Settings(
        library=root / "library", cache=root / "cache", jobs=root / "jobs", size="128x72", fps=10,
        webhook_hosts="127.0.0.1",
    )  # fmt: skip
    server = Server(settings)
    server.start("--with-worker")
    yield server
    assert server.stop() == 0


def run(server: Server, *line: str | Path, cwd: Path) -> str:
    more = environment(server.settings) | {"URL": server.url}
    more["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(line, env=more, cwd=cwd, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("script", sorted(path.name for path in EXAMPLES.glob("*.sh")))
def test_an_example(service: Server, script: str, tmp_path: Path) -> None:
    run(service, "sh", EXAMPLES / script, ROOT / "examples/reference.flac", cwd=tmp_path)


def test_the_example_of_a_client(service: Server, tmp_path: Path) -> None:
    run(service, sys.executable, EXAMPLES / "client.py", service.url, "Hello.", "hello.mp4", cwd=tmp_path)
    assert probe(tmp_path / "hello.mp4").width == 320


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs/api.md").read_text(), re.DOTALL | re.M))


def test_the_shell_of_the_page(service: Server, tmp_path: Path) -> None:
    for tool in ("curl", "bash"):
        if shutil.which(tool) is None:
            pytest.skip(f"NOT TESTED: {tool} is not here")
    shutil.copyfile(ROOT / "examples/reference.flac", tmp_path / "reference.flac")
    jq = "jq() { python3 -c 'import json,sys; print(json.load(sys.stdin)[\"id\"])'; }\n"
    run(service, "bash", "-euc", jq + blocks("bash"), cwd=tmp_path)
    assert probe(tmp_path / "hello.mp4").width == 320
    assert (tmp_path / "morning.wav").read_bytes().startswith(b"RIFF")
    assert (tmp_path / "bo.png").read_bytes().startswith(b"\x89PNG")


def test_the_python_of_the_page(service: Server, tmp_path: Path) -> None:
    code = f"import warnings; warnings.simplefilter('ignore')\nURL = {service.url!r}\n{blocks('python')}"
    run(service, sys.executable, "-c", code, cwd=tmp_path)
    assert (tmp_path / "hello.mp3").stat().st_size > 1000
