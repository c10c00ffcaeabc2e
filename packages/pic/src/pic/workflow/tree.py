"""A hash of the files a gate covers, so that its evidence is known to be stale once they change."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pic.errors import InputError
from pic.model.glob import chosen


def listed(work: Path) -> list[str]:
    """Paths git tracks or would, sorted, without pic's own record."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise InputError("git is not installed", "install git") from error
    if done.returncode:
        raise InputError(f"git ls-files failed: {os.fsdecode(done.stderr).strip()[:200]}", "git status")
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    return sorted(name for name in names if not name.startswith(".pic/"))


def located(work: Path, path: str | Path, cwd: Path | None = None) -> str:
    """A path as authorities name it: below the worktree with `/`, links followed; absolute when it lies elsewhere."""
    real = ((cwd or work) / path).resolve()
    root = work.resolve()
    return (real.relative_to(root) if real.is_relative_to(root) else real).as_posix()


@contextmanager
def copied(work: Path) -> Iterator[Path]:
    """A throwaway copy of what git knows of a worktree: nothing that only this machine has, and no `.git`."""
    import shutil  # noqa: PLC0415  status hashes files and copies none
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="pic-clean-", ignore_cleanup_errors=True) as folder:
        for name in listed(work):
            source, target = work / name, Path(folder) / name
            if source.is_file() or source.is_symlink():  # not a submodule, nor what git still lists and is gone
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        yield Path(folder)


class Trees:
    """Hashes of parts of one worktree as it is now; every file is read once."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._names: list[str] | None = None
        self._hashes: dict[str, str] = {}

    def of(self, globs: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
        """The hash of names and contents that the globs mean, without what a command itself leaves there."""
        if not globs:
            return "nothing"
        if self._names is None:
            self._names = listed(self._work)
        sha = hashlib.sha256()
        for name in chosen(self._names, (*globs, *(f"!{one}" for one in without))):
            sha.update(f"{self._file(name)} {name}\0".encode("utf-8", "surrogateescape"))
        return sha.hexdigest()[:32]

    def _file(self, name: str) -> str:
        if name not in self._hashes:
            self._hashes[name] = content(self._work / name)
        return self._hashes[name]


def content(path: Path) -> str:
    """A hash of what lies at a path: a file, a link or a submodule."""
    if path.is_symlink():
        return "link:" + hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
    if path.is_dir():  # a submodule: what it has checked out
        command = ["git", "-C", str(path), "rev-parse", "HEAD"]
        return "module:" + subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return "gone"
