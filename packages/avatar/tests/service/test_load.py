"""What many clients at once may count on, and what no client may send."""

import asyncio
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from avatar.jobs import Job, JobQueue
from avatar.settings import Settings
from avatar.web.looks import Looks
from avatar.web.protocol import LONGEST_HEAD

from .conftest import Postgres, film
from .server import Server


def job(name: str) -> Job:
    return Job(name, "pipeline", "running", "local", "cpu", 50, 0.0)


def test_questions_that_come_together_are_one_query_and_a_later_one_is_asked_anew() -> None:
    asked: list[set[str]] = []
    go = threading.Event()

    def look(jobs: Iterable[str]) -> Mapping[str, Job]:
        asked.append(set(jobs))
        go.wait(10)
        return {name: job(name) for name in asked[-1] if name != "gone"}

    async def many() -> None:
        looks = Looks(look)
        first = asyncio.create_task(looks.at("a"))
        while not asked:
            await asyncio.sleep(0.01)
        later = [asyncio.create_task(looks.at(name)) for name in ("a", "b", "b", "gone")]
        await asyncio.sleep(0.05)
        later[1].cancel()
        go.set()
        assert set(await first) == {"a"}
        assert [set(await one) for one in (later[0], later[2], later[3])] == [{"a", "b"}] * 3

    asyncio.run(many())
    assert asked == [{"a"}, {"a", "b", "gone"}], "what was asked while a query ran is not answered by it"


def test_a_query_that_fails_fails_for_those_who_waited_and_for_nobody_else() -> None:
    asked: list[set[str]] = []

    def look(jobs: Iterable[str]) -> Mapping[str, Job]:
        asked.append(set(jobs))
        if len(asked) == 1:
            raise OSError("gone")
        return {}

    async def twice() -> None:
        looks = Looks(look)
        failed = await asyncio.gather(looks.at("a"), looks.at("b"), return_exceptions=True)
        assert [type(each) for each in failed] == [OSError, OSError]
        assert await looks.at("a") == {}

    asyncio.run(twice())


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_many_jobs_are_looked_at_together(settings: Settings, postgres: Postgres, on: str) -> None:
    if on == "postgresql":
        postgres.empty()
        settings = settings.model_copy(update={"database": postgres.address})
    with JobQueue(settings) as queue:
        made = [queue.submit(film(seed=n)).id for n in range(3)]
        queue.cancel(made[1])
        found = queue.look_at([*made, "job-00000000"])
        assert {name: each.state for name, each in found.items()} == {
            made[0]: "pending", made[1]: "cancelled", made[2]: "pending",
        }  # fmt: skip
        assert queue.look_at([]) == {}
        assert found[made[0]] == queue.look(made[0])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root: Path = tmp_path_factory.mktemp("load")
    started = Server(Settings(library=root / "library", cache=root / "cache", jobs=root / "jobs", size="128x72"))
    started.start()
    yield started
    assert started.stop() == 0


def answered(server: Server, sent: Iterable[bytes]) -> bytes:
    """What comes back until the server hangs up, or has read all that is sent and says no more for a second."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
        try:
            for piece in sent:
                connection.sendall(piece)
            return connection.recv(4096)
        except (ConnectionError, TimeoutError):
            return b""


def test_a_head_without_end_is_hung_up_on(server: Server) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "
        for _ in range(1000):
            sent += 2**16
            yield b"x" * 2**16

    answered(server, endless())
    assert sent < 32 * 2**20, "64 MB of it were read"
    assert server.ask("GET", "/health").status == 200


def test_a_head_may_be_long_but_not_too_long(server: Server) -> None:
    def head(length: int) -> list[bytes]:
        start = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode()
        return [start, *(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(length // 1000)), b"\r\n"]

    assert answered(server, head(LONGEST_HEAD - 4000)).startswith(b"HTTP/1.1 200")
    assert answered(server, head(LONGEST_HEAD + 4000)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "line", [b"GET /\xff HTTP/1.1", b"GET  HTTP/1.1", b"\x16\x03\x01\x02", b"CONNECT a:1 HTTP/1.1", b"GET / HTTP/9.9"]
)
def test_what_is_no_http_is_answered_so(server: Server, line: bytes) -> None:
    assert answered(server, [line + b"\r\nHost: 127.0.0.1\r\n\r\n"]).startswith(b"HTTP/1.1 4")
    assert server.ask("GET", "/health").status == 200
