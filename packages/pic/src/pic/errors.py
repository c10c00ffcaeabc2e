"""What can go wrong, as a tree. Raise these; never return ``success=False``.

PicError               exit 1
├── Refused            exit 1   a rule of the workflow says no
│   └── NeedsPerson    exit 1   only a person may do this; the attempt is recorded
├── InputError         exit 2   something impossible was asked for
│   ├── NotFound       exit 2   a name that stands for nothing here
│   └── ConfigError    exit 2   .pic/config.toml does not say what it must
└── RecordError        exit 3   the record cannot be used now
    ├── Damaged        exit 3   events were edited, removed, reordered or cut
    ├── Locked         exit 3   another process is writing
    └── TooNew         exit 3   written by a newer pic

They are caught at the command line only.
"""

from collections.abc import Iterable


class PicError(Exception):
    """Base of all expected errors: one line that says what is wrong, and a hint that says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(PicError):
    """A rule of the workflow says no."""


class NeedsPerson(Refused):
    """Only a person may do this: a terminal, or the token of `pic person token`."""


class InputError(PicError):
    """Something impossible was asked for."""

    exit_code = 2


class NotFound(InputError):
    """A name that stands for nothing here; the hint offers the nearest names."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "NotFound":
        """No `kind` is called `name`; offer the nearest of `known`."""
        return cls(f"no {kind} is called {name!r}", nearest(name, known))


class ConfigError(InputError):
    """The configuration does not say what it must."""


class RecordError(PicError):
    """The record cannot be used now."""

    exit_code = 3


class Damaged(RecordError):
    """Events were edited, removed, reordered or cut."""


class Locked(RecordError):
    """Another process is writing."""


class TooNew(RecordError):
    """Written by a newer pic than this one."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names what `name` may have meant, or all that is known when nothing is near."""
    import difflib  # noqa: PLC0415  only a mistake pays for it

    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(near) + "?"
    return "known: " + (", ".join(names) if names else "none yet")
