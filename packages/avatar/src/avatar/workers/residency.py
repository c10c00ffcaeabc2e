"""Which workers may stay alive: as many as the measured memory holds, the least recently used ended first.

A model's need is its recorded peak at that precision and size, once it ran here; before, its manifest's estimate.
Memory is counted by what is resident, and only ending a worker gives it back: allocators keep what they have.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from avatar.workers.process import OutOfMemory

MEBIBYTE = 1 << 20
_MARGIN = 1.1


class Closeable(Protocol):
    """What can be ended."""

    @property
    def alive(self) -> bool:
        """False when it ended by itself."""

    def close(self) -> None:
        """Give everything back."""


T = TypeVar("T", bound=Closeable)


@dataclass(frozen=True)
class Need:
    """What one piece of work takes: `key` the model and precision, `size` what it works on, `estimate` in bytes."""

    key: str
    size: str
    estimate: int


class Peaks:
    """Measured peaks in bytes by model, precision and size, kept in a file (none: only in memory)."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, int] = {}
        if path is not None and path.is_file():
            try:
                self._known = {str(key): int(value) for key, value in json.loads(path.read_text("utf-8")).items()}
            except (ValueError, AttributeError):
                self._known = {}  # measured again

    def of(self, need: Need) -> int:
        """The recorded peak with a tenth to spare, or the estimate."""
        known = self._known.get(f"{need.key}@{need.size}")
        return need.estimate if known is None else round(known * _MARGIN)

    def record(self, need: Need, peak: int) -> None:
        """Keep the larger of what is known and this."""
        key = f"{need.key}@{need.size}"
        if peak <= self._known.get(key, 0):
            return
        self._known[key] = peak
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(self._known, indent=1, sort_keys=True), "utf-8")
            beside.replace(self._path)


@dataclass
class _Resident(Generic[T]):
    value: T | None
    bytes: int
    users: int = 0


class Residency(Generic[T]):
    """Lends workers by key, within `budget` bytes. For any number of threads; who waits longest goes first."""

    def __init__(self, budget: int, peaks: Peaks) -> None:
        self.budget = budget
        self.peaks = peaks
        self._residents: OrderedDict[str, _Resident[T]] = OrderedDict()
        self._turn = threading.Condition()
        self._waiting: list[object] = []

    def resident(self) -> dict[str, int]:
        """Bytes counted for each resident, the least recently used first."""
        with self._turn:
            return {key: each.bytes for key, each in self._residents.items()}

    @contextmanager
    def use(self, need: Need, start: Callable[[], T]) -> Iterator[T]:
        """The worker of that key, started if need be; others are ended to make room.

        Raises OutOfMemory when the need alone is over the budget, and whatever `start` raises. One user at a time
        for each worker; a worker that fails inside the block is ended.
        """
        resident = self._enter(need)
        try:
            if resident.value is None or not resident.value.alive:
                resident.value = start()  # outside the lock: it takes its time, and others may go on
            yield resident.value
        except BaseException:
            self._drop(need.key, resident)
            raise
        finally:
            with self._turn:
                resident.users -= 1
                self._turn.notify_all()

    def evict_all(self) -> None:
        """End every worker that is not in use."""
        with self._turn:
            for key in [key for key, each in self._residents.items() if not each.users]:
                _end(self._residents.pop(key))
            self._turn.notify_all()

    def _enter(self, need: Need) -> _Resident[T]:
        wanted = self.peaks.of(need)
        if wanted > self.budget:
            raise OutOfMemory(
                f"{need.key} needs {wanted // MEBIBYTE} MiB at {need.size}; {self.budget // MEBIBYTE} MiB may be used",
                "a lower precision, a smaller size, or a profile for less memory",
            )
        ticket = object()
        with self._turn:
            self._waiting.append(ticket)
            try:
                self._turn.wait_for(lambda: self._waiting[0] is ticket and self._make_room(need.key, wanted))
                resident = self._residents.get(need.key)
                if resident is None:
                    resident = _Resident(None, wanted)
                    self._residents[need.key] = resident
                resident.bytes = max(resident.bytes, wanted)
                resident.users += 1
                self._residents.move_to_end(need.key)
                return resident
            finally:
                self._waiting.remove(ticket)
                self._turn.notify_all()

    def _make_room(self, key: str, wanted: int) -> bool:
        """End idle workers until it fits; False when those in use leave too little, or this one is in use."""
        own = self._residents.get(key)
        if own is not None and own.users:
            return False
        while self._total(key, wanted) > self.budget:
            idle = next((k for k, each in self._residents.items() if not each.users and k != key), None)
            if idle is None:
                return False
            _end(self._residents.pop(idle))
        return True

    def _total(self, key: str, wanted: int) -> int:
        others = sum(each.bytes for k, each in self._residents.items() if k != key)
        own = self._residents.get(key)
        return others + max(wanted, own.bytes if own else 0)

    def _drop(self, key: str, resident: _Resident[T]) -> None:
        """End it, and only then count it no more: until its process has ended, its memory is taken."""
        try:
            _end(resident)
        finally:
            with self._turn:
                self._residents.pop(key, None)


def _end(resident: _Resident[T]) -> None:
    if resident.value is not None:
        resident.value.close()
