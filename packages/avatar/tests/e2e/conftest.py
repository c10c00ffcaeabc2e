"""Real processes: the command as a person runs it, with a library and a cache of the test's own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from avatar.codec import write_audio
from avatar.testing.contracts import voiced_reference

CONSENT = "Nobody, a synthetic sound for a test"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """Runs `avatar` below a folder of its own."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "LIBRARY": self.folder / "library",
            "CACHE": self.folder / "cache",
            "MODELS": self.folder / "models",
            "CONFIG": self.folder / "avatar.toml",
        }
        clean = {key: value for key, value in os.environ.items() if not key.startswith("AVATAR_")}
        return clean | {f"AVATAR_{key}": str(value) for key, value in own.items()}

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", **extra: str) -> Done:
        done = subprocess.run(
            self.line(*arguments), input=stdin, capture_output=True, cwd=self.folder, timeout=120,
            env=self.environment | extra, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.line(*arguments), cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    @staticmethod
    def line(*arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "avatar", *map(str, arguments)]

    def films(self, text: str, *extra: str | Path, output: str = "talk.mp4") -> list[str]:
        """The arguments of a small, quick video."""
        return ["pipeline", "run", text, "--size", "320x180", "--output", output, *map(str, extra)]


@pytest.fixture
def avatar(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of a voice that is nobody's."""
    path = tmp_path_factory.mktemp("reference") / "reference.wav"
    write_audio(voiced_reference(), path)
    return path


def refuses(done: Done, code: int, *words: str) -> None:
    """One clear line that says these words, a hint at most, the exit code, and nothing like a traceback."""
    assert done.code == code, done.err
    lines = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.err
    assert "Traceback" not in done.err + done.out
    for word in words:
        assert word in done.err, done.err
