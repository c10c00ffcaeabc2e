"""Every tool call of an agent, chained like the record but kept to this clone: too many and too private to be shared.

The chain's head is written into the record when an agent or a turn ends, so a call that is taken out, changed or put
in before that is found by `pic audit verify`, as is a tail that was cut off.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pic.errors import Damaged
from pic.model.event import Event, decode, encode
from pic.store import lock, segments
from pic.store.log import Actor, now
from pic.store.place import Place

WRITER = "calls"
NAME = f"agents-{WRITER}.jsonl"
ANCHORED = "audit.anchored"
_TAIL = 1 << 16
"""Bytes that surely hold the last whole line; inputs are bounded far below."""


def path_of(place: Place) -> Path:
    """The file."""
    return place.private / NAME


def append(place: Place, kind: str, flow: str, data: Mapping[str, Any], actor: Actor) -> Event:
    """Put one more at the end. What a kill left torn there goes. Not fsynced: the anchors are."""
    place.private.mkdir(parents=True, exist_ok=True)
    with lock.held(place.private / f"{WRITER}.lock", 10.0), path_of(place).open("a+b") as log:
        last, size = _last(log)
        number, parents = (last.number + 1, (last.hash,)) if last else (0, ())
        event, line = encode(Event(kind, flow, data, actor, now(), WRITER, number, parents))
        log.truncate(size)
        log.write(line)
    return event


def _last(log: Any) -> tuple[Event | None, int]:
    """The last whole event, and where it ends."""
    end = log.seek(0, os.SEEK_END)
    start = max(0, end - _TAIL)
    log.seek(start)
    tail = log.read()
    whole = tail.rfind(b"\n") + 1
    if not whole:
        return None, 0
    return decode(tail[:whole].splitlines()[-1]), start + whole


def read(place: Place) -> list[Event]:
    """All of them, checked. Raises Damaged."""
    path = path_of(place)
    if not path.is_file():
        return []
    events = segments.read(path).events
    before: tuple[str, ...] = ()
    for event in events:
        if event.parents != before:
            raise Damaged(f"{NAME} event {event.number}: it does not follow the one before", "pic audit")
        before = (event.hash,)
    return events


def summary(calls: Iterable[Event]) -> dict[str, int]:
    """How often each tool was used, and how often anything was refused or went beyond."""
    counted: dict[str, int] = {}
    for call in calls:
        name = call.data.get("tool", "") if call.kind == "tool.used" else call.kind
        counted[name] = counted.get(name, 0) + 1
    return dict(sorted(counted.items()))


def anchors(events: Iterable[Event], writer: str) -> list[Mapping[str, Any]]:
    """What this clone has written into the record of its calls."""
    return [event.data for event in events if event.kind == ANCHORED and event.writer == writer]


def check(place: Place, events: Iterable[Event], writer: str) -> int:
    """How many calls there are. Raises Damaged when they are not the ones the record vouches for."""
    calls = read(place)
    for anchor in anchors(events, writer):
        at = anchor["count"]
        if len(calls) < at:
            raise Damaged(f"{NAME} was cut: {at} calls were made, {len(calls)} are there", "who changed .git/pic?")
        if calls[at - 1].hash != anchor["head"]:
            raise Damaged(f"{NAME} was rewritten before call {at}", "who changed .git/pic?")
    return len(calls)
