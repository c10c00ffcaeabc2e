"""Single members of a wheel over HTTP Range, and the static metadata of an sdist as it streams by.

A wheel is a stranger's zip: it is never unpacked, its names are checked, and what is read is bounded in members, bytes
and compression ratio.
"""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import IO, cast

from preflight.errors import UnsafeArchive

BLOCK = 65_536
MOST_AHEAD = 24  # blocks
MOST_BLOCKS = 64  # of one file, held at a time
MOST_MEMBERS = 100_000
MOST_MEMBER = 16_000_000
MOST_RATIO = 200
MOST_SDIST = 80_000_000
MOST_PICKED = 32_000_000

Fetch = Callable[[int, int], bytes]


class RangeFile(io.RawIOBase):
    """A file whose blocks are fetched when they are first read."""

    def __init__(self, size: int, fetch: Fetch) -> None:
        self._size, self._fetch, self._at = size, fetch, 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead = 1

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is fetched."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from the blocks it lies in; missing neighbours are fetched in one request."""
        last = min(self._at + len(buffer), self._size)
        if last <= self._at:
            return 0
        self._need(self._at // BLOCK, (last - 1) // BLOCK)
        data = b"".join(self._blocks[number] for number in range(self._at // BLOCK, (last - 1) // BLOCK + 1))
        while len(self._blocks) > MOST_BLOCKS:
            self._blocks.popitem(last=False)
        start = self._at % BLOCK
        taken = data[start : start + last - self._at]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)

    def _need(self, first: int, last: int) -> None:
        while first <= last and first in self._blocks:
            first += 1
        while last >= first and last in self._blocks:
            last -= 1
        if first > last:
            return
        # Who reads on from where the last read ended will read on: each time twice as much is fetched.
        self._ahead = min(self._ahead * 2, MOST_AHEAD) if first - 1 in self._blocks else 1
        last = max(last, min(first + self._ahead - 1, (self._size - 1) // BLOCK))
        data = self._fetch(first * BLOCK, min((last + 1) * BLOCK, self._size) - 1)
        for number in range(first, last + 1):
            at = (number - first) * BLOCK
            self._blocks[number] = data[at : at + BLOCK]


def opened(size: int, fetch: Fetch) -> zipfile.ZipFile:
    """A wheel, its central directory read and judged. Raises UnsafeArchive."""
    try:
        wheel = zipfile.ZipFile(io.BufferedReader(RangeFile(size, fetch), BLOCK))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnsafeArchive(f"the wheel cannot be read as a zip: {error}") from error
    names = wheel.namelist()
    if len(names) > MOST_MEMBERS:
        raise UnsafeArchive(f"the wheel has {len(names):,} members; {MOST_MEMBERS:,} are read at most")
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":":
            raise UnsafeArchive(f"the wheel holds a name that leaves its folder: {name[:80]!r}")
    return wheel


def member(wheel: zipfile.ZipFile, name: str) -> bytes:
    """One member's content. Raises UnsafeArchive for a bomb, whatever its header says."""
    info = wheel.getinfo(name)
    if info.file_size > MOST_MEMBER or info.file_size > MOST_RATIO * max(info.compress_size, 1_000):
        raise UnsafeArchive(f"{name} would unpack to {info.file_size:,} bytes")
    try:
        with wheel.open(info) as stream:
            data = stream.read(MOST_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnsafeArchive(f"{name} cannot be read: {error}") from error
    if len(data) > MOST_MEMBER:
        raise UnsafeArchive(f"{name} unpacks to more than {MOST_MEMBER:,} bytes")
    return data


WANTED = ("PKG-INFO", "pyproject.toml", "setup.cfg", "setup.py")
TOPS = "top_level.txt"
STRAYS = {"tests", "test", "docs", "doc", "examples", "benchmarks", "scripts", "tools", "build", "bin"}


class _Counted:
    """A stream that ends with an error after MOST_SDIST bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, MOST_SDIST

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes. Raises UnsafeArchive beyond what is read of an sdist."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UnsafeArchive(f"the sdist is larger than the {MOST_SDIST:,} bytes that are read")
        return data


Pick = Callable[[str], str | None]  # a member's name -> what it is kept as; None for what is passed over


def sdist_members(name: str) -> str | None:
    """Of an sdist what says what it needs (PKG-INFO, requires.txt ...), by short names."""
    parts = _parts(name)
    if len(parts) == 2 and parts[1] in WANTED:
        return parts[1]
    return "requires.txt" if len(parts) <= 4 and name.endswith(".egg-info/requires.txt") else None


def sdist_sources(name: str) -> str | None:
    """Of an sdist its modules, by the names they are likely to be installed under, and its list of what it installs."""
    parts = _parts(name)[1:]
    if len(parts) <= 3 and name.endswith(f".egg-info/{TOPS}"):
        return TOPS
    if parts[:1] in (["src"], ["lib"], ["python"]) and len(parts) > 2:
        parts = parts[1:]
    return "/".join(parts) if parts and parts[-1].endswith(".py") else None


def installed(members: dict[str, bytes], project: str) -> dict[str, bytes]:
    """The modules that are installed: those that the list names, else packages and the module called as the project."""
    named = set(members.get(TOPS, b"").decode("utf-8", "replace").split())
    found = {name.partition("/")[0] for name in members if name.endswith("/__init__.py")} - STRAYS
    tops = named or found | {f"{project.replace('-', '_')}.py"}
    return {
        name: data
        for name, data in members.items()
        if (top := name.partition("/")[0]) in tops or top.removesuffix(".py") in named
    }


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if ".." in parts or name.startswith("/"):
        raise UnsafeArchive(f"an sdist holds a name that leaves its folder: {name[:80]!r}")
    return parts


def tar_members(stream: IO[bytes], filename: str, pick: Pick) -> dict[str, bytes]:
    """The picked members of an sdist as it streams by. Raises UnsafeArchive."""
    try:
        return _tar_members(cast("IO[bytes]", _Counted(stream)), pick)
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise UnsafeArchive(f"{filename} cannot be read: {error}") from error


def zip_members(archive: zipfile.ZipFile, filename: str, pick: Pick) -> dict[str, bytes]:
    """The same of an sdist that is a zip."""
    try:
        return {short: member(archive, name) for name in archive.namelist() if (short := pick(name))}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnsafeArchive(f"{filename} cannot be read: {error}") from error


def _tar_members(stream: IO[bytes], pick: Pick) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    unpacked = picked = 0
    with tarfile.open(fileobj=stream, mode="r|gz") as tar:
        for entry in tar:
            unpacked += entry.size
            if unpacked > MOST_SDIST * 10:
                raise UnsafeArchive("an sdist unpacks to more than is read")
            short = pick(entry.name)
            if short and entry.isfile() and entry.size < MOST_MEMBER and (inside := tar.extractfile(entry)):
                found[short] = inside.read()
                picked += entry.size
                if picked > MOST_PICKED:
                    raise UnsafeArchive(f"an sdist holds more than the {MOST_PICKED:,} bytes of text that are read")
    return found
