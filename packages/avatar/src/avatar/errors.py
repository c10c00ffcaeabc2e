"""What can go wrong, as a tree. Raise these; never return ``success=False``.

AvatarError                 exit 1, HTTP 500
├── InputError              exit 2, HTTP 400   something impossible was asked for
│   ├── NotFound            exit 2, HTTP 404   a name that stands for nothing here
│   ├── Conflict            exit 2, HTTP 409   it does not fit what is there already
│   └── ConsentMissing      exit 2, HTTP 403   a recording without its consent record
├── BackendUnavailable      exit 3, HTTP 503   not installed here; the hint is the command that gets it
├── BackendFailed           exit 4, HTTP 502   an engine crashed or broke its contract
├── Tampered                exit 5, HTTP 422   a signature that does not fit its file
└── Unsigned                exit 6, HTTP 422   a file without a signature

They are caught in three places only: the command line, the web handler and the worker.
"""

import difflib
from collections.abc import Iterable


class AvatarError(Exception):
    """Base of all expected errors: one line that says what is wrong, and a hint that says what to do."""

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(AvatarError):
    """Something impossible was asked for."""

    exit_code = 2
    http_status = 400


class NotFound(InputError):
    """A name that stands for nothing here; the hint offers the nearest names."""

    http_status = 404

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "NotFound":
        """No `kind` is called `name`; offer the nearest of `known`."""
        return cls(f"no {kind} is called {name!r}", nearest(name, known))


class Conflict(InputError):
    """It does not fit what is there already."""

    http_status = 409


class ConsentMissing(InputError):
    """A recording may be learnt from only with a record of who agreed, and to what."""

    http_status = 403


class BackendUnavailable(AvatarError):
    """The engine is not installed or cannot run here."""

    exit_code = 3
    http_status = 503


class BackendFailed(AvatarError):
    """An engine crashed or broke its contract; the cause is kept as ``__cause__``."""

    exit_code = 4
    http_status = 502


class Tampered(AvatarError):
    """The file is not as it was signed."""

    exit_code = 5
    http_status = 422


class Unsigned(AvatarError):
    """The file carries no signature that could be checked."""

    exit_code = 6
    http_status = 422


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names what `name` may have meant, or all that is known when nothing is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(near) + "?"
    return "known: " + (", ".join(names) if names else "none yet")
