"""How jobs stand, asked of the database itself: one query by the primary key, or one count.

DBOS builds its list of workflows anew for each question, at ten times what the answer costs, and counts nothing. These
are columns of its table `workflow_status`; what only it can read, results and errors, is left to it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from avatar.jobs import database

_COLUMNS = (
    "status, name, COALESCE(authenticated_user, ''), COALESCE(queue_name, ''), COALESCE(priority, 0), created_at, "
    "started_at_epoch_ms, completed_at"
)
_CONNECTIONS = 8


class Row(NamedTuple):
    """A workflow as it stands: DBOS's name of its state, times in milliseconds."""

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
        from sqlalchemy import bindparam, create_engine, text  # noqa: PLC0415

        table = "dbos.workflow_status" if database.is_postgres(address) else "workflow_status"
        self._one = text(f"SELECT {_COLUMNS} FROM {table} WHERE workflow_uuid = :id")  # noqa: S608
        counts = f"SELECT status, COUNT(*) FROM {table} WHERE name IN :names"  # noqa: S608
        names: Any = bindparam("names", expanding=True)
        self._all = text(f"{counts} GROUP BY status").bindparams(names)
        self._own = text(f"{counts} AND authenticated_user = :tenant GROUP BY status").bindparams(names)
        self._engine = create_engine(
            _with_driver(address), pool_size=_CONNECTIONS, max_overflow=0, isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 5} if database.is_postgres(address) else {"timeout": 5},
        )  # fmt: skip

    def get(self, workflow: str) -> Row | None:
        """The row of that id."""
        found = self._rows(self._one, id=workflow)
        return Row(*found[0]) if found else None

    def count(self, names: Sequence[str], tenant: str | None) -> dict[str, int]:
        """How many workflows of these names, of a tenant or of all, there are in each of DBOS's states."""
        if tenant is None:
            return dict(self._rows(self._all, names=list(names)))
        return dict(self._rows(self._own, names=list(names), tenant=tenant))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _rows(self, query: Any, **values: Any) -> list[Any]:
        with database.asking(), self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query, values)]


def _with_driver(address: str) -> str:
    """SQLAlchemy would take another driver than the one that is installed."""
    scheme, _, rest = address.partition("://")
    return f"postgresql+psycopg://{rest}" if database.is_postgres(scheme) else address
