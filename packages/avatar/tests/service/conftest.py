"""Real workers, a real database: processes of their own, on loopback, ended by the test that started them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from avatar.jobs import JobQueue
from avatar.pipeline import Request
from avatar.settings import Settings

TEXTS = ("One.", "Two words.", "Three short words.", "Four.", "Five.")


def environment(settings: Settings) -> dict[str, str]:
    """What makes a command use these settings and no others."""
    own = {
        f"AVATAR_{name.upper()}": str(value)
        for name, value in settings.model_dump(exclude_defaults=True, exclude_none=True).items()
    }
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AVATAR_")}
    return clean | own | {"AVATAR_CONFIG": str(settings.jobs / "none.toml")}


@dataclass
class Crew:
    """Workers on one queue."""

    settings: Settings
    alive: list[subprocess.Popen[str]] = field(default_factory=list)

    def hire(self, *arguments: str, more: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a worker, with `more` in its environment, and wait until it takes jobs."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "avatar", "worker", "start", *arguments],
            env=environment(self.settings) | (more or {}), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stderr is not None
        said = []
        for line in worker.stderr:
            said.append(line)
            if "takes jobs" in line:
                self.alive.append(worker)
                return worker
        raise AssertionError("".join(said))

    def kill(self, worker: subprocess.Popen[str]) -> None:
        """As a crash or an out-of-memory killer does."""
        worker.kill()
        self._ended(worker)

    def dismiss(self) -> None:
        """Stop all of them, politely."""
        for worker in list(self.alive):
            worker.send_signal(signal.SIGTERM)
            self._ended(worker)

    def _ended(self, worker: subprocess.Popen[str]) -> None:
        worker.communicate(timeout=30)
        self.alive.remove(worker)


def stage_processes(settings: Settings) -> list[int]:
    """The processes that carry out stages for these settings, alive now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if b"avatar.jobs.stage" in words and str(settings.cache).encode() in b" ".join(words) and state != "Z":
                found.append(int(folder.name))
    return found


def eventually(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until it is true. A limit for a hang, not a measurement."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it has not come to be"
        time.sleep(0.05)


def film(text: str = "One.", **more: object) -> Request:
    """A video that takes a moment."""
    return Request(text, Path("talk.mp4"), size=(64, 64), fps=10, **more)  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs")


@pytest.fixture
def queue(settings: Settings) -> Iterator[JobQueue]:
    with JobQueue(settings) as opened:
        yield opened


@pytest.fixture
def crew(settings: Settings) -> Iterator[Crew]:
    hired = Crew(settings)
    yield hired
    hired.dismiss()


# PostgreSQL


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Postgres:
    """A server of the test's own, on loopback, as a user who is not root."""

    programs: Path
    folder: Path
    port: int
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"postgresql://avatar@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "avatar", "--auth=trust", "--no-sync")

    def start(self) -> None:
        options = {"fsync": "off", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        given = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", str(self.folder / "data"), "-p", str(self.port), *given],
            user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        eventually(lambda: subprocess.run(ready, check=False).returncode == 0)

    def stop(self) -> None:
        """At once, without a word to its clients."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)

    def empty(self) -> None:
        """Drop what a test has left."""
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS dbos CASCADE")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments], user=self.user, capture_output=True, cwd=self.folder,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server of one's own, from the first line of the block to its last."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not found[-1].is_file():
        pytest.skip("NOT TESTED: PostgreSQL is not installed (Debian: apt install postgresql)")
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="avatar-pg-") as name:
        folder = Path(name)
        if root:
            shutil.chown(folder, "postgres")
        server = Postgres(found[-1].parent, folder, free_port(), "postgres" if root else None)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server
