"""What a pilot changed and may not change is found by comparing the tree, whatever it was changed with."""

from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
RESEARCH = """version = 2
[phases.research]
gates = ["ok"]
authority = { paths = ["docs/**"] }
[gates.ok]
run = ["git", "--version"]
covers = []
"""


@pytest.fixture
def research(repo: Repository) -> Repository:
    (repo.folder / ".pic/config.toml").write_text(RESEARCH)
    (repo.folder / "kept.py").write_text("x = 1\n")
    repo.pic("start", "X")
    return repo


def test_a_file_that_is_not_the_pilots_fails_the_gate_until_it_is_put_back(research: Repository) -> None:
    (research.folder / "docs").mkdir()
    (research.folder / "docs/notes.md").write_text("read")
    research.pic("gate", "run")
    (research.folder / "kept.py").write_text("x = 2\n")
    (research.folder / "new.py").write_text("y = 1\n")
    said = research.pic("gate", "run", code=1)
    assert "changed in research and not its to change: kept.py, new.py (it may write docs/**)" in said
    assert research.json("audit")[-1]["kind"] == "gate.ran"
    (research.folder / "kept.py").write_text("x = 1\n")
    (research.folder / "new.py").unlink()
    research.pic("gate", "run")
    research.pic("handoff")


def test_a_change_after_the_gate_passed_stops_the_handoff_of_an_agent_and_not_of_a_person(research: Repository) -> None:
    research.pic("gate", "run")
    (research.folder / "kept.py").unlink()
    assert "not its to change: kept.py" in research.pic("handoff", code=1)
    research.pic("handoff", "--token", research.token())
    assert research.json("status")["phase"] == "planning"


def test_what_a_phase_finds_is_kept_anew_for_each(research: Repository) -> None:
    (research.folder / ".pic/config.toml").write_text(RESEARCH)
    research.pic("gate", "run")
    research.pic("handoff")
    (research.folder / "kept.py").write_text("x = 2\n")  # planning may write anywhere here
    research.pic("handoff")
    research.pic("revisit", "research", "--because", "b")
    research.pic("gate", "run")
    (research.folder / "kept.py").write_text("x = 3\n")
    research.pic("gate", "run", code=1)


def test_a_clone_that_did_not_see_the_phase_begin_says_that_it_could_not_compare(research: Repository) -> None:
    for sheet in (research.folder / ".git/pic/trees").iterdir():
        sheet.unlink()
    [ran] = research.json("gate", "run")
    assert ran["scope"].startswith("not compared")
