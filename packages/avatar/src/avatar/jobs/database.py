"""Where the queue lies: SQLite below the jobs' folder, or the PostgreSQL the settings name."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.codec.publish import refusal
from avatar.errors import BackendUnavailable, InputError
from avatar.settings import Settings

if TYPE_CHECKING:
    from dbos import Serializer

APPLICATION = "avatar"
SQLITE = "sqlite:///"
VERSION = "avatar-jobs-1"
"""Changes when a workflow is no longer the same steps. Not the package's version: an upgrade must not strand a job."""

EXTRA = "pip install 'avatar-pipeline[service]'"


def needs_extra(error: ImportError) -> BackendUnavailable:
    """What to say where the extra is not installed."""
    return BackendUnavailable(f"the service is not installed here: {error}", f"get it with: {EXTRA}")


def json_serializer() -> "Serializer":
    """Everything is kept as JSON: DBOS would pickle, and a database that others can write must not hold code."""
    from dbos import DBOSPortableJSONSerializer  # noqa: PLC0415

    return DBOSPortableJSONSerializer()


class Asked:
    """A client of the database whose calls say in our words that the database cannot be asked."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def asked(*arguments: Any, **named: Any) -> Any:
            with asking():
                return call(*arguments, **named)

        return asked


@contextmanager
def asking() -> Iterator[None]:
    """Raises BackendUnavailable for a database that does not answer inside the block."""
    try:
        yield
    except _refusals() as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        raise BackendUnavailable(
            f"the database of the jobs cannot be asked: {reason}", "try again when it is back"
        ) from error


def _refusals() -> tuple[type[Exception], ...]:
    """What SQLAlchemy and the two drivers raise; psycopg is loaded only where a PostgreSQL database is named."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.exc import TimeoutError as NoConnection  # noqa: PLC0415

    postgres = [sys.modules["psycopg"].Error] if "psycopg" in sys.modules else []
    return DBAPIError, NoConnection, sqlite3.Error, *postgres


def ready(settings: Settings) -> str:
    """The database's address, its tables made where they are missing.

    Raises InputError for an address of another kind or one nobody answers at.
    """
    try:
        from dbos import DBOS  # noqa: PLC0415  0.6 s, and only for jobs
    except ImportError as error:
        raise needs_extra(error) from error
    if settings.database:
        return _postgres(settings.database, DBOS)
    path = settings.jobs / "jobs.sqlite"
    address = f"{SQLITE}{path}"
    if not _has_tables(path):
        _in_wal_mode(path)
        DBOS.migrate(address)
    return address


def is_postgres(address: str) -> bool:
    """Whether the queue is PostgreSQL's."""
    return address.startswith("postgres")


def _postgres(address: str, dbos: type) -> str:
    if not address.startswith(("postgresql://", "postgres://")):
        raise InputError(
            "the setting database names no PostgreSQL database", "write it like postgresql://user@host/name"
        )
    import psycopg  # noqa: PLC0415

    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.Error as error:
        raise InputError(
            f"the database of the jobs cannot be used: {_reason(error)}", "check the setting database"
        ) from None
    with asking():  # looks alone where all is there, and waits for whoever is making it: a table may lack columns yet
        dbos.migrate(address)  # type: ignore[attr-defined]
    return address


def _reason(error: Exception) -> str:
    """The line that says why: before it stands that several addresses were tried, and after it comes a question."""
    lines = [line.strip(" -\t") for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.endswith((":", "?"))), "no answer")


def _has_tables(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'workflow_status'"
        return connection.execute(query).fetchone() is not None


def _in_wal_mode(path: Path) -> None:
    """A write-ahead log is 3 to 5 times quicker here, and has to be chosen before the first table."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, OSError):
            raise refusal(path, error) from error
        raise InputError(f"the queue {path} cannot be made: {error}") from error
