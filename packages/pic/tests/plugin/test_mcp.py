"""`pic mcp` held against the official client, in both eras of the protocol, and against lines nobody should send."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
ROOT = Path(__file__).parents[4]
LOCK = ROOT / "requirements/mcp.txt"
SERVER = [sys.executable, "-I", "-S", str(ROOT / "packages/pic/bin/pic.py"), "mcp"]
KEY = f"{sys.version_info[0]}.{sys.version_info[1]}-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
CACHE = Path(os.environ.get("PIC_MCP_CACHE", ROOT / ".cache/mcp")) / KEY
CONFIG = """version = 2
[phases.research]
gates = ["sources"]
[gates.sources]
run = ["pic", "audit", "check", "sources"]
covers = []
"""


def built() -> Path:
    """The Python of an environment that holds the official client. Raises OSError when it cannot be had."""
    python = CACHE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for attempt in range(2):
            if (CACHE / "ready").exists():
                return python
            time.sleep(attempt)
            subprocess.run([sys.executable, "-m", "venv", "--clear", CACHE], check=True, capture_output=True)
            install = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--only-binary",
                ":all:",
                "--require-hashes",
                "-r",
                LOCK,
            ]
            done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=150)
            if done.returncode == 0:
                (CACHE / "ready").touch()
    if (CACHE / "ready").exists():
        return python
    raise OSError((done.stderr.strip().splitlines() or ["pip said nothing"])[-1])


@pytest.fixture(scope="session")
def official() -> Path:
    try:
        return built()
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"NOT PROVED: the official MCP client cannot be had: {error}")


@pytest.fixture
def work(repo: Repository) -> Repository:
    (repo.folder / ".pic/config.toml").write_text(CONFIG)
    return repo


def driven(official: Path, repo: Repository, mode: str, steps: list[list[Any]]) -> list[Any]:
    command = [official, Path(__file__).with_name("mcp_client.py"), mode, *SERVER]
    done = subprocess.run(
        command, input=json.dumps(steps), cwd=repo.folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


WORKFLOW: list[list[Any]] = [
    ["list_tools"],
    ["call_tool", "status", {}],
    ["call_tool", "start", {"title": "Greet people", "size": "standard"}],
    ["call_tool", "gate", {"action": "run"}],
    ["call_tool", "handoff", {}],
    ["call_tool", "evidence", {"ref": "README.md", "note": "read"}],
    ["call_tool", "gate", {}],
    ["call_tool", "decide", {"title": "Keep it small", "options": ["a", "b"], "choose": "a", "because": "less",
                             "evidence": ["README.md", "https://example.org"]}],
    ["call_tool", "conflict", {"action": "open", "title": "REST or gRPC", "class": "A"}],
    ["call_tool", "conflict", {"action": "position", "id": "CON-001", "position": "gRPC: typed"}],
    ["call_tool", "handoff", {}],
    ["list_resources"],
    ["read_resource", "pic://record/DEC-001"],
    ["read_resource", "pic://status"],
    ["list_resource_templates"],
    ["list_prompts"],
    ["get_prompt", "pic-research", {"task": "look at what is there"}],
    ["call_tool", "evidence", {}],
]  # fmt: skip


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28", "auto"])
def test_the_official_client_drives_a_workflow(official: Path, work: Repository, mode: str) -> None:
    done = driven(official, work, mode, WORKFLOW)
    said = [one.get("structuredContent") for one in done]
    names = {tool["name"]: tool["annotations"] for tool in done[0]["tools"]}
    assert list(names) == ["status", "start", "decide", "evidence", "gate", "handoff", "conflict"]
    assert names["status"]["readOnlyHint"]
    assert not names["handoff"]["readOnlyHint"]
    assert said[1]["workflow"] is None
    assert said[2]["phases"][0] == "research"
    assert said[3]["passed"] is False
    assert done[4]["isError"]
    assert "gate sources: failed" in done[4]["content"][0]["text"]
    assert said[6]["passed"] is True
    assert said[7]["id"] == "DEC-001"
    assert said[8]["decider"] == "orchestrator"
    assert "conflict CON-001 is open" in done[10]["content"][0]["text"]
    uris = [one["uri"] for one in done[11]["resources"]]
    assert {"pic://status", "pic://record/DEC-001", "pic://record/CON-001"} <= set(uris)
    assert "## Considered Options" in done[12]["contents"][0]["text"]
    assert json.loads(done[13]["contents"][0]["text"])["phase"] == "research"
    assert len(done[14]["resourceTemplates"]) == 2
    assert len(done[15]["prompts"]) == 7
    assert "look at what is there" in done[16]["messages"][0]["content"]["text"]
    assert said[17]["evidence"][0]["ref"] == "README.md"
    work.pic("conflict", "resolve", "CON-001", "--because", "b", "--token", work.token())
    handed = driven(official, work, mode, [["call_tool", "handoff", {"notes": "on"}]] * 6)
    assert [one["structuredContent"]["to"] for one in handed] == [
        "planning", "design", "implementation", "testing", "review", "",
    ]  # fmt: skip
    assert work.json("list")[0]["status"] == "finished"
    assert {row["as"] for row in work.json("audit")[1:]} == {"agent", "person"}


BAD: list[list[Any]] = [
    ["call_tool", "decide", {"title": "x"}],
    ["call_tool", "start", {"titel": "x"}],
    ["call_tool", "start", {"title": 3}],
    ["call_tool", "conflict", {"action": "resolve", "id": "CON-001"}],
    ["call_tool", "conflict", {"action": "open"}],
    ["call_tool", "stats", {}],
    ["read_resource", "pic://record/DEC-9"],
    ["get_prompt", "pic-cook", {}],
]


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_what_is_wrong_is_said_where_a_model_can_read_it(official: Path, work: Repository, mode: str) -> None:
    done = driven(official, work, mode, BAD)
    words = ["options is missing", "did you mean title", "title must be a string", "action cannot be 'resolve'",
             "title is missing"]  # fmt: skip
    for one, word in zip(done, words, strict=False):
        assert one["isError"]
        assert word in one["content"][0]["text"]
    assert "no tool is called 'stats'" in done[5]["raised"]
    assert "no resource is called" in done[6]["raised"]
    assert "no prompt is called" in done[7]["raised"]


def lines(folder: Path, raw: bytes) -> list[dict[str, Any]]:
    done = subprocess.run(SERVER, input=raw, cwd=folder, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"garbage\n", -32700),
        (b'{"a":' * 100_000 + b"\n", -32700),
        (b'"' + b"x" * (9 << 20) + b'"\n', -32700),
        (b"[]\n", -32600),
        (b"{}\n", -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}\n', -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}\n', -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}\n', -32602),
    ],
    ids=["garbage", "deep", "long", "list", "empty", "method", "params", "no name"],
)
def test_a_bad_line_is_answered_and_the_next_is_heard(work: Repository, raw: bytes, code: int) -> None:
    ping = b'{"jsonrpc": "2.0", "id": 2, "method": "ping"}\r\n'
    answers = lines(work.folder, b"\n" + raw + ping)
    assert sorted(one.get("error", {}).get("code", 0) for one in answers) == [code, 0]


def test_an_era_we_do_not_speak_is_answered_with_those_we_do(work: Repository) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    [answer] = lines(work.folder, json.dumps(asked).encode() + b"\n")
    assert answer["error"]["data"] == {"supported": ["2026-07-28"], "requested": "2031-01-01"}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "1999-01-01"}}
    [answer] = lines(work.folder, json.dumps(asked).encode() + b"\n")
    assert answer["result"]["protocolVersion"] == "2025-11-25"


def test_outside_a_repository_the_server_stands_and_its_tools_say_so(tmp_path: Path) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "status", "arguments": {}}}
    [answer] = lines(tmp_path, json.dumps(asked).encode() + b"\n")
    assert answer["result"]["isError"]
    assert "is not in a git repository" in answer["result"]["content"][0]["text"]


def test_a_long_gate_blocks_no_question(work: Repository) -> None:
    slow = f'version = 2\n[phases.research]\ngates = ["slow"]\n[gates.slow]\nrun = ["{sys.executable}", "-c", '
    (work.folder / ".pic/config.toml").write_text(slow + '"import time; time.sleep(2)"]\ncovers = []\n')
    work.pic("start", "X")
    calls = [{"method": "tools/call", "params": {"name": "gate", "arguments": {}}}, {"method": "ping"}]
    raw = b"".join(json.dumps({"jsonrpc": "2.0", "id": at, **one}).encode() + b"\n" for at, one in enumerate(calls))
    assert [one["id"] for one in lines(work.folder, raw)] == [1, 0]
