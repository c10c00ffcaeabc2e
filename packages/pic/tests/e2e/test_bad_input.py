"""What people type by mistake or on purpose: one line that says what, where and what to do; nothing lost."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
NOBODY = 65534
AS_NOBODY = f"""
import importlib, os, pkgutil, sys
sys.argv[1:] = folder, *arguments = sys.argv[1:]
import pic, hmac, secrets, shlex, shutil, socket, tempfile, traceback, encodings.idna
for module in pkgutil.walk_packages(pic.__path__, "pic."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)  # what lies beside may be closed to nobody
from pic.cli.main import main
os.chdir(folder)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
sys.exit(main(arguments))
"""


def as_nobody(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """pic, run by somebody who is not root: root may write anywhere."""
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(folder), *arguments], capture_output=True, text=True, check=False,
        timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if "EINVAL" in done.stderr or "Invalid argument" in done.stderr:
        pytest.skip("this container has nobody to become")
    return done


@pytest.fixture
def locked(at: Any) -> Iterator[Repository]:
    """A repository that belongs to somebody else, where anybody may read."""
    with tempfile.TemporaryDirectory(prefix="pic-read-only-") as root:
        Path(root).chmod(0o755)
        repo = at(Path(root) / "repo")
        repo.folder.mkdir()
        repo.git("init", "-q")
        (repo.folder / "README.md").write_text("hello\n")
        repo.pic("init")
        repo.pic("start", "Only to be read")
        for path in [repo.folder, *repo.folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield repo
        for path in [repo.folder, *repo.folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_read_only_folder_is_one_line_and_can_be_read(locked: Repository) -> None:
    for command in (("evidence", "add", "README.md"), ("decide", "x", "--choose", "a", "--option", "a",
                    "--because", "b", "--tier", "light"), ("start", "y"), ("doctor",)):  # fmt: skip
        done = as_nobody(locked.folder, *command)
        assert done.returncode in (1, 2), (command, done.stdout, done.stderr)
        if done.returncode == 2 and command != ("start", "y"):
            assert done.stderr.startswith("pic: cannot write ")
        assert "Traceback" not in done.stderr
    done = as_nobody(locked.folder, "status", "--line")
    assert (done.returncode, done.stdout) == (0, "research · 0/1 gates · Only to be read\n")
    assert as_nobody(locked.folder, "audit", "verify").returncode == 0


@pytest.mark.parametrize("name", [".pic/log", ".pic/decisions", ".git/pic"])
def test_a_file_where_a_folder_belongs_is_one_line(repo: Repository, name: str) -> None:
    repo.pic("start", "X")
    place = repo.folder / name
    if place.is_dir():
        shutil.rmtree(place)
    place.write_text("in the way\n")
    words = ("decide", "D", "--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    done = repo.run(*words)
    assert done.returncode in (2, 3), done.stderr
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    assert done.stderr.startswith("pic: ")


DASHES = [
    (("start", "-x"), 2, "stands behind --"),
    (("start", "-5 degrees"), 0, "-5 degrees"),
    (("start", "--", "-x"), 0, "-x"),
    (("start", "X", "--size", "-y"), 2, "--because='-y'"),
    (("decide", "T", "--option", "a", "--choose", "a", "--because", "-b", "--tier", "light"), 2, "--because='-b'"),
    (("decide", "T", "--option=-a", "--choose=-a", "--because=-b", "--tier", "light"), 0, "-a"),
]


@pytest.mark.parametrize(("command", "code", "said"), DASHES)
def test_words_that_begin_with_a_dash(repo: Repository, command: tuple[str, ...], code: int, said: str) -> None:
    if command[0] != "start":
        repo.pic("start", "X")
    assert said in repo.pic(*command, code=code)


@pytest.mark.parametrize("words", ["", " ", "\t\n", "\u202e"])
def test_empty_words_are_refused(repo: Repository, words: str) -> None:
    assert "needs words" in repo.pic("start", words, code=2)
    repo.pic("start", "X")
    assert "no file of this repository" in repo.pic("evidence", "add", words, code=2)
    assert "a reason needs words" in repo.pic("abandon", "--because", words, "--token", repo.token(), code=2)
    assert repo.json("status")["status"] == "active"
