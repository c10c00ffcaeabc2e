"""Measures the service: polls while a worker renders, pages of many queued jobs, what a stage costs beyond its work,
when previews begin, what one worker makes and three.

bench_service.py sqlite|postgresql [PAGE SCALE]: real processes on loopback. Figures are kept in out/; from those of
both databases PAGE is written, and in SCALE what stands between its two comments. Run by `make bench-service`.
"""

import asyncio
import contextlib
import dataclasses
import http.client
import importlib
import itertools
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import textwrap
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
FILMS = int(os.environ.get("BENCH_FILMS", "22"))
SEEDS = itertools.count(1000)
QUIET = 5.0
BEGIN, END = "<!-- figures: written by make bench-service -->", "<!-- end of figures -->"
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


# previews


def streams(settings: Settings) -> dict[str, float]:
    """Seconds to the first byte of a preview: asked of a server as soon as it answers, of one that had QUIET seconds,
    and the later ones.
    """
    later = []
    with _serving(settings) as server:
        at_once = _first_byte(server, 0)
        later += [_first_byte(server, seed) for seed in range(1, 8)]
    with _serving(settings) as server:
        time.sleep(QUIET)
        first = _first_byte(server, 8)
    return {"stream_at_once": at_once, "stream_first": first, "stream": statistics.median(later)}


def _first_byte(server: Any, seed: int) -> float:
    """The preview of docs/api.md, with another seed."""
    body = {"text": "You see me before I am done.", "prompt": "a man with a beard", "width": 320, "height": 180}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        began = time.perf_counter()
        head = {"Content-Type": "application/json"}
        connection.request("POST", "/videos/stream.mp4", json.dumps(body | {"seed": seed}), head)
        answer = connection.getresponse()
        answer.read(1)
        seconds = time.perf_counter() - began
        assert answer.status == 200, answer.read()
        answer.read()
        return seconds
    finally:
        connection.close()


# many workers


def crews(settings: Settings) -> dict[str, float]:
    """Videos a minute that one worker makes, and three, and three of which one is killed on the way; and how many
    megabytes a worker and its stage hold.
    """
    found = {"workers_1": _made(settings, 1), "workers_3": _made(settings, 3)}
    found["workers_3_one_killed"] = _made(settings, 3, killed=True)
    return found | _held(settings)


def _made(settings: Settings, count: int, *, killed: bool = False) -> float:
    """Videos a minute. All of them are made, or this fails."""
    crew = tests.Crew(settings)
    for _ in range(count):
        crew.hire()
    try:
        with JobQueue(settings) as queue:
            warmed = [queue.submit(film(next(SEEDS))).id for _ in range(count)]
            _wait(queue, warmed)
            began = time.perf_counter()
            jobs = [queue.submit(film(next(SEEDS), (320, 180))).id for _ in range(FILMS)]
            if killed:
                time.sleep(2.0)
                crew.kill(crew.alive[0])
            _wait(queue, jobs)
            return FILMS / (time.perf_counter() - began) * 60
    finally:
        crew.dismiss()


def _held(settings: Settings) -> dict[str, float]:
    """Megabytes of the three processes while they work at 640x360."""
    with _serving(settings, "--with-worker") as server:
        made = server.ask("POST", "/jobs", {"text": LONG[:4000], "width": 640, "height": 360}).json["id"]
        while (now := server.ask("GET", f"/jobs/{made}").json)["stage"] != "video" or now["progress"] < 0.2:
            assert now["state"] in {"pending", "running"}, now
            time.sleep(0.5)
        worker = next(pid for pid, line in _children(server.process.pid) if "worker start" in line)
        stage = next(pid for pid, line in _children(worker) if "avatar.jobs.stage" in line)
        held = {"api_mb": server.process.pid, "worker_mb": worker, "stage_mb": stage}
        found = {name: _resident(pid) for name, pid in held.items()}
        server.ask("POST", f"/jobs/{made}/cancel")
    return found


def _wait(queue: JobQueue, jobs: list[str]) -> None:
    for job in jobs:
        *_, end = queue.watch(job)
        assert end.data == {"state": "completed"}, end


def _children(parent: int) -> list[tuple[int, str]]:
    """Processes that it started, and their command lines."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append((int(folder.name), line))
    return found


def _resident(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


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
    """Its address: nothing for SQLite, a server of our own for PostgreSQL.

    New for each measure: workers would do what another one left in the queue.
    """
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
        row("the first byte of a preview, asked as soon as a server answers", "stream_at_once", "1.5 s", "{:.2f} s"),
        row(f"the same, {QUIET:.0f} s later", "stream_first", "1.5 s", "{:.2f} s"),
        row("the same, later ones: median", "stream", "1.5 s", "{:.2f} s"),
        row("videos of 320x180 a minute, one worker", "workers_1", form="{:.0f}"),
        row("the same, three workers", "workers_3", form="{:.0f}"),
        row("the same, three workers of which one is killed after 2 s", "workers_3_one_killed", form="{:.0f}"),
    ]
    return f"""# The service in figures

Measured by `make bench-service` on {os.cpu_count()} cores, which clients, server and workers share, with Python
{platform.python_version()}; each load of polls lasted {SECONDS:.0f} s. Load of the machine at the beginning: {load}
(the kernel's figure; other work on it counts).

{chr(10).join(filter(None, rows))}

All clients ask for one job, and questions that wait together are one query. Without a pause {CLIENTS} are always
waiting, so an answer takes about {CLIENTS} times what the server needs for one: that row says what one process can
carry on cores it shares with its clients. What a stage costs beyond its own work is measured on new videos of 64x64 in
a warm worker, against the same videos made in one go.
"""


def scale(text: str, found: dict[str, float]) -> str:
    """The page on many machines with its figures, which stand between its two comments."""
    words = (
        "{films} videos of 320x180 on PostgreSQL, on {cores} cores: one worker made {workers_1:.0f} a minute, "
        "three {workers_3:.0f}, and three of which one was killed after two seconds {workers_3_one_killed:.0f}; none "
        "was lost. While one of 640x360 was rendered the processes held {api_mb:.0f} MB (API), {worker_mb:.0f} MB "
        "(worker) and {stage_mb:.0f} MB (its stage)."
    ).format(**found | {"films": FILMS, "cores": os.cpu_count() or 1})
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{textwrap.fill(words, 118)}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Measure, and write or print the page."""
    kind, *targets = arguments or ["sqlite"]
    kept = ROOT / "out/bench-service.json"
    kept.parent.mkdir(exist_ok=True)
    both = json.loads(kept.read_text()) if kept.exists() else {}
    found = both.setdefault(kind, {})  # BENCH_ONLY measures some, and the others stay as they were
    wanted = os.environ.get("BENCH_ONLY", "polls,stages,pages,streams,crews").split(",")
    for measure in (polls, stages, pages, streams, crews):
        if measure.__name__ in wanted:
            before = os.getloadavg()[0]
            with _database(kind) as address, tempfile.TemporaryDirectory(prefix="avatar-bench-") as place:
                places = {name: Path(place) / name for name in ("library", "cache", "jobs")}
                found |= measure(Settings.model_validate(places | {"database": address})) | {"load": before}
            print(f"{measure.__name__}: {found}", file=sys.stderr, flush=True)
            kept.write_text(json.dumps(both))
    if targets:
        figures, sizing = (Path(name) for name in targets)
        figures.write_text(page(both))
        if "workers_3" in both.get("postgresql", {}):
            sizing.write_text(scale(sizing.read_text(), both["postgresql"]))
    else:
        print(page(both))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
