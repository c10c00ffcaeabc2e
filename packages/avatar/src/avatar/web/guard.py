"""What stands before every request: host and origin, size and rate; headers, a line of log, figures."""

import json
import logging
import secrets
import time
import urllib.parse
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avatar.web.problems import problem

log = logging.getLogger("avatar.web")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


class _TooLarge(Exception):
    """More was sent than is taken."""


class _NoBody(Exception):
    """Only the head of the answer was asked for: whatever would go on with the body is left."""


@dataclass
class Figures:
    """What Prometheus reads: requests by route, method and status, and the seconds they took."""

    requests: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request more."""
        self.requests[route, method, status] += 1
        self.seconds[route] += seconds

    def text(self, jobs: dict[str, int]) -> str:
        """Prometheus's text format, 0.0.4."""
        lines = ["# TYPE avatar_requests_total counter"]
        for (route, method, status), count in sorted(self.requests.items()):
            lines.append(f'avatar_requests_total{{route="{route}",method="{method}",status="{status}"}} {count}')
        lines.append("# TYPE avatar_request_seconds_total counter")
        lines += [f'avatar_request_seconds_total{{route="{r}"}} {s:.6f}' for r, s in sorted(self.seconds.items())]
        lines.append("# TYPE avatar_jobs gauge")
        lines += [f'avatar_jobs{{state="{state}"}} {n}' for state, n in jobs.items() if state != "total"]
        return "\n".join(lines) + "\n"


class Guard:
    """ASGI middleware. `hosts` are the names this service answers to; None: any, as a key is asked of everybody."""

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str] | None, largest: int, per_second: float, figures: Figures
    ) -> None:
        self._app, self._hosts, self._largest = app, hosts, largest
        self._rate = Rate(per_second)
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Watched(scope, receive, send, self._largest)
        # HEAD is answered as GET would be, without the body (RFC 9110, 9.3.2): routes need not know of it
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        refused = self._refusal(scope)
        try:
            if refused is not None:
                await problem(scope["path"], *refused)(scope, receive, request.answer)
            else:
                await self._app(inner, request.hear, request.answer)
        except (_TooLarge, _NoBody):
            pass  # it has been answered
        finally:
            self._note({**inner, "method": scope["method"]}, request)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        host = _hostname(headers.get("host", ""))
        if self._hosts is not None and host not in self._hosts:
            return 403, "Forbidden", "this service does not answer to that host name"
        origin = headers.get("origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != headers.get("host"):
            return 403, "Forbidden", "requests from pages of other origins are not taken"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._largest:
            return 413, "TooLarge", f"the body is larger than {self._largest:,} bytes"
        who = headers.get("authorization") or (scope.get("client") or ("",))[0]
        if not self._rate.allows(who):
            return 429, "TooMany", "too many requests; slow down"
        return None

    def _note(self, scope: Scope, request: "_Watched") -> None:
        route = getattr(scope.get("route"), "path", "other")
        seconds = time.monotonic() - request.began
        self._figures.count(route, scope["method"], request.status, seconds)
        about = {"request": request.id, "method": scope["method"], "route": route, "status": request.status}
        log.info("request", extra={"fields": about | {"ms": round(seconds * 1000, 1)}})


class _Watched:
    """One request: counts what comes, completes what goes."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, largest: int) -> None:
        self.id = secrets.token_hex(8)
        self.status = 0
        self.began = time.monotonic()
        self._receive, self._send, self._left = receive, send, largest
        self._scope, self._largest, self._over = scope, largest, False
        self._bodiless = scope["method"] == "HEAD"
        scope.setdefault("state", {})["request_id"] = self.id

    async def hear(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                await self._refuse()
                raise _TooLarge
        return message

    async def _refuse(self) -> None:
        """Answered here: the framework would call it a body that cannot be read."""
        words = f"the body is larger than {self._largest:,} bytes"
        await problem(self._scope["path"], 413, "TooLarge", words)(self._scope, self._receive, self.answer)
        self._over = True

    async def answer(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
            headers["x-request-id"] = self.id
        await self._send(message)
        if self._bodiless:
            await self._send({"type": "http.response.body"})
            raise _NoBody


class Rate:
    """A bucket for each caller that fills at `per_second`, and holds as much as comes in four seconds."""

    def __init__(self, per_second: float) -> None:
        self._per_second, self._full = per_second, 4 * per_second
        self._buckets: dict[int, tuple[float, float]] = {}

    def allows(self, who: str) -> bool:
        """Whether one request more is allowed now."""
        now, key = time.monotonic(), hash(who)  # no secret is kept, not even here
        level, at = self._buckets.get(key, (self._full, now))
        level = min(self._full, level + (now - at) * self._per_second)
        if len(self._buckets) > 10_000:
            self._buckets.clear()
        self._buckets[key] = (max(0.0, level - 1), now)
        return level >= 1


class Lines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message and fields; of an error its kind and place, never what a request held."""
        about: dict[str, Any] = {"at": round(record.created, 3), "level": record.levelname.lower()}
        about |= {"logger": record.name, "message": record.getMessage()} | getattr(record, "fields", {})
        if record.exc_info:
            about["error"] = self.formatException(record.exc_info)
        return json.dumps(about, default=str)


def _hostname(host: str) -> str:
    try:
        return urllib.parse.urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
