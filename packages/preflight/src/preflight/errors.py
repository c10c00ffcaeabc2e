"""What can go wrong, as a tree. Raise these; never return ``success=False``.

PreflightError              exit 1
├── InputError              exit 2   something impossible was asked for
│   └── NotFound            exit 2   a name that stands for nothing; the hint offers the nearest
├── CouldNotCheck           exit 3   the answer could not be had; a check turns it into an Unknown
│   ├── IndexDown           exit 3   the index does not answer, or not with what the standards say
│   └── UnsafeArchive       exit 3   a wheel or sdist that is damaged, oversized or malicious
└── ToolMissing             exit 3   a program preflight stands on is not installed

They are caught in two places: the command line, and the runner of checks (CouldNotCheck only).
"""

import difflib
from collections.abc import Iterable


class PreflightError(Exception):
    """Base of all expected errors: one line that says what is wrong, and a hint that says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(PreflightError):
    """Something impossible was asked for."""

    exit_code = 2


class NotFound(InputError):
    """A name that stands for nothing here; the hint offers the nearest names."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "NotFound":
        """No `kind` is called `name`; offer the nearest of `known`."""
        return cls(f"no {kind} is called {name!r}", nearest(name, known))


class CouldNotCheck(PreflightError):
    """The answer could not be had. Not a pass."""

    exit_code = 3


class IndexDown(CouldNotCheck):
    """The index does not answer, or not with what the standards say."""


class UnsafeArchive(CouldNotCheck):
    """A wheel or sdist that is damaged, larger than is safe to read, or holds names that leave its folder."""


class ToolMissing(PreflightError):
    """A program preflight stands on is not installed; the hint is the command that gets it."""

    exit_code = 3


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names what `name` may have meant, or nothing when nothing is near."""
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    return "did you mean " + " or ".join(near) + "?" if near else ""
