"""The record: read it, check it, append to it.

An append is: take the lock, bring the state up to date, ask the rules, write one line, fsync, move the anchor. A kill
in between leaves the line torn (nothing had happened), or whole and unknown to the anchor (it had, and is adopted).
"""

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pic.errors import Locked, NeedsPerson, NotFound
from pic.model.event import Event, encode
from pic.model.state import Record
from pic.rules import fold, replay
from pic.store import files, lock, segments, snapshot
from pic.store.anchor import Anchor, Mark, load, save
from pic.store.place import Place
from pic.store.segments import Segment

Actor = tuple[str, str]
Draft = tuple[str, str, Mapping[str, Any]]
"""Kind, workflow and data of an event that is not yet one."""


def now() -> str:
    """UTC to the microsecond, in a form that sorts."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class View:
    """The record at one moment: its state, and how far every segment was read."""

    record: Record
    anchor: Anchor
    torn: Mapping[str, int]


class Store:
    """The record of one repository."""

    def __init__(self, place: Place, timeout: float = 30.0) -> None:
        self.place = place
        self.log = place.folder / "log"
        self.timeout = timeout
        self._view: View | None = None

    @property
    def exists(self) -> bool:
        """Whether `pic init` has been here."""
        return self.log.is_dir()

    def view(self) -> View:
        """The state now. Quick when nobody but pic has touched the log since it was last read; else all is read."""
        if not self.exists:
            raise NotFound("no record here", "pic init")
        anchor = load(self._anchor)
        base = self._view or snapshot.load(self._snapshot)
        if anchor and base and self._untouched(anchor) and _behind(base.anchor, anchor):
            self._view = self._catch_up(base, anchor)
        else:
            self._view, events = self.read(anchor)
            if len(events) > snapshot.WORTH:
                self._keep_alone(self._view, anchor)
        return self._view

    def _keep_alone(self, view: View, anchor: Anchor | None) -> None:
        """Keep what a reader found, unless somebody writes or has written since."""
        with suppress(OSError, Locked), lock.held(self.place.private / "lock", 0):
            if load(self._anchor) == anchor:
                self._keep(view)

    def read(self, anchor: Anchor | None = None) -> tuple[View, list[Event]]:
        """Read and check every byte. Raises Damaged."""
        collecting = gc.isenabled()
        gc.disable()  # nothing read here is garbage, and looking for some doubles the time
        try:
            return self._read(anchor)
        finally:
            if collecting:
                gc.enable()

    def _read(self, anchor: Anchor | None) -> tuple[View, list[Event]]:
        found = {name: segments.read(self.log / name) for name in segments.names(self.log)}
        (anchor or Anchor()).check(found)
        events = segments.in_order(found.values())
        marks = {name: self._mark(one, 0) for name, one in found.items()}
        torn = {name: one.torn for name, one in found.items() if one.torn}
        return View(replay(Record(), events), Anchor(segments.heads(events), marks), torn), events

    def append(self, draft: Callable[[Record], Sequence[Draft]] | Sequence[Draft], actor: Actor) -> list[Event]:
        """Record what `draft` makes of the state under the lock. Raises Refused, and then nothing is written.

        An attempt at what only a person may do is recorded before it is refused.
        """
        with lock.held(self.place.private / "lock", self.timeout):
            view = self.view()
            drafts = draft(view.record) if callable(draft) else draft
            try:
                return self._write(view, drafts, actor)
            except NeedsPerson as refused:
                kind, flow, data = drafts[0]
                said = {"tried": kind, "said": refused.message, "because": str(data.get("because", ""))}
                self._write(view, [("person.refused", flow, said)], actor)
                raise

    def _write(self, view: View, drafts: Sequence[Draft], actor: Actor) -> list[Event]:
        name = f"{self.place.branch}-{self.writer}.jsonl"
        mark = view.anchor.segments.get(name, Mark(0, 0, ""))
        record, heads, written, lines = view.record, view.anchor.heads, [], []
        for number, (kind, flow, data) in enumerate(drafts, mark.count):
            clock = now()
            event = Event(kind, flow, data, actor, max(clock, record.time), self.writer, number, heads)
            if clock < record.time:
                event = replace(event, clock=clock)
            record = fold(record, event)
            event, line = encode(event)
            heads = (event.hash,)
            written.append(event)
            lines.append(line)
        if not written:
            return []
        stat = self._to_disk(self.log / name, mark.size, b"".join(lines))
        marks = {**view.anchor.segments, name: Mark(written[-1].number + 1, stat.st_size, heads[0], stat.st_mtime_ns)}
        anchor = Anchor(heads, marks)
        save(self._anchor, anchor)
        self._view = View(record, anchor, {})
        kept = snapshot.seen(self._snapshot)
        if record.events - kept > snapshot.WORTH:
            self._keep(self._view)
        return written

    @staticmethod
    def _to_disk(path: Path, size: int, content: bytes) -> os.stat_result:
        """Append after `size` bytes of whole lines; what a kill left torn behind them goes."""
        new = not path.exists()
        with path.open("ab" if new else "r+b") as handle:
            handle.seek(size)
            handle.truncate()
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
            stat = os.fstat(handle.fileno())
        if new:
            files.sync_folder(path.parent)
        return stat

    def verify(self) -> tuple[View, list[Event]]:
        """Every byte, while nobody writes. Raises Damaged; what could not be checked the caller sees in `seen`."""
        with ExitStack() as stack:
            with suppress(OSError):  # a read-only clone has no writers either
                stack.enter_context(lock.held(self.place.private / "lock", self.timeout))
            return self.read(self.seen)

    @property
    def seen(self) -> Anchor | None:
        """What this clone has seen of the branch; None when it never looked."""
        return load(self._anchor)

    def drop_torn(self) -> None:
        """Cut what kills left behind the last whole lines: nothing had happened there."""
        with lock.held(self.place.private / "lock", self.timeout):
            for name in segments.names(self.log):
                found = segments.read(self.log / name)
                if found.torn:
                    with (self.log / name).open("r+b") as handle:
                        handle.truncate(found.size)

    def re_anchor(self) -> None:
        """Take the log as it lies for the truth: what `doctor` does once it has been looked at."""
        self._view, _ = self.read()
        save(self._anchor, self._view.anchor)

    def _untouched(self, anchor: Anchor) -> bool:
        """Whether the files are the ones this clone last wrote or read, to the nanosecond."""
        if segments.names(self.log) != sorted(anchor.segments):
            return False
        with suppress(OSError):
            for name, mark in anchor.segments.items():
                stat = (self.log / name).stat()
                if (stat.st_size, stat.st_mtime_ns) != (mark.size, mark.mtime_ns):
                    return False
            return True
        return False

    def _catch_up(self, base: View, anchor: Anchor) -> View:
        """From an older view to the anchor, reading only what was appended since."""
        tails = []
        for name, mark in anchor.segments.items():
            old = base.anchor.segments.get(name, Mark(0, 0, ""))
            if old.count < mark.count:
                tail = segments.read(self.log / name, old.size, old.count).events
                tails.append(tail[: mark.count - old.count])  # a writer may have gone on meanwhile
        fresh = [event for tail in tails for event in tail]
        if len(tails) > 1:
            fresh.sort(key=lambda event: event.time)
        return View(replay(base.record, fresh), anchor, {})

    def _mark(self, segment: Segment, mtime_ns: int) -> Mark:
        if not segment.torn:
            mtime_ns = (self.log / segment.name).stat().st_mtime_ns
        return Mark(len(segment.events), segment.size, segment.events[-1].hash if segment.events else "", mtime_ns)

    def _keep(self, view: View) -> None:
        with suppress(OSError):  # a read-only clone only loses speed
            save(self._anchor, view.anchor)
            snapshot.save(self._snapshot, view)

    @property
    def _anchor(self) -> Path:
        return self.place.private / f"anchor-{self.place.branch}.json"

    @property
    def _snapshot(self) -> Path:
        return self.place.private / f"snapshot-{self.place.branch}.json"

    @property
    def writer(self) -> str:
        """What this clone is called in the names of its segments and in its events."""
        path = self.place.private / "writer"
        if not path.exists():
            files.write(path, os.urandom(4).hex().encode())
        return path.read_text("utf-8")


def _behind(old: Anchor, new: Anchor) -> bool:
    """Whether everything `old` saw is a part of what `new` saw."""
    none = Mark(-1, -1, "")
    return all(mark.count <= new.segments.get(name, none).count for name, mark in old.segments.items())
