"""kill -9 of workers and of stages, again and again: no job lost, none stuck, no half file, no orphan."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from avatar.codec import probe
from avatar.jobs import JobQueue
from avatar.jobs.model import ENDED, Job
from avatar.settings import Settings

from .conftest import TEXTS, Crew, Postgres, eventually, film, stage_processes
from .server import Server


def slaughter(settings: Settings, jobs: int, kills: int, seed: int, *, spread: bool = False) -> None:
    """Make so many videos with two workers while so many processes are killed, half of them workers.

    One after the other, or `spread` over the whole run.
    """
    chance = random.Random(seed)
    crew = Crew(settings)
    with JobQueue(settings) as queue:
        asked: list[str] = []

        def ask() -> None:
            asked.append(queue.submit(film(chance.choice(TEXTS), seed=len(asked)), key=str(len(asked))).id)

        for _ in range(jobs):
            ask()
        crew.hire()
        crew.hire()
        try:
            for kill in range(kills):
                due = int(jobs * 0.95 * kill / kills) if spread else 0
                eventually(lambda due=due: completed(queue) >= due, seconds=300)  # type: ignore[misc]
                if queue.stats()["pending"] == 0:  # where workers start slowly, those that live have done it all
                    ask()
                one_dies(crew, settings, chance, worker=kill % 2 == 0)
            eventually(lambda: completed(queue) == len(asked), seconds=len(asked) * 20)
        finally:
            crew.dismiss()
        eventually(lambda: not stage_processes(settings), seconds=10)
        assert not list((settings.cache / "unfinished").iterdir())
        assert sorted(job.id for job in queue.jobs(limit=len(asked) + 1)) == sorted(asked)
        for job in asked:
            whole(queue, job)


def completed(queue: JobQueue) -> int:
    """How many there are; none of the others may have failed."""
    failed = queue.jobs(state="failed", limit=1)
    assert not failed, queue.get(failed[0].id).error
    return queue.stats()["completed"]


def one_dies(crew: Crew, settings: Settings, chance: random.Random, *, worker: bool) -> None:
    eventually(lambda: bool(stage_processes(settings)))
    if worker:
        crew.kill(chance.choice(crew.alive))
        crew.hire()
    else:
        running = stage_processes(settings)
        if running:
            os.kill(chance.choice(running), signal.SIGKILL)


def whole(queue: JobQueue, job: str) -> None:
    result = queue.get(job).result
    assert result is not None
    folder: Path = queue.folder(job).result
    assert probe(folder / result["output"]).duration == pytest.approx(result["duration_s"], abs=0.01)
    assert not [path.name for path in folder.iterdir() if ".part" in path.name]


def test_ten_kills_on_sqlite(settings: Settings) -> None:
    slaughter(settings, jobs=16, kills=10, seed=1)


def test_ten_kills_on_postgresql(settings: Settings, postgres: Postgres) -> None:
    postgres.empty()
    slaughter(settings.model_copy(update={"database": postgres.address}), jobs=16, kills=10, seed=2)


def test_a_stage_killed_from_outside_thrice_is_tried_again(settings: Settings) -> None:
    retries, job = killed_by(settings, [signal.SIGKILL] * 3)
    assert job.state == "completed", job.error
    assert [note["attempt"] for note in retries] == [1, 2, 3]


def test_a_stage_that_dies_of_itself_is_tried_three_times(settings: Settings) -> None:
    retries, job = killed_by(settings, [signal.SIGSEGV] * 3)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.type == "StageDied"
    assert [note["attempt"] for note in retries] == [1, 2]


def killed_by(settings: Settings, signals: list[signal.Signals]) -> tuple[list[dict[str, Any]], Job]:
    """A job whose stage gets these signals, one after the other; what was noted of its retries, and its end."""
    crew = Crew(settings)
    with JobQueue(settings) as queue:
        job = queue.submit(film()).id
        crew.hire()
        try:
            for one in signals:
                eventually(lambda: bool(stage_processes(settings)))
                (process,) = stage_processes(settings)
                os.kill(process, one)
                eventually(lambda process=process: process not in stage_processes(settings))  # type: ignore[misc]
            eventually(lambda: queue.get(job).state in ENDED)
        finally:
            crew.dismiss()
        return [event.data for event in queue.events(job) if event.type == "retry"], queue.get(job)


def test_postgresql_restarts_while_jobs_run(settings: Settings, postgres: Postgres) -> None:
    postgres.empty()
    settings = settings.model_copy(update={"database": postgres.address})
    crew = Crew(settings)
    with JobQueue(settings) as queue:
        asked = [queue.submit(film(seed=n)).id for n in range(4)]
        crew.hire()
        eventually(lambda: bool(stage_processes(settings)))
        postgres.stop()
        postgres.start()
        try:
            eventually(lambda: all_done(queue, len(asked)), seconds=120)
        finally:
            crew.dismiss()
        for job in asked:
            whole(queue, job)


def all_done(queue: JobQueue, count: int) -> bool:
    from avatar.errors import BackendUnavailable

    try:
        return queue.stats()["completed"] == count
    except BackendUnavailable:
        return False


@pytest.mark.soak
@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_two_hundred_kills_over_a_thousand_jobs(settings: Settings, postgres: Postgres, on: str) -> None:
    if on == "postgresql":
        postgres.empty()
        settings = settings.model_copy(update={"database": postgres.address})
    slaughter(settings, jobs=1000, kills=200, seed=3, spread=True)


@pytest.mark.soak
@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_a_workers_clock_jumps_by_days_again_and_again(settings: Settings, postgres: Postgres, on: str) -> None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("NOT TESTED: libfaketime is not installed (Debian: apt install faketime)")
    if on == "postgresql":
        postgres.empty()
        settings = settings.model_copy(update={"database": postgres.address})
    clock = settings.jobs.parent / "clock"
    clock.write_text("+0")
    faked = {"LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
             "FAKETIME_DONT_FAKE_MONOTONIC": "1"}  # fmt: skip
    crew = Crew(settings)
    with JobQueue(settings) as queue:
        asked = [queue.submit(film()).id]
        crew.hire()  # makes the signer: two who wait for it sleep, and faketime errs there
        eventually(lambda: completed(queue) == 1)
        crew.dismiss()
        crew.hire(more=faked)
        crew.hire(more=faked)
        try:
            for jump, days in (("+2d", 2.0), ("-3d", -3.0), ("+400d", 400.0), ("-1h", -1 / 24), ("+0", 0.0)):
                new = [queue.submit(film(seed=len(asked) + n)).id for n in range(3)]
                asked.extend(new)
                eventually(lambda: bool(stage_processes(settings)))
                clock.write_text(jump)
                eventually(lambda: completed(queue) == len(asked), seconds=240)
                times = [event.at - time.time() for job in new for event in queue.folder(job).events()]
                assert min(abs(at - days * 86400) for at in times) < 600, "the clock did jump while they were made"
        finally:
            crew.dismiss()
        for job in asked:
            whole(queue, job)


def test_the_api_is_killed_and_its_jobs_go_on(settings: Settings) -> None:
    server = Server(settings)
    server.start()
    crew = Crew(settings)
    try:
        crew.hire()
        body = {"text": "One.", "width": 64, "height": 64, "fps": 10}
        job = server.ask("POST", "/jobs", body, Idempotency_Key="k").json["id"]
        assert server.process is not None
        server.process.kill()
        server.process.wait(timeout=30)
        server.start()
        assert server.ask("POST", "/jobs", body, Idempotency_Key="k").json["id"] == job
        assert server.finished(job)["state"] == "completed"
    finally:
        crew.dismiss()
        server.stop()
