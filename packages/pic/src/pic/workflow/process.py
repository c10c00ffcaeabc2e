"""Running somebody's command so that it can neither hang, flood, ask, nor leave children behind."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAIL = 4096
"""Bytes of output that are kept; all of it is hashed."""
MOST = 64 << 20
"""Bytes of output after which the command is stopped."""

MISSING = "not installed"
_OWN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pic.cli import run; run()"
"""Runs this very pic, installed or not."""

_NEW_GROUP = 0x200 if os.name == "nt" else 0
"""Windows: CREATE_NEW_PROCESS_GROUP."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. `ending` is exited, timeout, flood, not started or MISSING; `code` is None unless it exited.

    `argv` is what was asked for, `used` the program that ran.
    """

    argv: tuple[str, ...]
    used: str
    ending: str
    code: int | None
    output_sha256: str
    output_bytes: int
    tail: str
    seconds: float


class _Output:
    """Reads a pipe to its end, hashing all and keeping the last bytes."""

    def __init__(self) -> None:
        self.sha, self.tail, self.size = hashlib.sha256(), b"", 0
        self.flooded = threading.Event()

    def drain(self, pipe: int) -> None:
        """Owns the pipe and closes it: a child that left the group may hold the other end for long."""
        try:
            while piece := os.read(pipe, 1 << 16):
                self.size += len(piece)
                if self.size > MOST:
                    self.flooded.set()
                    return
                self.sha.update(piece)
                self.tail = (self.tail + piece)[-TAIL:]
        finally:
            os.close(pipe)


class _Interrupts:
    """Holds an interrupt back until the child is known: one that comes earlier would leave the child behind."""

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None

    def __enter__(self) -> None:
        usual = signal.getsignal(signal.SIGINT)
        if usual is not signal.SIG_IGN and threading.current_thread() is threading.main_thread():
            self._before = usual
            signal.signal(signal.SIGINT, self._note)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind:
            self.release()

    def _note(self, *_: object) -> None:
        self._came = True

    def release(self) -> None:
        """Let the one that came through, and those to come."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
        if self._came:
            raise KeyboardInterrupt


def run(argv: Sequence[str], cwd: Path, timeout: float) -> Ran:
    """Run it, without a shell and with nothing on its stdin. What it started and left running is killed."""
    real = _real(argv)
    begun, output = time.monotonic(), _Output()
    pipe, write_end = os.pipe()
    held = _Interrupts()
    try:
        with held:
            child = subprocess.Popen(  # a group of its own, so that all of it can be ended
                real, cwd=cwd, stdin=subprocess.DEVNULL, stdout=write_end, stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt", creationflags=_NEW_GROUP,
            )  # fmt: skip
    except (OSError, ValueError) as error:
        os.close(pipe)
        ending = "not started" if real[0] != argv[0] or os.path.dirname(argv[0]) else MISSING  # noqa: PTH120  no path yet
        return Ran(tuple(argv), real[0], ending, None, output.sha.hexdigest(), 0, str(error), 0.0)
    finally:
        os.close(write_end)
    reader = threading.Thread(target=output.drain, args=(pipe,), daemon=True)
    try:
        reader.start()
        held.release()
        ending = _wait(child, output, begun + timeout)
    finally:
        _kill(child)
        reader.join(2.0)  # a child that left the group may hold the pipe open: let it
    code = child.returncode if ending == "exited" else None
    tail = output.tail.decode("utf-8", "replace")
    return Ran(tuple(argv), real[0], ending, code, output.sha.hexdigest(), output.size, tail, time.monotonic() - begun)


def _real(argv: Sequence[str]) -> list[str]:
    """What will be run: this pic for `pic`, and otherwise the program the PATH has, .cmd and .bat of Windows too.

    Where there is no `python` there is often a `python3`; which one ran stands in the record.
    """
    import shutil  # noqa: PLC0415  it loads compressors, and status runs no gate

    if argv[0] == "pic":
        return [sys.executable, "-c", _OWN, str(Path(__file__).parents[2]), *argv[1:]]
    if os.path.dirname(argv[0]):  # noqa: PTH120  a path is taken as it is written
        return list(argv)
    names = [argv[0], "python3"] if argv[0] == "python" else [argv[0]]
    program = next((path for name in names if (path := shutil.which(name))), argv[0])
    return [program, *argv[1:]]


def _wait(child: "subprocess.Popen[bytes]", output: _Output, until: float) -> str:
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            child.wait(min(0.1, max(0.0, until - time.monotonic())))
            return "flood" if output.flooded.is_set() else "exited"
        if output.flooded.is_set():
            return "flood"
    return "timeout"


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End the command and all that stayed in its group."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(child.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
