"""One writer at a time. The system holds the lock, so a writer that dies lets go of it; the file says who has it."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from pic.errors import Locked

_WAIT = 0.005

if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the owner's words, which others read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextlib.contextmanager
def held(path: Path, timeout: float = 30.0) -> Iterator[None]:
    """Hold the lock while the block runs. Raises Locked with the owner's name after `timeout` seconds."""
    import socket  # noqa: PLC0415  who only reads needs none

    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + timeout
        while not _take(handle):
            if time.monotonic() > until:
                raise Locked(f"the record is being written by {owner(path)}", "try again when it is done")
            time.sleep(_WAIT)
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}).encode())
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def owner(path: Path) -> str:
    """Who holds the lock, as they wrote it down."""
    try:
        known = json.loads(path.read_text("utf-8"))
        return f"process {known['pid']} on {known['host']}, for {time.time() - known['since']:.0f} s"
    except (OSError, ValueError, KeyError):
        return "another process"
