"""What was there before pic: decisions in docs, and the original's own `.pic/`."""

import json
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
MADR = """\
---
status: accepted
---

# Store sessions in SQLite

## Context and Problem Statement

Where do sessions live?

## Considered Options

* SQLite, in the
  same process
* Redis

## Decision Outcome

Chosen: SQLite. One process is enough, see [the survey](../survey.md#numbers).

### Consequences

* Good, because it is small.
"""
STATE = {
    "initialized": True,
    "workflow": "WF-20260204-221758",
    "currentPhase": "design",
    "problem": "Create a calculator",
    "startedAt": "2026-02-04T22:17:58Z",
    "completedAt": None,
    "phases": {"research": {"status": "completed"}, "design": {"status": "in_progress"}},
    "decisions": ["DEC-001"],
}
DECISION = "# DEC-001: Use Python\n\n**Date**: 2026-02-04\n**Phase**: Planning\n\n## Decision\n\nPython 3.12\n"
CONFLICT = "# CON-001: Tabs or spaces\n\n**Phase**: design\n**Status**: Open\n"


def written(repo: Repository, name: str, text: str) -> None:
    path = repo.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_decisions_of_a_folder_come_in_once(repo: Repository) -> None:
    written(repo, "docs/survey.md", "# Numbers\n")
    written(repo, "docs/decisions/0001-sessions.md", MADR)
    written(repo, "docs/decisions/README.md", "# Decisions\n\nSee the files.\n")
    assert "start a workflow" in repo.pic("init", "--import")
    repo.pic("start", "X")
    assert "DEC-001 Store sessions in SQLite" in repo.pic("init", "--import")
    made = repo.json("show", "DEC-001")
    assert made["options"] == ["SQLite, in the same process", "Redis"]
    assert (made["chosen"], made["tier"], made["imported"]) == (
        "SQLite, in the same process", "formal", "docs/decisions/0001-sessions.md",
    )  # fmt: skip
    assert [one["ref"] for one in made["evidence"]] == ["docs/decisions/0001-sessions.md", "docs/survey.md"]
    assert "holds all of it already" in repo.pic("init", "--import", "docs/decisions")
    written(
        repo, "docs/decisions/0002-b.md", MADR.replace("Store sessions in SQLite", "Another").replace("](../", "](")
    )
    assert "DEC-002 Another" in repo.pic("init", "--import")
    assert repo.json("show", "DEC-002")["tier"] == "light"
    later = MADR.replace("Store sessions in SQLite", "Store sessions in Redis")
    written(repo, "docs/decisions/0003-redis.md", later)
    written(
        repo, "docs/decisions/0001-sessions.md", f"---\nstatus: superseded by [ADR-0003](0003-redis.md)\n---\n{MADR}"
    )
    assert "DEC-003 Store sessions in Redis" in repo.pic("init", "--import")
    assert repo.json("show", "DEC-003")["supersedes"] == "DEC-001"
    assert [one["id"] for one in repo.json("status")["decisions"]] == ["DEC-002", "DEC-003"]
    repo.pic("audit", "verify")
    assert repo.pic("doctor").strip() == "the record is whole"


OTHERS = {
    "# 7. Workers are processes\n\n## Context and problem\n\nThey clash.\n\n## Options\n\n1. In process.\n"
    "2. A process for each.\n\n## Decision\n\nOption 2. It ends alone.\n": ("A process for each.", "They clash."),
    "# Workers are processes\n\n## Context\n\nThey clash.\n\n## Decision\n\nA pipe is the seam. More follows.\n": (
        "Workers are processes", "They clash.",
    ),
    "# Workers are processes\n\n## Considered Options\n\n* forks\n* keep all that is still in what every frame has\n\n"
    "## Decision Outcome\n\nChosen: processes draw, once, what is still, and in every frame the eyes; pipes.\n": (
        "processes draw, once, what is still, and in every frame the eyes", "",
    ),
}  # fmt: skip
"""Pages as others write them, and what is chosen there and why: never an option that is only worded alike."""


@pytest.mark.parametrize("page", OTHERS)
def test_a_decision_is_read_as_its_page_means_it(repo: Repository, page: str) -> None:
    written(repo, "docs/adr/0007-workers.md", page)
    repo.pic("start", "X")
    repo.pic("init", "--import")
    made = repo.json("show", "DEC-001")
    assert (made["title"], made["chosen"], made["context"]) == ("Workers are processes", *OTHERS[page])


def test_a_folder_that_is_not_there_and_a_page_that_is_no_text_are_one_line(repo: Repository) -> None:
    repo.pic("start", "X")
    assert "no decisions at nowhere" in repo.pic("init", "--import", "nowhere", code=2)
    assert "nothing to import here" in repo.pic("init", "--import", code=2)
    (repo.folder / "adr").mkdir()
    (repo.folder / "adr/a.md").write_bytes(b"\xff\xfe")
    assert "cannot read a.md" in repo.pic("init", "--import", "adr", code=2)


def test_an_original_goes_on_where_it_stood_under_todays_gates(make: Any) -> None:
    repo = make("old")
    written(repo, ".pic/state.json", json.dumps(STATE))
    written(repo, ".pic/config.json", "{}")
    written(repo, ".pic/decisions/DEC-001.md", DECISION)
    written(repo, ".pic/conflicts/CON-001.md", CONFLICT)
    used = json.dumps({"eventType": "tool_use", "input": "$TOOL_INPUT"})
    written(repo, ".pic/audit-log.jsonl", f"{used}\n{used}\nbroken\n")
    assert "take it over: pic init --import" in repo.pic("init", code=2)
    assert json.loads((repo.folder / ".pic/state.json").read_text()) == STATE
    said = repo.pic("init", "--import")
    assert "Create a calculator (active in design)" in said
    assert "audit-log.jsonl: 3 lines, 1 broken, 2 holding no input" in said
    status = repo.json("status")
    assert (status["phase"], status["title"], status["conflicts"]) == ("design", "Create a calculator", ["CON-001"])
    assert status["decisions"] == [{"id": "DEC-001", "title": "Use Python", "chosen": "Python 3.12"}]
    assert "gate decisions: not run" in repo.pic("handoff", code=1)
    assert json.loads((repo.folder / ".pic/imported/state.json").read_text()) == STATE
    assert (repo.folder / ".pic/decisions/DEC-001.md").read_text() == DECISION
    assert "tool_use" in (repo.folder / ".pic/imported/audit-log.jsonl").read_text()
    assert repo.pic("doctor").strip() == "the record is whole"
    repo.pic("decide", "D", "--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    assert repo.json("status")["decisions"][-1]["id"] == "DEC-002"


@pytest.mark.parametrize(
    ("state", "said"),
    [("{", "state.json"), ("{}", ""), ('{"initialized": false, "workflow": null, "currentPhase": null}', ""),
     ('{"workflow": "WF-1", "currentPhase": "landing"}', "no phase is called 'landing'"),
     ('{"workflow": "WF-1", "currentPhase": "x", "completedAt": "2026-02-05T00:00:00Z"}', "finished in review")],
)  # fmt: skip
def test_an_original_that_is_broken_empty_or_finished(make: Any, state: str, said: str) -> None:
    repo = make("old")
    written(repo, ".pic/state.json", state)
    written(repo, "docs/decisions/0001-sessions.md", MADR)
    bad = state == "{" or "landing" in state
    assert said in repo.pic("init", "--import", code=2 if bad else 0)
    if bad:
        assert (repo.folder / ".pic/state.json").read_text() == state
    else:
        repo.pic("start", "Next")
