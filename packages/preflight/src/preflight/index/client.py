"""Facts about packages: from the cache while they are fresh, else from the index."""

import json
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from preflight.errors import CouldNotCheck, IndexDown, UnsafeArchive
from preflight.index import archive, metadata, osv, simple
from preflight.index.cache import FOR_EVER, PAGE_AGE, Cache
from preflight.index.config import IndexConfig
from preflight.index.transport import PAGE, Transport, credentials
from preflight.model import Advisory, File, Metadata, Project, Source

OPEN_WHEELS = 8  # each holds the blocks that were read of it
MOST_SOURCES = 20_000_000  # of an sdist that is read for its modules
READING = 7  # one more whenever what is worked out from files changes: older answers are then not taken
PAGES_AT_ONCE = 6  # a page of thousands of files takes tens of megabytes while it is parsed


@dataclass
class Index:
    """The index as it stood at `as_of`."""

    config: IndexConfig
    cache: Cache
    as_of: datetime | None = None
    oldest: float = field(default_factory=time.time)  # the oldest page used

    def __post_init__(self) -> None:
        self._transport = Transport(self.config.certificates, credentials(self.config.urls, self.config.netrc))
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._few = threading.BoundedSemaphore(PAGES_AT_ONCE)
        self._projects: dict[str, Project | None] = {}
        self._metadata: dict[str, Metadata] = {}
        self._wheels: OrderedDict[str, zipfile.ZipFile] = OrderedDict()

    def project(self, name: str) -> Project | None:
        """The package, or None when no index knows it. Raises IndexDown."""
        key = canonicalize_name(name)
        with self._lock(key):
            if key not in self._projects:
                self._projects[key] = self._find(key)
            return self._projects[key]

    def _find(self, name: str) -> Project | None:
        for url in self.config.urls:
            page = f"{url}/{name}/"
            with self._few:
                body, given = self._page(page, PAGE, name)
                if body:
                    self.oldest = min(self.oldest, given)
                    return simple.parse(body, page, given, self.as_of)
        return None

    def _page(self, url: str, accept: str, name: str = "") -> tuple[bytes, float]:
        """A page's body, empty when it is not there, and the time of the answer. A project's page is kept slim."""
        kept = self.cache.get(url, PAGE_AGE)
        if kept:
            return kept
        if self.cache.offline:
            raise IndexDown("this was not asked before, and --offline asks nobody", "run once without --offline")
        status, body = self._transport.get(url, accept)
        if status not in {200, 404, 410}:
            raise IndexDown(f"the index answers with status {status}")
        body = body if status == 200 else b""
        if body and name:
            body = simple.compact(body, url, name)
        self.cache.put(url, body)
        return body, time.time()

    def metadata(self, file: File) -> Metadata:
        """Core metadata of a file, nothing built. Raises CouldNotCheck."""
        with self._lock(file.filename):
            if file.filename not in self._metadata:
                self._metadata[file.filename] = self._read_metadata(file)
            return self._metadata[file.filename]

    def _read_metadata(self, file: File) -> Metadata:
        if not file.is_wheel:
            return simple.must_match(metadata.from_sdist(self._sdist(file), file), file)
        core = self._kept(f"{file.url}#METADATA", lambda: self._wheel_metadata(file))
        return simple.must_match(metadata.from_core(core, file, f"{file.filename}: METADATA"), file)

    def _wheel_metadata(self, file: File) -> bytes:
        if file.has_metadata:
            status, body = self._transport.get(f"{file.url}.metadata")
            if status == 200:
                return body
        wheel = self._wheel(file)
        inside = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1]
        if len(inside) != 1:
            raise UnsafeArchive(f"{file.filename} has {len(inside)} METADATA files; a wheel has one")
        return archive.member(wheel, inside[0])

    def _sdist(self, file: File) -> dict[str, bytes]:
        def read() -> bytes:
            if (file.size or 0) > archive.MOST_SDIST:
                raise CouldNotCheck(f"{file.filename} is too large to be read for its metadata")
            return _as_json(self._sdist_members(file, archive.sdist_members))

        plain = json.loads(self._kept(f"{file.url}#sdist", read))
        return {name: text.encode() for name, text in plain.items()}

    def _sdist_members(self, file: File, pick: archive.Pick) -> dict[str, bytes]:
        if file.filename.endswith(".zip"):
            return archive.zip_members(self._opened(file), file.filename, pick)
        with self._transport.stream(file.url) as stream:
            return archive.tar_members(stream, file.filename, pick)

    def sdist_texts(self, file: File) -> dict[str, bytes]:
        """PKG-INFO, setup.py ... of an sdist, as text. Raises CouldNotCheck."""
        with self._lock(file.filename):
            return self._sdist(file)

    def source(self, file: File) -> Source:
        """The sources in a wheel, or of an sdist, which may install other ones. Raises CouldNotCheck."""
        if not file.is_wheel:
            return self._sdist_source(file)
        listing = self._kept(f"{file.url}#members", lambda: self._listing(file))
        return Source(
            file, json.loads(listing), lambda name: self._member(file, name), lambda name: self._glance(file, name)
        )

    def _sdist_source(self, file: File) -> Source:
        if (file.size or 0) > MOST_SOURCES:
            raise CouldNotCheck(f"{file.filename} is too large to be read for its sources")
        with self._lock(file.filename):
            kept = self._kept(
                f"{file.url}#sources", lambda: _as_json(self._sdist_members(file, archive.sdist_sources), "latin-1")
            )
        every = {name: text.encode("latin-1") for name, text in json.loads(kept).items()}
        texts = archive.installed(every, canonicalize_name(file.filename.rpartition("-")[0]))
        if not texts:
            raise CouldNotCheck(f"{file.filename} is not a wheel: what it installs is known only once it is built")
        return Source(file, {name: len(data) for name, data in texts.items()}, texts.__getitem__, texts.__getitem__)

    def _listing(self, file: File) -> bytes:
        with self._lock(file.filename):
            sizes = {info.filename: info.compress_size for info in self._wheel(file).infolist()}
        return json.dumps(sizes).encode()

    def _member(self, file: File, name: str) -> bytes:
        with self._lock(file.filename):
            return self._kept(f"{file.url}#{name}", lambda: archive.member(self._wheel(file), name))

    def _glance(self, file: File, name: str) -> bytes:
        found = self.cache.get(f"{file.url}#{name}")
        if found:
            return found[0]
        if self.cache.offline:
            raise IndexDown("this was not read before, and --offline asks nobody", "run once without --offline")
        with self._lock(file.filename):
            return archive.member(self._wheel(file), name)

    def kept(self, key: str, read: Callable[[], bytes]) -> bytes:
        """What was worked out from files before, by this same way of reading, or is now."""
        key = f"{key} (reading {READING})"
        found = self.cache.get(key)
        if found is None:
            answer = read()
            self.cache.put(key, answer)
            return answer
        return found[0]

    def _wheel(self, file: File) -> zipfile.ZipFile:
        """The wheel, opened once; a few are kept open. Called by who holds the file's lock."""
        with self._guard:
            opened = self._wheels.pop(file.url, None)
        opened = opened or self._opened(file)
        with self._guard:
            self._wheels[file.url] = opened
            if len(self._wheels) > OPEN_WHEELS:
                self._wheels.popitem(last=False)
        return opened

    def _opened(self, file: File) -> zipfile.ZipFile:
        return archive.opened(self.size(file), lambda first, last: self._transport.range(file.url, first, last))

    def size(self, file: File) -> int:
        """Bytes of a file: the page's word, or the server's, once asked for."""
        if file.size is not None:
            return file.size
        return int(self._kept(f"{file.url}#size", lambda: str(self._transport.size(file.url)).encode()))

    def legacy(self, name: str) -> dict[str, Any] | None:
        """The legacy JSON of a package, beside an index that has one; None when this index does not."""
        for url in self.config.urls:
            parts = urlsplit(url)
            if not parts.path.rstrip("/").endswith("/simple"):
                continue
            body, _ = self._page(
                f"{url.removesuffix('/simple')}/pypi/{canonicalize_name(name)}/json", "application/json"
            )
            if body:
                return _object(body)
        return None

    def advisories(self, releases: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Advisory]]:
        """Known vulnerabilities, from the service that is set. Raises CouldNotCheck."""
        if not self.config.advisories:
            raise CouldNotCheck("PREFLIGHT_OSV is off, so that no advisory service is asked")
        transport = Transport(self.config.certificates, {}, timeout=5.0)
        return osv.advisories(transport, self.cache, self.config.advisories, releases, self.as_of)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Packages that exist under a spelling people confuse with this one."""
        return tuple(candidate for candidate in simple.names_like(name) if self._exists(candidate))

    def _exists(self, name: str) -> bool:
        try:
            return self.project(name) is not None
        except IndexDown:
            return False

    def _kept(self, key: str, read: Callable[[], bytes]) -> bytes:
        found = self.cache.get(key, FOR_EVER)
        if found:
            return found[0]
        if self.cache.offline:
            raise IndexDown("this was not read before, and --offline asks nobody", "run once without --offline")
        answer = read()
        self.cache.put(key, answer)
        return answer

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())


def _as_json(members: dict[str, bytes], encoding: str = "utf-8") -> bytes:
    return json.dumps({name: data.decode(encoding, "replace") for name, data in members.items()}).encode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IndexDown("the index answers with something that is not JSON, or is cut off") from error
    return found if isinstance(found, dict) else {}
