"""What a run works with: the settings, the library, the cache and the opened backends."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from avatar import backends
from avatar.cache import StageCache
from avatar.library import Library

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from avatar.engine.alignment import Aligner
    from avatar.engine.faces import FaceFinder
    from avatar.media import Portrait
    from avatar.settings import Settings
    from avatar.workers.workshop import Workshop

PHOTO = "photo"
"""The backend of portraits that are photos of somebody."""


@dataclass
class Studio:
    """Opens each backend when it is first used, and closes what it opened."""

    settings: Settings
    library: Library
    cache: StageCache
    _open: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    @cached_property
    def speech(self) -> backends.Speech:
        """The speech backend the settings name."""
        return cast("backends.Speech", self._start("speech", self.settings.speech))

    @cached_property
    def painter(self) -> backends.Painter:
        """The painter the settings name."""
        return cast("backends.Painter", self._start("painter", self.settings.painter))

    @cached_property
    def lipsync(self) -> backends.LipSync:
        """The lip-sync backend the settings name."""
        return cast("backends.LipSync", self._start("lipsync", self.settings.lipsync))

    @cached_property
    def faces(self) -> FaceFinder:
        """What finds faces in photos. Raises BackendUnavailable with the command that gets its model."""
        from avatar.engine.faces import FaceFinder  # noqa: PLC0415  loads three networks
        from avatar.engine.faces.pull import ready  # noqa: PLC0415

        return FaceFinder(ready(self.settings.models))

    def animator(self, portrait: Portrait) -> backends.LipSync:
        """The lip-sync backend for that portrait: the embedded engine has one for drawings and one for photos."""
        if portrait.backend == PHOTO and self.settings.lipsync == "embedded":
            return self._photos
        return self.lipsync

    @cached_property
    def _photos(self) -> backends.LipSync:
        return cast("backends.LipSync", self._start("lipsync", PHOTO))

    @cached_property
    def aligner(self) -> Aligner:
        """What finds the sounds of a recording."""
        from avatar.engine.alignment import Aligner  # noqa: PLC0415  numpy, and only for recordings

        aligner = Aligner()
        self._open.callback(aligner.close)
        return aligner

    @property
    def locks(self) -> Path:
        """Folder of the locks by which two runs keep off one output."""
        return self.cache.root / "locks"

    @cached_property
    def workshop(self) -> Workshop:
        """What the neural backends share: environments, models, the device and its memory."""
        from avatar.pipeline.workshop import open_workshop  # noqa: PLC0415  only where one is used

        workshop = open_workshop(self.settings)
        self._open.callback(workshop.close)
        return workshop

    def _start(self, kind: str, name: str) -> Any:
        made = backends.load(kind, name)
        entry = backends.BACKENDS[kind].get(name)
        if entry is not None and entry.worker:
            from avatar.pipeline.workshop import seated  # noqa: PLC0415

            return seated(kind, made, entry.worker, self.workshop, self.settings)
        backend = made()
        close = getattr(backend, "close", None)
        if close is not None:
            self._open.callback(close)
        return backend

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


def open_studio(settings: Settings) -> Studio:
    """A studio by the settings. Use it as a context manager."""
    return Studio(settings, Library(settings.library), StageCache(settings.cache))
