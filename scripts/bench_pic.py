"""Measures pic on a record of 100,000 events and says whether each figure keeps its promise; exit code 1 when not.

`make bench-pic`, or with a number of events: python scripts/bench_pic.py 20000
"""

import os
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
    subprocess.run([COMMAND, "status"], cwd=folder, check=True, capture_output=True)  # reads all once, keeps a snapshot
    status = seconds(call(COMMAND, "status", cwd=folder))
    verify = seconds(lambda: Store(store.place).verify(), 3)
    verify_command = seconds(call(COMMAND, "audit", "verify", cwd=folder), 3)
    fresh = Store(store.place)
    fresh.view()
    note = {"kind": "file", "ref": "README.md", "sha256": ""}
    flow = fresh.view().record.current
    append = seconds(lambda: fresh.append([("evidence.added", flow, note)], ("agent", "bot")), 101)
    init = seconds(
        lambda: subprocess.run([COMMAND, "init"], cwd=fresh_repository(root), check=True, capture_output=True)
    )
    bare, page = (
        seconds(call(sys.executable, "-c", "pass", cwd=root), 21),
        seconds(call(COMMAND, "--help", cwd=root), 21),
    )
    return {
        f"status, {count:,} events": (status * 1000, 200),
        f"verify, {count:,} events": (verify * 1000, 2000),
        f"pic audit verify, the whole command, {count:,} events": (verify_command * 1000, 2000),
        "append with fsync, median of 101": (append * 1000, 15),
        "init, with git init of a new folder": (init * 1000, 400),
        "pic --help": (page * 1000, 3 * bare * 1000),
        "bare Python": (bare * 1000, 1000),
    }


def main(count: int) -> int:
    """Measure and say; exit code 1 when a promise is broken."""
    with tempfile.TemporaryDirectory() as root:
        found = measured(Path(root), count)
    for name, (value, most) in found.items():
        print(f"{'ok  ' if value <= most else 'SLOW'} {name}: {value:.1f} ms (at most {most:.0f})")
    return int(any(value > most for value, most in found.values()))


if __name__ == "__main__":
    os.environ.pop("PIC_PERSON_TOKEN", None)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
