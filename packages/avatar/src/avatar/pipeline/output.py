"""Where a video goes: checked and claimed before the work, filled in one move after it."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from avatar import codec
from avatar.codec.publish import refusal
from avatar.errors import InputError
from avatar.provenance.signing import Signed

Seal = Callable[[Path, str], Signed]
"""Signs a file in place, under the name it will have."""

FORMS = (".mp4", ".webm", ".gif")


@contextmanager
def claimed(output: Path, locks: Path) -> Iterator[None]:
    """Hold the output's name for this run, by a lock below `locks`.

    Raises InputError when no file could be put there, which is better said at once than after minutes of work,
    or when another run is writing it.
    """
    if output.suffix.lower() not in FORMS:
        raise InputError(f"the output {output} names no format that is written", "name it " + " or ".join(FORMS))
    if output.is_dir():
        raise InputError(f"the output {output} is a folder", "give the name of a file")
    try:
        with tempfile.TemporaryFile(dir=output.parent):
            pass
        locks.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(output, error) from error
    lock = locks / (hashlib.sha256(str(output.resolve()).encode()).hexdigest() + ".lock")
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise InputError(f"another run is writing {output} now", "wait for it, or give another --output") from error


def poster_of(output: Path) -> Path:
    """The still that stands beside a video: talk.mp4 -> talk.poster.png."""
    return output.with_name(output.stem + ".poster.png")


def stages_of(output: Path) -> Path:
    """The folder that --keep-stages fills: talk.mp4 -> talk.stages."""
    return output.with_name(output.stem + ".stages")


def deliver(made: Path, output: Path, seal: Seal) -> Signed:
    """Copy the video and poster.png of the folder `made` to where they were asked for, each appearing whole and signed.

    Whether the video is signed.
    """
    signed = Signed(False)
    for name, target in (("poster.png", poster_of(output)), (f"video{output.suffix.lower()}", output)):
        with codec.publish(target) as part:
            shutil.copyfile(made / name, part)
            signed = seal(part, target.name)
    return signed
