"""What only a person may do."""

import json
import sys
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
ONLY_PEOPLE = [
    ("gate", "waive", "sources", "--because", "b"),
    ("undo", "--because", "b"),
    ("abandon", "--because", "b"),
    ("conflict", "resolve", "CON-001", "--because", "b"),
]


@pytest.mark.parametrize("command", ONLY_PEOPLE)
def test_an_agent_is_refused_and_the_attempt_recorded_while_the_token_opens(
    repo: Repository, command: tuple[str, ...]
) -> None:
    repo.pic("start", "X")
    repo.pic("conflict", "open", "REST or gRPC", "--class", "A")
    repo.pic("conflict", "position", "CON-001", "gRPC", "--evidence", "README.md")
    before = len(repo.json("audit"))
    assert "needs a person" in repo.pic(*command, code=1)
    rows = repo.json("audit")
    assert (len(rows), rows[-1]["kind"], rows[-1]["as"]) == (before + 1, "person.refused", "agent")
    assert "not the person token" in repo.pic(*command, "--token", "guess", code=1)
    token = repo.token()
    repo.pic(*command, "--token", token)
    assert repo.json("audit")[-1]["as"] == "person"
    assert token not in "".join(path.read_text() for path in repo.folder.glob(".pic/**/*") if path.is_file())


def test_a_token_is_not_given_to_a_pipe_and_a_new_one_voids_the_old(repo: Repository) -> None:
    assert "at a terminal only" in repo.pic("person", "token", code=1)
    repo.pic("start", "X")
    old = repo.token()
    repo.token()
    assert "not the person token" in repo.pic("abandon", "--because", "b", "--token", old, code=1)


def test_a_conflict_blocks_the_handoff_until_it_is_resolved(repo: Repository) -> None:
    repo.gates("", "research")
    repo.pic("start", "X", "--size", "trivial")
    assert repo.json("conflict", "open", "REST or gRPC", "--class", "b")["decider"] == "orchestrator"
    token = repo.token()
    assert "conflict CON-001 is open" in repo.pic("handoff", code=1)
    assert "nobody has said" in repo.pic("conflict", "resolve", "CON-001", "--because", "b", "--token", token, code=1)
    repo.pic("conflict", "position", "CON-001", "gRPC: typed")
    repo.pic("conflict", "resolve", "CON-001", "--because", "b", "--dissent", "REST is simpler", "--token", token)
    assert "REST is simpler" in repo.pic("show", "CON-001")
    repo.pic("handoff")


def test_undo_reverses_the_last_step_once(repo: Repository) -> None:
    repo.gates("", "research")
    repo.pic("start", "X", "--size", "trivial")
    token = repo.token()
    repo.pic("handoff")
    assert repo.json("status")["phase"] == "testing"
    repo.pic("undo", "--because", "too early", "--token", token)
    assert repo.json("status")["phase"] == "implementation"
    assert "nothing to undo" in repo.pic("undo", "--because", "again", "--token", token, code=1)


def test_trivial_work_has_three_phases_and_says_why(repo: Repository) -> None:
    made = repo.json("start", "Typo", "--size", "trivial")
    assert made["phases"] == ["implementation", "testing", "review"]
    assert set(made["dropped"]) == {"research", "planning", "design"}
    assert "is under way" in repo.pic("start", "Another", code=2)
    assert "did you mean trivial" in repo.pic("start", "Y", "--size", "trivila", code=2)


def test_a_study_runs_the_parts_and_fails_with_them(repo: Repository) -> None:
    repo.pic("start", "X")
    made = repo.json(
        "integrate", "api", "store", "--scenario", "git --version", "--scenario", "git no-such-thing", code=1
    )
    assert [one["code"] for one in made["scenarios"]] == [0, 1]
    assert "failed" in repo.pic("audit", "check", "study", code=1)
    repo.pic("integrate", "api", "store", "--scenario", "git --version")
    repo.pic("audit", "check", "study")


def test_projections_say_what_status_says(repo: Repository) -> None:
    repo.pic("start", "X")
    state = json.loads((repo.folder / ".pic/state.json").read_text())
    assert state["workflow"]["phase"] == repo.json("status")["phase"] == "research"
    assert json.loads((repo.folder / ".pic/status.jsonl").read_text().splitlines()[-1])["kind"] == "workflow.started"


def test_the_export_says_what_each_phase_took_and_invents_nothing(repo: Repository) -> None:
    code = "import time; time.sleep(0.05)"
    repo.gates(f"[gates.proof]\nrun = {json.dumps([sys.executable, '-c', code])}\n")
    repo.pic("start", "<b>X</b>", "--size", "trivial")
    repo.pic("gate", "run")
    repo.pic("handoff")
    repo.pic("undo", "--because", "b", "--token", repo.token())
    repo.pic("evidence", "add", "README.md")
    repo.pic("abandon", "--because", "b", code=1)
    found = json.loads(repo.pic("audit", "export"))
    cost, testing = found["costs"]
    assert (testing["phase"], testing["gate_runs"], testing["denied"]) == ("testing", 0, 0)  # only the undo
    assert (cost["phase"], cost["gate_runs"], cost["denied"], cost["tokens"], cost["usd"]) == (
        "implementation", 1, 1, None, None,
    )  # fmt: skip
    assert 0.05 <= cost["gate_seconds"] <= cost["wall_seconds"]
    assert [one["status"] for one in found["workflows"]] == ["active"]
    assert len(found["events"]) == len(repo.json("audit"))
    page = repo.pic("audit", "export", "--format", "html")
    assert "No agent told how many tokens it used" in page
    assert "&lt;b&gt;X&lt;/b&gt;" in page
    assert "<script" not in page
    assert "http" not in page


def test_the_timeline_of_a_workflow_and_a_phase_needs_no_other_word(repo: Repository) -> None:
    flow = repo.json("start", "X")["workflow"]
    repo.pic("evidence", "add", "README.md")
    for words in ((flow,), (flow, "research"), ("research",), ("show", flow, "research")):
        assert [one["kind"] for one in repo.json("audit", *words)][-1] == "evidence.added", words
    assert json.loads(repo.run("audit", "--json", "--as", "ada", flow[:4], "design").stdout) == []
    assert "did you mean design" in repo.pic("audit", flow, "desing", code=2)
    assert "no workflow is called 'nope'" in repo.pic("audit", "nope", code=2)


def test_a_decision_that_was_superseded_is_not_among_those_that_hold(repo: Repository) -> None:
    repo.pic("start", "X")
    light = ("--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    repo.pic("decide", "First", *light)
    repo.pic("decide", "Second", *light, "--supersedes", "DEC-001")
    assert [one["id"] for one in repo.json("status")["decisions"]] == ["DEC-002"]
    assert [one["id"] for one in repo.json("show", "DEC-001")["later"]] == ["DEC-002"]
    assert repo.json("show", "DEC-002")["later"] == []
