"""The command as a person meets it: a real process, its words and its exit code."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pic.cli.main import build_parser

COMMAND = Path(sys.executable).with_name("pic")
SOURCE = Path(__file__).parents[2] / "src"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=30)


def pages(parser: Any) -> list[Any]:
    found = [parser]
    for action in parser._actions:
        if isinstance(action.choices, dict):
            found += [page for below in action.choices.values() for page in pages(below)]
    return found


def test_version_is_the_installed_one() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"pic {version('pilot-in-command')}\n")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_says_what_it_is_and_its_exit_codes(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "one pilot in command at a time" in done.stdout
    assert "3 record damaged or locked" in done.stdout


def test_every_help_page_ends_with_an_example_that_parses() -> None:
    parser = build_parser()
    for page in pages(parser):
        assert page.epilog, page.prog
        assert "example:\n  pic " in page.epilog, page.prog


@pytest.mark.parametrize("argument", ["takeoff", "--takeoff"])
def test_what_it_does_not_know_is_exit_2_and_named(argument: str) -> None:
    done = run(argument)
    assert done.returncode == 2
    assert done.stdout == ""
    assert argument in done.stderr
    assert "Traceback" not in done.stderr


def test_it_runs_from_its_folder_on_the_standard_library_alone(repo: Any) -> None:
    start = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from pic.cli.main import main; "
    start += "sys.exit(main(['status', '--json']))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start], capture_output=True, text=True, check=False, cwd=repo.folder
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["workflow"] is None
