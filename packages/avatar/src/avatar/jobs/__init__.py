"""Durable jobs: videos that are made by workers, and survive the death of any process.

A job is a workflow over the stages of `pipeline.render`. `queue` is the seam: what stands behind it (DBOS Transact on
SQLite or PostgreSQL) is known to `database`, `queue`, `worker` and `liveness` alone.
"""

from avatar.jobs.model import Event, Job, JobError, State
from avatar.jobs.queue import JobQueue

__all__ = ["Event", "Job", "JobError", "JobQueue", "State"]
