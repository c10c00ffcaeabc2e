"""Every route with no key, a wrong one, another tenant's, a revoked one and the right one; hosts, origins, limits."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avatar.jobs import JobQueue
from avatar.settings import Settings
from avatar.web.app import Options, create
from avatar.web.guard import Rate
from avatar.web.keys import Keys
from avatar.web.previews import Previews

from .conftest import film
from .server import Server

OPEN = {("GET", "/"), ("GET", "/health")}
FOREIGN = {"job": 404, "video": 404, "talk": 404, "upload": 404, "name": 404, "model": 404}


def routes() -> list[tuple[str, str]]:
    """Every method and path of the schema."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobQueue, "jobs", lambda *_, **__: [])
        schema = create(Settings(), Options(), Previews(Settings(), Path())).openapi()
    return [(method.upper(), path) for path, methods in schema["paths"].items() for method in methods]


ROUTES = routes()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A service that asks for keys, and keys of five kinds."""
    root = tmp_path_factory.mktemp("locked")
    settings = Settings(library=root / "library", cache=root / "cache", jobs=root / "jobs", size="128x72")
    server = Server(settings)
    keys = {"right": server.key("mine", "read,write,metrics")[1], "other": server.key("yours", "read,write,metrics")[1]}
    gone, keys["revoked"] = server.key("mine", "read,write,metrics")
    keys["reader"] = server.key("mine", "read")[1]
    server.command("server", "keys", "revoke", gone)
    keys |= {"none": "", "wrong": "avk_" + "x" * 43}
    server.start("--require-keys")
    with JobQueue(settings) as queue:
        keys["job"] = queue.submit(film(), tenant="mine").id
        queue.cancel(keys["job"])
    yield server, keys
    assert server.stop() == 0


def asked(server: Server, route: tuple[str, str], keys: dict[str, str], kind: str) -> int:
    method, path = route
    for name, value in {"job": keys["job"], "video": keys["job"], "talk": "tlk_" + keys["job"]}.items():
        path = path.replace(f"{{{name}}}", value)
    path = path.replace("{name}", "nobody").replace("{upload}", "upload-" + "0" * 24).replace("{model}", "none")
    headers = {"Authorization": f"Bearer {keys[kind]}"} if keys[kind] else {}
    body: Any = {"text": "Hi."} if path.endswith("/speech") else {} if method == "POST" else None
    return server.ask(method, path, body, **headers).status


@pytest.mark.parametrize("route", ROUTES, ids=[" ".join(route) for route in ROUTES])
def test_every_route_with_every_kind_of_key(locked: tuple[Server, dict[str, str]], route: tuple[str, str]) -> None:
    server, keys = locked
    refused = {kind: asked(server, route, keys, kind) for kind in ("none", "wrong", "revoked")}
    if route in OPEN:
        assert set(refused.values()) == {200}
        return
    assert set(refused.values()) == {401}, refused
    if any(f"{{{name}}}" in route[1] for name in FOREIGN):
        assert asked(server, route, keys, "other") == 404
    if route[0] != "DELETE" and "resume" not in route[1]:
        assert asked(server, route, keys, "right") not in {401, 403, 500, 502}
    if route[0] in {"POST", "DELETE"} and route[1] != "/jobs/estimate":
        assert asked(server, route, keys, "reader") == 403


def test_a_tenant_has_voices_portraits_and_uploads_of_its_own(locked: tuple[Server, dict[str, str]]) -> None:
    server, keys = locked
    mine, yours = ({"Authorization": f"Bearer {keys[kind]}"} for kind in ("right", "other"))
    body = {"prompt": "a man", "name": "bo", "width": 64, "height": 64}
    picture = server.ask("POST", "/portraits", body, **mine)
    assert picture.status == 200
    assert server.ask("GET", "/portraits", **yours).json == {"portraits": []}
    sent = server.send("/uploads", picture.body, headers=mine).json
    assert server.ask("GET", sent["url"], **mine).status == 200
    assert server.ask("GET", sent["url"], **yours).status == 404
    assert server.ask("POST", "/jobs", {"text": "Hi.", "portrait": sent["id"]}, **yours).status == 404


def test_keys_are_kept_as_hashes_and_never_logged(locked: tuple[Server, dict[str, str]]) -> None:
    server, keys = locked
    kept = (server.settings.jobs / "keys.json").read_text() + server.log.read_text()
    assert not [kind for kind in ("right", "other", "revoked", "reader", "wrong") if keys[kind] in kept]
    assert (server.settings.jobs / "keys.json").stat().st_mode & 0o077 == 0


def test_a_key_is_rotated(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    first, old = keys.add("studio", ("read",))
    assert keys.find(old) == first
    second, new = keys.rotate(first.id)
    assert (keys.find(old), keys.find(new)) == (None, second)
    assert second.tenant == "studio"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 403), ({"Host": "127.0.0.1.evil.example"}, 403), ({"Host": "["}, 403),
     ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Host": "localhost"}, 401)],
)  # fmt: skip
def test_foreign_hosts_and_origins(locked: tuple[Server, dict[str, str]], headers: dict[str, str], status: int) -> None:
    answer = locked[0].ask("GET", "/jobs", **headers)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_body_that_is_too_large(locked: tuple[Server, dict[str, str]]) -> None:
    server, keys = locked
    told = server.ask("POST", "/jobs", b"x", Content_Length=str(2**40), Authorization=f"Bearer {keys['right']}")
    assert told.status == 413
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as raw:  # without saying how much comes
        raw.sendall(b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
                    + f"Authorization: Bearer {keys['right']}\r\n\r\n".encode())  # fmt: skip
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        got = b""
        try:
            for _ in range(101):
                raw.sendall(piece)
            raw.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # it has hung up already
        try:
            got = raw.recv(4096)
        except OSError:
            pytest.skip("the answer was lost with the connection")
        assert b" 413 " in got.splitlines()[0] or got == b""


def test_the_rate_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    rate = Rate(2.0)
    assert [rate.allows("a") for _ in range(9)] == [True] * 8 + [False]
    assert rate.allows("b")
    now[0] += 0.5
    assert [rate.allows("a") for _ in range(2)] == [True, False]


def test_it_binds_elsewhere_only_with_a_key(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs")
    server = Server(settings)
    with pytest.raises(Exception, match="non-zero exit status 2"):
        server.command("server", "start", "--host", "0.0.0.0", "--port", str(server.port))


def test_problems_are_json_of_their_type(locked: tuple[Server, dict[str, str]]) -> None:
    answer = locked[0].ask("GET", "/jobs")
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["type"] == "urn:avatar:problem:unauthorized"
