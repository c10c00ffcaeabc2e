"""The real Claude Code against a model server of our own: offline, and saying what a test has written down.

The client is fetched once from npm into .cache/; where it cannot be had, its tests are skipped and say so.
"""

import fcntl
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
PLUGIN = ROOT / "packages/pic"
VERSION = "2.1.330"
CACHE = Path(os.environ.get("PIC_CLAUDE_CACHE", ROOT / ".cache/claude")) / VERSION
PATIENCE = ("--fetch-timeout=20000", "--fetch-retries=1")
"""Of npm, in ms: a network that swallows what is sent must not hold the suite up."""
Block = dict[str, Any]
Script = dict[str, list[Block]]
"""By a word in a conversation's first message: what the model says, turn by turn."""


def say(text: str) -> Block:
    return {"type": "text", "text": text}


def use(tool: str, **given: Any) -> Block:
    return {"type": "tool_use", "name": tool, "input": given}


class Model(http.server.BaseHTTPRequestHandler):
    """Answers POST /v1/messages from the server's script; the turn is the number of answers already given."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._send(404, "application/json", b"{}")

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        if "count_tokens" in self.path:
            self._send(200, "application/json", b'{"input_tokens": 10}')
            return
        block = self.server.next_block(body)
        self._send(200, "text/event-stream", stream(block, self.server.number()))

    def _send(self, code: int, kind: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(http.server.ThreadingHTTPServer):
    """Keeps what it was asked, so that a test can see what the model saw."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Model)
        self.script, self.asked = script, []  # type: ignore[var-annotated]
        self._count, self._lock = 0, threading.Lock()

    def number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def next_block(self, body: dict[str, Any]) -> Block:
        messages = body.get("messages", [])
        if not body.get("tools") or not messages:
            return say("ok")  # a title, a summary: none of the conversation
        self.asked.append(body)
        first = json.dumps(messages[0])
        turn = sum(one["role"] == "assistant" for one in messages)
        for word, blocks in self.script.items():
            if word in first:
                return blocks[turn] if turn < len(blocks) else say("done")
        return say("nothing was written down for this conversation")

    def heard(self) -> str:
        """Everything the model was ever sent, for looking a word up."""
        return json.dumps(self.asked)


def stream(block: Block, number: int) -> bytes:
    """One content block as the server-sent events of the Messages API."""
    start: Block
    if block["type"] == "text":
        start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        start = {"type": "tool_use", "id": f"toolu_{number:04d}", "name": block["name"], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    stop = "end_turn" if block["type"] == "text" else "tool_use"
    message = {
        "id": f"msg_{number:04d}", "type": "message", "role": "assistant", "model": "claude-opus-4-8", "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 1},
    }  # fmt: skip
    events: list[tuple[str, Block]] = [
        ("message_start", {"message": message}),
        ("content_block_start", {"index": 0, "content_block": start}),
        ("content_block_delta", {"index": 0, "delta": delta}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": {"output_tokens": 7}}),
        ("message_stop", {}),
    ]
    return b"".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode() for name, data in events)


@dataclass
class Session:
    """What came of one run of the client."""

    code: int
    events: list[dict[str, Any]]
    server: Server
    stderr: str

    def results(self) -> list[str]:
        """What each tool call gave back to the model, in the order of the calls."""
        found: dict[str, str] = {}
        for body in self.server.asked:
            for message in body["messages"]:
                if message["role"] == "user" and isinstance(message["content"], list):
                    for one in message["content"]:
                        if one.get("type") == "tool_result":
                            found.setdefault(one["tool_use_id"], json.dumps(one["content"]))
        return list(found.values())

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]


@dataclass
class Client:
    """The binary and a home of its own."""

    binary: Path
    home: Path
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The `python3` that hooks find is the one the tests run with, wherever its name leads otherwise."""
        (self.home / "bin").mkdir(parents=True)
        python = self.home / "bin/python3"
        python.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
        python.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        foreign = ("ANTHROPIC", "CLAUDE", "PIC_")
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(foreign) and not key.lower().endswith("_proxy")
        }
        return {
            **kept, "HOME": str(self.home), "PATH": f"{self.home / 'bin'}:{kept['PATH']}", "DISABLE_AUTOUPDATER": "1",
            "ANTHROPIC_API_KEY": "sk-ant-mock", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", **more,
        }  # fmt: skip

    def command(self, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """`claude ARGUMENTS`, with no model to talk to and no key to look for one with."""
        environment = self.environment()
        del environment["ANTHROPIC_API_KEY"]
        return subprocess.run(
            [self.binary, *arguments], cwd=cwd or self.home, env=environment, capture_output=True, text=True,
            check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def session(
        self, folder: Path, prompt: str, script: Script, *options: str, plugin: Path | None = PLUGIN, **environment: str
    ) -> Session:
        """A whole headless session in a repository."""
        server = Server(script)
        self.servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        done = subprocess.run(
            [
                self.binary, "-p", prompt, *(["--plugin-dir", plugin] if plugin else []), "--output-format",
                "stream-json", "--verbose", "--permission-mode", "acceptEdits", *options,
                "--allowedTools", "Bash", "Agent", "mcp__plugin_pic_pic",
            ],
            cwd=folder, env=self.environment(ANTHROPIC_BASE_URL=address, **environment), capture_output=True,
            text=True, check=False, timeout=150, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return Session(done.returncode, events, server, done.stderr)


def installed() -> Path:
    """The binary, fetched when it is not there. Raises OSError with the reason when it cannot be had."""
    package = CACHE / "node_modules/@anthropic-ai/claude-code"
    binary = package / "bin/claude.exe"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers, one download
        for attempt in range(2):
            if _answers(binary):
                return binary
            reason = _fetch(package)
            time.sleep(attempt)
    if _answers(binary):
        return binary
    raise OSError(reason)


def _answers(binary: Path) -> bool:
    if not binary.is_file():
        return False
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.startswith(VERSION)


def _fetch(package: Path) -> str:
    npm = shutil.which("npm")
    if npm is None:
        raise OSError("npm is not installed")
    name = f"@anthropic-ai/claude-code@{VERSION}"
    command = [npm, "install", "--prefix", CACHE, "--no-audit", "--no-fund", "--loglevel=error", *PATIENCE, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode == 0 and (package / "install.cjs").is_file():
            subprocess.run(["node", package / "install.cjs"], capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return "npm took too long"
    return (done.stderr.strip().splitlines() or ["npm installed something else"])[-1]


@pytest.fixture(scope="session")
def claude_binary() -> Path:
    try:
        return installed()
    except OSError as error:
        pytest.skip(f"NOT PROVED: no Claude Code {VERSION} to run the plugin in: {error}")


@pytest.fixture
def claude(claude_binary: Path, tmp_path: Path) -> Iterator[Client]:
    client = Client(claude_binary, tmp_path / "home")
    yield client
    for server in client.servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server() -> type[Server]:
    return Server


@pytest.fixture
def plan() -> type["Plan"]:
    return Plan


class Plan:
    """How a test writes down what the model says."""

    say: Callable[[str], Block] = staticmethod(say)
    use: Callable[..., Block] = staticmethod(use)
