"""Which workers are alive: each holds a lock for as long as it lives, and nothing else can release it.

On SQLite a lock of a file, on PostgreSQL an advisory lock of a session. Who can take a worker's lock knows it is dead.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from avatar.jobs import database
from avatar.settings import Settings

LEADER = "leader"
_BEAT_SECONDS = 1.0
_GRACE_SECONDS = 6.0
"""After a lost connection everybody's lock is free for a moment: so long is waited before anyone is called dead."""


class Lives(Protocol):
    """The locks by which workers show that they live."""

    def live(self, worker: str) -> None:
        """Hold my own from now on."""

    def certain(self) -> bool:
        """False for a moment after others may have lost their locks without having died."""

    def claim(self, name: str) -> AbstractContextManager[bool]:
        """Whether that lock was free: then it is held inside the block."""

    def close(self) -> None:
        """Let go of everything."""


def lives(settings: Settings) -> Lives:
    """The locks that fit the queue's database."""
    if database.is_postgres(settings.database):
        return SessionLives(settings.database)
    return FileLives(settings.jobs / "workers")


class FileLives:
    """Locks of files, for workers of one machine."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own: FileLock | None = None

    def live(self, worker: str) -> None:
        """Hold the lock of this worker."""
        self._own = FileLock(self._folder / f"{worker}.lock")
        self._own.acquire(timeout=0)

    def certain(self) -> bool:
        """A file's lock goes with its process and with nothing else."""
        return True

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Whether nobody held that lock; its file goes with a dead worker, whose name comes never again."""
        path = self._folder / f"{name}.lock"
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            if name != LEADER:
                path.unlink(missing_ok=True)
            lock.release()

    def close(self) -> None:
        """Release this worker's lock."""
        if self._own is not None:
            self._own.release()
            Path(self._own.lock_file).unlink(missing_ok=True)


class SessionLives:
    """Advisory locks of a PostgreSQL session, for workers of many machines.

    The session must be one of its own: a pooler that shares sessions between transactions, as PgBouncer does in its
    transaction mode, would lose the lock.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._guard = threading.Lock()
        self._worker: str | None = None
        self._since = 0.0
        self._session = self._connect()
        self._ended = threading.Event()

    def live(self, worker: str) -> None:
        """Hold the lock of this worker, again after each lost connection."""
        self._worker = worker
        with self._guard:
            self._take(worker)
        threading.Thread(target=self._beat, daemon=True).start()

    def certain(self) -> bool:
        """False until everybody has had the time to come back from a lost connection."""
        return time.monotonic() - self._since > _GRACE_SECONDS

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Whether no session holds that lock."""
        import psycopg  # noqa: PLC0415

        try:
            with self._guard:
                mine = self._take(name)
        except psycopg.Error:
            yield False
            return
        try:
            yield mine
        finally:
            if mine:
                with self._guard, suppress(psycopg.Error):  # else the session is gone, and the lock with it
                    self._session.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])

    def close(self) -> None:
        """End the session."""
        self._ended.set()
        self._session.close()

    def _connect(self) -> Any:
        import psycopg  # noqa: PLC0415

        self._since = time.monotonic()
        return psycopg.connect(
            self._address, autocommit=True, connect_timeout=5, keepalives=1, keepalives_idle=5, keepalives_interval=2,
            keepalives_count=3,
        )  # fmt: skip

    def _take(self, name: str) -> bool:
        row = self._session.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)]).fetchone()
        return bool(row and row[0])

    def _beat(self) -> None:
        import psycopg  # noqa: PLC0415

        while not self._ended.wait(_BEAT_SECONDS):
            try:
                with self._guard:
                    self._session.execute("SELECT 1")
            except psycopg.Error:
                self._come_back()

    def _come_back(self) -> None:
        import psycopg  # noqa: PLC0415

        try:
            with self._guard:
                self._session.close()
                self._session = self._connect()
                self._take(self._worker or "")
        except psycopg.Error:
            self._since = time.monotonic()  # the next beat tries again


def _number(name: str) -> int:
    """The 64 bits PostgreSQL wants for a lock's name."""
    return int.from_bytes(hashlib.sha256(f"avatar {name}".encode()).digest()[:8], "big", signed=True)
