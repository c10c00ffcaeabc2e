"""A file touched when a call begins: what changed since has a later time, whoever forged which dates."""

import os


def _path(common: str, call: str) -> str:
    plain = "".join(one if one.isalnum() or one in "-_" else "_" for one in call[:80])
    return os.path.join(common, "pic", "calls", plain or "unnamed")


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
