"""What a job is to those who asked for it."""

from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["pending", "running", "completed", "failed", "cancelled"]
STATES: tuple[State, ...] = ("pending", "running", "completed", "failed", "cancelled")
ENDED: frozenset[State] = frozenset({"completed", "failed", "cancelled"})

LOCAL = "local"
"""The tenant of everybody who needs no key."""

FIRST, USUAL, LAST = 1, 50, 100
"""Priorities: 1 is done first."""

QUEUES = ("cpu", "gpu")


@dataclass(frozen=True)
class JobError:
    """Why a job failed: the error's type, one line, what to do about it, and the exit code the command would have."""

    type: str
    message: str
    hint: str = ""
    exit_code: int = 1


@dataclass(frozen=True)
class Job:
    """A job as it stands. Times are Unix seconds, None where that has not happened; `progress` is 0 to 1 of `stage`.

    `request` and `result` are given for one job, not in lists; `result` is `pipeline.Result` as JSON, its files named
    as they are in the job's folder.
    """

    id: str
    kind: str
    state: State
    tenant: str
    queue: str
    priority: int
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    stage: str | None = None
    progress: float = 0.0
    error: JobError | None = None
    result: dict[str, Any] | None = field(default=None)
    request: dict[str, Any] | None = field(default=None)


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job: `id` counts from 1, `at` is Unix seconds."""

    id: int
    at: float
    type: Literal["progress", "stage", "retry", "state"]
    data: dict[str, Any]
