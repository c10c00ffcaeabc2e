"""A service of the test's own: the real command on loopback, and a small client for it."""

import http.client
import json
import signal
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avatar.settings import Settings

from .conftest import environment, eventually, free_port


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    settings: Settings
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str) -> None:
        line = [sys.executable, "-m", "avatar", "server", "start", "--port", str(self.port), *arguments]
        self.log = self.settings.jobs.parent / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(line, env=environment(self.settings), stderr=log, text=True)
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask("GET", "/health").status == 200
        except OSError:
            return False

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; a dict is sent as JSON. Header names are written with _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict | list):
            body, given = json.dumps(body).encode(), {"Content-Type": "application/json"} | given
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?&=%"), body, given)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def send(
        self, path: str, file: bytes | Path, filename: str = "upload", method: str = "POST", **more: Any
    ) -> Answer:
        """A multipart request with a file and fields; `headers` go before it."""
        headers = more.pop("headers", {})
        data = file.read_bytes() if isinstance(file, Path) else file
        edge = "0123456789edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in more.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n")
        body = b"".join([*parts, f"--{edge}--\r\n".encode()])
        return self.ask("POST", path, body, Content_Type=f"multipart/form-data; boundary={edge}", **headers)

    def key(self, tenant: str, scopes: str = "read,write") -> tuple[str, str]:
        """A new key: its id and its secret."""
        made = self.command("server", "keys", "add", tenant, "--scopes", scopes, "--json")
        about = json.loads(made)
        return about["id"], about["key"]

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "avatar", *arguments], env=environment(self.settings), capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def finished(self, job: str, **headers: str) -> dict[str, Any]:
        """The job once it has ended."""
        eventually(lambda: self.ask("GET", f"/jobs/{job}", **headers).json["finished_at"] is not None)
        answer: dict[str, Any] = self.ask("GET", f"/jobs/{job}", **headers).json
        return answer
