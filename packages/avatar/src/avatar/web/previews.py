"""Videos that play while they are rendered: a process writes a file, and what is there of it is sent."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from avatar.jobs.model import LOCAL
from avatar.jobs.process import StageFailed, StageProcess
from avatar.pipeline import Request
from avatar.settings import Settings
from avatar.web.problems import Refused, warned

log = logging.getLogger("avatar.web")

AT_ONCE, OPEN_AT_ONCE = 2, 16
"""Previews that are rendered, and that are being watched, by all callers together."""

LONGEST_SECONDS = 600.0
"""Of rendering."""

_PATIENCE = 2.0
"""Seconds for which a preview waits for another to make room: one that was left ends within them."""

_POLL_SECONDS = 0.02
_BLOCK = 2**18
_FORM = TypeAdapter(Request)
_SMALL = Request("Hi.", Path("warm.mp4"), size=(64, 64), fps=10)
_WARMING = 60.0


class Previews:
    """The processes that render previews, warm ones first."""

    def __init__(self, settings: Settings, scratch: Path) -> None:
        own = f"web-{os.getpid()}-{secrets.token_hex(3)}-p"
        self._all = [StageProcess(settings, f"{own}{number}") for number in range(AT_ONCE)]
        self._free = list(self._all)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._scratch = scratch
        self._watched, self._used = 0, False
        self._warming = set[asyncio.Task[None]]()

    async def begin(self, tenant: str, request: Request) -> "Growing":
        """The answer whose video is being rendered, once it has its first bytes.

        Raises Refused where too many are rendered or watched, StageFailed for what cannot be rendered.
        """
        if self._watched >= OPEN_AT_ONCE:
            raise _busy()
        self._watched += 1
        film = _Film(self._scratch / secrets.token_hex(12))
        try:
            film.rendering = asyncio.create_task(self._render(film, tenant, request))
            facts = await film.begun()
        except BaseException:
            await self.end(film)
            raise
        return Growing(film, facts, self)

    async def end(self, film: "_Film") -> None:
        """Stop rendering, if that is going on, and remove the file."""
        self._watched -= 1
        await film.stop()
        await asyncio.to_thread(shutil.rmtree, film.folder, ignore_errors=True)

    async def close(self) -> None:
        """End the processes, and see them end."""
        for task in self._warming:
            task.cancel()
        for process in self._all:
            await process.kill()

    async def _render(self, film: "_Film", tenant: str, request: Request) -> None:
        """In a process that is killed with all it started when this is cancelled."""
        if self._warming and not self._used:  # one that is half warm is ready before one that is cold
            await asyncio.wait(self._warming, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turn.acquire()
        except TimeoutError:
            raise _busy() from None
        process = self._free.pop()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await _fill(film, process, tenant, request)
        except (asyncio.CancelledError, TimeoutError):
            self._warm(process)
            raise
        except BaseException:
            self._give(process)
            raise
        self._give(process)

    def warm_up(self) -> None:
        """Have a process that has loaded what it needs before anybody asks."""
        self._warm(self._free.pop(), held=False)

    def _give(self, process: StageProcess) -> None:
        self._used = True
        self._free.append(process)
        self._turn.release()

    def _warm(self, process: StageProcess, *, held: bool = True) -> None:
        """Give it back when it has made something small: a process that was killed begins anew, and that takes long."""

        async def warm() -> None:
            if not held:
                await self._turn.acquire()
            film = _Film(self._scratch / secrets.token_hex(12))
            try:
                async with asyncio.timeout(_WARMING):
                    await _fill(film, process, LOCAL, _SMALL)
            except (StageFailed, TimeoutError) as error:
                log.warning("no process could be warmed", extra={"fields": {"why": str(error)}})
            finally:
                self._give(process)
                shutil.rmtree(film.folder, ignore_errors=True)

        task = asyncio.create_task(warm())
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)


async def _fill(film: "_Film", process: StageProcess, tenant: str, request: Request) -> None:
    film.folder.mkdir(parents=True)
    plain = _FORM.dump_python(request, mode="json")
    await process.task("stream", tenant, {"request": plain, "output": str(film.file)})


class _Film:
    """One preview: its folder, and the rendering that fills it."""

    rendering: asyncio.Task[None]

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "stream.mp4"

    async def begun(self) -> dict[str, Any]:
        """What the preview will be, once there are bytes of it. Raises what ended the rendering before."""
        while not (self.file.is_file() and self.file.stat().st_size):
            await self._moment()
            if self.rendering.done():
                self.rendering.result()
        facts: dict[str, Any] = json.loads(self.file.with_suffix(".json").read_text("utf-8"))
        return facts

    async def blocks(self) -> AsyncIterator[bytes]:
        """The bytes as they come, to the end. Raises what ended the rendering too early."""
        with self.file.open("rb") as source:
            while True:
                done = self.rendering.done()  # asked first: nothing is written after it
                while block := source.read(_BLOCK):
                    yield block
                if done:
                    self.rendering.result()
                    return
                await self._moment()

    async def stop(self) -> None:
        self.rendering.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self.rendering

    async def _moment(self) -> None:
        await asyncio.wait([self.rendering], timeout=_POLL_SECONDS)


class Growing(Response):
    """A video that is sent while it grows. Whoever goes away ends its rendering."""

    media_type = "video/mp4"

    def __init__(self, film: _Film, facts: dict[str, Any], previews: Previews) -> None:
        super().__init__(headers=_headers(facts))
        del self.headers["content-length"]
        self._film, self._previews = film, previews

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or as much as is asked for."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await asyncio.shield(self._previews.end(self._film))

    async def _send(self, send: Send) -> None:
        """Without its end where the rendering failed: the connection breaks off, and no player takes it for whole."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for block in self._film.blocks():
                await send({"type": "http.response.body", "body": block, "more_body": True})
        except (StageFailed, TimeoutError) as error:
            log.warning("a preview broke off", extra={"fields": {"why": str(error)}})
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(facts: dict[str, Any]) -> dict[str, str]:
    about = {"X-Provenance": "unsigned: a labelled preview", "X-Accel-Buffering": "no"}
    about["X-Video"] = f"{facts['width']}x{facts['height']}, {facts['fps']} frames a second"
    return about | warned(facts["warnings"])


def _busy() -> Refused:
    return Refused(503, "too many previews are playing", "try again in a moment", {"Retry-After": "2"})
