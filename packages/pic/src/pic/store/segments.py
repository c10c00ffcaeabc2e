"""Reading segments and putting their events in one order.

A segment is a file one writer appends to on one branch: `<branch>-<writer>.jsonl`. Events name their parents, so all
segments together are one graph whatever merges brought them here.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pic.errors import Damaged
from pic.model.event import Event, decode

_AT_ONCE = 1 << 20
"""Bytes asked of the disk at a time; lines are taken from them one by one, so a long record is not held twice."""


@dataclass(slots=True)
class Segment:
    """What a file held: its good events, `size` bytes of whole lines, and `torn` bytes after them."""

    name: str
    events: list[Event] = field(default_factory=list)
    size: int = 0
    torn: int = 0


def read(path: Path, offset: int = 0, first: int = 0) -> Segment:
    """The events after `offset`, the first of which must be number `first`. Raises Damaged at the first bad line."""
    writer = path.stem.rpartition("-")[2]
    found = Segment(path.name, size=offset)
    with path.open("rb", buffering=_AT_ONCE) as handle:
        handle.seek(offset)
        for number, line in enumerate(handle, first):
            if not line.endswith(b"\n"):
                found.torn = len(line)
                break
            try:
                event = decode(line[:-1])
            except (Damaged, ValueError, KeyError, TypeError) as error:
                raise Damaged(f"{path.name} line {number + 1}: {error}", "pic audit verify") from error
            if event.number != number or event.writer != writer:
                what = f"event {event.number} does not belong here"
                raise Damaged(f"{path.name} line {number + 1}: {what}", "git log .pic")
            found.events.append(event)
            found.size += len(line)
    return found


def names(folder: Path) -> list[str]:
    """The segments of a log, sorted."""
    return sorted(path.name for path in folder.glob("*.jsonl")) if folder.is_dir() else []


def in_order(segments: Iterable[Segment]) -> list[Event]:
    """All events, parents first, and otherwise by time and hash: the same whatever order histories were joined in.

    Raises Damaged for an event that stands twice, whose parents are missing, or that comes before them.
    """
    groups = [segment.events for segment in segments if segment.events]
    if len(groups) == 1 and is_chain(groups[0]):
        return groups[0]
    known = {event.hash: event for events in groups for event in events}
    if len(known) != sum(map(len, groups)):
        raise Damaged("an event stands in the record twice", "git log .pic/log shows who changed it")
    for event in known.values():
        for parent in event.parents:
            if parent not in known:
                raise Damaged(f"event {event.hash[:12]} ({event.kind}) names a parent that is gone", "git log .pic/log")
    return _sorted(known)


def is_chain(events: Iterable[Event]) -> bool:
    """Whether each event names the one before and no other.

    Then none is missing, and none stands there twice: its hash is made over its parents' hashes.
    """
    before: tuple[str, ...] = ()
    for event in events:
        if event.parents != before:
            return False
        before = (event.hash,)
    return True


def _sorted(known: dict[str, Event]) -> list[Event]:
    waiting = {key: len(set(event.parents)) for key, event in known.items()}
    children: dict[str, list[str]] = {}
    for key, event in known.items():
        for parent in set(event.parents):
            children.setdefault(parent, []).append(key)
    ready = [(known[key].time, key) for key, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, key = heapq.heappop(ready)
        order.append(known[key])
        for child in children.get(key, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, (known[child].time, child))
    if len(order) != len(known):
        raise Damaged("events are their own ancestors", "git log .pic/log shows who changed it")
    return order


def heads(events: Iterable[Event]) -> tuple[str, ...]:
    """The events nothing has been built on yet, sorted."""
    known = list(events)
    if known and is_chain(known):
        return (known[-1].hash,)
    named = {parent for event in known for parent in event.parents}
    return tuple(sorted({event.hash for event in known} - named))
