"""Globs over paths and names, as the configuration writes them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache


@lru_cache(maxsize=256)
def pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern: `**` crosses folders, `*` and `?` do not."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts) + r"\Z", re.DOTALL)


def listed(name: str, globs: Iterable[str]) -> bool:
    """Whether a list of globs holds the name; they are read in turn, and one behind a `!` takes away."""
    found = False
    for glob in globs:
        if pattern(glob.removeprefix("!")).match(name):
            found = not glob.startswith("!")
    return found


def chosen(names: Iterable[str], globs: Iterable[str]) -> Iterator[str]:
    """The names that such a list holds."""
    kept = tuple(globs)
    return (name for name in names if listed(name, kept))
