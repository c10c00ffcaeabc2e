"""The command as a person meets it: a real process, its words and its exit code."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("preflight")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=30)


def test_version_is_the_installed_one() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"preflight {version('preflight-audit')}\n")


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_help_says_what_it_is_and_what_exit_codes_mean(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == (0 if arguments else 2)
    assert "Audits dependencies while planning" in done.stdout
    assert "3 could not check enough to answer" in " ".join(done.stdout.split())


@pytest.mark.parametrize("argument", ["takeoff", "--takeoff"])
def test_what_it_does_not_know_is_exit_2_and_named(argument: str) -> None:
    done = run(argument)
    assert done.returncode == 2
    assert done.stdout == ""
    assert argument in done.stderr
    assert "Traceback" not in done.stderr
