"""What a person may count on from the queue, with real workers on SQLite."""

import dataclasses
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dbos._migration as migrations
import pytest
from dbos import DBOS

from avatar.codec import probe
from avatar.errors import Conflict, InputError, NotFound
from avatar.jobs import JobQueue, batch
from avatar.settings import Settings

from .conftest import Crew, Postgres, environment, eventually, film, stage_processes

LONG = "Hello there, my friend. " * 120


def test_a_job_is_made(queue: JobQueue, crew: Crew) -> None:
    crew.hire()
    job = queue.submit(film())
    events = list(queue.watch(job.id))
    done = queue.get(job.id)
    assert done.state == "completed", done.error
    assert [event.data["stage"] for event in events if event.type == "stage"] == [
        "speech", "portrait", "video", "delivery",
    ]  # fmt: skip
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    told = [event.data["stage"] for event in events if event.type in {"progress", "stage"}]
    assert list(dict.fromkeys(told)) == [stage for stage, _ in itertools.groupby(told)], "no stage is told of twice"
    assert done.result is not None
    assert probe(queue.folder(job.id).result / done.result["output"]).width == 64
    assert queue.stats() == {"total": 1, "pending": 0, "running": 0, "completed": 1, "failed": 0, "cancelled": 0}


def test_the_same_key_is_the_same_job(queue: JobQueue) -> None:
    first = queue.submit(film(), key="a")
    assert queue.submit(film(), key="a").id == first.id
    assert queue.submit(film(), key="a", tenant="other").id != first.id
    with pytest.raises(Conflict, match="was used for another request"):
        queue.submit(film("Another text."), key="a")
    assert queue.stats()["total"] == 2


def test_what_cannot_be_asked_is_refused_at_once(queue: JobQueue) -> None:
    with pytest.raises(NotFound, match="no voice is called"):
        queue.submit(film(voice="nobody"))
    with pytest.raises(InputError, match="there is no file"):
        queue.submit(film(portrait="/nowhere/x.png"))
    with pytest.raises(NotFound, match="no queue"):
        queue.submit(film(), queue="gpus")
    with pytest.raises(InputError, match="priority"):
        queue.submit(film(), priority=0)
    with pytest.raises(NotFound, match="no language is called 'xx-DE'"):
        queue.submit(film(language="xx-DE"))
    assert queue.stats()["total"] == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_database_that_nobody_answers_at_is_named_with_why(settings: Settings, host: str) -> None:
    away = settings.model_copy(update={"database": f"postgresql://nobody@{host}:1/none"})
    with pytest.raises(InputError, match=r"^the database of the jobs cannot be used: .*Connection refused$"):
        JobQueue(away).jobs()


def test_a_tenant_sees_its_own_jobs_alone(queue: JobQueue) -> None:
    mine = queue.submit(film(), tenant="mine")
    queue.submit(film(), tenant="yours")
    assert [job.id for job in queue.jobs(tenant="mine")] == [mine.id]
    for touch in (queue.get, queue.cancel, queue.resume, queue.delete):
        with pytest.raises(NotFound):
            touch(mine.id, "yours")


def test_a_look_sees_what_the_engine_says(queue: JobQueue, crew: Crew) -> None:
    def same(job: str) -> str:
        """The state, once both have been asked while nothing changed between."""
        while True:
            before, seen, after = queue.get(job), queue.look(job), queue.get(job)
            if before == after:
                assert seen == dataclasses.replace(after, request=seen.request)
                return seen.state

    job = queue.submit(film(LONG), tenant="mine", priority=7).id
    assert same(job) == "pending"
    crew.hire()
    eventually(lambda: queue.look(job).stage is not None)
    assert same(job) == "running"
    assert queue.stats("mine") == {"total": 1, "pending": 0, "running": 1, "completed": 0, "failed": 0, "cancelled": 0}
    queue.cancel(job)
    assert (same(job), queue.stats("yours")["total"]) == ("cancelled", 0)
    for wrong in (lambda: queue.look(job, "yours"), lambda: queue.look("job-00000000")):
        with pytest.raises(NotFound):
            wrong()


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_pages(settings: Settings, request: pytest.FixtureRequest, on: str) -> None:
    if on == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        postgres.empty()
        settings = settings.model_copy(update={"database": postgres.address})
    with JobQueue(settings) as queue:
        mine, yours = [], []
        for _ in range(7):
            mine.insert(0, queue.submit(film(), tenant="mine").id)
            yours.insert(0, queue.submit(film(), tenant="yours").id)
            time.sleep(0.002)  # an id begins with its millisecond

        def page(**more: Any) -> list[str]:
            return [job.id for job in queue.jobs(**{"tenant": "mine", "limit": 3} | more)]

        assert [page(offset=at) for at in (0, 3, 6, 9)] == [mine[:3], mine[3:6], mine[6:], []]
        assert page(tenant=None, limit=14) == [job for pair in zip(yours, mine, strict=True) for job in pair]
        queue.cancel(mine[1])
        queue.cancel(mine[5])
        assert page(state="cancelled", limit=1) + page(state="cancelled", limit=1, offset=1) == [mine[1], mine[5]]
        assert page(state="pending", offset=1) == [mine[2], mine[3], mine[4]]
        newer = queue.submit(film(), tenant="mine").id
        assert page(after=mine[2]) == mine[3:6], "one that came meanwhile shifts nothing"
        assert page(after=mine[2], oldest_first=True) == [mine[1], mine[0], newer]
        assert page(after=mine[5], state="cancelled") == []
        for gone in (yours[0], "job-00000000"):
            with pytest.raises(NotFound):
                page(after=gone)
        keyed = {queue.submit(film(), tenant="keyed", key=str(number)).id for number in range(6)}
        walked = page(tenant="keyed", limit=1)
        while behind := page(tenant="keyed", limit=1, after=walked[-1]):
            walked += behind
        assert walked == page(tenant="keyed", limit=9), "ids of keys say nothing of when, and moments can be the same"
        assert set(walked) == keyed
        assert [job.request is None for job in queue.jobs(limit=2)] == [True, True]
        whole = queue.jobs(limit=3, whole=True)
        assert whole == [queue.get(job.id) for job in whole]


def test_priorities(queue: JobQueue, crew: Crew) -> None:
    late, usual, early = (queue.submit(film(), priority=priority) for priority in (90, 50, 1))
    crew.hire()
    for job in (late, usual, early):
        assert list(queue.watch(job.id))[-1].data == {"state": "completed"}
    began = [queue.folder(job.id).events()[0].at for job in (early, usual, late)]
    assert began == sorted(began)


def test_cancelling_stops_the_stage_and_leaves_no_process(queue: JobQueue, crew: Crew, settings: Settings) -> None:
    crew.hire()
    job = queue.submit(film(LONG))
    eventually(lambda: queue.get(job.id).stage == "video")
    assert stage_processes(settings)
    assert queue.cancel(job.id).state == "cancelled"
    eventually(lambda: not stage_processes(settings), seconds=10)
    eventually(lambda: not list((settings.cache / "unfinished").iterdir()), seconds=10)
    assert list(queue.watch(job.id))[-1].data == {"state": "cancelled"}
    assert queue.cancel(job.id).state == "cancelled"
    assert queue.resume(job.id).state == "pending"
    eventually(lambda: queue.get(job.id).stage == "video")
    made = [event.data["stage"] for event in queue.events(job.id) if event.type == "stage"]
    assert made.count("speech") == 1, "what was done before is not done again"
    queue.cancel(job.id)


def test_a_failure_says_why_and_can_be_resumed(queue: JobQueue, crew: Crew, settings: Settings) -> None:
    crew.hire()
    job = queue.submit(film("..."))
    end = list(queue.watch(job.id))[-1]
    assert end.data["state"] == "failed"
    error = queue.get(job.id).error
    assert error is not None
    assert error.exit_code == 2
    assert "nothing in the text can be spoken" in error.message
    assert [listed.error for listed in queue.jobs(state="failed")] == [error], "a list says why, too"
    assert queue.resume(job.id).state in {"pending", "running"}
    assert list(queue.watch(job.id))[-1].data["state"] == "failed"
    with pytest.raises(Conflict):
        queue.resume(queue.submit(film()).id)


def test_a_deadline(queue: JobQueue, crew: Crew) -> None:
    crew.hire()
    job = queue.submit(film(LONG), seconds=3.0)
    assert list(queue.watch(job.id))[-1].data["state"] == "failed"
    error = queue.get(job.id).error
    assert error is not None
    assert error.type == "DeadlineExceeded"


def test_a_full_disk_fails_the_job_and_it_can_be_resumed(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=150k", "none", small]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: a small disk cannot be mounted here")
    settings = Settings(library=tmp_path / "library", cache=small / "cache", jobs=tmp_path / "jobs")
    crew = Crew(settings)
    try:
        with JobQueue(settings) as queue:
            crew.hire()
            job = queue.submit(film("Hello there, my friend. " * 3))
            assert list(queue.watch(job.id))[-1].data["state"] == "failed"
            error = queue.get(job.id).error
            assert error is not None
            assert "the disk is full" in error.message
            subprocess.run(["mount", "-o", "remount,size=50m", small], check=True)
            queue.resume(job.id)
            assert list(queue.watch(job.id))[-1].data["state"] == "completed"
    finally:
        crew.dismiss()
        subprocess.run(["umount", small], check=False)


def test_what_has_been_kept_long_enough_goes(queue: JobQueue, crew: Crew) -> None:
    crew.hire()
    job = queue.submit(film())
    list(queue.watch(job.id))
    crew.dismiss()
    waiting = queue.submit(film())
    assert queue.prune() == []
    assert queue.prune(limit_mb=0) == [job.id]
    assert not queue.folder(job.id).path.exists()
    assert [left.id for left in queue.jobs()] == [waiting.id]
    with pytest.raises(NotFound):
        queue.get(job.id)


def test_a_line_cut_short_is_no_event(queue: JobQueue) -> None:
    folder = queue.folder("job-00000000")
    folder.note("progress", stage="speech", fraction=0.5)
    with (folder.path / "events.jsonl").open("ab") as file:
        file.write(b'{"at": 1, "ty')
    assert len(folder.events()) == 1
    folder.note("stage", stage="speech")
    assert [event.id for event in folder.events()] == [1, 3]
    assert folder.last_progress() == ("speech", 1.0)


def test_a_batch(tmp_path: Path) -> None:
    rows = tmp_path / "talks.csv"
    rows.write_text("text,output,size,key\nHello.,a.mp4,64x64,one\nBye.,b.mp4,,\n")
    read = batch.read(rows)
    assert [(row.request.text, row.request.size, row.key) for row in read] == [
        ("Hello.", (64, 64), "one"), ("Bye.", None, None),
    ]  # fmt: skip
    lines = tmp_path / "talks.jsonl"
    lines.write_text(json.dumps({"text": "Hello.", "output": "a.mp4", "seed": "x"}))
    with pytest.raises(InputError, match="line 1: seed is no whole number"):
        batch.read(lines)
    lines.write_text('{"text": "Hello."}')
    with pytest.raises(InputError, match="there is no output"):
        batch.read(lines)


def test_no_row_of_a_batch_is_queued_unless_every_row_can_be(queue: JobQueue, tmp_path: Path) -> None:
    rows = tmp_path / "talks.csv"
    for column, wrong in (("language", "xx"), ("voice", "nobody"), ("portrait", "nobody")):
        rows.write_text(f"text,output,{column}\nHello.,a.mp4,\nHello.,b.mp4,{wrong}\n")
        line = [sys.executable, "-m", "avatar", "jobs", "batch", str(rows)]
        done = subprocess.run(line, env=environment(queue.settings), capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert f"line 3: no {column} is called '{wrong}'" in " ".join(done.stderr.split())
    assert queue.stats()["total"] == 0


def test_a_language_only_of_a_recording_is_not_refused(queue: JobQueue) -> None:
    recording = Path(__file__).parents[4] / "examples/reference.flac"
    assert queue.submit(film("", audio=recording, language="xx")).state == "pending"
    assert queue.submit(film(language="de-AT")).state == "pending"


def test_times_are_in_order_where_the_database_counts_whole_seconds(queue: JobQueue, crew: Crew) -> None:
    crew.hire()
    for seed in range(3):
        job = queue.submit(film(seed=seed)).id
        times = [event.at for event in queue.watch(job)]
        assert times == sorted(times)
        done = queue.get(job)
        assert done.created_at <= (done.started_at or 0) <= (done.finished_at or 0) <= times[-1]


def test_inputs_are_the_jobs_own(queue: JobQueue, crew: Crew, tmp_path: Path) -> None:
    recording = tmp_path / "mine.flac"
    shutil.copyfile(Path(__file__).parents[4] / "examples/reference.flac", recording)
    job = queue.submit(film("", audio=recording))
    recording.unlink()
    crew.hire()
    assert list(queue.watch(job.id))[-1].data == {"state": "completed"}


def test_tables_that_are_half_made_are_made_whole_first(
    settings: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As another process has left them so far, which makes them one after the other."""
    postgres.empty()
    whole = migrations.get_dbos_migrations
    monkeypatch.setattr(migrations, "get_dbos_migrations", lambda *given: whole(*given)[:5])
    DBOS.migrate(postgres.address)
    monkeypatch.undo()
    with JobQueue(settings.model_copy(update={"database": postgres.address})) as queue:
        assert queue.jobs(limit=1) == []
        assert queue.submit(film()).state == "pending"


def test_a_clock_that_jumps_back_ends_no_job(queue: JobQueue, crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    job = queue.submit(film(), seconds=None)
    monkeypatch.undo()
    crew.hire()
    assert list(queue.watch(job.id))[-1].data == {"state": "completed"}
