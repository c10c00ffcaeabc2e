"""The only module that reads the environment."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def environment() -> Mapping[str, str]:
    """The process environment, for what must honour the user's pip and uv configuration."""
    return os.environ  # noqa: TID251  this is the settings module


def cache_folder() -> Path:
    """Where answers are kept: PREFLIGHT_CACHE, or the user's cache folder of this system."""
    env = environment()
    if given := env.get("PREFLIGHT_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "preflight"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/preflight"
    return Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preflight"
