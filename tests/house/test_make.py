"""What a newcomer meets first: a Python that will do, or one line that says what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIND, MAKE_VENV = ROOT / "scripts/find-python.sh", ROOT / "scripts/make-venv.sh"


def sh(script: Path, *arguments: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:/usr/bin:/bin"} if path else None
    command = ["/bin/sh", str(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


def python_that(folder: Path, name: str, before: str) -> Path:
    """A Python called `name` that is ours, after `before` has changed what it says of itself."""
    command = folder / name
    start = f'import sys; sys.argv[0] = "-c"; {before}; exec(sys.argv.pop(1))'
    command.write_text(f"#!/bin/sh\nshift\nexec '{sys.executable}' -c '{start}' \"$@\"\n")
    command.chmod(0o755)
    return command


NO_VENV = 'sys.modules["ensurepip"] = None'
TOO_OLD = 'sys.version_info = (3, 9); import platform; platform.python_version = lambda: "3.9.2"'


def test_the_newest_that_runs_is_found_and_a_name_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "python3.14"
    broken.write_text("#!/bin/sh\necho 'version 3.14 is not installed' >&2\nexit 127\n")
    broken.chmod(0o755)
    python_that(tmp_path, "python3.13", NO_VENV)
    works = python_that(tmp_path, "python3.12", "pass")
    assert sh(FIND, path=tmp_path).stdout.strip() == str(works)


@pytest.mark.parametrize(
    ("before", "says"),
    [(NO_VENV, "apt install python3-venv"), (TOO_OLD, "Python 3.11 or newer, and")],
    ids=["no venv module", "too old"],
)
def test_a_python_that_will_not_do_is_one_line_and_no_folder(tmp_path: Path, before: str, says: str) -> None:
    python = python_that(tmp_path, "python3", before)
    done = sh(MAKE_VENV, python, tmp_path / "venv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("python", ["", "no-such-python"])
def test_no_python_is_one_line(tmp_path: Path, python: str) -> None:
    done = sh(MAKE_VENV, python, tmp_path / "venv")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "3.11 or newer" in done.stderr


def test_a_finished_venv_is_left_alone(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    assert sh(MAKE_VENV, sys.executable, venv).returncode == 0
    mark = venv / ".python"
    before = mark.stat().st_mtime_ns
    (venv / "bin/kept").touch()
    assert sh(MAKE_VENV, sys.executable, venv).returncode == 0
    assert (venv / "bin/kept").exists()
    assert mark.stat().st_mtime_ns == before


def test_make_alone_prints_every_target_a_person_calls() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "check", "bench", "soak", "docs", "lock", "clean"):
        assert f"make {target} " in done.stdout
