"""A file touched when a call begins: what changed since has a later time, whoever forged which dates."""

import os
import re


def _path(common: str, call: str) -> str:
    return os.path.join(common, "pic", "calls", re.sub(r"[^\w-]", "_", call)[:80] or "unnamed")


def begin(common: str, call: str) -> None:
    """Mark the moment; where nothing can be written the comparison after the call says that it could not be made."""
    path = _path(common, call)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8"):
            pass
    except OSError:
        pass


def end(common: str, call: str) -> int | None:
    """When the call began, in ns of the file system's own clock, or None when nobody marked it."""
    path = _path(common, call)
    try:
        began = os.stat(path).st_mtime_ns
        os.unlink(path)
    except OSError:
        return None
    return began
