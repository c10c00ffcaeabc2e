"""A worker: takes jobs from the queues, carries them out stage by stage, and takes over from workers that died."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from dbos import DBOS

from avatar.cache import StageCache
from avatar.jobs import database, webhook
from avatar.jobs.folder import JobFolder
from avatar.jobs.liveness import LEADER, Lives, lives
from avatar.jobs.model import JobError
from avatar.jobs.process import StageFailed, StageProcess
from avatar.jobs.queue import WEBHOOK_QUEUE, WEBHOOK_WORKFLOW, WORKFLOWS, JobQueue
from avatar.jobs.spec import Spec
from avatar.settings import Settings

_ATTEMPTS = {"BackendFailed": 3, "StageDied": 3, "StageKilled": 6}
"""How often a stage is tried that ends so: what may go well the next time, which a bad input will not. A kill from
outside says nothing about the job, and memory that ran out may be there again in half a minute."""

_MOST_STAGES = 50
_POLL_SECONDS = 0.2
_REAP_SECONDS = 1.0
_HOUR = 3600.0

log = logging.getLogger("avatar.jobs")


class Worker:
    """One worker's life. There is one in a process: DBOS is a singleton."""

    def __init__(self, settings: Settings, queues: Sequence[str], concurrency: int) -> None:
        self.settings = settings
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = False
        self._queues, self._concurrency = queues, concurrency
        self._idle: list[StageProcess] = []
        self._all: list[StageProcess] = []
        self._lives: Lives = lives(settings)
        self._queue = JobQueue(settings)

    def start(self) -> None:
        """Begin to take jobs. Raises InputError when the database cannot be used."""
        address = database.ready(self.settings)
        self._lives.live(self.name)
        _quiet()
        DBOS(
            config={
                "name": database.APPLICATION,
                "system_database_url": address,
                "application_version": database.VERSION,
                "executor_id": self.name,
                "serializer": database.json_serializer(),
                "log_level": "WARNING",
            }
        )
        DBOS.listen_queues([*self._queues, WEBHOOK_QUEUE])
        DBOS.launch()
        for queue in (*self._queues, WEBHOOK_QUEUE):
            DBOS.register_queue(
                queue, worker_concurrency=self._concurrency if queue != WEBHOOK_QUEUE else 4,
                polling_interval_sec=_POLL_SECONDS, on_conflict="always_update",
            )  # fmt: skip
        threading.Thread(target=self._look_after_others, daemon=True).start()

    def stop(self) -> None:
        """End at once. What was running is taken over from its last finished stage, by whoever lives."""
        self.stopping = True
        for process in self._all:
            process.kill_now()
        with contextlib.suppress(Exception):
            self._lives.close()

    @asynccontextmanager
    async def process(self) -> AsyncIterator[StageProcess]:
        """A warm process for one step."""
        process = self._idle.pop() if self._idle else StageProcess(self.settings, f"{self.name}-{len(self._all)}")
        if process not in self._all:
            self._all.append(process)
        try:
            yield process
        finally:
            self._idle.append(process)

    def enqueue_webhook(self, job: str, address: str, state: str) -> None:
        """See `JobQueue.call_webhook`."""
        self._queue.call_webhook(job, address, state)

    def _look_after_others(self) -> None:
        """Hand over the jobs of dead workers, and once an hour remove what has been kept long enough."""
        pruned = time.monotonic()
        while not self.stopping:
            time.sleep(_REAP_SECONDS)
            try:
                for dead in hand_over_the_dead(self._queue, self._lives, self.name):
                    StageCache(self.settings.cache, dead).sweep()
                if time.monotonic() - pruned > _HOUR:
                    pruned = time.monotonic()
                    self._queue.prune()
            except Exception as error:  # noqa: BLE001  the next round may go well, and no job hangs on this one
                log.warning("looking after other workers failed: %s", error)


def hand_over_the_dead(queue: JobQueue, locks: Lives, own: str) -> list[str]:
    """Put the running jobs of dead workers back into their queues, if nobody else is doing that; the dead."""
    if not locks.certain():
        return []
    dead = []
    with locks.claim(LEADER) as leading:
        owners = queue.owners() if leading else {}
        for owner in owners.keys() - {own, ""}:
            with locks.claim(owner) as is_dead:
                if is_dead:  # asked again: a hand-over a moment ago may have given them to somebody who lives
                    queue.hand_over(queue.owners().get(owner, []))
                    dead.append(owner)
                    log.warning("took over from %s, which is dead", owner)
    return dead


_worker: Worker | None = None


def run(settings: Settings, queues: Sequence[str], concurrency: int) -> Worker:
    """Start this process's worker."""
    global _worker  # noqa: PLW0603  the workflows below are found by name and know no other way
    _worker = Worker(settings, queues, concurrency)
    _worker.start()
    return _worker


async def _film(plain: dict[str, Any]) -> dict[str, Any]:
    """A job: one step a stage, until there is a result."""
    spec, job = Spec.load(plain), str(DBOS.workflow_id)
    try:
        for _ in range(_MOST_STAGES):
            done = await _stage(plain)
            if done["result"] is not None:
                await _tell(job, spec.webhook, "completed")
                result: dict[str, Any] = done["result"]
                return result
    except StageFailed:
        await _tell(job, spec.webhook, "failed")
        raise
    except Exception as error:
        if getattr(error, "data", None):  # the same failure, read back after a restart
            await _tell(job, spec.webhook, "failed")
        raise
    raise StageFailed(JobError("BackendFailed", f"no end after {_MOST_STAGES} stages", "", 4))


async def _tell(job: str, address: str | None, state: str) -> None:
    if address is not None:
        await _enqueue_webhook(job, address, state)


@DBOS.step(name="tell")
async def _enqueue_webhook(job: str, address: str, state: str) -> None:
    await asyncio.to_thread(_mine().enqueue_webhook, job, address, state)


@DBOS.step(name="stage", preemptible=True)
async def _stage(plain: dict[str, Any]) -> dict[str, Any]:
    """Carry out the next stage in a process of its own, again where that may help. Cancelling kills the process."""
    worker, spec = _mine(), Spec.load(plain)
    folder = JobFolder(worker.settings.jobs, str(DBOS.workflow_id))
    for attempt in range(1, max(_ATTEMPTS.values()) + 1):
        try:
            return await _attempt(worker, spec, folder)
        except StageFailed as failed:
            if worker.stopping:
                await asyncio.sleep(_HOUR)  # this process ends: another worker does it, so nothing may be recorded
            if attempt >= _ATTEMPTS.get(failed.error.type, 1):
                raise
            folder.note("retry", attempt=attempt, error=failed.data)
            await asyncio.sleep(2.0 ** (attempt - 1))
    raise AssertionError("unreachable")


async def _attempt(worker: Worker, spec: Spec, folder: JobFolder) -> dict[str, Any]:
    left = None if spec.deadline is None else spec.deadline - time.time()
    late = StageFailed(JobError("DeadlineExceeded", "the job's deadline has passed", "submit it with more time", 4))
    if left is not None and left <= 0:
        raise late
    progress = _noting(folder)
    async with worker.process() as process:
        try:
            async with asyncio.timeout(left):
                outcome = await process.advance(spec, folder, progress)
        except TimeoutError:
            raise late from None
    folder.note("stage", stage=outcome.stage)
    return {"stage": outcome.stage, "result": outcome.result}


def _noting(folder: JobFolder) -> Callable[[str, float], None]:
    """Each step goes through the stages from the first: of those that are done there is nothing to say."""
    done = {event.data["stage"] for event in folder.events() if event.type == "stage"}

    def note(stage: str, fraction: float) -> None:
        if stage not in done:
            folder.note("progress", stage=stage, fraction=fraction)

    return note


@DBOS.step(name="call", retries_allowed=True, max_attempts=6, interval_seconds=1.0, backoff_rate=4.0)
async def _call(address: str, job: str, state: str) -> int:
    return await asyncio.to_thread(webhook.call, _mine().settings, address, job, state)


@DBOS.workflow(name=WEBHOOK_WORKFLOW)
async def _webhook(address: str, job: str, state: str) -> int:
    return await _call(address, job, state)


for _name in WORKFLOWS.values():
    DBOS.workflow(name=_name)(_film)


def _mine() -> Worker:
    assert _worker is not None
    return _worker


class Lines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's time, level, logger, message and fields."""
        about = {"at": round(record.created, 3), "level": record.levelname.lower(), "logger": record.name}
        about |= {"message": record.getMessage()} | getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            about["error"] = repr(record.exc_info[1])
        return json.dumps(about, default=str)


def _quiet() -> None:
    """DBOS shows a traceback for each cancelled and each failed job; both are ordinary here."""
    logger = logging.getLogger("dbos")
    logger.addFilter(lambda record: not _ordinary(record))
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    for ours in (logger, log):
        ours.handlers[:] = [handler]
        ours.propagate = False
    logger.setLevel(logging.WARNING)


def _ordinary(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    words = record.getMessage()
    return (
        isinstance(error, StageFailed) or type(error).__name__.startswith("DBOSWorkflowCancel") or "ancelled" in words
    )
