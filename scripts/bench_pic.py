"""Measures pic on a record of 100,000 events, writes the page that is named, and says whether each promise is kept.

`make bench-pic`, or in short, and without a page: python scripts/bench_pic.py --events 20000. Exit code 1 when a figure
is over what it may be at most.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pic.model.event import Event, encode
from pic.model.state import PHASES
from pic.store.log import Store
from pic.store.place import find

COMMAND = Path(sys.executable).with_name("pic")
PER_WORKFLOW = 1000
APPENDS = 101


def seconds(action: Callable[[], object], times: int = 7) -> float:
    """The median of a few runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def call(*command: str | Path, cwd: Path) -> Callable[[], object]:
    """A process to be timed."""
    return lambda: subprocess.run(command, cwd=cwd, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def repository(folder: Path) -> Path:
    """An empty repository."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def fresh_repository(root: Path) -> Path:
    """Another empty repository below `root`."""
    return repository(root / f"new{len(list(root.iterdir()))}")


def filled(folder: Path, count: int) -> Store:
    """A record of `count` events in workflows of a thousand, written as pic would have, but in one go."""
    subprocess.run([COMMAND, "init"], cwd=folder, check=True, capture_output=True)
    store = Store(find(folder))
    head = store.view().record.time
    path = next(store.log.iterdir())
    writer, parents = path.stem.rpartition("-")[2], store.view().anchor.heads
    with path.open("ab") as log:
        for number in range(1, count):
            kind, flow, data = step(number)
            event, line = encode(Event(kind, flow, data, ("agent", "bot"), head, writer, number, parents))
            parents = (event.hash,)
            log.write(line)
    return store


def step(number: int) -> tuple[str, str, dict[str, object]]:
    """The kinds of events as they come: mostly gates, some evidence and decisions."""
    flow, at = f"w{number // PER_WORKFLOW}", number % PER_WORKFLOW
    if at == 0 or number == 1:
        gates = {f"{phase}/tests": "spec" for phase in PHASES}
        start = {"title": f"Work {flow}", "size": "standard", "phases": list(PHASES), "dropped": {}, "pilots": {}}
        return "workflow.started", flow, {**start, "gates": gates}
    if at % 10 == 3:
        return "evidence.added", flow, {"kind": "file", "ref": f"docs/{number}.md", "sha256": f"{number:064x}"}
    if at % 10 == 7:
        choice = {"options": ["a"], "chosen": "a", "because": "b", "evidence": [], "tier": "light", "supersedes": ""}
        return "decision.made", flow, {"id": f"DEC-{number}", "title": f"Choice {number}", **choice}
    result = {"outcome": "passed", "tree": f"{number:032x}", "spec": "spec", "tail": "x" * 200, "seconds": 1.0}
    return "gate.ran", flow, {"name": "tests", "argv": ["make", "test"], "code": 0, **result}


def measured(root: Path, count: int) -> dict[str, tuple[float, float]]:
    """Each figure in milliseconds, and what it may be at most."""
    store = filled(repository(root / "full"), count)
    folder = store.place.main
    first = seconds(call(COMMAND, "status", cwd=folder), 1)  # reads all once, and keeps a snapshot
    status = seconds(call(COMMAND, "status", cwd=folder))
    verify = seconds(lambda: Store(store.place).verify(), 3)
    whole = seconds(call(COMMAND, "audit", "verify", cwd=folder), 3)
    append = appending(Store(store.place))
    init = seconds(
        lambda: subprocess.run([COMMAND, "init"], cwd=fresh_repository(root), check=True, capture_output=True)
    )
    bare, page = beside(call(sys.executable, "-c", "pass", cwd=root), call(COMMAND, "--help", cwd=root))
    return {
        f"`pic status`, {count:,} events": (status * 1000, 200),
        f"`pic status`, the first time after a clone, {count:,} events": (first * 1000, 5000),
        f"verify, {count:,} events": (verify * 1000, 2000),
        f"`pic audit verify`, the whole command, {count:,} events": (whole * 1000, 2000),
        f"append with fsync, median of {APPENDS}, {count:,} events": (append * 1000, 15),
        "fsync alone, of a file that grew by a line": (raw_fsync(root / "raw") * 1000, 1000),
        "`pic init`, with `git init` of a new folder": (init * 1000, 400),
        "`pic --help`": (page * 1000, 3 * bare * 1000),
        "bare Python": (bare * 1000, 1000),
    }


def appending(store: Store) -> float:
    """One event at a time into a record that was read before, as an agent's hook does it."""
    store.view()
    note = {"kind": "file", "ref": "README.md", "sha256": ""}
    flow = store.view().record.current
    return seconds(lambda: store.append([("evidence.added", flow, note)], ("agent", "bot")), APPENDS)


def raw_fsync(path: Path) -> float:
    """What the disk itself takes."""
    with path.open("wb") as handle:

        def write() -> None:
            handle.write(b"x" * 300)
            handle.flush()
            os.fsync(handle.fileno())

        return seconds(write, APPENDS)


def beside(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Two medians taken in turns, so that what else the machine does meets both."""
    taken: list[tuple[float, float]] = [(seconds(first, 1), seconds(second, 1)) for _ in range(31)]
    return statistics.median(one for one, _ in taken), statistics.median(two for _, two in taken)


def page_of(found: dict[str, tuple[float, float]]) -> str:
    """The figures as a page."""
    bare = found["bare Python"][0]
    rows = [
        f"| {name} | {value:.1f} ms{' (**over**)' * (value > most)} | {most:.0f} ms | {value / bare:.1f} |"
        for name, (value, most) in found.items()
    ]
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    ratio = found["`pic --help`"][0] / bare
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"""\
# What pic takes

Written by `make bench-pic` on {machine}. The record is one of events as they come: seven gates in ten, some evidence,
some decisions, workflows of {PER_WORKFLOW:,}. Times are medians of the clock, not of the processor: the machine's load
was {load} when they were taken. `pic --help` and bare Python are run in turns.

| what | takes | may take at most | times bare Python |
|---|---|---|---|
{chr(10).join(rows)}

`pic --help` takes {ratio:.2f} times what bare Python takes. An append is a lock, a line, two files made durable (log
and what this clone saw of it) and a rename: the disk's own fsync, above, is most of it.
"""


def main() -> int:
    """Measure and say; exit code 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        found = measured(Path(root), options.events)
    for name, (value, most) in found.items():
        print(f"{'ok  ' if value <= most else 'SLOW'} {name}: {value:.1f} ms (at most {most:.0f})")
    if options.page:
        options.page.write_text(page_of(found), "utf-8")
    return int(any(value > most for value, most in found.values()))


if __name__ == "__main__":
    os.environ.pop("PIC_PERSON_TOKEN", None)
    sys.exit(main())
