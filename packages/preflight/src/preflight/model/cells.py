"""Cells of the environment matrix: one Python on one platform, with its markers (PEP 508) and wheel tags (PEP 425)."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

from preflight.errors import InputError, NotFound

# A patch release that every minor in use has reached, so that ">=3.11.4" is not read as "not on 3.11".
PATCH = 9
GLIBC = 28
MACOS = (14, 0)


@dataclass(frozen=True)
class Platform:
    """What a platform answers to markers, and what uv calls it."""

    uv: str
    sys_platform: str
    platform_system: str
    machine: str
    os_name: str = "posix"


PLATFORMS = {
    "linux-x86_64": Platform("x86_64-manylinux_2_28", "linux", "Linux", "x86_64"),
    "linux-aarch64": Platform("aarch64-manylinux_2_28", "linux", "Linux", "aarch64"),
    "musllinux-x86_64": Platform("x86_64-unknown-linux-musl", "linux", "Linux", "x86_64"),
    "macos-arm64": Platform("aarch64-apple-darwin", "darwin", "Darwin", "arm64"),
    "macos-x86_64": Platform("x86_64-apple-darwin", "darwin", "Darwin", "x86_64"),
    "windows-x86_64": Platform("x86_64-pc-windows-msvc", "win32", "Windows", "AMD64", "nt"),
}


@dataclass(frozen=True, order=True)
class Cell:
    """One Python minor ("3.12", or "3.13t" without the GIL) on one platform of the table."""

    python: str
    platform: str

    def __str__(self) -> str:
        return f"{self.python} {self.platform}"

    @property
    def minor(self) -> tuple[int, int]:
        """The Python as numbers: (3, 12)."""
        major, _, minor = self.python.rstrip("t").partition(".")
        return int(major), int(minor)

    @property
    def full_python(self) -> str:
        """The Python with the patch release that is assumed."""
        return f"{self.minor[0]}.{self.minor[1]}.{PATCH}"

    def markers(self, extra: str = "") -> dict[str, str | AbstractSet[str]]:
        """The marker environment of PEP 508."""
        platform = PLATFORMS[self.platform]
        return {
            "implementation_name": "cpython",
            "implementation_version": self.full_python,
            "os_name": platform.os_name,
            "platform_machine": platform.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": platform.platform_system,
            "platform_version": "",
            "python_full_version": self.full_python,
            "python_version": self.python.rstrip("t"),
            "sys_platform": platform.sys_platform,
            "extra": extra,
        }

    def tags(self) -> frozenset[Tag]:
        """Every wheel tag a pip in this cell would accept."""
        return _tags(self.python, self.platform)


@cache
def _tags(python: str, platform: str) -> frozenset[Tag]:
    cell = Cell(python, platform)
    abis = [f"cp{cell.minor[0]}{cell.minor[1]}" + ("t" if python.endswith("t") else "")]
    platforms = list(_platform_tags(platform))
    specific = cpython_tags(cell.minor, abis, platforms)
    return frozenset([*specific, *compatible_tags(cell.minor, f"cp{cell.minor[0]}{cell.minor[1]}", platforms)])


def _platform_tags(platform: str) -> Iterator[str]:
    system, _, machine = platform.partition("-")
    if system == "macos":
        yield from mac_platforms(MACOS, machine)
    elif system == "windows":
        yield "win_amd64"
    elif system == "musllinux":
        yield from (f"musllinux_1_{minor}_{machine}" for minor in (2, 1, 0))
    else:
        yield from (f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1))
        yield from (f"manylinux{name}_{machine}" for name in ("2014", "2010", "1"))
        yield f"linux_{machine}"


def parse_cells(pythons: str, platforms: str) -> tuple[Cell, ...]:
    """The matrix from "3.10-3.12,3.13t" and "linux-x86_64,macos-arm64". Raises InputError for what it cannot read."""
    minors = [python for part in _parts(pythons) for python in _pythons(part)]
    names = _parts(platforms)
    for name in names:
        if name not in PLATFORMS:
            raise NotFound.among("platform", name, PLATFORMS)
    if not minors or not names:
        raise InputError("the environment matrix is empty", "name at least one Python and one platform")
    return tuple(Cell(python, name) for python in dict.fromkeys(minors) for name in dict.fromkeys(names))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pythons(part: str) -> list[str]:
    found = re.fullmatch(r"3\.(\d{1,2})(t?)(?:-3\.(\d{1,2}))?", part)
    if not found:
        raise InputError(f"{part!r} is not a Python version", "write it like 3.12, 3.13t or 3.10-3.14")
    first, free, last = int(found[1]), found[2], int(found[3] or found[1])
    if last < first:
        raise InputError(f"the range {part!r} runs backwards", f"write 3.{last}-3.{first}")
    return [f"3.{minor}{free}" for minor in range(first, last + 1)]
