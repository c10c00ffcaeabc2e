"""How jobs stand, asked of the database itself: one query by the primary key, one page, or one count.

DBOS builds its list of workflows anew for each question, at ten times what the answer costs, and counts nothing. These
are columns of its table `workflow_status`; what only it can read, results and errors, is left to it.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from avatar.errors import BackendUnavailable
from avatar.jobs import database

_COLUMNS = (
    "workflow_uuid, status, name, COALESCE(authenticated_user, ''), COALESCE(queue_name, ''), COALESCE(priority, 0), "
    "created_at, started_at_epoch_ms, completed_at"
)
_CONNECTIONS = 8
_PATIENCE = 30.0
"""Seconds for which a question waits for a connection."""


class Row(NamedTuple):
    """A workflow as it stands: DBOS's name of its state, times in milliseconds."""

    id: str
    status: str
    name: str
    tenant: str
    queue: str
    priority: int
    created_at: int
    started_at: int | None
    completed_at: int | None


class Rows:
    """The table of workflows, for reading. May be shared by threads.

    The drivers themselves are asked: they keep statements prepared, and SQLAlchemy takes six times as long as SQLite.
    """

    def __init__(self, address: str) -> None:
        self._postgres = database.is_postgres(address)
        self._table = "dbos.workflow_status" if self._postgres else "workflow_status"
        self._connections = _Connections(_to_postgres(address) if self._postgres else _to_sqlite(address))

    def get(self, workflows: Sequence[str]) -> list[Row]:
        """The rows of these ids, as far as there are any."""
        return self._rows(f"SELECT {_COLUMNS} FROM {self._table} WHERE workflow_uuid IN {_marks(workflows)}", workflows)  # noqa: S608

    def page(
        self, names: Sequence[str], *, tenant: str | None, states: Sequence[str] | None = None,
        limit: int, offset: int = 0, after: Row | None = None, oldest_first: bool = False,
    ) -> list[Row]:  # fmt: skip
        """Workflows of these names, the newest first, those of one moment by their ids; `after` a row, those behind it.

        Of a tenant or of all, in DBOS's states or in any.
        """
        where, values = _of(names, tenant)
        if states is not None:
            where, values = f"{where} AND status IN {_marks(states)}", [*values, *states]
        if after is not None:
            behind = ">" if oldest_first else "<"
            where = f"{where} AND (created_at, workflow_uuid) {behind} (?, ?)"
            values += [after.created_at, after.id]
        way = "ASC" if oldest_first else "DESC"
        return self._rows(
            f"SELECT {_COLUMNS} FROM {self._table} WHERE {where} "  # noqa: S608
            f"ORDER BY created_at {way}, workflow_uuid {way} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )

    def count(self, names: Sequence[str], tenant: str | None) -> dict[str, int]:
        """How many workflows of these names, of a tenant or of all, there are in each of DBOS's states."""
        where, values = _of(names, tenant)
        query = f"SELECT status, COUNT(*) FROM {self._table} WHERE {where} GROUP BY status"  # noqa: S608
        return dict(self._asked(query, values))

    def close(self) -> None:
        """Let go of the database."""
        self._connections.close()

    def _rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        return [Row(*row) for row in self._asked(query, values)]

    def _asked(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        wanted = query.replace("?", "%s") if self._postgres else query
        with database.asking(), self._connections.one() as connection:
            found: list[tuple[Any, ...]] = connection.execute(wanted, values).fetchall()
            return found


class _Connections:
    """A few to one database, the last one used first."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._idle: deque[Any] = deque()
        self._turn = threading.BoundedSemaphore(_CONNECTIONS)

    @contextmanager
    def one(self) -> Iterator[Any]:
        """A connection to ask. Raises BackendUnavailable where none is free for long."""
        if not self._turn.acquire(timeout=_PATIENCE):
            raise BackendUnavailable("the database of the jobs cannot be asked: too many do", "try again in a moment")
        try:
            connection = self._idled() or self._connect()
            try:
                yield connection
            except BaseException:  # what has ended this one has ended the others, too
                connection.close()
                self.close()
                raise
            self._idle.append(connection)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close those that nobody is using."""
        while (connection := self._idled()) is not None:
            connection.close()

    def _idled(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return None


def _of(names: Sequence[str], tenant: str | None) -> tuple[str, list[Any]]:
    """What a query is about: its condition, and the values in it."""
    if tenant is None:
        return f"name IN {_marks(names)}", [*names]
    return f"name IN {_marks(names)} AND authenticated_user = ?", [*names, tenant]


def _marks(values: Sequence[Any]) -> str:
    """A place for each of them, or for none: `IN ()` is no SQL."""
    return "(" + (", ".join("?" * len(values)) or "NULL") + ")"


def _to_sqlite(address: str) -> Callable[[], Any]:
    path = address.removeprefix(database.SQLITE)
    return lambda: sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)


def _to_postgres(address: str) -> Callable[[], Any]:
    """Until PostgreSQL has counted a table it takes few of its rows for jobs, and sorts all of them for one page.

    They stand in order in an index, which it is told to prefer. Nothing else that is asked here is ever sorted.
    """

    def connect() -> Any:
        import psycopg  # noqa: PLC0415

        connection = psycopg.connect(address, autocommit=True, connect_timeout=5)
        connection.execute("SET enable_sort = off")
        return connection

    return connect
