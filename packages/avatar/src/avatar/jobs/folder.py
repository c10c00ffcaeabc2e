"""A job's folder, shared by all who work on it.

JOBS/work/ID/inputs/    recordings and pictures, named by their content
JOBS/work/ID/events.jsonl
JOBS/work/ID/result/    the video, its still, its captions
"""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avatar.codec.publish import publish, refusal
from avatar.errors import InputError, NotFound
from avatar.jobs.model import Event

_ID = re.compile(r"[a-z0-9-]{8,64}")
_TAIL = 4096
_ABANDONED_SECONDS = 3600.0


class JobFolder:
    """The folder of one job below `root`."""

    def __init__(self, root: Path, job: str) -> None:
        if not _ID.fullmatch(job):
            raise NotFound(f"no job is called {job[:70]!r}", "see: avatar jobs list")
        self.path = root / "work" / job

    @property
    def result(self) -> Path:
        """Where the video and what belongs to it are put."""
        return self.path / "result"

    def keep_input(self, source: Path) -> str:
        """Copy a file in, named by its content; its name below the folder. Raises InputError when it cannot be read."""
        if not source.is_file():
            raise InputError(f"there is no file {source}")
        try:
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            name = f"inputs/{digest[:32]}{source.suffix.lower()}"
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refusal(self.path, error) from error
        if not target.exists():
            with publish(target) as part:
                shutil.copyfile(source, part)
        return name

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def size(self) -> int:
        """Bytes."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    # events

    def note(self, kind: str, **data: Any) -> None:
        """Append an event. Whoever was killed while writing left a line without an end: it is ended first."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "events.jsonl").open("ab+") as file:
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(json.dumps({"at": round(time.time(), 3), "type": kind, "data": data}).encode() + b"\n")

    def events(self, after: int = 0) -> list[Event]:
        """The events later than number `after`."""
        path = self.path / "events.jsonl"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        return [event for number, line in enumerate(lines, 1) if number > after and (event := _event(number, line))]

    def last_progress(self) -> tuple[str | None, float]:
        """The stage that is being worked on, and how much of it is done."""
        path = self.path / "events.jsonl"
        if not path.exists():
            return None, 0.0
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            lines = file.read().split(b"\n")[:-1]
        for line in reversed(lines):
            event = _event(1, line)
            if event and event.type in ("progress", "stage"):
                return event.data["stage"], event.data.get("fraction", 1.0)
        return None, 0.0


def _event(number: int, line: bytes) -> Event | None:
    """The event of a line; None for a line that a kill cut short."""
    try:
        about = json.loads(line)
        return Event(number, about["at"], about["type"], about["data"])
    except (ValueError, KeyError, TypeError):
        return None


def abandoned(root: Path, known: frozenset[str]) -> Iterator[Path]:
    """Folders of no known job that nobody has touched for an hour: their submit was killed, or their removal."""
    for folder in (root / "work").glob("*"):
        if folder.name not in known and time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
            yield folder
