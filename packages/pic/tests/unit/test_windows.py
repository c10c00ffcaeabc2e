"""What is different on Windows, as far as it can be tried elsewhere: the lock's other half, renames, line endings."""

import importlib.util
import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from pic.errors import Locked
from pic.store import files, lock

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""


def windows_lock(monkeypatch: pytest.MonkeyPatch, taken: set[int]) -> Any:
    """The lock module as Windows would load it, over a msvcrt that keeps its locks in a set of positions."""

    def locking(handle: int, mode: int, size: int) -> None:
        place = os.lseek(handle, 0, os.SEEK_CUR)
        if place in taken:
            raise PermissionError(13, "taken")
        assert (mode, size) == (2, 1)
        taken.add(place)

    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=2))
    monkeypatch.setattr(os, "name", "nt")
    spec = importlib.util.spec_from_file_location("pic_lock_of_windows", lock.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(os, "name", "posix")
    return module


def test_the_lock_of_windows_lies_beyond_the_owners_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[int] = set()
    module, path = windows_lock(monkeypatch, taken), tmp_path / "lock"
    with module.held(path):
        assert taken == {1 << 20}
        assert f"process {os.getpid()} on" in module.owner(path)
        with pytest.raises(Locked, match=f"process {os.getpid()} on"), module.held(path, 0.02):
            pass
    assert path.read_bytes() == b""
    taken.clear()  # what closing the file does there
    with module.held(path, 0):
        pass


def test_a_rename_waits_for_a_reader_on_windows_and_for_nobody_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3]

    def busy(old: Path, new: Path) -> None:
        left[0] -= 1
        if left[0]:
            raise PermissionError(13, "somebody reads it")
        old.replace(new)

    monkeypatch.setattr(files, "replace", busy)
    with pytest.raises(PermissionError):
        files.write(tmp_path / "a", b"x")
    monkeypatch.setattr(files, "os", types.SimpleNamespace(name="nt", getpid=os.getpid, fsync=os.fsync))
    files.write(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_git_that_changes_line_endings_leaves_the_record_alone(repo: Repository, tmp_path: Path, at: Any) -> None:
    repo.pic("start", "X")
    repo.pic("decide", "D", "--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "recorded")
    repo.git("-c", "core.autocrlf=true", "clone", "-q", str(repo.folder), str(tmp_path / "clone"))
    clone = at(tmp_path / "clone")
    assert b"\r\n" in (clone.folder / "README.md").read_bytes()
    [segment] = (clone.folder / ".pic/log").iterdir()
    assert b"\r" not in segment.read_bytes()
    clone.pic("audit", "verify")
    assert clone.pic("doctor").strip() == "the record is whole"
