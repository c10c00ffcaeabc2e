"""One worker process: started, greeted, asked, cancelled, ended. Whatever it does, the caller gets one clear error."""

import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from avatar.errors import AvatarError, BackendFailed, InputError
from avatar.workers import wire

CHILD = Path(__file__).with_name("child.py")
_LOG_LINES = 200
_TICK = 0.1
_POSIX = sys.platform != "win32"

Arrays = Mapping[str, NDArray[Any]]
Part = tuple[dict[str, Any], dict[str, NDArray[Any]]]
OnProgress = Callable[[float], None]


class OutOfMemory(BackendFailed):
    """The accelerator, or the machine, has too little memory for what was asked."""


class Cancelled(AvatarError):
    """The caller cancelled; nothing was kept."""


@dataclass(frozen=True)
class Patience:
    """Seconds without a sign of life before a worker counts as hung: at its start, while loading, while running.

    `grace` is how long it may take to stop by itself when cancelled or told to end.
    """

    start: float = 180.0
    load: float = 600.0
    run: float = 300.0
    grace: float = 2.0


class Worker:
    """A backend's process. Not for two threads at once, except `cancel`, which any thread may call."""

    def __init__(self, name: str, python: Path, target: str, patience: Patience | None = None) -> None:
        self.name = name
        self._command = [str(python), "-I", "-X", "utf8", str(CHILD), target]
        self._patience = patience or Patience()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: queue.Queue[wire.Message | Exception] = queue.Queue()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._stop = threading.Event()
        self._running: int | None = None
        self._stopped_at: float | None = None
        self._readers: list[threading.Thread] = []
        self.peak_bytes: int | None = None
        self.gradients: bool | None = None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._process.pid if self._process is not None and self.alive else None

    def log(self) -> str:
        """The last lines it wrote to its standard streams."""
        return "\n".join(self._log)

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start and greet it. Raises BackendFailed when it cannot start, is of another version, or says nothing."""
        self._messages = queue.Queue()
        self._process = _spawn(self._command, self.name, environment)
        self._readers = [
            threading.Thread(target=reader, args=(self._process,), daemon=True)
            for reader in (self._read_messages, self._read_log)
        ]
        for thread in self._readers:
            thread.start()
        hello = self._next(self._patience.start, "starting")
        if hello.kind != "hello" or hello.header.get("protocol") != wire.PROTOCOL:
            self.kill()
            said = hello.header.get("message") or f"it speaks protocol {hello.header.get('protocol')}"
            raise BackendFailed(f"the worker {self.name!r} cannot serve: {said}", self._hint())

    def load(self, models: Mapping[str, Path], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load its models; the facts it answers with. Raises what `run` raises."""
        number = next(self._numbers)
        header = {"id": number, "models": {key: str(path) for key, path in models.items()}, "options": dict(options)}
        self._send(wire.Message("load", header))
        for message in self._answers(number, self._patience.load, "loading", None):
            return dict(message.header["facts"])
        raise AssertionError("answers end with done or raise")

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Arrays | None = None, on_progress: OnProgress | None = None
    ) -> Iterator[Part]:
        """The parts of the answer as they come.

        Raises InputError for what the backend refuses, OutOfMemory, Cancelled, and BackendFailed for a crash,
        a hang or nonsense on the pipe; after the last the process is gone.
        """
        number = next(self._numbers)
        self._stop.clear()
        self._stopped_at = None
        self._send(wire.Message("run", {"id": number, "call": call, "options": dict(options)}, arrays or {}))
        self._running = number
        try:
            for message in self._answers(number, self._patience.run, "running", on_progress):
                if message.kind == "part":
                    yield dict(message.header["header"]), dict(message.arrays)
        finally:
            if self._running == number and self.alive:
                self._abandon(number)

    def cancel(self) -> None:
        """Stop the running call: by word, and when it does not listen within the grace, by force."""
        self._stop.set()

    def close(self) -> None:
        """End it, gently first."""
        process = self._process
        if process is None:
            return
        try:
            self._send(wire.Message("bye"))
            process.wait(self._patience.grace)
        except (BackendFailed, subprocess.TimeoutExpired):
            self.kill()
        self._release()

    def kill(self) -> None:
        """End it and everything it started, now."""
        if self._process is not None:
            _kill(self._process)
            self._release()

    def _release(self) -> None:
        process, self._process = self._process, None
        for thread in self._readers:
            thread.join(1.0)  # its last words are wanted whole
        for pipe in (process.stdin, process.stdout) if process else ():
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # a pipe to a dead process, with bytes left in it
                    continue

    def _answers(
        self, number: int, patience: float, doing: str, on_progress: OnProgress | None
    ) -> Iterator[wire.Message]:
        while True:
            message = self._next(patience, doing, number)
            if message.header.get("id") != number:
                continue  # of a call that was abandoned
            self.peak_bytes = message.header.get("peak_bytes") or self.peak_bytes
            if message.kind in {"done", "failed", "cancelled"}:
                self._running = None
            if message.kind == "progress":
                if on_progress is not None and message.header["fraction"] >= 0:
                    on_progress(message.header["fraction"])
            elif message.kind == "cancelled":
                raise Cancelled(f"{self.name!r} was cancelled")
            elif message.kind == "failed":
                raise self._failure(message.header)
            else:
                self.gradients = message.header.get("gradients", self.gradients)
                yield message
                if message.kind == "done":
                    return

    def _failure(self, header: Mapping[str, Any]) -> AvatarError:
        said = str(header.get("message"))
        if header.get("reason") == "input":
            return InputError(f"{self.name!r} refuses: {said.partition(': ')[2] or said}")
        if header.get("reason") == "memory":
            return OutOfMemory(f"{self.name!r} ran out of memory: {said}", "a smaller size or a lower precision")
        return BackendFailed(f"the worker {self.name!r} failed: {said}", self._hint())

    def _next(self, patience: float, doing: str, number: int | None = None) -> wire.Message:
        """The next message, or the error that ended waiting for it."""
        until = time.monotonic() + patience
        while True:
            if number is not None and self._stop.is_set():
                until = min(until, self._tell_to_stop(number))
            try:
                got = self._messages.get(timeout=_TICK)
                break
            except queue.Empty:
                if time.monotonic() < until:
                    continue
            self.kill()
            if self._stopped_at is not None:
                raise Cancelled(f"{self.name!r} was cancelled; it did not stop by itself and was ended")
            raise BackendFailed(f"the worker {self.name!r} gave no sign of life in {patience:g} s of {doing}")
        if isinstance(got, Exception):
            raise self._ended(got, doing) from got
        return got

    def _tell_to_stop(self, number: int) -> float:
        """Say it once; until when it may take to obey, however much it still says."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._send(wire.Message("cancel", {"id": number}))
        elif time.monotonic() > self._stopped_at + self._patience.grace:
            self.kill()
            raise Cancelled(f"{self.name!r} was cancelled; it did not stop by itself and was ended")
        return self._stopped_at + self._patience.grace

    def _ended(self, error: Exception, doing: str) -> BackendFailed:
        process = self._process
        code = None
        if process is not None:
            try:
                code = process.wait(1.0)
            except subprocess.TimeoutExpired:
                code = None
        self.kill()
        if isinstance(error, wire.Closed) or code is not None:
            return BackendFailed(f"the worker {self.name!r} died while {doing} ({_how(code)})", self._hint())
        return BackendFailed(f"the worker {self.name!r} sent nonsense while {doing}: {error}", self._hint())

    def _abandon(self, number: int) -> None:
        """The caller stopped listening to a call that still runs."""
        self._stop.set()
        try:
            for _ in self._answers(number, self._patience.grace, "stopping", None):
                continue
        except AvatarError:
            return
        finally:
            self._stop.clear()

    def _send(self, message: wire.Message) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise BackendFailed(f"the worker {self.name!r} is not running")
        try:
            wire.send(process.stdin, message)
        except (OSError, ValueError) as error:
            raise self._ended(wire.Closed(str(error)), "being asked") from error

    def _read_messages(self, process: subprocess.Popen[bytes]) -> None:
        messages, pipe = self._messages, process.stdout
        assert pipe is not None, "it was started with pipes"
        try:
            while True:
                messages.put(wire.receive(pipe))
        except (wire.WireError, OSError, ValueError) as error:
            messages.put(error)

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None, "it was started with pipes"
        with process.stderr as pipe:
            while line := pipe.readline(4096):
                self._log.append(line.decode("utf-8", "replace").rstrip())

    def _hint(self) -> str:
        lines = [line for line in self._log if line.strip()]
        return f"its last words: {lines[-1][:300]}" if lines else ""


def _spawn(command: Sequence[str], name: str, environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=_environment(environment), start_new_session=_POSIX,
        )  # fmt: skip
    except OSError as error:
        raise BackendFailed(
            f"the worker {name!r} cannot be started: {error.strerror}",
            f"build its environment: avatar models pull {name}",
        ) from error


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """The caller's environment without what would lead the worker's Python astray, and never the network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}  # noqa: TID251
    return kept | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"} | dict(more or {})


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        if _POSIX:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
    process.wait()


def _how(code: int | None) -> str:
    if code is None:
        return "its pipe closed"
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
