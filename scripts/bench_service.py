"""Measures the service: polls while a worker renders, pages of many queued jobs, what a stage costs beyond its work.

bench_service.py sqlite|postgresql [PAGE]: real processes on loopback. Figures are kept in out/, and PAGE is written
from those of both databases. Run by `make bench-service`.
"""

import asyncio
import contextlib
import dataclasses
import importlib
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from avatar.jobs import JobQueue
from avatar.pipeline import Request, Silent, Studio, open_studio, render
from avatar.settings import Settings

ROOT = Path(__file__).parents[1]
CLIENTS, SECONDS = 50, float(os.environ.get("BENCH_SECONDS", "60"))
QUEUED = int(os.environ.get("BENCH_QUEUED", "10000"))
FILMS = 22
LONG = "Hello there, my friend. " * 900

sys.path.insert(0, str(ROOT / "packages/avatar/tests"))
tests = importlib.import_module("service.conftest")
servers = importlib.import_module("service.server")


def film(seed: int, size: tuple[int, int] = (64, 64)) -> Request:
    """A small video, another for each seed."""
    return Request("One, two, three.", Path("talk.mp4"), size=size, fps=10, seed=seed)


# pages


def pages(settings: Settings) -> dict[str, float]:
    """Milliseconds to queue a job, and for a page of 50 among QUEUED: from the queue, and from the API."""
    with JobQueue(settings) as queue:
        queue.submit(film(0))
        began = time.perf_counter()
        for number in range(QUEUED):
            queue.submit(film(number))
        queued = (time.perf_counter() - began) / QUEUED
        offsets = range(0, QUEUED - 50, max(1, QUEUED // 40))
        inside = _timed([partial(queue.jobs, limit=50, offset=at) for at in offsets])
        counted = _timed([queue.stats] * 20)
    with _serving(settings) as server:
        paths = [f"/jobs?limit=50&offset={at}" for at in offsets]
        outside = _timed([partial(server.ask, "GET", path) for path in paths])
    return {
        "submit": queued * 1000, "page": statistics.median(inside), "page_worst": max(inside),
        "count": statistics.median(counted), "http": statistics.median(outside), "http_worst": max(outside),
    }  # fmt: skip


def _timed(calls: list[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each, after the first, which opens what has to be opened."""
    calls[0]()
    taken = []
    for call in calls:
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


# stages


def stages(settings: Settings) -> dict[str, float]:
    """Milliseconds a stage takes beyond its own work: a job from its first stage's start to its last one's end, less
    the same video made in one go by a warm process, by the number of stages. Each video is a new one, made by the one
    and then by the other.
    """
    crew = tests.Crew(settings)
    crew.hire()
    alone = settings.model_copy(update={"cache": settings.cache / "alone", "database": ""})
    extra = []
    try:
        with JobQueue(settings) as queue, open_studio(alone) as studio:
            for seed in range(FILMS):
                own = _alone(studio, film(seed), settings.jobs)
                job = queue.submit(film(seed)).id
                *_, end = queue.watch(job)
                assert end.data == {"state": "completed"}, end
                steps = queue._client.list_workflow_steps(job)
                spent = (steps[-1]["completed_at_epoch_ms"] or 0) - (steps[0]["started_at_epoch_ms"] or 0)
                extra.append((spent - own * 1000) / len(steps))
    finally:
        crew.dismiss()
    extra = extra[2:]  # the first ones start the process and learn the voice
    return {"stage": statistics.median(extra), "stage_worst": max(extra), "films": float(len(extra))}


def _alone(studio: Studio, request: Request, folder: Path) -> float:
    """Seconds that the video takes in this process."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = dataclasses.replace(request, output=folder / "alone.mp4")
    began = time.perf_counter()
    render(whole, studio, Silent())
    return time.perf_counter() - began


# polls


def polls(settings: Settings) -> dict[str, float]:
    """Milliseconds of GET /jobs/ID for CLIENTS while a worker renders: each once a second, then without a pause."""
    with _serving(settings, "--with-worker") as server:
        made = server.ask("POST", "/jobs", {"text": LONG, "width": 640, "height": 360}).json
        while (now := server.ask("GET", f"/jobs/{made['id']}").json)["stage"] != "video":
            assert now["state"] in {"pending", "running"}, now
            time.sleep(0.5)
        found: dict[str, float] = {}
        for name, pause in (("paced", 1.0), ("full", 0.0)):
            before = _processor(server.process.pid)
            taken = sorted(asyncio.run(_all_ask(server.port, f"/jobs/{made['id']}", pause)))
            assert server.ask("GET", f"/jobs/{made['id']}").json["state"] == "running", "it was done too soon"
            at = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
            found |= {f"{name}_{part}": taken[int(len(taken) * place)] * 1000 for part, place in at.items()}
            found[f"{name}_count"] = float(len(taken))
            found[f"{name}_cpu"] = (_processor(server.process.pid) - before) / len(taken) * 1000
        server.ask("POST", f"/jobs/{made['id']}/cancel")
    return found


async def _all_ask(port: int, path: str, pause: float) -> list[float]:
    taken: list[float] = []
    await asyncio.gather(*(_ask(port, path, pause, number / CLIENTS, taken) for number in range(CLIENTS)))
    return taken


async def _ask(port: int, path: str, pause: float, offset: float, taken: list[float]) -> None:
    """One client on one connection. Written to the socket: a library would cost more than the server does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    due = time.perf_counter() + offset * pause
    end = due + SECONDS
    while due < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        began = time.perf_counter()
        writer.write(question)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        taken.append(time.perf_counter() - began)
        due = max(due + pause, time.perf_counter())
    writer.close()


def _processor(process: int) -> float:
    """Seconds of processor time so far."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


# many workers


def crews(settings: Settings) -> dict[str, float]:
    """Videos a minute that one worker makes, and three."""
    found = {}
    for count in (1, 3):
        crew = tests.Crew(settings)
        for _ in range(count):
            crew.hire()
        try:
            with JobQueue(settings) as queue:
                for each in [queue.submit(film(-1 - n)) for n in range(count)]:  # warms each worker up
                    list(queue.watch(each.id))
                began = time.perf_counter()
                for job in [queue.submit(film(count * 1000 + n, (320, 180))) for n in range(FILMS)]:
                    list(queue.watch(job.id))
                found[f"workers_{count}"] = FILMS / (time.perf_counter() - began) * 60
        finally:
            crew.dismiss()
    return found


@contextlib.contextmanager
def _serving(settings: Settings, *more: str) -> Iterator[Any]:
    settings.jobs.mkdir(parents=True, exist_ok=True)
    server = servers.Server(settings)
    server.start("--rate", "1000000", *more)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    """Its address: nothing for SQLite, a server of our own for PostgreSQL."""
    if kind == "sqlite":
        yield ""
        return
    with tests.running_postgres() as server:
        yield server.address


# the page


def page(found: dict[str, dict[str, float]]) -> str:
    """The page of figures."""
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    shown = [key for key in names if key in found]

    def row(words: str, key: str, wanted: str = "", form: str = "{:.1f} ms") -> str:
        if not any(key in found[kind] for kind in shown):
            return ""
        cells = " | ".join(form.format(found[kind][key]) if key in found[kind] else "" for kind in shown)
        return f"| {words} | {cells} | {wanted} |"

    heads = " | ".join(names[key] for key in shown)
    load = ", ".join(f"{found[key]['load']:.1f}" for key in shown)
    rows = [
        f"| what | {heads} | wanted |",
        "|" + "---|" * (len(shown) + 2),
        row(f"GET of a job, {CLIENTS} clients each once a second, a worker rendering: p99", "paced_p99", "50 ms"),
        row("the same: p50", "paced_p50"),
        row("the same: answers", "paced_count", form="{:.0f}"),
        row(f"GET of a job, {CLIENTS} clients each without a pause, a worker rendering: p99", "full_p99", "50 ms"),
        row("the same: p50", "full_p50"),
        row("the same: answers", "full_count", form="{:.0f}"),
        row("the same: processor time of the server for an answer", "full_cpu", form="{:.2f} ms"),
        row(f"a page of 50 among {QUEUED:,} queued jobs, from the queue: median", "page", "10 ms"),
        row("the same: worst", "page_worst"),
        row("the same from the API: median", "http", "10 ms"),
        row("the same from the API: worst", "http_worst"),
        row(f"counting {QUEUED:,} jobs by state", "count"),
        row("queueing a job", "submit"),
        row("a stage beyond its own work: median", "stage", "8 ms"),
        row("the same: worst", "stage_worst"),
        row("videos of 320x180 a minute, one worker", "workers_1", form="{:.0f}"),
        row("the same, three workers", "workers_3", form="{:.0f}"),
    ]
    return f"""# The service in figures

Measured by `make bench-service` on {os.cpu_count()} cores, which clients, server and workers share, with Python
{platform.python_version()}; each load of polls lasted {SECONDS:.0f} s. Load of the machine at the beginning: {load}
(the kernel's figure; other work on it counts).

{chr(10).join(filter(None, rows))}

Without a pause {CLIENTS} questions are always waiting, so an answer takes {CLIENTS} times what the server needs for
one: that row says what one process can carry on cores it shares with its clients. What a stage costs beyond its own
work is measured on new videos of 64x64 in a warm worker, against the same videos made in one go.
"""


def main(arguments: list[str]) -> int:
    """Measure, and write or print the page."""
    kind, *target = arguments or ["sqlite"]
    kept = ROOT / "out/bench-service.json"
    kept.parent.mkdir(exist_ok=True)
    both = json.loads(kept.read_text()) if kept.exists() else {}
    found = both.setdefault(kind, {})  # BENCH_ONLY measures some, and the others stay as they were
    wanted = os.environ.get("BENCH_ONLY", "polls,stages,pages,crews").split(",")
    with _database(kind) as address:
        for measure in (polls, stages, pages, crews):
            if measure.__name__ in wanted:
                before = os.getloadavg()[0]
                with tempfile.TemporaryDirectory(prefix="avatar-bench-") as place:
                    places = {name: Path(place) / name for name in ("library", "cache", "jobs")}
                    found |= measure(Settings.model_validate(places | {"database": address})) | {"load": before}
                print(f"{measure.__name__}: {found}", file=sys.stderr, flush=True)
                kept.write_text(json.dumps(both))
    if target:
        Path(target[0]).write_text(page(both))
    else:
        print(page(both))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
