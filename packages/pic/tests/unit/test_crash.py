"""A whole workflow, killed at every rename and at any moment: the old state or the new, and doctor makes it whole."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pic.store import files
from pic.store.place import find
from pic.workflow import doctor, documents, gates, records, setup, steps
from pic.workflow.context import Context

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
CONFIG = """\
version = 2
[phases.implementation]
gates = ["quick"]
[gates.quick]
run = ["pic", "--version"]
covers = ["*.md"]
"""


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def context_of(folder: Path) -> Context:
    return Context(find(folder), ("person", "ada"))


STEPS: list[Callable[[Context], object]] = [
    setup.init,
    lambda now: steps.start(now, "Crash", "trivial"),
    lambda now: records.add_evidence(now, "README.md"),
    lambda now: records.decide(now, "D", options=["a"], chosen="a", because="b", tier="light"),
    lambda now: records.open_conflict(now, "C", "A"),
    lambda now: records.take_position(now, "CON-001", "mine"),
    lambda now: records.resolve(now, "CON-001", "b"),
    gates.run,
    steps.handoff,
    lambda now: steps.revisit(now, "implementation", "b"),
    lambda now: steps.undo(now, "b"),
    steps.handoff,
    steps.handoff,
]


def flown(folder: Path, pause: float = 0.0) -> None:
    (folder / ".pic").mkdir(exist_ok=True)
    (folder / ".pic/config.toml").write_text(CONFIG)
    for step in STEPS:
        step(context_of(folder))
        time.sleep(pause)


def kinds(folder: Path) -> list[str]:
    return [event.kind for event in context_of(folder).store.verify()[1]]


def whole_again(folder: Path, course: list[str]) -> int:
    """After a kill: a beginning of the course, its documents, and nothing left to mend. Gives how far it came."""
    if not (folder / ".pic/log").is_dir():
        return 0
    doctor.examine(context_of(folder))
    found = kinds(folder)
    assert found == course[: len(found)]
    context = context_of(folder)
    view, events = context.store.verify()
    wanted = {name for event in events if (name := documents.path_of(event))}
    made = {path.relative_to(folder / ".pic").as_posix() for path in (folder / ".pic").glob("*/*.md")}
    assert made == wanted
    assert f'"events": {view.record.events},' in (folder / ".pic/state.json").read_text()
    assert not doctor.examine(context_of(folder)).mended
    return len(found)


def counted(monkeypatch: pytest.MonkeyPatch, stop: int, after: bool) -> list[int]:
    """Makes the world end at a rename, before or after it; gives a list that counts them."""
    done = [0]

    def replace(old: Path, new: Path) -> None:
        done[0] += 1
        if done[0] == stop and not after:
            raise Killed
        old.replace(new)
        if done[0] == stop:
            raise Killed

    monkeypatch.setattr(files, "replace", replace)
    return done


def killed_at_renames(make: Any, monkeypatch: pytest.MonkeyPatch, both: bool) -> None:
    monkeypatch.setattr("pic.store.snapshot.WORTH", 4)
    monkeypatch.setattr(gates, "measured", measured(gates.measured))
    monkeypatch.setattr(
        os, "fsync", lambda _handle: None
    )  # what the disk keeps is another test's; here it is only time
    clean, fresh = make("clean"), make("fresh")
    renames = counted(monkeypatch, 0, after=False)
    flown(clean.folder)
    course, total = kinds(clean.folder), renames[0]
    assert course.count("phase.handed") == 3
    reached = set()
    for stop in range(1, total + 1):
        for after in (False, True) if both else (stop % 2 == 0,):
            folder = fresh.folder.parent / f"{stop}-{after}"
            shutil.copytree(fresh.folder, folder)
            counted(monkeypatch, stop, after)
            with pytest.raises(Killed):
                flown(folder)
            monkeypatch.setattr(files, "replace", os.replace)
            reached.add(whole_again(folder, course))
            shutil.rmtree(folder)
    assert reached >= set(range(2, len(course)))


def test_a_kill_at_every_rename_of_a_workflow(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_at_renames(make, monkeypatch, both=False)


@pytest.mark.soak
def test_a_kill_before_and_after_every_rename_of_a_workflow(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_at_renames(make, monkeypatch, both=True)


def measured(real: Callable[..., dict[str, object]]) -> Callable[..., dict[str, object]]:
    """The gate's command runs once: what it did is the same each time, and a process costs more than all the rest."""
    kept: dict[str, dict[str, object]] = {}

    def once(work: Path, gate: Any) -> dict[str, object]:
        if gate.name not in kept:
            kept[gate.name] = real(work, gate)
        return kept[gate.name]

    return once


ALONE = "import sys; sys.path.insert(0, {here!r}); from pathlib import Path; import {name} as it; "
ALONE += "it.flown(Path(sys.argv[1]), 0.01)"


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_real_process_killed_at_any_moment(make: Any) -> None:
    clean, fresh, rng = make("clean"), make("fresh"), random.Random(11)
    flown(clean.folder)
    course = kinds(clean.folder)
    code = ALONE.format(here=str(Path(__file__).parent), name=Path(__file__).stem)
    reached = set()
    for number in range(120):
        folder = fresh.folder.parent / f"round-{number}"
        shutil.copytree(fresh.folder, folder)
        running = subprocess.Popen([sys.executable, "-c", code, str(folder)], start_new_session=True)
        time.sleep(rng.uniform(0.1, 0.9))
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        reached.add(whole_again(folder, course))
        shutil.rmtree(folder)
    assert len(reached) > 4
