"""A loopback index that shows uv what we know, so that uv never builds, never logs in and sees the audit's date.

uv reads pages and METADATA from here (PEP 691, PEP 658) and asks for nothing else; wheels themselves are not served. A
release that has an sdist is offered a second time as a wheel for every system, with the metadata that was read
statically: so uv's own --no-build holds and sdist-only releases still resolve.
"""

import json
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import unquote

from packaging.tags import Tag
from packaging.version import Version

from preflight.errors import CouldNotCheck, IndexDown
from preflight.model import Cell, Facts, File, Metadata, Project

READERS = 12
STAND_IN = "-0static-py3-none-any.whl"
UNREADABLE = "preflight-could-not-read-it"  # what a release needs whose own needs could not be read


class Shelf:
    """Serves one set of facts on a free port of this machine, behind a path nobody can guess."""

    def __init__(self, facts: Facts, cells: Iterable[Cell]) -> None:
        self._facts = facts
        # uv resolves a cell without the GIL as its twin with one.
        self._tags = frozenset(tag for cell in cells for tag in Cell(cell.python.rstrip("t"), cell.platform).tags())
        self._useful: dict[frozenset[Tag], bool] = {}
        self._secret = secrets.token_hex(16)
        self.failed: dict[str, str] = {}  # package -> why its page or metadata could not be had
        self.unread: dict[tuple[str, Version], str] = {}  # releases whose metadata could not be read, and why
        self.guessed: set[tuple[str, Version]] = set()  # releases whose metadata is unverified
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> "Shelf":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.pool.shutdown(cancel_futures=True)
        if self._server.broken:
            raise self._server.broken

    @property
    def url(self) -> str:
        """What to give uv as its only index."""
        return f"http://127.0.0.1:{self._server.server_port}/{self._secret}/simple"

    def answer(self, path: str) -> bytes | None:
        """The body for a path, or None for 404. Raises IndexDown, which uv must not take for "there is none"."""
        parts = [unquote(part) for part in path.split("/") if part]
        if len(parts) < 3 or not secrets.compare_digest(parts[0].encode(), self._secret.encode()):
            return None
        if parts[1] == "simple":
            return self._page(parts[2])
        if parts[1] == "files" and len(parts) == 4 and parts[3].endswith(".metadata"):
            return self._metadata(parts[2], parts[3].removesuffix(".metadata"))
        return None

    def _page(self, name: str) -> bytes | None:
        try:
            project = self._facts.project(name) if name != UNREADABLE else None
        except IndexDown as error:
            self.failed[name] = error.message
            raise
        return self._rendered(project) if project else None

    def _rendered(self, project: Project) -> bytes:
        files = [entry for version in project.releases for entry in self._entries(project, version)]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": project.name, "files": files}).encode()

    def _entries(self, project: Project, version: Version) -> Iterator[dict[str, Any]]:
        files = project.releases[version]
        wheels = [file for file in files if file.is_wheel]
        fitting = [file for file in wheels if self._fits(file)]
        # Without any, uv's explanation still tells what there is.
        yield from (self._entry(project.name, file.filename, file) for file in fitting or wheels)
        sdist = next((file for file in files if not file.is_wheel), None)
        if sdist and not any(file.filename.endswith("-none-any.whl") for file in fitting):
            stand_in = f"{project.name.replace('-', '_')}-{version}{STAND_IN}"
            yield self._entry(project.name, stand_in, sdist)

    def _fits(self, file: File) -> bool:
        """Whether some cell would take it. Most wheels of a page are for other machines and Pythons."""
        if file.tags not in self._useful:
            self._useful[file.tags] = not self._tags.isdisjoint(file.tags)
        return self._useful[file.tags]

    def _entry(self, name: str, filename: str, file: File) -> dict[str, Any]:
        return {
            "filename": filename,
            "url": f"../../files/{name}/{filename}",
            "hashes": {},
            "requires-python": file.requires_python or None,
            "yanked": file.yanked or True if file.yanked is not None else False,
            "core-metadata": True,
        }

    def _metadata(self, name: str, filename: str) -> bytes | None:
        try:
            project = self._facts.project(name)
            if project is None:
                return None
            if filename.endswith(STAND_IN):
                version = Version(filename.removesuffix(STAND_IN).partition("-")[2])
                return self._stand_in(project, version)
            version = Version(filename.split("-")[1])
            file = next(file for file in project.releases[version] if file.filename == filename)
            return core_text(self._facts.metadata(file), name)
        except IndexDown as error:
            self.failed[name] = error.message
            raise
        except CouldNotCheck as error:
            version = Version(filename.split("-")[1])
            self.unread[name, version] = f"{filename.removesuffix(STAND_IN)}: {error.message}"
            return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: {UNREADABLE}\n\n".encode()

    def _stand_in(self, project: Project, version: Version) -> bytes:
        """Metadata of a release without a wheel for the cell: another wheel's, else the sdist's as it is written."""
        file = project.any_file(version)
        assert file is not None  # the page offered it
        found = self._facts.metadata(file)
        if not found.verified:
            self.guessed.add((project.name, version))
        return core_text(found, project.name)


def core_text(found: Metadata, name: str) -> bytes:
    """The part of core metadata that a resolver reads."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {found.version}"]
    if found.requires_python:
        lines.append(f"Requires-Python: {found.requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in found.requires]
    lines += [f"Provides-Extra: {extra}" for extra in sorted(_extras(found))]
    return ("\n".join(lines) + "\n\n").encode()


def _extras(found: Metadata) -> set[str]:
    return {name for each in found.requires for name in re.findall(r"extra == ['\"]([^'\"]+)['\"]", str(each.marker))}


class _Server(HTTPServer):
    """A few threads, however many connections uv opens: each answer may take a page of thousands of files to make."""

    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.pool = ThreadPoolExecutor(READERS, thread_name_prefix="shelf")
        self.broken: Exception | None = None  # what went wrong on a thread, where nobody would see it

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on one of the threads."""
        self.pool.submit(self._one, request, client_address)

    def _one(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # uv has enough, or was ended
        except Exception as error:  # noqa: BLE001  raised again where the shelf ends
            self.broken = error
        finally:
            self.shutdown_request(request)


def _handler(shelf: Shelf) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                body = shelf.answer(self.path)
                status = 404 if body is None else 200
            except IndexDown:
                body, status = None, 503
            self.send_response(status)
            is_page = "/simple/" in self.path
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json" if is_page else "text/plain")
            self.send_header("Content-Length", str(len(body or b"")))
            if status == 200:
                self.send_header("Cache-Control", "max-age=3600")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
            """Say nothing."""

    return Handler
