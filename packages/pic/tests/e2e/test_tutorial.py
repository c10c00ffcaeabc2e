"""docs/tutorial-pic.md, block by block, as a newcomer would type it."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TUTORIAL = Path(__file__).parents[4] / "docs/tutorial-pic.md"
GREET = """\
import sys


def greet(name):
    return f"hello {name}"


if __name__ == "__main__":
    print(greet(sys.argv[1]))
"""
TEST = "from greet import greet\n\nassert greet('Ada') == 'hello Ada'\n"
GATES = {
    "sources": ["pic", "audit", "check", "sources"],
    "milestones": ["pic", "audit", "check", "milestones"],
    "decisions": ["pic", "audit", "check", "decisions"],
    "build": [sys.executable, "-m", "py_compile", "greet.py"],
    "tests": [sys.executable, "-B", "test_greet.py"],
    "study": ["pic", "audit", "check", "study"],
    "complete": ["pic", "audit", "check", "complete"],
}
PHASES = {
    "research": ["sources"],
    "planning": ["milestones"],
    "design": ["decisions"],
    "implementation": ["build"],
    "testing": ["tests", "study"],
    "review": ["complete"],
}


def configuration() -> str:
    lines = ["version = 1"]
    for phase, names in PHASES.items():
        lines += [f"[phases.{phase}]", f"gates = {json.dumps(names)}"]
    for name, run in GATES.items():
        lines += [f"[gates.{name}]", f"run = {json.dumps(run)}", 'covers = ["*.py"]']
    return "\n".join(lines) + "\n"


def test_the_tutorial_ends_with_a_finished_workflow(make: Callable[[str], Any]) -> None:
    repo = make("greeting")
    files = {"greet.py": GREET, "test_greet.py": TEST, "notes.md": "read\n", "tutorial.toml": configuration()}
    for name, text in files.items():
        (repo.folder / name).write_text(text)
    blocks = re.findall(r"```sh( refused)?\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    for refused, block in blocks:
        for line in block.splitlines():
            command, *arguments = shlex.split(line)
            if command == "cp":
                (repo.folder / arguments[1]).write_bytes((repo.folder / arguments[0]).read_bytes())
            else:
                assert command == "pic"
                repo.pic(*arguments, code=int(bool(refused)))
    [flow] = repo.json("list")
    assert flow["status"] == "finished"
    assert len(repo.json("show", flow["id"])["handoffs"]) == 6
