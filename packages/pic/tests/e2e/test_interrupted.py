"""Ctrl-C, for real: exit code 130, nothing half done, nobody left running."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
COMMAND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from pic.cli import run; run()"
"""`pic`; a test that runs in the background would have its children deaf to the signal."""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def begin(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], cwd=folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_an_interrupted_gate_is_not_on_record_and_its_command_is_gone(repo: Repository) -> None:
    os.mkfifo(repo.folder / "up")
    code = "import os, time; open('up', 'w').write(str(os.getpid())); time.sleep(60)"
    repo.gates(f"[gates.proof]\nrun = {json.dumps([sys.executable, '-c', code])}\ncovers = []\n")
    repo.pic("start", "X", "--size", "trivial")
    running = begin(repo.folder, "gate", "run")
    child = int((repo.folder / "up").read_text())
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (130, "")
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert "gate.ran" not in {one["kind"] for one in repo.json("audit")}
    repo.pic("audit", "verify")
    repo.pic("evidence", "add", "README.md")


def test_watching_says_each_change_once_until_it_is_interrupted(repo: Repository) -> None:
    repo.gates("", "implementation")
    repo.pic("start", "X", "--size", "trivial")
    watching = begin(repo.folder, "status", "--watch", "--every", "0.05", "--json")
    assert watching.stdout
    assert json.loads(watching.stdout.readline())["phase"] == "implementation"
    repo.pic("handoff")
    assert json.loads(watching.stdout.readline())["phase"] == "testing"
    watching.send_signal(signal.SIGINT)
    rest, said = watching.communicate(timeout=30)
    assert (watching.returncode, rest, said) == (130, "", "")


def test_a_reader_that_leaves_ends_the_watching(repo: Repository) -> None:
    repo.gates("", "implementation")
    repo.pic("start", "X", "--size", "trivial")
    watching = begin(repo.folder, "status", "--watch", "--every", "0.05", "--line")
    assert watching.stdout
    assert "implementation" in watching.stdout.readline()
    watching.stdout.close()
    repo.pic("handoff")
    assert watching.wait(30) == 0
    assert watching.stderr
    with watching.stderr:
        assert watching.stderr.read() == ""
