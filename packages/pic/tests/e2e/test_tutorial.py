"""docs/tutorial-pic.md, block by block, as a newcomer would type it; what it shows is what was said."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TUTORIAL = Path(__file__).parents[4] / "docs/tutorial-pic.md"
AGENT_MARKS = ("PIC_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "OPENCODE", "PIC_ACTOR", "PIC_PERSON_TOKEN")
BLOCK = re.compile(r"```(sh refused|sh|text)\n(.*?)```", re.DOTALL)
pytestmark = pytest.mark.skipif(not shutil.which("make") or os.name == "nt", reason="needs make and a POSIX shell")


def shell(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key not in AGENT_MARKS}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip


def unsaid(shown: str, said: list[str]) -> Iterator[str]:
    """Lines that are shown and were not said, in this order."""
    rest = iter(said)
    for line in shown.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        if not any(pattern.fullmatch(one) for one in rest):
            yield line


def test_the_tutorial_ends_with_a_finished_workflow(tmp_path: Path, at: Callable[[Path], Any]) -> None:
    blocks = BLOCK.findall(TUTORIAL.read_text("utf-8"))
    assert [kind for kind, _ in blocks].count("text") >= 8
    said = ""
    for kind, block in blocks:
        if kind == "text":
            assert not list(unsaid(block, said.splitlines())), f"not said:\n{block}\nbut:\n{said}"
            continue
        done = shell(tmp_path, block)
        assert done.returncode == (1 if kind == "sh refused" else 0), f"{block}\n{done.stdout}"
        said = done.stdout
    repo = at(tmp_path)
    first, second = repo.json("list")
    assert (first["status"], second["status"]) == ("finished", "active")
    assert (tmp_path / "out/hello.txt").read_text() == "hello Ada"
    assert len(repo.json("show", first["id"])["handoffs"]) == 7
