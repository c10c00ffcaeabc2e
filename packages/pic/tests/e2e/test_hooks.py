"""Hooks as the processes they are: bad input, two at once, and what each event does when it cannot be answered."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pic.hook.entry import CLOSED, EVENTS

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
PIC = Path(__file__).parents[2] / "bin/pic.py"
MARKS = ("PIC_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "OPENCODE", "PIC_ACTOR", "PIC_PERSON_TOKEN")
RESEARCH = """version = 2
[phases.research]
gates = ["ok"]
authority = { paths = ["docs/**"], tools = ["*", "!Web*"], model = "opus" }
[gates.ok]
run = ["git", "--version"]
covers = []
"""


def hook(repo: Path, event: str, given: object, project: Path | None = None) -> "subprocess.CompletedProcess[bytes]":
    raw = given if isinstance(given, bytes) else json.dumps(given).encode()
    clean = {key: value for key, value in os.environ.items() if key not in MARKS}
    return subprocess.run(
        [sys.executable, "-I", "-S", PIC, "hook", event], input=raw, capture_output=True, check=False, timeout=60,
        cwd=repo, env={**clean, "CLAUDE_PROJECT_DIR": str(project or repo)},
    )  # fmt: skip


def call(repo: Path, tool: str, number: str = "toolu_1", **given: Any) -> dict[str, Any]:
    return {"session_id": "s", "cwd": str(repo), "tool_name": tool, "tool_input": given, "tool_use_id": number}


def why(done: "subprocess.CompletedProcess[bytes]") -> str:
    """The reason of a refusal, "" when there was none."""
    assert done.returncode == 0, done.stderr
    if not done.stdout:
        return ""
    said = json.loads(done.stdout)["hookSpecificOutput"]
    assert said["permissionDecision"] == "deny"
    return str(said["permissionDecisionReason"])


@pytest.fixture
def work(repo: Repository) -> Repository:
    (repo.folder / ".pic/config.toml").write_text(RESEARCH)
    repo.pic("start", "X")
    return repo


BAD = [b"", b"garbage", b"[]", b"null", b'{"tool_name": 1}', b"\xff\xfe\x00", b"{}", b'{"a":' * 5000]


@pytest.mark.parametrize("raw", BAD, ids=lambda raw: repr(raw[:12]))
def test_a_call_that_cannot_be_read_is_refused_in_one_line(work: Repository, raw: bytes) -> None:
    done = hook(work.folder, "pre-tool-use", raw)
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.decode().splitlines()) == 1
    assert b"could not be judged, so it is refused" in done.stderr


@pytest.mark.parametrize("event", sorted(set(EVENTS) - CLOSED))
def test_every_other_event_lets_things_go_on_when_it_cannot_be_read(work: Repository, event: str) -> None:
    done = hook(work.folder, event, b"garbage")
    assert done.returncode == 1
    assert len(done.stderr.decode().splitlines()) == 1


def test_fifty_megabytes_are_refused_and_read_to_their_end(work: Repository) -> None:
    done = hook(work.folder, "pre-tool-use", call(work.folder, "Write", file_path="docs/a", content="x" * 50_000_000))
    assert done.returncode == 2
    assert b"more than 8 MiB cannot be judged" in done.stderr


def test_an_unknown_event_is_no_refusal(work: Repository) -> None:
    done = hook(work.folder, "pre-tool-used", b"{}")
    assert done.returncode == 1  # argparse's 2 would block every tool
    assert b"did you mean pre-tool-use" in done.stderr


@pytest.mark.parametrize("raw", [b"garbage", b"", b"x" * 50_000_000], ids=["garbage", "nothing", "50 MB"])
@pytest.mark.parametrize("event", ["pre-tool-use", "stop"])
def test_where_pic_was_never_set_up_nothing_happens(tmp_path: Path, event: str, raw: bytes) -> None:
    (tmp_path / ".git").mkdir()
    done = hook(tmp_path, event, raw)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == [tmp_path / ".git"]


def test_the_sessions_project_decides_and_not_where_an_agent_has_wandered(
    work: Repository, make: Callable[[str], Repository]
) -> None:
    other = make("other").folder
    wandered = call(other, "Write", file_path=str(work.folder / "a.py"), content="")
    assert "a.py is not its to write" in why(hook(other, "pre-tool-use", wandered, project=work.folder))
    outside = call(other, "Write", file_path="a.py", content="")
    assert "outside the repository" in why(hook(other, "pre-tool-use", outside, project=work.folder))
    assert why(hook(work.folder, "pre-tool-use", outside, project=other)) == ""


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("Write", {"file_path": "docs/a.md", "content": ""}, ""),
        ("Write", {"file_path": "docs/../src/a.py", "content": ""}, "src/a.py is not its to write"),
        ("Edit", {"file_path": "link/a.py"}, "src/a.py is not its to write"),
        ("Write", {"file_path": "docs/.PIC/x", "content": ""}, "closed to every tool"),
        ("NotebookEdit", {"notebook_path": "a.ipynb"}, "a.ipynb is not its to write"),
        ("Write", {"file_path": ".git/hooks/pre-commit", "content": ""}, "only git writes there"),
        ("mcp__files__write", {"path": ".pic/state.json"}, "closed to every tool"),
        ("mcp__pic__gate", {"action": "run"}, ""),
        ("Read", {"file_path": ".pic/config.toml"}, ""),
        ("WebFetch", {"url": "https://example.org"}, "may not use WebFetch"),
        ("Bash", {"command": "echo x > src/a.py"}, "src/a.py is not its to write"),
        ("Bash", {"command": "echo x > docs/a.md 2> /dev/null"}, ""),
        ("Bash", {"command": "echo 'x"}, ""),
        ("Bash", {"command": "pic undo --because 'x"}, "cannot be read"),
        ("PowerShell", {"command": r"Set-Content .pic\state.json x"}, "closed to every tool"),
        ("Agent", {"subagent_type": "pic:pic-testing"}, "research is in command: start pic-research"),
        ("Agent", {"subagent_type": "pic:pic-research"}, "flown with opus: say model opus"),
        ("Agent", {"subagent_type": "pic:pic-research", "model": "haiku"}, "not haiku"),
        ("Agent", {"subagent_type": "pic:pic-research", "model": "opus"}, ""),
        ("Agent", {"subagent_type": "Explore"}, ""),
    ],
)
def test_the_pilots_authority_is_asked_at_every_call(
    work: Repository, tool: str, given: dict[str, str], said: str
) -> None:
    (work.folder / "src").mkdir()
    (work.folder / "link").symlink_to("src")
    for _ in range(2):  # by the record, then by the card
        reason = why(hook(work.folder, "pre-tool-use", call(work.folder, tool, **given)))
        assert said in reason if said else reason == ""


def test_another_phases_pilot_may_only_read(work: Repository) -> None:
    write = {**call(work.folder, "Write", file_path="docs/a.md", content=""), "agent_type": "pic:pic-review"}
    assert "the pilot of review may only read" in why(hook(work.folder, "pre-tool-use", write))
    read = {**call(work.folder, "Read", file_path="docs/a.md"), "agent_type": "pic:pic-review"}
    assert why(hook(work.folder, "pre-tool-use", read)) == ""


def test_the_card_is_void_as_soon_as_the_work_moves_on(work: Repository) -> None:
    write = call(work.folder, "Write", file_path="a.py", content="")
    assert why(hook(work.folder, "pre-tool-use", write)) != ""
    work.pic("gate", "run")
    work.pic("handoff")  # planning is not limited here
    assert why(hook(work.folder, "pre-tool-use", write)) == ""
    work.pic("revisit", "research", "--because", "b")
    assert why(hook(work.folder, "pre-tool-use", write)) != ""


def test_a_damaged_record_closes_everything_but_reading_and_pic(work: Repository) -> None:
    [segment] = (work.folder / ".pic/log").iterdir()
    segment.write_bytes(segment.read_bytes().replace(b"research", b"rosearch", 1))
    assert "nothing is changed here" in why(
        hook(work.folder, "pre-tool-use", call(work.folder, "Write", file_path="d"))
    )
    assert "nothing is" in why(hook(work.folder, "pre-tool-use", call(work.folder, "Bash", command="make")))
    assert why(hook(work.folder, "pre-tool-use", call(work.folder, "Bash", command="pic doctor"))) == ""
    assert why(hook(work.folder, "pre-tool-use", call(work.folder, "Read", file_path="a"))) == ""
    assert b"PIC: " in hook(work.folder, "session-start", {"session_id": "s"}).stdout


def test_what_a_shell_changed_is_found_after_the_call(work: Repository) -> None:
    (work.folder / "kept.py").write_text("x = 1")
    hook(work.folder, "session-start", {"session_id": "s"})
    shell = call(work.folder, "Bash", command="make")
    assert why(hook(work.folder, "pre-tool-use", shell)) == ""
    (work.folder / "docs").mkdir()
    (work.folder / "docs/a.md").write_text("mine")
    (work.folder / "kept.py").write_text("x = 2")
    os.utime(work.folder / "kept.py", (0, 0))  # a forged date helps nobody
    said = json.loads(hook(work.folder, "post-tool-use", {**shell, "duration_ms": 1500}).stdout)
    assert said["decision"] == "block"
    assert "not its to change: kept.py (" in said["reason"]
    again = call(work.folder, "Bash", "toolu_2", command="true")
    assert why(hook(work.folder, "pre-tool-use", again)) == ""
    assert hook(work.folder, "post-tool-use", again).stdout == b""  # what was there before is not this call's doing
    assert "kept.py" in work.pic("gate", "run", code=1)


def test_documents_pic_draws_in_a_call_are_its_own(work: Repository) -> None:
    shell = call(work.folder, "Bash", command="pic decide …")
    hook(work.folder, "pre-tool-use", shell)
    work.pic("decide", "A", "--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    assert hook(work.folder, "post-tool-use", shell).stdout == b""
    hook(work.folder, "pre-tool-use", shell)
    [document] = (work.folder / ".pic/decisions").iterdir()
    document.write_text("forged")
    assert b"written by something other than pic" in hook(work.folder, "post-tool-use", shell).stdout


def test_two_sessions_at_once_lose_no_call(work: Repository) -> None:
    def both(number: int) -> int:
        event = {**call(work.folder, "Read", f"t{number}", file_path="a"), "session_id": f"s{number % 2}"}
        return hook(work.folder, "post-tool-use", event).returncode

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(both, range(24))) == [0] * 24
    hook(work.folder, "stop", {"session_id": "s0"})
    assert sum(row["kind"] == "tool.used" for row in work.json("audit")) == 24
    assert work.json("audit", "verify")["calls"] == 25


TAMPERED = {
    "edited": "line 2: a line of the record",
    "cut": "was cut",
    "swapped": "line 1: event 1",
    "forged": "rewritten",
}


@pytest.mark.parametrize("way", TAMPERED)
def test_calls_that_were_tampered_with_are_found(work: Repository, way: str) -> None:
    for number in range(4):
        hook(work.folder, "post-tool-use", call(work.folder, "Read", f"t{number}", file_path=f"file{number}"))
    hook(work.folder, "stop", {"session_id": "s"})
    path = work.folder / ".git/pic/agents-calls.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if way == "forged":  # a chain as good as the first, of other calls
        path.unlink()
        for number in range(len(lines)):
            hook(work.folder, "post-tool-use", call(work.folder, "Read", f"t{number}", file_path="another"))
        lines = path.read_bytes().splitlines(keepends=True)
    changed = {
        "forged": lines,
        "edited": [*lines[:1], lines[1].replace(b"file1", b"file9"), *lines[2:]],
        "cut": lines[:-1],
        "swapped": [lines[1], lines[0], *lines[2:]],
    }
    path.write_bytes(b"".join(changed[way]))
    assert TAMPERED[way] in work.pic("audit", "verify", code=3)


def test_a_torn_call_is_dropped_by_the_next(work: Repository) -> None:
    hook(work.folder, "post-tool-use", call(work.folder, "Read", file_path="a"))
    path = work.folder / ".git/pic/agents-calls.jsonl"
    with path.open("ab") as log:
        log.write(b'{"hash":"0123')
    hook(work.folder, "post-tool-use", call(work.folder, "Read", file_path="b"))
    assert len(path.read_bytes().splitlines()) == 2
    work.pic("audit", "verify")


def test_a_linked_worktree_keeps_to_the_same_pilot(work: Repository, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    work.git("worktree", "add", "-q", str(linked))
    assert "a.py is not its to write" in why(hook(linked, "pre-tool-use", call(linked, "Write", file_path="a.py")))
    assert why(hook(linked, "pre-tool-use", call(linked, "Write", file_path="docs/a.md"))) == ""
    assert (work.folder / ".git/pic/agents-calls.jsonl").exists()


def test_a_person_is_never_an_agent_with_a_token(work: Repository) -> None:
    token = work.token()
    line = f"PIC_PERSON_TOKEN={token} pic status"
    assert "only a person may do this" in why(
        hook(work.folder, "pre-tool-use", call(work.folder, "Bash", command=line))
    )
    [row] = [row for row in work.json("audit") if row["kind"] == "person.refused"]
    assert row["as"] == "agent"
    assert token not in (work.folder / ".git/pic/agents-calls.jsonl").read_text()


def test_a_call_that_ends_the_phase_is_not_judged_by_the_next(work: Repository) -> None:
    hook(work.folder, "session-start", {"session_id": "s"})
    shell = call(work.folder, "Bash", command="… && pic handoff")
    hook(work.folder, "pre-tool-use", shell)
    (work.folder / "docs").mkdir()
    (work.folder / "docs/a.md").write_text("mine")
    config = RESEARCH.replace("docs/**", "plan/**")  # nobody may change what a running phase was promised
    (work.folder / ".pic/config.toml").write_text(config)
    work.pic("gate", "run")
    work.pic("handoff")
    said = hook(work.folder, "post-tool-use", shell).stdout
    assert b"docs/a.md" not in said
    assert b"config.toml was written by something other than pic" in said


def test_pic_setting_itself_up_anew_is_no_forgery(work: Repository) -> None:
    shell = call(work.folder, "Bash", command="pic init --upgrade --yes")
    hook(work.folder, "pre-tool-use", shell)
    (work.folder / ".pic/installed.json").unlink()
    work.pic("init")
    assert hook(work.folder, "post-tool-use", shell).stdout == b""
