"""The server's process, and its worker's beside it: started together, stopped together."""

import asyncio
import contextlib
import gc
import logging
import signal
import subprocess
import sys
import threading

import uvicorn

from avatar.settings import Settings
from avatar.web.app import Options, create
from avatar.web.guard import LOOPBACK, Lines
from avatar.web.previews import Previews
from avatar.web.protocol import Bounded

log = logging.getLogger("avatar.web")

_RESTART_SECONDS = 2.0


def serve(settings: Settings, host: str, port: int, options: Options, *, with_worker: bool, concurrency: int) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Raises InputError when the database cannot be used."""
    _log()
    worker = Companion(concurrency) if with_worker else None
    try:
        asyncio.run(_until_stopped(settings, host, port, options, worker))
    finally:
        if worker:
            worker.stop()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    return host in LOOPBACK


async def _until_stopped(
    settings: Settings, host: str, port: int, options: Options, worker: "Companion | None"
) -> None:
    """Uvicorn re-raises the signal that stopped it; here that is a clean end."""
    previews = Previews(settings, settings.jobs / "scratch")
    previews.warm_up()  # beside all that follows, which takes a processor as long
    try:
        app = await asyncio.to_thread(create, settings, options, previews)
        server = uvicorn.Server(
            uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False,
                           timeout_graceful_shutdown=3, http=Bounded)
        )  # fmt: skip
        if worker:
            worker.start()
        gc.freeze()  # what is here stays: to look through all of it again and again holds every answer up
        with contextlib.suppress(KeyboardInterrupt):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print(f"avatar listens at http://{host}:{port}; stop it with Ctrl-C", file=sys.stderr)
            await server.serve()
    finally:
        await previews.close()


class Companion:
    """A worker of this service's own, started again when it dies."""

    def __init__(self, concurrency: int) -> None:
        self._line = [sys.executable, "-m", "avatar", "worker", "start", "--concurrency", str(concurrency)]
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin, and keep watch."""
        self._process = subprocess.Popen(self._line)
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """End it, politely and then not."""
        self._ended.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _watch(self) -> None:
        while not self._ended.is_set() and self._process is not None:
            code = self._process.wait()
            if not self._ended.wait(_RESTART_SECONDS):
                log.error("the worker ended; it is started again", extra={"fields": {"code": code}})
                self._process = subprocess.Popen(self._line)


def _log() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    for name in ("avatar.web", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if name == "avatar.web" else logging.CRITICAL)  # what failed is logged once
