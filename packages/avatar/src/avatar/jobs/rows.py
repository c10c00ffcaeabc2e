"""How jobs stand, asked of the database itself: one query by the primary key, one page, or one count.

DBOS builds its list of workflows anew for each question, at ten times what the answer costs, and counts nothing. These
are columns of its table `workflow_status`; what only it can read, results and errors, is left to it.
"""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from avatar.jobs import database

_COLUMNS = (
    "workflow_uuid, status, name, COALESCE(authenticated_user, ''), COALESCE(queue_name, ''), COALESCE(priority, 0), "
    "created_at, started_at_epoch_ms, completed_at"
)
_CONNECTIONS = 8


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
    """The table of workflows, for reading. May be shared by threads."""

    def __init__(self, address: str) -> None:
        from sqlalchemy import create_engine, event  # noqa: PLC0415

        postgres = database.is_postgres(address)
        self._table = "dbos.workflow_status" if postgres else "workflow_status"
        self._engine = create_engine(
            _with_driver(address), pool_size=_CONNECTIONS, max_overflow=0, isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 5} if postgres else {"timeout": 5},
        )  # fmt: skip
        if postgres:
            event.listen(self._engine, "connect", _by_the_index)

    def get(self, workflow: str) -> Row | None:
        """The row of that id."""
        found = self._rows(f"SELECT {_COLUMNS} FROM {self._table} WHERE workflow_uuid = :id", id=workflow)  # noqa: S608
        return Row(*found[0]) if found else None

    def page(
        self, names: Sequence[str], *, tenant: str | None, states: Sequence[str] | None = None,
        limit: int, offset: int = 0, after: Row | None = None, oldest_first: bool = False,
    ) -> list[Row]:  # fmt: skip
        """Workflows of these names, the newest first, those of one moment by their ids; `after` a row, those behind it.

        Of a tenant or of all, in DBOS's states or in any.
        """
        where, values = _of(names, tenant)
        if states is not None:
            where, values = f"{where} AND status IN :states", values | {"states": list(states)}
        if after is not None:
            behind = ">" if oldest_first else "<"
            where = f"{where} AND (created_at, workflow_uuid) {behind} (:at, :id)"
            values |= {"at": after.created_at, "id": after.id}
        way = "ASC" if oldest_first else "DESC"
        found = self._rows(
            f"SELECT {_COLUMNS} FROM {self._table} WHERE {where} "  # noqa: S608
            f"ORDER BY created_at {way}, workflow_uuid {way} LIMIT :limit OFFSET :offset",
            **values, limit=limit, offset=offset,
        )  # fmt: skip
        return [Row(*row) for row in found]

    def count(self, names: Sequence[str], tenant: str | None) -> dict[str, int]:
        """How many workflows of these names, of a tenant or of all, there are in each of DBOS's states."""
        where, values = _of(names, tenant)
        query = f"SELECT status, COUNT(*) FROM {self._table} WHERE {where} GROUP BY status"  # noqa: S608
        return dict(self._rows(query, **values))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _rows(self, query: str, **values: Any) -> list[Any]:
        with database.asking(), self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(_prepared(query), values)]


@functools.cache
def _prepared(query: str) -> Any:
    """There are a dozen of them; each list in one is as long as it comes."""
    from sqlalchemy import bindparam, text  # noqa: PLC0415

    lists = [name for name in ("names", "states") if f":{name}" in query]
    return text(query).bindparams(*(bindparam(name, expanding=True) for name in lists))


def _of(names: Sequence[str], tenant: str | None) -> tuple[str, dict[str, Any]]:
    """What a query is about: its condition, and the values in it."""
    if tenant is None:
        return "name IN :names", {"names": list(names)}
    return "name IN :names AND authenticated_user = :tenant", {"names": list(names), "tenant": tenant}


def _by_the_index(connection: Any, _record: Any) -> None:
    """Until PostgreSQL has counted a table it takes few of its rows for jobs, and sorts all of them for one page.

    They stand in order in an index, which it is told to prefer. Nothing else that is asked here is ever sorted.
    """
    connection.execute("SET enable_sort = off")
    connection.commit()


def _with_driver(address: str) -> str:
    """SQLAlchemy would take another driver than the one that is installed."""
    scheme, _, rest = address.partition("://")
    return f"postgresql+psycopg://{rest}" if database.is_postgres(scheme) else address
