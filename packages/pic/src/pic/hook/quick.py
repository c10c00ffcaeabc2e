"""Reading JSON and matching globs without what usually comes along: a hook's time is the time of its imports.

`json` brings regular expressions and enumerations for its error messages; the scanner beneath it needs neither.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class _Plain:
    """How the scanner is to read: as `json.loads` does by default."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def loads(raw: bytes) -> Any:
    """What `json.loads` gives, NaN and infinities included. Raises ValueError."""
    text = raw.decode("utf-8").strip(" \t\r\n")
    try:
        from _json import make_scanner
    except ImportError:  # a Python without it is slower here
        import json

        return json.loads(text)
    try:
        value, end = make_scanner(_Plain)(text, 0)  # type: ignore[arg-type]
    except StopIteration as stop:
        raise ValueError(f"nothing that JSON knows at character {stop.value}") from None
    if end != len(text):
        raise ValueError(f"more than one value, at character {end}")
    return value


def listed(name: str, globs: Iterable[str]) -> bool:
    """What `pic.model.glob.listed` says; the tests hold the two against each other."""
    found = False
    for glob in globs:
        if matches(glob.removeprefix("!"), name):
            found = not glob.startswith("!")
    return found


def matches(glob: str, name: str) -> bool:
    """`**` crosses folders, `*` and `?` do not."""
    if glob in ("**", name):
        return True
    if not glob:
        return not name
    if glob.startswith("**/"):
        starts = [0, *(at + 1 for at, letter in enumerate(name) if letter == "/")]
        return any(matches(glob[3:], name[start:]) for start in starts)
    if glob[0] == "*":
        wide = glob.startswith("**")
        reach = len(name) if wide else len(name.partition("/")[0])
        return any(matches(glob[2 if wide else 1 :], name[at:]) for at in range(reach + 1))
    return bool(name) and (glob[0] == name[0] or (glob[0] == "?" and name[0] != "/")) and matches(glob[1:], name[1:])
