"""The worker's side of a process that carries out stages, and can be killed at any moment with all it started."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from avatar.cache import StageCache
from avatar.jobs.folder import JobFolder
from avatar.jobs.model import JobError
from avatar.jobs.spec import Spec
from avatar.settings import Settings

DIED = frozenset({"StageDied", "StageKilled"})
"""The errors after which there is no process any more."""

_NICENESS = 10
"""Whoever answers people on this machine goes first."""

_LINE = 16 * 2**20
"""Bytes of the longest answer: a result with a picture's parameters in it."""


class StageFailed(Exception):
    """A stage that ended in an error. `data` is what DBOS keeps of it."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.error = error
        self.data = asdict(error)


@dataclass(frozen=True)
class Outcome:
    """What came of one go: the stage that was done, and the result once there is nothing left to do."""

    stage: str
    result: dict[str, Any] | None


class StageProcess:
    """One such process, started when it is first needed and kept warm for the next stage."""

    def __init__(self, settings: Settings, name: str, megabytes: int = 0) -> None:
        self._settings = settings
        self._megabytes = megabytes
        self._name = name
        self._process: asyncio.subprocess.Process | None = None

    async def advance(self, spec: Spec, folder: JobFolder, on_progress: Callable[[str, float], None]) -> Outcome:
        """Carry out the next stage that is not done. Raises StageFailed; whoever cancels this has killed it."""
        question = {"spec": asdict(spec), "root": str(folder.path.parents[1]), "job": folder.path.name}
        return await self._do(question, on_progress)

    async def task(self, name: str, tenant: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Carry out one of `tasks.TASKS` for a tenant. Raises StageFailed."""
        done = await self._do({"task": name, "tenant": tenant, "arguments": arguments}, lambda *_: None)
        return done.result or {}

    async def _do(self, question: dict[str, Any], on_progress: Callable[[str, float], None]) -> Outcome:
        try:
            return await self._ask(question, on_progress)
        except BaseException as error:
            if not isinstance(error, StageFailed) or error.error.type in DIED:
                await self.kill()
            raise

    async def kill(self) -> None:
        """End the process and whatever it started, and sweep up behind it."""
        process, self._process = self._process, None
        if process is not None:
            end_group(process.pid)
            await process.wait()
        StageCache(self._settings.cache, self._name).sweep()

    def kill_now(self) -> None:
        """The same without waiting, for a worker that ends."""
        if self._process is not None:
            end_group(self._process.pid)
            StageCache(self._settings.cache, self._name).sweep()

    async def _ask(self, question: dict[str, Any], on_progress: Callable[[str, float], None]) -> Outcome:
        process = self._process if self._process and self._process.returncode is None else await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            await process.stdin.drain()
        except ConnectionError:
            raise _died(process) from None
        while line := await process.stdout.readline():
            answer = json.loads(line)
            if "progress" in answer:
                on_progress(*answer["progress"])
            elif "error" in answer:
                raise StageFailed(JobError(**answer["error"]))
            else:
                return Outcome(answer["stage"], answer["result"])
        await process.wait()
        raise _died(process)

    async def _start(self) -> asyncio.subprocess.Process:
        given = self._settings.model_dump_json(), self._name, str(self._megabytes)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "avatar.jobs.stage", *given,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE, start_new_session=True,
        )  # fmt: skip
        self._process = process
        _be_nice(process.pid)
        return process


def _be_nice(pid: int) -> None:
    """From its first moment: what it loads takes a processor for a second."""
    if sys.platform != "win32":
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, pid, own + _NICENESS)


def end_group(pid: int) -> None:
    """Kill a process and those it started, without asking."""
    try:
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)  # there it means TerminateProcess
        else:
            os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _died(process: asyncio.subprocess.Process) -> StageFailed:
    """Of itself, or because somebody killed it: the system when memory runs out, an operator."""
    code = process.returncode
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    kind = "StageKilled" if sys.platform != "win32" and code == -signal.SIGKILL else "StageDied"
    return StageFailed(JobError(kind, f"the process of the stage died ({how})", "see the worker's log", 4))
