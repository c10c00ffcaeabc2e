"""Write beside, fsync, rename: a file is there whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avatar.errors import InputError

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file grew over the limit set for this account",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "its folder is a file",
    errno.EISDIR: "a folder has that name",
    errno.ENAMETOOLONG: "the name is too long",
}


@contextmanager
def publish(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; move it to `path` when the block ends well, delete it otherwise.

    The beside-name depends on `path` alone, so what a kill -9 leaves is overwritten by the next run; callers
    that may run twice at once hold a lock. Raises InputError with the reason when the disk refuses.
    """
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        _sync(part)
        os.replace(part, path)  # noqa: PTH105  Path.replace hides the overwrite this relies on
    except OSError as error:
        part.unlink(missing_ok=True) if part.parent.is_dir() else None
        raise refusal(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def refuses(error: OSError) -> bool:
    """Whether the error is a disk saying no, rather than a pipe or a process gone wrong."""
    return error.errno in _WORDS


def refusal(path: Path, error: OSError) -> InputError:
    """The operating system's refusal in one line a person can act on."""
    reason = _WORDS.get(error.errno or 0, error.strerror or str(error))
    return InputError(f"cannot write {path}: {reason}", "choose another place, or make room and run the same again")


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
