"""Somebody else's server is told of a job's end: signed, again when it fails, and only where that is allowed."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from avatar.errors import InputError
from avatar.jobs import JobQueue, webhook
from avatar.settings import Settings

from .conftest import Crew, eventually, film

Call = tuple[dict[str, str], bytes]


class Listener(HTTPServer):
    """Refuses the first call, takes the next ones."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                calls.append((dict(self.headers.items()), body))
                self.send_response(500 if len(calls) == 1 else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_signed_call_that_is_repeated(settings: Settings, listener: Listener) -> None:
    settings = settings.model_copy(update={"webhook_hosts": "127.0.0.1"})
    crew = Crew(settings)
    with JobQueue(settings) as queue:
        job = queue.submit(film(), webhook=f"http://127.0.0.1:{listener.server_port}/hook?x=1")
        try:
            crew.hire()
            eventually(lambda: len(listener.calls) >= 2)
        finally:
            crew.dismiss()
    headers, body = listener.calls[1]
    lower = {name.lower(): value for name, value in headers.items()}
    assert json.loads(body)["data"] == {"id": job.id, "state": "completed"}
    signed = f"{lower['webhook-id']}.{lower['webhook-timestamp']}.{body.decode()}".encode()
    digest = hmac.new(webhook.secret(settings.jobs), signed, hashlib.sha256).digest()
    assert lower["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert listener.calls[0][0]["webhook-id"] == headers["webhook-id"]


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x", "https://allowed.example.evil/x", "ftp://allowed.example/x", "https://a@allowed.example/x",
     "https:///x"],
)  # fmt: skip
def test_only_hosts_that_are_allowed(settings: Settings, address: str) -> None:
    allowing = settings.model_copy(update={"webhook_hosts": "allowed.example, other.example:8443"})
    assert webhook.check(allowing, "https://allowed.example/x")
    with pytest.raises(InputError):
        webhook.check(allowing, address)
    with pytest.raises(InputError, match="not allowed"):
        webhook.check(settings, "https://allowed.example/x")
