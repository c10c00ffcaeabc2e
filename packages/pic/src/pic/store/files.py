"""Write beside, fsync, rename: a kill at any byte leaves the old file or the new one."""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

from pic.errors import InputError

REFUSALS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
    errno.EEXIST, errno.ENOTDIR, errno.EISDIR,
}  # fmt: skip
"""A disk that will not, and names that are taken by something else."""

replace: Callable[[Path, Path], None] = os.replace
"""The one rename there is; the crash tests stop the world here."""


PATIENCE = 100
"""How often a rename that Windows refuses is tried again, 20 ms apart."""


def write(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace `path` as one step. With `durable` the bytes are on disk before they are seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as handle:
            handle.write(content)
            if durable:
                handle.flush()
                os.fsync(handle.fileno())
        _swap(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _swap(beside: Path, path: Path) -> None:
    """Rename into place. On Windows that is refused while somebody reads the old file: wait for them."""
    for _ in range(PATIENCE):
        try:
            return replace(beside, path)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(0.02)
    return replace(beside, path)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    with contextlib.suppress(OSError):
        os.fsync(handle)
    os.close(handle)


def refusal(error: OSError) -> InputError:
    """What a disk that refuses means to a person."""
    return InputError(f"cannot write {error.filename or 'here'}: {error.strerror}", "check its permissions and space")
