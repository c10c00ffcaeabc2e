"""A server that answers as the model hub does, on loopback, from a folder of repositories.

It can misbehave: break off in the middle, send other bytes than it announces, want an account, forget a revision.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RESOLVE = re.compile(r"^/([\w.-]+/[\w.-]+)/resolve/([0-9a-f]{40})/(.+)$")


@dataclass
class Hub:
    """The server's address and its faults; `asked` are the methods, paths and ranges it was asked for."""

    folder: Path
    url: str = ""
    break_off: dict[str, int] = field(default_factory=dict)
    forge: set[str] = field(default_factory=set)
    gated: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@contextmanager
def serve(folder: Path) -> Iterator[Hub]:
    """Serve `folder`/OWNER/NAME/… until the block ends."""
    hub = Hub(folder)

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Quiet."""

    def do_HEAD(self) -> None:
        """What the file is."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """The file, or the rest of it."""
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self.hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        match = _RESOLVE.match(self.path.partition("?")[0])
        repo, revision, path = match.groups() if match else ("", "", "")
        refusal = self._refusal(repo, revision, path)
        if refusal is None:
            self._send((self.hub.folder / repo / path).read_bytes(), revision, path, body=body)
        else:
            self._refuse(*refusal)

    def _refusal(self, repo: str, revision: str, path: str) -> tuple[int, str] | None:
        hub, account = self.hub, self.headers.get("Authorization")
        if repo in hub.gated and account != f"Bearer {hub.gated[repo]}":
            return 401 if account is None else 403, "GatedRepo"
        if repo in hub.gone or not (hub.folder / repo).is_dir():
            return 404, "RepoNotFound"
        if revision in hub.gone:
            return 404, "RevisionNotFound"
        return None if (hub.folder / repo / path).is_file() else (404, "EntryNotFound")

    def _send(self, data: bytes, revision: str, path: str, *, body: bool) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if path in self.hub.forge:
            data = bytes(reversed(data))
        found = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(found.group(1)) if found else 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{digest}"')
        self.send_header("X-Repo-Commit", revision)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if not body:
            return
        end = len(data)
        if self.hub.break_off.get(path, 0) > 0:
            self.hub.break_off[path] -= 1
            end = start + (len(data) - start) // 2
            self.close_connection = True
        self.wfile.write(data[start:end])

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", code)
        self.send_header("Content-Length", "0")
        self.end_headers()
