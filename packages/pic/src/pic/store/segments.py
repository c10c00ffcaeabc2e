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


@dataclass(slots=True)
class Segment:
    """What a file held: its good events, `size` bytes of whole lines, and `torn` bytes after them."""

    name: str
    events: list[Event] = field(default_factory=list)
    size: int = 0
    torn: int = 0


def read(path: Path, offset: int = 0, first: int = 0) -> Segment:
    """The events after `offset`, the first of which must be number `first`. Raises Damaged at the first bad line."""
    with path.open("rb") as handle:
        handle.seek(offset)
        content = handle.read()
    whole = content.rfind(b"\n") + 1
    writer = path.stem.rpartition("-")[2]
    found = Segment(path.name, size=offset + whole, torn=len(content) - whole)
    for number, line in enumerate(content[:whole].splitlines(), first):
        try:
            event = decode(line)
        except (Damaged, ValueError, KeyError, TypeError) as error:
            raise Damaged(f"{path.name} line {number + 1}: {error}", "pic audit verify") from error
        if event.number != number or event.writer != writer:
            raise Damaged(f"{path.name} line {number + 1}: event {event.number} does not belong here", "git log .pic")
        found.events.append(event)
    return found


def names(folder: Path) -> list[str]:
    """The segments of a log, sorted."""
    return sorted(path.name for path in folder.glob("*.jsonl")) if folder.is_dir() else []


def in_order(segments: Iterable[Segment]) -> list[Event]:
    """All events, parents first, and otherwise by time and hash: the same whatever order histories were joined in.

    Raises Damaged for an event that stands twice, whose parents are missing, or that comes before them.
    """
    groups = [segment.events for segment in segments if segment.events]
    known = {event.hash: event for events in groups for event in events}
    if len(known) != sum(map(len, groups)):
        raise Damaged("an event stands in the record twice", "git log .pic/log shows who changed it")
    for event in known.values():
        for parent in event.parents:
            if parent not in known:
                raise Damaged(f"event {event.hash[:12]} ({event.kind}) names a parent that is gone", "git log .pic/log")
    if len(groups) == 1 and _is_chain(groups[0]):
        return groups[0]
    return _sorted(known)


def _is_chain(events: list[Event]) -> bool:
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
    open_ends: dict[str, None] = {}
    named: set[str] = set()
    for event in events:
        open_ends[event.hash] = None
        named.update(event.parents)
    return tuple(sorted(key for key in open_ends if key not in named))
