"""The protocol: lines of JSON-RPC on stdin, answers on stdout, in the era of the handshake and in the one without.

Until 2025-11-25 a client shakes hands (`initialize`); from 2026-07-28 on every request says in its `_meta` which
version it speaks, and answers carry what they are. Tools run in threads, so a gate of ten minutes blocks no question.
"""

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from pic import __version__
from pic.errors import InputError, NotFound, PicError
from pic.mcp import pages
from pic.mcp.schema import checked
from pic.mcp.tools import TOOLS
from pic.model.event import AGENT
from pic.store.place import find
from pic.workflow.context import Context

MODERN = "2026-07-28"
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"
PARSE, REQUEST, METHOD, PARAMS, INTERNAL, UNSUPPORTED = -32700, -32600, -32601, -32602, -32603, -32022
LONGEST = 8 << 20
"""Bytes of one line."""
ABOUT = {"name": "pic", "title": "Pilot in command", "version": __version__}
CAN: dict[str, Any] = {"tools": {}, "resources": {}, "prompts": {}}
INSTRUCTIONS = (
    "One pilot is in command at a time. Ask status first; record evidence and decisions as they come; a phase ends by "
    "handoff once pic itself has run its gates. What overrides a rule needs a person and has no tool here."
)
Params = Mapping[str, Any]


class Wrong(Exception):
    """A request that is answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, **({"data": data} if data is not None else {})}


def _context() -> Context:
    return Context(find(Path.cwd()), (AGENT, ""))


def _initialize(params: Params) -> dict[str, Any]:
    asked = params.get("protocolVersion")
    version = asked if asked in HANDSHAKE else HANDSHAKE[-1]
    return {"protocolVersion": version, "capabilities": CAN, "serverInfo": ABOUT, "instructions": INSTRUCTIONS}


def _discover(_params: Params) -> dict[str, Any]:
    return {"supportedVersions": [MODERN], "capabilities": CAN, "instructions": INSTRUCTIONS}


def _call(params: Params) -> dict[str, Any]:
    """Run a tool. What a rule or a wrong argument refuses is an answer the model can read, not a protocol error."""
    tool = TOOLS.get(str(params.get("name")))
    if tool is None:
        raise Wrong(PARAMS, str(NotFound.among("tool", str(params.get("name")), TOOLS)))
    try:
        done = tool.act(_context(), checked(tool.schema, params.get("arguments") or {}))
    except PicError as error:
        said = error.message + (f"\n{error.hint}" if error.hint else "")
        return {"content": [{"type": "text", "text": said}], "isError": True}
    text = json.dumps(done, indent=1, ensure_ascii=False)
    return {"content": [{"type": "text", "text": text}], "structuredContent": done, "isError": False}


def _read(params: Params) -> dict[str, Any]:
    return {"contents": [pages.read(_context(), str(params.get("uri", "")))]}


def _prompt(params: Params) -> dict[str, Any]:
    given = params.get("arguments") or {}
    if not isinstance(given, Mapping):
        raise InputError("arguments must be an object")
    return pages.prompt(_context(), str(params.get("name", "")), str(given.get("task", "")))


METHODS: dict[str, Callable[[Params], dict[str, Any]]] = {
    "initialize": _initialize,
    "server/discover": _discover,
    "ping": lambda _params: {},
    "tools/list": lambda _params: {"tools": [tool.described(name) for name, tool in TOOLS.items()]},
    "tools/call": _call,
    "resources/list": lambda _params: {"resources": pages.resources(_context())},
    "resources/templates/list": lambda _params: {"resourceTemplates": pages.TEMPLATES},
    "resources/read": _read,
    "prompts/list": lambda _params: {"prompts": pages.prompts()},
    "prompts/get": _prompt,
}
CACHED = {
    "server/discover",
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
}
"""Methods whose answers say, in the modern era, how long they hold: no time at all, the record moves on."""


def answered(request: object) -> dict[str, Any] | None:
    """The response to one request, or None where none is due. A string stands for a line that was no request."""
    if isinstance(request, str):
        return _error(None, PARSE, request)
    if not isinstance(request, Mapping) or request.get("jsonrpc") != "2.0":
        return _error(None, REQUEST, "not a JSON-RPC 2.0 message")
    if "method" not in request or "id" not in request:
        return None  # a notification, or an answer to a question we never ask
    return _answered(request, request["id"])


def _answered(request: Mapping[str, Any], number: object) -> dict[str, Any]:
    try:
        return {"jsonrpc": "2.0", "id": number, "result": _result(request)}
    except Wrong as wrong:
        return {"jsonrpc": "2.0", "id": number, "error": wrong.error}
    except PicError as error:
        return _error(number, PARAMS, error.message + (f" ({error.hint})" if error.hint else ""))
    except Exception as error:  # noqa: BLE001  the edge: one request may fail, the server goes on
        return _error(number, INTERNAL, f"unexpected {type(error).__name__}: {error}")


def _error(number: object, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def _result(request: Mapping[str, Any]) -> dict[str, Any]:
    method, params = request["method"], request.get("params") or {}
    if not isinstance(params, Mapping):
        raise Wrong(PARAMS, "params must be an object")
    meta = params.get("_meta")
    version = meta.get(VERSION_KEY) if isinstance(meta, Mapping) else None
    if version is not None and version != MODERN:
        raise Wrong(UNSUPPORTED, "Unsupported protocol version", {"supported": [MODERN], "requested": version})
    if method not in METHODS:
        raise Wrong(METHOD, f"no method is called {method!r}")
    result = METHODS[method](params)
    if version is None:
        return result
    cached = {"ttlMs": 0, "cacheScope": "private"} if method in CACHED else {}
    return {**result, **cached, "resultType": "complete", "_meta": {SERVER_KEY: ABOUT}}


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every line until there are no more."""
    lock = Lock()

    def reply(request: object) -> None:
        if (response := answered(request)) is not None:
            line = json.dumps(response, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            with lock:
                sink.write(line)
                sink.flush()

    with ThreadPoolExecutor(4) as pool:
        while line := source.readline(LONGEST + 1):
            request = _parsed(line, source)
            if request is None:
                continue
            if isinstance(request, Mapping) and request.get("method") == "tools/call":
                pool.submit(reply, request)
            else:
                reply(request)


def _parsed(line: bytes, source: BinaryIO) -> object:
    """What a line holds; nothing when it is blank, and a word about it when it cannot be read."""
    if len(line) > LONGEST:
        while line and not line.endswith(b"\n"):
            line = source.readline(LONGEST)
        return f"a line of more than {LONGEST >> 20} MiB"
    if not line.strip():
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return "a line that is no JSON"


def main() -> int:
    """`pic mcp`: until stdin ends."""
    serve(sys.stdin.buffer, sys.stdout.buffer)
    return 0
