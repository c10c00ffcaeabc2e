"""One pass through the stages: what is cached where, how long each took, and what a person should know."""

import ctypes
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from avatar.cache import StageCache
from avatar.errors import BackendFailed
from avatar.pipeline.request import Progress, StageRecord
from avatar.pipeline.studio import Studio

T = TypeVar("T")


class Run:
    """One pass through the stages: keeps each stage's record, its warnings, and where results are cached."""

    def __init__(self, studio: Studio, on_progress: Progress, cache: StageCache) -> None:
        self.studio = studio
        self.on_progress = on_progress
        self.cache = cache
        self.records: list[StageRecord] = []
        self.warnings: list[str] = []

    def stage(self, name: str, inputs: dict[str, Any], make: Callable[[Path], None], read: Callable[[Path], T]) -> T:
        """The stage's result: read from the cache, or made into a fresh folder, published and read."""
        began = time.perf_counter()
        self.on_progress(name, 0.0)
        key = StageCache.key(name, inputs)
        cached = self.cache.find(name, key)
        if cached is None:
            with self.cache.publish(name, key) as folder:
                make(folder)
        entry = cached or self.cache.find(name, key)
        if entry is None:
            raise BackendFailed(f"the cache in {self.cache.root} lost the stage {name!r} while it was being made")
        result = read(entry)
        self.records.append(StageRecord(name, round(time.perf_counter() - began, 3), cached is not None))
        self.on_progress(name, 1.0)
        return result


_M_ARENA_MAX = -8


@cache
def _few_arenas() -> None:
    """Two heaps for all threads, not eight a core: each keeps what it once held. Only glibc has them: mallopt(3)."""
    library = ctypes.CDLL(None)
    if hasattr(library, "gnu_get_libc_version"):
        library.mallopt(_M_ARENA_MAX, 2)


@contextmanager
def open_run(studio: Studio, on_progress: Progress, use_cache: bool) -> Iterator[Run]:
    """A pass that reads and fills the studio's cache, or one of its own that is thrown away."""
    if sys.platform == "linux":
        _few_arenas()
    if use_cache:
        yield Run(studio, on_progress, studio.cache)
        return
    with tempfile.TemporaryDirectory(prefix="avatar-", ignore_cleanup_errors=True) as folder:
        yield Run(studio, on_progress, StageCache(Path(folder)))
