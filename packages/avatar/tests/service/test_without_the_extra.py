"""Where the extra is not installed each of its commands says so in a line, and how to get it."""

import subprocess
import sys
from pathlib import Path

import pytest

from avatar.settings import Settings

from .conftest import environment


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("jobs list", "service"),
        ("worker start", "service"),
        ("server start --port 8799", "service"),
        ("verify x.mp4", "signing"),
    ],
)
def test_a_command_that_needs_an_extra(settings: Settings, tmp_path: Path, command: str, extra: str) -> None:
    for package in ("dbos", "fastapi", "c2pa"):
        (tmp_path / f"{package}.py").write_text(f"raise ImportError('No module named {package}')\n")
    line = [sys.executable, "-m", "avatar", *command.split()]
    more = environment(settings) | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(line, env=more, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3, done.stderr
    assert f"get it with: pip install 'avatar-pipeline[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_system_without_the_libraries_for_drawing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "skia.py").write_text("raise ImportError('libEGL.so.1: cannot open shared object file: absent')\n")
    more = environment(settings) | {"PYTHONPATH": str(tmp_path)}
    line = [sys.executable, "-m", "avatar", "portrait", "generate", "a man", "-o", str(tmp_path / "a.png")]
    done = subprocess.run(line, env=more, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3, done.stderr
    assert "lacks the library libEGL.so.1" in done.stderr
    assert "apt install libegl1 libgl1" in done.stderr
