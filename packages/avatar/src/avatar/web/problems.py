"""Errors as answers: RFC 9457 problem details, or what the clients of OpenAI and D-ID expect."""

import json
import logging
import re
import urllib.parse
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from avatar.errors import AvatarError, InputError
from avatar.jobs.process import StageFailed

log = logging.getLogger("avatar.web")

_STATUS = {
    "InputError": 400, "NotFound": 404, "Conflict": 409, "ConsentMissing": 403, "BackendUnavailable": 503,
    "BackendFailed": 502, "StageDied": 502, "StageKilled": 502, "Tampered": 422,
    "Unsigned": 422,
}  # fmt: skip
_BY_STATUS = {
    401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 406: "NotAcceptable",
    413: "TooLarge", 415: "UnsupportedMediaType", 416: "RangeNotSatisfiable", 422: "Unprocessable", 429: "TooMany",
    501: "NotImplemented", 503: "BackendUnavailable", 504: "TimedOut",
}  # fmt: skip


_AS_ROUTES = (
    (re.compile(r"avatar jobs list"), "GET /jobs"),
    (re.compile(r"avatar (voice|portrait) delete (\S+)"), r"DELETE /\1s/\2"),
    (re.compile(r'--consent "(.+)"'), r"consent=\1"),
)
"""What the command line advises, for those who ask over HTTP."""


class Refused(AvatarError):
    """An answer with a status of its own."""

    def __init__(self, status: int, message: str, hint: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message, hint)
        self.http_status = status
        self.headers = headers or {}


def problem(
    path: str, status: int, name: str, detail: str, *, hint: str = "", headers: dict[str, str] | None = None
) -> Response:
    """The answer for an error, in the form that the clients of this path read."""
    for command, route in _AS_ROUTES:
        hint = command.sub(route, hint)
    words = f"{detail} ({hint})" if hint else detail
    body: dict[str, Any]
    if path.startswith("/v1/"):
        kind = "invalid_request_error" if status < 500 else "server_error"
        body = {"error": {"message": words, "type": kind, "param": None, "code": kebab(name)}}
    elif path.startswith("/talks"):
        body = {"kind": name, "description": detail, "details": {"hint": hint} if hint else {}}
    else:
        title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
        body = {"type": f"urn:avatar:problem:{kebab(name)}", "title": title, "status": status, "detail": detail}
        body |= {"hint": hint} if hint else {}
        return Response(json.dumps(body), status, headers, "application/problem+json")
    return JSONResponse(body, status, headers)


def kebab(name: str) -> str:
    """NotFound -> not-found."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def install(app: FastAPI) -> None:
    """Have every error of the application answered so."""

    @app.exception_handler(AvatarError)
    async def _expected(request: Request, error: AvatarError) -> Response:
        name = type(error).__name__ if not isinstance(error, Refused) else _BY_STATUS.get(error.http_status, "Error")
        headers = getattr(error, "headers", None)
        return problem(request.url.path, error.http_status, name, error.message, hint=error.hint, headers=headers)

    @app.exception_handler(StageFailed)
    async def _in_a_process(request: Request, error: StageFailed) -> Response:
        said = error.error
        return problem(request.url.path, _STATUS.get(said.type, 500), said.type, said.message, hint=said.hint)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        status = 400 if request.url.path.startswith("/talks") else 422
        detail, hint = _wrong(error.errors()[0], request.headers.get("content-type", ""))
        return problem(request.url.path, status, "Unprocessable", detail, hint=hint)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        name, hint = _BY_STATUS.get(error.status_code, "Error"), ""
        if error.status_code == 404:
            hint = "every route is described at /openapi.json"
        headers = dict(error.headers or {})
        return problem(request.url.path, error.status_code, name, str(error.detail), hint=hint, headers=headers)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> Response:
        log.exception("unexpected", extra={"fields": {"path": request.url.path}})
        return problem(request.url.path, 500, "Unexpected", "something unexpected went wrong; it is in the log")


def _wrong(first: dict[str, Any], content_type: str) -> tuple[str, str]:
    """What is wrong with a request in a line, and what to do about it."""
    if first["type"] == "json_invalid":
        return f"the body is not JSON: {first['ctx']['error']} at character {first['loc'][-1]}", ""
    if first["loc"] == ("body",) and "json" not in content_type and "form-data" not in content_type:
        return f"the body was sent as {content_type or 'nothing'}", "send Content-Type: application/json"
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    return f"{where}: {first['msg']}", ""


def check_utf8(text: str) -> str:
    """The text, unless it holds half of a surrogate pair, which no file and no database takes."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError("the text holds half of a surrogate pair", "send UTF-8")
    return text


def warned(warnings: Iterable[str]) -> dict[str, str]:
    """The header that says what could not be as asked; percent-encoded, for it may hold anybody's words."""
    words = "; ".join(warnings)
    return {"X-Warnings": urllib.parse.quote(words)} if words else {}
