"""Finished stages, kept by the hash of what went into them.

An entry is a folder `<root>/<stage>/<key[:2]>/<key>/` that appears by one rename, so a kill at any byte
leaves it whole or absent. Deleting the root loses nothing but time.
"""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from avatar.codec.publish import refusal, refuses

_MANIFEST = "manifest.json"
_LOCK = ".lock"
_STALE_SECONDS = 24 * 3600.0


class StageCache:
    """A content-addressed store of stage results below `root`.

    What is unfinished carries `owner` in its name, so that whoever ends that process can sweep up behind it.
    """

    def __init__(self, root: Path, owner: str = "run") -> None:
        self.root = root
        self.owner = owner

    @staticmethod
    def key(stage: str, inputs: Mapping[str, Any]) -> str:
        """SHA-256 over the canonical JSON of the stage's name and everything that can change its result."""
        canonical = json.dumps([stage, inputs], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def find(self, stage: str, key: str) -> Path | None:
        """The finished entry, or None. An entry whose files are not as its manifest says counts as absent."""
        entry = self._entry(stage, key)
        if not _whole(entry):
            return None
        os.utime(entry / _MANIFEST)  # for trim(): used just now
        return entry

    @contextmanager
    def publish(self, stage: str, key: str) -> Iterator[Path]:
        """Yield an empty folder to fill; it becomes the entry when the block ends well, and vanishes otherwise.

        Raises InputError when the disk refuses. When another process published first, its entry stays.
        """
        folder = self.root / "unfinished" / f"{self.owner}-{stage}-{uuid.uuid4().hex}"
        try:  # the name is known before the folder is made, so that an interrupt at any line finds it
            folder.mkdir(parents=True)
            with FileLock(_lock_of(folder)):
                yield folder
                self._finish(folder, self._entry(stage, key))
        except OSError as error:
            if not refuses(error):
                raise
            raise refusal(self.root, error) from error
        finally:
            _remove(folder)

    def sweep(self) -> None:
        """Remove what this owner left unfinished; to be called once it has ended."""
        for folder in _unfinished(self.root, f"{self.owner}-*"):
            _remove(folder)

    def forget(self, *stages: str) -> None:
        """Remove all that is kept of these stages."""
        for stage in stages:
            shutil.rmtree(self.root / stage, ignore_errors=True)

    def trim(self, limit_bytes: int) -> None:
        """Remove what a killed run left more than a day ago, then the entries least recently used, to the limit."""
        for folder in _unfinished(self.root, "*"):
            seen = folder if folder.exists() else _lock_of(folder)
            if time.time() - _changed(seen) > _STALE_SECONDS and _abandoned(folder):
                _remove(folder)
        entries = sorted((manifest.parent for manifest in self.root.glob(f"*/??/*/{_MANIFEST}")), key=_last_used)
        sizes = {entry: sum(_size(file) for file in entry.iterdir()) for entry in entries}
        excess = sum(sizes.values()) - limit_bytes
        for entry in entries:
            if excess <= 0:
                break
            shutil.rmtree(entry, ignore_errors=True)
            excess -= sizes[entry]

    def _entry(self, stage: str, key: str) -> Path:
        return self.root / stage / key[:2] / key

    @staticmethod
    def _finish(folder: Path, entry: Path) -> None:
        files = {file.name: file.stat().st_size for file in folder.iterdir()}
        (folder / _MANIFEST).write_text(json.dumps({"files": files}), "utf-8")
        for file in folder.iterdir():
            with file.open("rb+") as handle:
                os.fsync(handle.fileno())
        entry.parent.mkdir(parents=True, exist_ok=True)
        if not _whole(entry):
            shutil.rmtree(entry, ignore_errors=True)
        try:
            folder.rename(entry)
        except OSError:
            if not _whole(entry):  # else another process published first
                raise


def _whole(entry: Path) -> bool:
    """Whether the entry's files are there with the sizes its manifest says."""
    try:
        manifest = json.loads((entry / _MANIFEST).read_text("utf-8"))
        return all((entry / name).stat().st_size == size for name, size in manifest["files"].items())
    except (OSError, ValueError, KeyError):
        return False


def _unfinished(root: Path, pattern: str) -> set[Path]:
    """The folders of that name that are being filled, or were; of some only the lock is left."""
    return {path.with_name(path.name.removesuffix(_LOCK)) for path in (root / "unfinished").glob(pattern)}


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _abandoned(folder: Path) -> bool:
    """Whether nobody is filling it. Age alone would say so of all there is, once the clock has jumped by a day."""
    try:
        with FileLock(_lock_of(folder), timeout=0):
            return True
    except Timeout:
        return False


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        _lock_of(folder).unlink()


def _changed(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else time.time()


def _last_used(entry: Path) -> float:
    return _changed(entry / _MANIFEST)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
