"""Measures the service: a page of many queued jobs, the cost of a stage's step, polls while a worker renders, kills.

Real processes on loopback. Run by `make bench-service`; writes docs/benchmarks-service.md, or prints where no file is
named.
"""

import asyncio
import http.client
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from avatar.jobs import JobQueue
from avatar.jobs.process import StageProcess
from avatar.jobs.spec import pack
from avatar.pipeline import Request, Silent, open_studio, render
from avatar.settings import Settings

CLIENTS, SECONDS = 50, int(os.environ.get("BENCH_SECONDS", "60"))
QUEUED = int(os.environ.get("BENCH_QUEUED", "10000"))
LONG = "Hello there, my friend. " * 400


def film(text: str = "One.", seed: int = 0) -> Request:
    """A small video."""
    return Request(text, Path("talk.mp4"), size=(64, 64), fps=10, seed=seed)


def settings_in(folder: Path, **more: Any) -> Settings:
    """A library, a cache and jobs of the bench's own."""
    return Settings(library=folder / "library", cache=folder / "cache", jobs=folder / "jobs", **more)


def environment(settings: Settings) -> dict[str, str]:
    """What makes a command use these settings."""
    own = {
        f"AVATAR_{key.upper()}": str(value)
        for key, value in settings.model_dump(exclude_defaults=True, exclude_none=True).items()
    }
    return {key: value for key, value in os.environ.items() if not key.startswith("AVATAR_")} | own


def pages(folder: Path) -> dict[str, float]:
    """Milliseconds to queue a job, and for a page of 50 among QUEUED."""
    with JobQueue(settings_in(folder)) as queue:
        queue.submit(film())
        began = time.perf_counter()
        for number in range(QUEUED):
            queue.submit(film(seed=number))
        queued = (time.perf_counter() - began) / QUEUED
        taken = []
        for offset in range(0, QUEUED - 50, max(1, QUEUED // 40)):
            began = time.perf_counter()
            queue.jobs(limit=50, offset=offset)
            taken.append(time.perf_counter() - began)
    return {"submit": queued * 1000, "page": statistics.median(taken) * 1000, "page_worst": max(taken) * 1000}


def step_cost(folder: Path) -> float:
    """Milliseconds of a step beyond the stage's own work: a whole job of cached stages in a warm process, against
    the same render in this process.
    """
    settings = settings_in(folder)
    with open_studio(settings) as studio, JobQueue(settings) as queue:
        own = []
        request = film()
        output = folder / "own.mp4"
        whole = Request(request.text, output, size=request.size, fps=request.fps)
        for _ in range(20):
            began = time.perf_counter()
            render(whole, studio, Silent())
            own.append(time.perf_counter() - began)
        other = asyncio.run(_in_a_process(settings, queue))
    return (statistics.median(other) - statistics.median(own[1:])) * 1000


async def _in_a_process(settings: Settings, queue: JobQueue) -> list[float]:
    folder = queue.folder("bench-00000000")
    process, taken = StageProcess(settings, "bench"), []
    spec = pack(film(), settings, folder)
    for _ in range(20):
        began = time.perf_counter()
        await process.advance(spec, folder, lambda stage, part: folder.note("progress", stage=stage, fraction=part))
        taken.append(time.perf_counter() - began)
    await process.kill()
    return taken[3:]


def polls(folder: Path) -> dict[str, float]:
    """Milliseconds of GET /jobs/ID for CLIENTS that ask once a second, while a worker renders."""
    settings = settings_in(folder)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    line = [sys.executable, "-m", "avatar", "server", "start", "--port", str(port), "--with-worker", "--rate", "10000"]
    with (folder / "log").open("w") as log, subprocess.Popen(line, env=environment(settings), stderr=log) as server:
        try:
            job = _submitted(port)
            taken: list[float] = []
            threads = [
                threading.Thread(target=_ask, args=(port, job, number / CLIENTS, taken)) for number in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            state = _get(port, f"/jobs/{job}")["state"]
        finally:
            server.terminate()
    taken.sort()
    assert state in {"running", "completed"}, state
    return {
        "count": len(taken), "p50": taken[len(taken) // 2] * 1000, "p99": taken[int(len(taken) * 0.99)] * 1000,
        "rendering": float(state == "running"),
    }  # fmt: skip


def _submitted(port: int) -> str:
    body = json.dumps({"text": LONG, "width": 640, "height": 360})
    for _ in range(100):
        try:
            job = str(_get(port, "/jobs", body)["id"])
            break
        except OSError:
            time.sleep(0.3)
    while _get(port, f"/jobs/{job}")["stage"] != "video":
        time.sleep(0.5)
    return job


def _get(port: int, path: str, body: str | None = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def _ask(port: int, job: str, offset: float, taken: list[float]) -> None:
    time.sleep(offset)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        began = time.perf_counter()
        connection.request("GET", f"/jobs/{job}")
        connection.getresponse().read()
        spent = time.perf_counter() - began
        taken.append(spent)
        time.sleep(max(0.0, 1.0 - spent))


def page(found: dict[str, Any]) -> str:
    """The page of figures."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"""# The service in figures

Measured by `make bench-service` on {os.cpu_count()} cores, Python {platform.python_version()}, SQLite; load at the end
{load:.1f} (the kernel's figure: other work on the machine counts).

| what | measured | wanted |
|---|---|---|
| GET of a job, {CLIENTS} clients asking once a second for {SECONDS} s while a worker renders: p99 | \
{found["polls"]["p99"]:.0f} ms | 50 ms |
| the same: p50, of {found["polls"]["count"]:.0f} answers | {found["polls"]["p50"]:.0f} ms | |
| a page of 50 among {QUEUED:,} queued jobs: median | {found["pages"]["page"]:.1f} ms | 10 ms |
| the same: worst | {found["pages"]["page_worst"]:.1f} ms | |
| queueing a job (SQLite) | {found["pages"]["submit"]:.1f} ms | |
| a finished job gone through once more in a warm process, over the same in ours | {found["step"]:.1f} ms | 8 ms |
"""


def main(arguments: list[str]) -> int:
    """Measure, and write or print the page."""
    found: dict[str, Any] = {}
    for name, measure in (("step", step_cost), ("pages", pages), ("polls", polls)):
        with tempfile.TemporaryDirectory(prefix="avatar-bench-") as folder:
            found[name] = measure(Path(folder))
        print(f"{name}: {found[name]}", file=sys.stderr)
    if arguments:
        Path(arguments[0]).write_text(page(found))
    else:
        print(page(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
