"""What the documents tell a person to type exists: every make target, command and option in a code block."""

import functools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("packages/*/README.md"),
    *(path for path in ROOT.glob("docs/**/*.md") if "reference" not in path.parts),
]
COMMANDS = ("avatar", "preflight", "pic")


def typed(document: Path) -> list[str]:
    """The command lines of a document's `sh` blocks, with continued lines joined."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", document.read_text(), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def lines_of(*programs: str) -> list[str]:
    """Command lines of all documents that start one of `programs`, each once, without comments and pipes."""
    lines = {re.split(r"\s[#|>&]", line)[0].strip() for document in DOCUMENTS for line in typed(document)}
    return sorted(line for line in lines if line.split()[0] in programs)


@functools.cache
def help_page(*words: str) -> str:
    """What a command prints when asked for help."""
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:], "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("line", lines_of("make"))
def test_a_make_target_in_the_documents_exists(line: str) -> None:
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    targets = [word for word in shlex.split(line)[1:] if "=" not in word]
    assert set(targets) <= rules


@pytest.mark.parametrize("line", lines_of(*COMMANDS))
def test_a_command_in_the_documents_exists_with_its_options(line: str) -> None:
    words = shlex.split(line)
    known = words[:1]
    for word in words[1:]:
        if not re.search(rf"^ {{2,4}}{re.escape(word)}\b", help_page(*known), re.MULTILINE) or word.startswith("-"):
            break
        known.append(word)
    page = help_page(*known)
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        assert re.search(rf"{re.escape(option)}\b", page), f"{' '.join(known)} has no {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text()):
        assert (document.parent / target).exists(), target


def python_blocks() -> list[str]:
    """The Python examples of the packages' own pages: those that stand alone."""
    pages = [page.read_text() for page in sorted(ROOT.glob("packages/*/README.md"))]
    return [block for page in pages for block in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("block", python_blocks(), ids=lambda block: f"{len(block.splitlines())} lines")
def test_a_python_example_of_a_package_runs(block: str, tmp_path: Path) -> None:
    environment = {**os.environ, "AVATAR_LIBRARY": str(tmp_path / "library"), "AVATAR_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", block]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
