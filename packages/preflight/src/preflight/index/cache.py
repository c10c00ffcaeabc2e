"""Answers kept on disk, with the time they were given.

A file's content never changes under its name, so what was read of it is kept for good; a page of the index is kept for
PAGE_AGE. Written beside and renamed: a kill leaves the old answer or the new one.
"""

import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PAGE_AGE = 6 * 3600.0
FOR_EVER = float("inf")


@dataclass(frozen=True)
class Cache:
    """A folder of answers. `offline` takes an answer of any age."""

    folder: Path
    offline: bool = False

    def get(self, key: str, age: float = FOR_EVER) -> tuple[bytes, float] | None:
        """The answer and when it was given, unless it is older than `age` seconds."""
        path = self._path(key)
        try:
            given = path.stat().st_mtime
            if not self.offline and time.time() - given > age:
                return None
            return path.read_bytes(), given
        except OSError:
            return None

    def put(self, key: str, answer: bytes) -> None:
        """Keep an answer."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(answer)
        Path(beside).replace(path)

    def _path(self, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / digest[:2] / digest
