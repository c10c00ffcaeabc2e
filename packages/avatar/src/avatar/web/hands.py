"""Warm processes that do the service's short work, so that a slow request, or a hostile file, harms nobody else."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from avatar.jobs.process import StageProcess
from avatar.settings import Settings
from avatar.web.problems import Refused

WORK_SECONDS = 120.0
UPLOAD_SECONDS, UPLOAD_MEGABYTES = 60.0, 3072
"""A library or two reserve much and use little: the limit is of addresses, not of memory in use."""

_AT_ONCE, _WAITING = 2, 32


class Hands:
    """Two processes for work and one, with limits, for what strangers send."""

    def __init__(self, settings: Settings) -> None:
        own = f"web-{os.getpid()}-{secrets.token_hex(3)}"
        self._free = [StageProcess(settings, f"{own}-{number}") for number in range(_AT_ONCE)]
        self._careful = [StageProcess(settings, f"{own}-u", UPLOAD_MEGABYTES)]
        self._all = [*self._free, *self._careful]
        self._work, self._uploads = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(1)
        self._waiting = 0

    async def work(self, task: str, tenant: str, /, **arguments: Any) -> dict[str, Any]:
        """Do one of `jobs.tasks.TASKS`. Raises StageFailed, or Refused when it takes too long or too many wait."""
        async with self._one(self._work, self._free) as process:
            return await self._within(process, WORK_SECONDS, task, tenant, arguments)

    async def look_into(self, task: str, tenant: str, /, **arguments: Any) -> dict[str, Any]:
        """The same in the limited process, for a file that somebody sent."""
        async with self._one(self._uploads, self._careful) as process:
            return await self._within(process, UPLOAD_SECONDS, task, tenant, arguments)

    async def close(self) -> None:
        """End the processes, and see them end: what is left of them would complain of a loop that is no more."""
        for process in self._all:
            await process.kill()

    @asynccontextmanager
    async def _one(self, turn: asyncio.Semaphore, free: list[StageProcess]) -> AsyncIterator[StageProcess]:
        if self._waiting >= _WAITING:
            raise Refused(503, "too many requests are being worked on", "try again in a moment", {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with turn:
                process = free.pop()
                try:
                    yield process
                finally:
                    free.append(process)
        finally:
            self._waiting -= 1

    @staticmethod
    async def _within(
        process: StageProcess, seconds: float, task: str, tenant: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                return await process.task(task, tenant, arguments)
        except TimeoutError:
            raise Refused(504, f"it was not done within {seconds:.0f} s, and was stopped", "ask for less") from None
