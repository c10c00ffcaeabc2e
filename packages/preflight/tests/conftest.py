"""A real index on this machine, with real wheels in it, and the command as a real process."""

import base64
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from preflight.index import Cache

COMMAND = Path(sys.executable).with_name("preflight")
Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass
class FakeIndex:
    """Pages and files by path. `broken` answers every request: (status, body)."""

    url: str = ""
    projects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: tuple[int, bytes] | None = None
    broken_for: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # as `broken`, for one project's page
    login: str = ""  # "user:password" that every request must bring
    known: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # as OSV's querybatch tells
    legacy: dict[str, dict[str, Any]] = field(default_factory=dict)  # the legacy JSON of a project
    html: bool = False  # it knows nothing newer than PEP 503
    pause: float = 0.0  # seconds before each answer

    def add(
        self,
        name: str,
        version: str,
        *,
        day: str = "2026-01-01",
        python: str = "",
        requires: tuple[str, ...] = (),
        modules: dict[str, str] | None = None,
        tag: str = "py3-none-any",
        filename: str = "",
        data: bytes | None = None,
        metadata: str = "",
        **entry: Any,
    ) -> None:
        """Put a release on the index: a wheel made of `modules`, or `data` as it is."""
        filename = filename or f"{name}-{version}-{tag}.whl"
        self.files[filename] = (
            data
            if data is not None
            else wheel(name, version, python=python, requires=requires, modules=modules or {}, metadata=metadata)
        )
        self.projects.setdefault(name, []).append(
            {
                "filename": filename,
                "url": f"../../files/{filename}",
                "size": len(self.files[filename]),
                "requires-python": python or None,
                "upload-time": f"{day}T12:00:00Z",
                "hashes": {},
                **entry,
            }
        )

    def add_sdist(self, name: str, version: str, members: dict[str, str], *, day: str = "2026-01-01") -> None:
        """Put an sdist on the index, with these members and the least PKG-INFO."""
        core = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"
        data = sdist(f"{name}-{version}", {"PKG-INFO": core, **members})
        self.add(name, version, day=day, filename=f"{name}-{version}.tar.gz", data=data)

    def answer(self, path: str) -> tuple[int, bytes]:
        """What a GET of the path gets."""
        self.asked.append(path)
        if self.broken:
            return self.broken
        kind, _, name = path.strip("/").partition("/")
        if kind == "v1":
            return 200, self.files[name]
        if kind == "simple" and name.strip("/") in self.broken_for:
            return self.broken_for[name.strip("/")]
        if kind == "simple" and self.html and name in self.projects:
            return 200, self.as_html(name).encode()
        if kind == "simple" and name in self.projects:
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": self.projects[name]}
            return 200, json.dumps(page).encode()
        legacy = {f"{each}/json": json.dumps(plain).encode() for each, plain in self.legacy.items()}
        place = {"files": self.files, "pypi": legacy}.get(kind, {})
        return (200, place[name]) if name in place else (404, b"")

    def as_html(self, name: str) -> str:
        """The page of PEP 503, with the attributes of PEP 592 and the upload times that some indexes give."""
        lines = []
        for each in self.projects[name]:
            said = f' data-requires-python="{escape(each["requires-python"] or "")}"'
            said += f' data-upload-time="{each["upload-time"]}"' if each["upload-time"] else ""
            said += f' data-yanked="{each["yanked"]}"' if "yanked" in each else ""
            lines.append(f'<a href="{each["url"]}#sha256=0"{said}>{each["filename"]}</a><br/>')
        return "<!DOCTYPE html><html><body>" + "\n".join(lines) + "</body></html>"


def wheel(
    name: str,
    version: str,
    *,
    python: str,
    requires: tuple[str, ...],
    modules: dict[str, str],
    metadata: str,
) -> bytes:
    """A wheel with these modules."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "License-Expression: MIT"]
    lines += [f"Requires-Python: {python}"] if python else []
    lines += [f"Requires-Dist: {each}" for each in requires]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, code in {f"{name}/__init__.py": "", **modules}.items():
            archive.writestr(path, code)
        info = f"{name}-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", metadata or "\n".join(lines) + "\n\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return data.getvalue()


def sdist(folder: str, members: dict[str, str]) -> bytes:
    """A .tar.gz with these members."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    fake = FakeIndex()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(fake.pause)
            right = "Basic " + base64.b64encode(fake.login.encode()).decode()
            allowed = not fake.login or self.headers.get("Authorization") == right
            status, body = fake.answer(self.path) if allowed else (401, b"")
            wanted = self.headers.get("Range")
            total = len(body)
            if wanted and status == 200:
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                status, body = 206, body[int(first) : int(last) + 1]
            self.send_response(status)
            if status == 206:
                self.send_header("Content-Range", f"bytes {wanted.removeprefix('bytes=')}/{total}")
            kind = "application/vnd.pypi.simple.v1+json" if body[:1] == b"{" else "text/html"
            self.send_header("Content-Type", kind if "/simple/" in self.path else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            pairs = [(each["package"]["name"], each["version"]) for each in queries]
            body = json.dumps(
                {"results": [{"vulns": fake.known[pair]} if pair in fake.known else {} for pair in pairs]}
            )
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_HEAD = do_GET  # noqa: N815  http.server names it so

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}/simple"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def preflight(tmp_path: Path) -> Run:
    """The command with a cache of its own and nobody's configuration."""
    return command_in(tmp_path)


def command_in(folder: Path) -> Run:
    """The command, with its cache under a folder."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
        plain |= {"PREFLIGHT_OSV": "off"}
        plain |= {"PREFLIGHT_CACHE": str(folder / "cache"), "PIP_CONFIG_FILE": os.devnull, "COLUMNS": "200"}
        command = [str(COMMAND), *map(str, arguments)]
        env = {**plain, **environment}
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=env, cwd=folder)

    return run


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command, with a cache that holds what the index answered about the case study; `make live` asks anew."""
    folder = tmp_path_factory.mktemp("recorded")
    if os.environ.get("PREFLIGHT_LIVE"):
        return live_in(folder)
    cache = Cache(folder / "cache")
    for shard in sorted((Path(__file__).parent / "recorded").glob("*.json.xz")):
        for key, text in json.loads(lzma.decompress(shard.read_bytes())).items():
            cache.put(key, text.encode() if "/simple/" in key else text.encode("latin-1"))
    return command_in(folder)


def live_in(folder: Path) -> Run:
    """The command with an empty cache and the user's own index, whatever a test says of either."""
    environment = {**os.environ, "PREFLIGHT_CACHE": str(folder / "cache"), "PREFLIGHT_OSV": "off", "COLUMNS": "200"}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in arguments if word != "--offline"]
        at = words.index("--index-url")
        command = [str(COMMAND), *words[:at], *words[at + 2 :]]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)

    return run
