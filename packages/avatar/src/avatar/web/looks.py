"""Questions for how jobs stand that come together are asked together, by one thread in one query."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from avatar.jobs import Job


class Looks:
    """Each question is answered by a query that began after it: nothing is kept for the next one."""

    def __init__(self, look: Callable[[Iterable[str]], Mapping[str, Job]]) -> None:
        self._look = look
        self._waiting: set[str] = set()
        self._next: asyncio.Task[Mapping[str, Job]] | None = None
        self._turn = asyncio.Lock()

    async def at(self, job: str) -> Mapping[str, Job]:
        """What is known of the job, and of those that were asked for beside it. Raises what the query raised."""
        self._waiting.add(job)
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    async def _ask(self) -> Mapping[str, Job]:
        async with self._turn:  # while one query runs, those that come wait together for the next
            jobs, self._waiting, self._next = self._waiting, set(), None
            return await asyncio.to_thread(self._look, jobs)
