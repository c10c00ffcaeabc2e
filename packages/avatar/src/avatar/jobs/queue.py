"""The seam to the engine of the queue: submit, get, list, cancel, resume, watch, count, prune."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, cast

from avatar.errors import Conflict, InputError, NotFound
from avatar.jobs import database
from avatar.jobs.folder import JobFolder, abandoned
from avatar.jobs.model import ENDED, FIRST, LAST, LOCAL, QUEUES, STATES, USUAL, Event, Job, JobError, State
from avatar.jobs.rows import Row, Rows
from avatar.jobs.spec import KINDS, Spec, files_of, library_of, pack
from avatar.pipeline import language

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from dbos import DBOSClient, WorkflowStatus

    from avatar.pipeline import DubRequest, Request
    from avatar.settings import Settings

WORKFLOWS = {kind: f"{kind}.v1" for kind in KINDS}
WEBHOOK_WORKFLOW, WEBHOOK_QUEUE = "webhook.v1", "hooks"

_STATES: dict[str, State] = {
    "ENQUEUED": "pending",
    "DELAYED": "pending",
    "PENDING": "running",
    "SUCCESS": "completed",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}
_NAMES = list(WORKFLOWS.values())
_POLL_SECONDS = 0.25


class JobQueue:
    """The jobs of one database. Use it as a context manager; it may be shared by threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._opened: DBOSClient | None = None
        self._table: Rows | None = None

    @property
    def root(self) -> Path:
        """The folder below which all jobs' folders are."""
        return self.settings.jobs

    # in

    def submit(
        self,
        request: Request | DubRequest,
        *,
        tenant: str = LOCAL,
        key: str | None = None,
        queue: str = "cpu",
        priority: int = USUAL,
        seconds: float | None = None,
        webhook: str | None = None,
    ) -> Job:
        """Queue a request. With the same idempotency `key` of a tenant it is the same job, however often it is sent.

        `seconds` from now the job fails if it has not ended. Raises Conflict for a key that was used for another
        request, InputError for what cannot be asked.
        """
        _check(queue, priority, seconds)
        self.check(request, tenant)
        job = _id(tenant, key)
        folder = self.folder(job)
        deadline = None if seconds is None else time.time() + seconds
        spec = pack(request, self.settings, folder, tenant=tenant, deadline=deadline, webhook=webhook)
        self._client.enqueue(
            {
                "workflow_name": WORKFLOWS[spec.kind],
                "queue_name": queue,
                "workflow_id": job,
                "app_version": database.VERSION,
                "authenticated_user": tenant,
                "priority": priority,
            },
            asdict(spec),
        )
        made = self.get(job)
        if key is not None and self._spec(job).digest != spec.digest:
            raise Conflict(f"the idempotency key {key!r} was used for another request", "use a new key for a new one")
        return made

    def check(self, request: Request | DubRequest, tenant: str = LOCAL) -> None:
        """Raises InputError for a request that no worker could carry out: names and files that are not there, NotFound
        for a language that the asker's speech backend does not speak.
        """
        files_of(request, library_of(self.settings, tenant))
        tag = language.asked(request, self.settings)
        if tag is not None and self._languages:
            language.check(tag, self._languages)

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        return language.languages(self.settings)

    # out

    def look(self, job: str, tenant: str | None = None) -> Job:
        """As `get`, without the request: what is asked again and again until a job has ended. Raises NotFound."""
        row = self._row(job, tenant)
        return self.get(job, tenant) if _STATES[row.status] in ENDED else self._seen(row)

    def look_at(self, jobs: Iterable[str]) -> dict[str, Job]:
        """The same of many, asked together; without those that there are not."""
        rows = [row for row in self._rows.get([*jobs]) if row.name in _NAMES]
        ended = [row.id for row in rows if _STATES[row.status] in ENDED]
        found = self._client.list_workflows(workflow_ids=ended) if ended else []
        told = {status.workflow_id: self._job(status) for status in found}
        return {row.id: told.get(row.id) or self._seen(row) for row in rows}

    def get(self, job: str, tenant: str | None = None) -> Job:
        """The job, of that tenant if one is given. Raises NotFound."""
        JobFolder(self.root, job)
        found = self._client.list_workflows(workflow_ids=[job], name=_NAMES, user=tenant)
        if not found:
            raise unknown(job)
        return self._job(found[0])

    def jobs(
        self, *, tenant: str | None = None, state: State | None = None, limit: int = 50, offset: int = 0,
        after: str | None = None, oldest_first: bool = False, whole: bool = False,
    ) -> list[Job]:  # fmt: skip
        """Jobs, the newest first, without requests and results unless `whole`; those that failed with why.

        `after` a job: those that come behind it, however many came or went meanwhile. Raises NotFound when it is gone.
        """
        place = None if after is None else self._row(after, tenant)
        rows = self._rows.page(
            _NAMES, tenant=tenant, states=_engine_states(state), limit=limit, offset=offset, after=place,
            oldest_first=oldest_first,
        )  # fmt: skip
        asked = [row.id for row in rows if whole or _STATES[row.status] == "failed"]
        found = self._client.list_workflows(workflow_ids=asked, load_input=whole) if asked else []
        told = {status.workflow_id: self._job(status) for status in found}
        return [told.get(row.id) or self._seen(row) for row in rows]

    def stats(self, tenant: str | None = None) -> dict[str, int]:
        """How many jobs there are, in all and in each state."""
        counts = {"total": 0} | dict.fromkeys(STATES, 0)
        for status, count in self._rows.count(_NAMES, tenant).items():
            counts["total"] += count
            counts[_STATES[status]] += count
        return counts

    def events(self, job: str, after: int = 0) -> list[Event]:
        """What has happened to the job since event number `after`, its end included."""
        state = self.look(job)  # first: nothing is noted after the end
        told = self.folder(job).events()
        last, before = (told[-1].id, told[-1].at) if told else (0, state.created_at)
        if state.state in ENDED and after <= last:
            end = {"state": state.state} | ({"error": asdict(state.error)} if state.error else {})
            at = _not_before(before, state.finished_at or time.time())
            told.append(Event(last + 1, at, "state", end))
        return [event for event in told if event.id > after]

    def watch(self, job: str, after: int = 0) -> Iterator[Event]:
        """The events from number `after` on as they come, until the job has ended."""
        while True:
            for event in self.events(job, after):
                after = event.id
                yield event
                if event.type == "state":
                    return
            time.sleep(_POLL_SECONDS)

    # changes

    def cancel(self, job: str, tenant: str | None = None) -> Job:
        """Stop the job. One that has ended stays as it is."""
        before = self.get(job, tenant)
        if before.state in ENDED:
            return before
        self._client.cancel_workflow(job)
        after = self.get(job, tenant)
        spec = self._spec(job)
        if spec.webhook and after.state == "cancelled":
            self.call_webhook(job, spec.webhook, "cancelled")
        return after

    def resume(self, job: str, tenant: str | None = None) -> Job:
        """Go on with a cancelled or failed job where it stopped. Raises Conflict for any other."""
        before = self.get(job, tenant)
        if before.state == "cancelled":
            self._client.resume_workflow(job, queue_name=before.queue)
        elif before.state == "failed":
            steps = self._client.list_workflow_steps(job)
            failed = max((step["function_id"] for step in steps), default=1)
            self._client.rewind_workflow(
                job, start_step=failed, queue_name=before.queue, application_version=database.VERSION
            )
        else:
            raise Conflict(f"the job {job} is {before.state}", "only a cancelled or failed job can be resumed")
        return self.get(job, tenant)

    def call_webhook(self, job: str, address: str, state: str) -> None:
        """Queue the call that tells `address` of the job's end; the same call is made once."""
        self._client.enqueue(
            {
                "workflow_name": WEBHOOK_WORKFLOW,
                "queue_name": WEBHOOK_QUEUE,
                "workflow_id": f"{job}-{state}-hook",
                "app_version": database.VERSION,
            },
            address, job, state,
        )  # fmt: skip

    def delete(self, job: str, tenant: str | None = None) -> None:
        """Remove a job with all its files, stopping it first."""
        self.cancel(job, tenant)
        self._client.delete_workflow(job)
        self.folder(job).remove()

    def prune(self, keep_days: float | None = None, limit_mb: int | None = None) -> list[str]:
        """Remove ended jobs that are too old, then the oldest until the rest fits; their ids."""
        days = self.settings.jobs_keep_days if keep_days is None else keep_days
        limit = (self.settings.jobs_limit_mb if limit_mb is None else limit_mb) * 1_000_000
        found = self._client.list_workflows(name=_NAMES, load_input=False, load_output=False, sort_desc=True)
        jobs = [self._job(status) for status in found]
        kept, gone = 0, []
        for job in jobs:
            kept += self.folder(job.id).size()
            old = time.time() - (job.finished_at or job.created_at) > days * 86400
            if job.state in ENDED and (old or kept > limit):
                gone.append(job.id)
        for job_id in gone:
            self._client.delete_workflow(job_id)
            self.folder(job_id).remove()
        for folder in [*abandoned(self.root, frozenset(job.id for job in jobs))]:
            JobFolder(self.root, folder.name).remove()
        return gone

    # what stands behind

    def folder(self, job: str) -> JobFolder:
        """The job's folder. Raises NotFound for what cannot be a job's name."""
        return JobFolder(self.root, job)

    def owners(self) -> dict[str, list[tuple[str, str]]]:
        """The running workflows and their queues, by the worker that has them."""
        found: dict[str, list[tuple[str, str]]] = {}
        for status in self._client.list_workflows(status="PENDING", load_input=False, load_output=False):
            found.setdefault(status.executor_id or "", []).append((status.workflow_id, status.queue_name or "cpu"))
        return found

    def hand_over(self, workflows: Iterable[tuple[str, str]]) -> None:
        """Put running workflows of a dead worker back into their queues."""
        for workflow, queue in workflows:
            self._client.resume_workflows([workflow], queue_name=queue)

    @property
    def _client(self) -> DBOSClient:
        with self._lock:
            if self._opened is None:
                address = database.ready(self.settings)
                from dbos import DBOSClient  # noqa: PLC0415

                logging.getLogger("dbos").setLevel(logging.ERROR)
                self._opened = DBOSClient(
                    system_database_url=address, serializer=database.json_serializer(),
                    application_name=database.APPLICATION, system_database_pool_size=8, retry_connection_errors=False,
                )  # fmt: skip
            return cast("DBOSClient", database.Asked(self._opened))

    @property
    def _rows(self) -> Rows:
        with self._lock:
            if self._table is None:
                self._table = Rows(database.ready(self.settings))
            return self._table

    def _row(self, job: str, tenant: str | None) -> Row:
        JobFolder(self.root, job)
        for row in self._rows.get([job]):
            if row.name in _NAMES and tenant in (None, row.tenant):
                return row
        raise unknown(job)

    def _spec(self, job: str) -> Spec:
        status = self._client.list_workflows(workflow_ids=[job])[0]
        return Spec.load(status.input["args"][0] if status.input else {})

    def _seen(self, row: Row) -> Job:
        """The job as its row shows it."""
        state = _STATES[row.status]
        created = row.created_at / 1000
        started = None if row.started_at is None else _not_before(created, row.started_at / 1000)
        finished = None if row.completed_at is None else _not_before(started or created, row.completed_at / 1000)
        stage, progress = (None, 0.0) if state == "pending" else self.folder(row.id).last_progress()
        return Job(
            id=row.id,
            kind=row.name.partition(".")[0],
            state=state,
            tenant=row.tenant or LOCAL,
            queue=row.queue or "cpu",
            priority=row.priority,
            created_at=created,
            started_at=started,
            finished_at=finished,
            stage=stage,
            progress=1.0 if state == "completed" else progress,
        )

    def _job(self, status: WorkflowStatus) -> Job:
        """The same with what only the engine can read."""
        given = status.input["args"][0] if status.input else None
        job = self._seen(
            Row(
                status.workflow_id, status.status, status.name, status.authenticated_user or "",
                status.queue_name or "", status.priority or 0, status.created_at or 0, status.dequeued_at,
                status.completed_at,
            )
        )  # fmt: skip
        return replace(
            job,
            error=_error(status) if job.state == "failed" else None,
            result=status.output if job.state == "completed" else None,
            request=given["request"] if given else None,
        )

    def close(self) -> None:
        """Let go of the database."""
        if self._opened is not None:
            self._opened.destroy()
            self._opened = None
        if self._table is not None:
            self._table.close()
            self._table = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def unknown(job: str) -> NotFound:
    """What to raise for a job that there is not."""
    return NotFound(f"no job is called {job!r}", "see: avatar jobs list")


def _id(tenant: str, key: str | None) -> str:
    """Of the key, or of the time and chance: ids sort by when they were made."""
    if key is not None:
        return "job-" + hashlib.sha256(f"{tenant}\0{key}".encode()).hexdigest()[:28]
    return f"job-{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"


def _check(queue: str, priority: int, seconds: float | None) -> None:
    if queue not in QUEUES:
        raise NotFound.among("queue", queue, QUEUES)
    if not FIRST <= priority <= LAST:
        raise InputError(f"a priority of {priority} is out of reach", f"from {FIRST}, done first, to {LAST}")
    if seconds is not None and seconds <= 0:
        raise InputError("a deadline must lie ahead", "give the seconds from now")


def _engine_states(state: State | None) -> list[str] | None:
    return None if state is None else [name for name, ours in _STATES.items() if ours == state]


def _not_before(earlier: float, at: float) -> float:
    """The time of what came after `earlier`: DBOS cuts its times to whole seconds on SQLite under Python 3.11."""
    return earlier if earlier - 1 < at < earlier else at


def _error(status: WorkflowStatus) -> JobError:
    data = getattr(status.error, "data", None)
    if isinstance(data, dict) and "message" in data:
        return JobError(**data)
    why = f"the worker gave up: {status.error}" if status.error else "it killed its worker again and again"
    return JobError("AvatarError", why)
