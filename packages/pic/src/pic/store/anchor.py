"""What this clone has seen, kept in git's own folder, so that a tail cut off the log is missed.

One anchor per branch: switching branches changes which segments are there.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pic.errors import Damaged
from pic.store import files
from pic.store.segments import Segment


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a segment had been seen: events, bytes, the last hash, and the file's time when we wrote it."""

    count: int
    size: int
    hash: str
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads and marks of one branch."""

    heads: tuple[str, ...] = ()
    segments: Mapping[str, Mark] = field(default_factory=dict)

    def check(self, segments: Mapping[str, Segment]) -> None:
        """Raises Damaged when something seen before is gone or different."""
        for name, mark in self.segments.items():
            found = segments.get(name)
            have = found.events if found else []
            if len(have) < mark.count:
                raise Damaged(
                    f"{name} was cut: {mark.count} events were seen, {len(have)} are there",
                    "restore it with git; or accept the loss: pic doctor --accept-loss",
                )
            if mark.count and have[mark.count - 1].hash != mark.hash:
                raise Damaged(f"{name} was rewritten before event {mark.count}", "restore it with git")


def load(path: Path) -> Anchor | None:
    """The anchor, or None when this clone has seen nothing yet or the file is unreadable."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        return Anchor(tuple(data["heads"]), {name: Mark(**mark) for name, mark in data["segments"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(path: Path, anchor: Anchor) -> None:
    """Keep it, durably."""
    files.write(path, json.dumps(asdict(anchor), separators=(",", ":")).encode())
