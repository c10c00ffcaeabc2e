"""What an index says of a package, and what a package says of itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.version import Version

from preflight.model.cells import Cell


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release, as the simple API lists it (PEP 691, PEP 700)."""

    filename: str
    url: str = field(repr=False)
    version: Version
    tags: frozenset[Tag]  # empty for an sdist
    requires_python: str
    uploaded: datetime | None
    size: int | None
    yanked: str | None  # None: not yanked; otherwise the reason, which may be empty
    has_metadata: bool  # PEP 658: METADATA is served beside the file

    @property
    def is_wheel(self) -> bool:
        """Whether it installs without being built."""
        return bool(self.tags)

    @property
    def old(self) -> bool:
        """Whether it is a wheel for Python 2 alone, whose sources say nothing about any other."""
        return bool(self.tags) and all(tag.interpreter.startswith(("py2", "cp2")) for tag in self.tags)

    def fits(self, cell: Cell) -> bool:
        """Whether it is a wheel that a pip in this cell would accept."""
        return not self.tags.isdisjoint(cell.tags())

    @property
    def day(self) -> str:
        """The day of upload, for people."""
        return self.uploaded.date().isoformat() if self.uploaded else "at an unknown time"


@dataclass(frozen=True, slots=True)
class Packed:
    """One version on an index's page: what is asked of every version, and its files as the page's own text."""

    uploaded: datetime | None  # of its first file
    touched: datetime | None  # of its last
    built: bool  # it has a wheel
    standing: bool  # not every file is yanked
    files: bytes = field(repr=False)


class Releases(Mapping[Version, tuple[File, ...]]):
    """Files of each version, oldest version first; made when they are asked for: a page may hold fifteen thousand."""

    def __init__(self, packed: dict[Version, Packed], unpacked: Callable[[Version, bytes], tuple[File, ...]]) -> None:
        self._packed = packed
        self._unpacked = unpacked

    def __getitem__(self, version: Version) -> tuple[File, ...]:
        return self._unpacked(version, self._packed[version].files)

    def __iter__(self) -> Iterator[Version]:
        return iter(self._packed)

    def __reversed__(self) -> Iterator[Version]:
        return reversed(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def told(self, version: Version) -> Packed:
        """What is known of a version without making its files."""
        return self._packed[version]


@dataclass(frozen=True)
class Project:
    """All files of a package that were there at the audit's date."""

    name: str
    releases: Releases
    status: str | None  # PEP 792; None when the index does not say, which is not "active"
    status_reason: str = ""
    fetched: float = 0.0  # seconds since the epoch

    @cached_property
    def stable(self) -> tuple[Version, ...]:
        """Versions a resolver considers first: no prereleases, not wholly yanked; oldest first."""
        return tuple(each for each in self.releases if not each.is_prerelease and self.releases.told(each).standing)

    @property
    def newest(self) -> Version | None:
        """The newest stable version, or the newest of any kind."""
        return self.stable[-1] if self.stable else next(reversed(self.releases), None)

    @cached_property
    def latest(self) -> Version | None:
        """What its authors released last, by the clock: the newest, or a later fix of an older line.

        A later placeholder without a wheel, beside a newest release with wheels, is none.
        """
        newest = self.newest
        built = newest is not None and self.releases.told(newest).built
        fixes = [each for each in self.stable if not built or self.releases.told(each).built]
        times = {version: when for version in fixes if (when := self.uploaded(version))}
        last = max(times, key=lambda version: (times[version], version), default=newest)
        return newest if last is None or newest not in times or times[newest] >= times[last] else last

    def uploaded(self, version: Version) -> datetime | None:
        """When a version appeared: the time of its first file."""
        return self.releases.told(version).uploaded if version in self.releases else None

    @cached_property
    def touched(self) -> datetime | None:
        """When anything was last uploaded to a stable release."""
        times = (self.releases.told(version).touched for version in self.stable)
        return max((when for when in times if when), default=None)

    def wheel_for(self, version: Version, cell: Cell) -> File | None:
        """A wheel of the version that the cell accepts."""
        return next((file for file in self.releases.get(version, ()) if file.fits(cell)), None)

    def any_file(self, version: Version, cells: Iterable[Cell] = ()) -> File | None:
        """A file that stands for the version: the smallest wheel (they share their Python), else the sdist.

        One that fits some of the cells, if there is any.
        """
        files = self.releases.get(version, ())
        fitting = [file for file in files if any(file.fits(cell) for cell in cells)]
        return min(fitting or files, key=_standing, default=None)


def _standing(file: File) -> tuple[bool, bool, int, str]:
    return not file.is_wheel, file.old, file.size or 0, file.filename


@dataclass(frozen=True)
class Metadata:
    """Core metadata of one version."""

    name: str
    version: Version
    requires_python: str
    requires: tuple[Requirement, ...]
    licence: str
    classifiers: tuple[str, ...]
    read_from: str  # the file and member it was read from
    verified: bool  # False: read statically from an sdist, which may compute something else when it is built
    broken: tuple[str, ...] = ()  # lines that no standard allows, left out of `requires`
    urls: tuple[tuple[str, str], ...] = ()
    about: str = ""  # its summary, and the beginning of its description


@dataclass(frozen=True)
class Source:
    """A wheel's members by name with their compressed sizes, each read when it is asked for.

    `read` raises CouldNotCheck for what cannot be read.
    """

    file: File
    members: dict[str, int]
    read: Callable[[str], bytes] = field(repr=False)
    glance: Callable[[str], bytes] = field(repr=False)  # as `read`, and not kept on disk


@dataclass(frozen=True)
class Advisory:
    """One known vulnerability of a release."""

    id: str
    summary: str
    published: str  # a day
    fixed: tuple[str, ...]  # releases that are no longer affected


class Facts(Protocol):
    """What checks and the resolver may ask. CouldNotCheck when there is no answer: never a guess."""

    def project(self, name: str) -> Project | None:
        """The package at the audit's date; None when no index knows it."""

    def metadata(self, file: File) -> Metadata:
        """Core metadata of one file, nothing built."""

    def source(self, file: File) -> Source:
        """The members of a wheel, or the modules of an sdist."""

    def sdist_texts(self, file: File) -> dict[str, bytes]:
        """PKG-INFO, setup.py ... of an sdist."""

    def size(self, file: File) -> int:
        """Bytes of a file: the page's word, or the server's."""

    def legacy(self, name: str) -> dict[str, Any] | None:
        """The legacy JSON (owners, vulnerabilities); None when the index has none."""

    def advisories(self, releases: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Advisory]]:
        """Known vulnerabilities of each (name, version), published by the audit's date."""

    def nearest(self, name: str) -> tuple[str, ...]:
        """Existing names that are easily confused with this one."""

    def kept(self, key: str, read: Callable[[], bytes]) -> bytes:
        """What was once worked out from files, which never change; worked out now if it was not."""
