"""A repository to work in, and `pic` as the real process it is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("pic")
AGENT_MARKS = ("PIC_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "OPENCODE", "PIC_ACTOR", "PIC_PERSON_TOKEN")


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Repository:
    """A folder and the commands one gives in it."""

    folder: Path

    def pic(self, *arguments: str, code: int = 0, cwd: Path | None = None, **environment: str) -> str:
        done = self.run(*arguments, cwd=cwd, **environment)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def run(self, *arguments: str, cwd: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
        clean = {key: value for key, value in os.environ.items() if key not in AGENT_MARKS}
        return subprocess.run(
            [COMMAND, *arguments], cwd=cwd or self.folder, env={**clean, **environment}, encoding="utf-8",
            capture_output=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def json(self, *arguments: str, code: int = 0) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def token(self) -> str:
        """What a person at a terminal is given: `pic person token`, in a real one."""
        import pty

        leader, follower = pty.openpty()
        clean = {key: value for key, value in os.environ.items() if key not in AGENT_MARKS}
        done = subprocess.run(
            [COMMAND, "person", "token", "--json"], cwd=self.folder, env=clean, stdin=follower, capture_output=True,
            text=True, check=True, timeout=60,
        )  # fmt: skip
        os.close(leader)
        os.close(follower)
        return str(json.loads(done.stdout)["token"])

    def gates(self, text: str, phase: str = "implementation") -> None:
        """Give one phase these gates and no others anywhere."""
        names = [line[7:-1] for line in text.splitlines() if line.startswith("[gates.")]
        head = f"version = 2\n[phases.{phase}]\ngates = {json.dumps(names)}\n"
        (self.folder / ".pic/config.toml").write_text(head + text, "utf-8")


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Repository]:
    def build(name: str = "repo") -> Repository:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        git(folder, "init", "-q")
        (folder / "README.md").write_text("hello\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "first")
        return Repository(folder)

    return build


@pytest.fixture
def repo(make: Callable[[str], Repository]) -> Repository:
    """A repository in which `pic init` has been."""
    found = make("repo")
    found.pic("init")
    return found


@pytest.fixture
def at() -> type[Repository]:
    """For folders a test made itself."""
    return Repository
