"""What a pilot may touch, and where that is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from pic.errors import ConfigError
from pic.model import config
from pic.model.event import Event
from pic.model.state import PHASES, Authority, Workflow, to_json
from pic.rules import allowed, apply, denied, right_model
from pic.workflow.tree import located

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
READER = Authority(("*", "!Write", "!mcp__*"), ("docs/**", "*.md", "!docs/secret/**"))


def flow(may: Authority, phase: str = "research") -> Workflow:
    data = {"title": "x", "size": "standard", "phases": list(PHASES), "dropped": {}, "pilots": {}, "gates": {}}
    return apply(
        None,
        Event("workflow.started", "w", {**data, "authority": {phase: to_json(may)}}, ("agent", "bot"), "t"),
    )


@pytest.mark.parametrize(
    ("tool", "path", "may"),
    [
        ("Read", "", True), ("Edit", "docs/a/b.md", True), ("Edit", "README.md", True), ("Write", "docs/a.md", False),
        ("mcp__x__y", "", False),
        ("Edit", "src/a.py", False), ("Edit", "docs/secret/a", False), ("Edit", "/etc/x.md", False),
        ("Edit", "docs/../src/a.py", False), ("Edit", ".pic/state.json", False), ("Edit", "docs/.pic/log/x", False),
    ],
)  # fmt: skip
def test_a_pilot_uses_and_writes_what_its_phase_says(tool: str, path: str, may: bool) -> None:
    assert allowed(flow(READER), tool, path) is may
    assert bool(denied(flow(READER), tool, path)) is not may


@pytest.mark.parametrize("path", [".pic/config.toml", ".PIC/log/x", ".git/hooks/pre-commit", "/elsewhere/.pic/log/a"])
def test_nothing_opens_the_record_or_git(path: str) -> None:
    assert "is closed to every tool" in denied(flow(Authority()), "Write", path)
    assert "is closed to every tool" in denied(None, "Write", path)


def test_without_a_workflow_or_an_authority_nothing_else_is_closed() -> None:
    assert denied(None, "Write", "src/a.py") == ""
    assert denied(flow(READER, "review"), "Write", "src/a.py") == ""


def test_a_refusal_names_the_pilot_the_phase_and_what_it_may() -> None:
    said = denied(flow(READER), "Edit", "src/a.py")
    assert said.startswith(
        "research is in command of research; src/a.py is not its to write (it may write docs/**, *.md"
    )
    assert "outside the repository" in denied(flow(READER), "Edit", "/etc/passwd")


@pytest.mark.parametrize(
    ("wanted", "model", "right"),
    [("", "x", True), ("opus", "claude-opus-4-8", True), ("opus", "claude-sonnet-5", False), ("gpt-6", "gpt-6", True)],
)
def test_a_model_is_known_by_its_name_or_a_word_of_it(wanted: str, model: str, right: bool) -> None:
    assert right_model(Authority(model=wanted), model) is right


def test_a_path_is_named_by_where_it_really_lies(tmp_path: Path) -> None:
    (tmp_path / "repo/docs").mkdir(parents=True)
    (tmp_path / "repo/.pic").mkdir()
    (tmp_path / "repo/docs/link").symlink_to(tmp_path / "repo/.pic")
    work = tmp_path / "repo"
    assert located(work, "docs/../src/a.py") == "src/a.py"
    assert located(work, "link/log", work / "docs") == ".pic/log"
    assert located(work, tmp_path / "else") == (tmp_path / "else").as_posix()


V1 = """\
version = 1  # as pic 0.1 wrote it
[phases.design]
pilot = "ada"
model = "opus"
gates = ["tests"]
[gates.tests]
run = ["make", "model = 1"]
"""


def test_a_configuration_of_version_one_is_read_and_rewritten_with_its_comments() -> None:
    read = config.parse(V1)
    assert (read.phases["design"].pilot, read.phases["design"].authority) == ("ada", Authority(model="opus"))
    new = config.rewritten(V1)
    assert config.parse(new) == read
    assert new == V1.replace("version = 1", "version = 2").replace("\nmodel", "\nauthority.model")
    assert config.rewritten(new) == new


def test_what_cannot_be_rewritten_safely_is_left_to_a_person() -> None:
    with pytest.raises(ConfigError, match="too freely"):
        config.rewritten('version = 1\nphases.design = { pilot = "a", model = "opus" }\n')


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        ('{ tool = ["x"] }', "did you mean tools"), ('{ paths = ["../x"] }', "no path below the repository"),
        ('"all"', "must be a table"), ("{ model = 3 }", "model must be a string"),
    ],
)  # fmt: skip
def test_a_wrong_authority_is_refused(authority: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config.parse(f"version = 2\n[phases.design]\nauthority = {authority}\n")
    assert said in f"{refused.value.message} {refused.value.hint}"


def test_it_is_fixed_when_the_work_starts(repo: Repository) -> None:
    repo.gates("", "research")
    text = (repo.folder / ".pic/config.toml").read_text()
    (repo.folder / ".pic/config.toml").write_text(text + 'authority = { paths = ["docs/**"], model = "opus" }\n')
    repo.pic("start", "X")
    (repo.folder / ".pic/config.toml").write_text(text)
    state = json.loads((repo.folder / ".pic/state.json").read_text())["workflow"]
    assert state["authority"]["research"] == {"tools": ["*"], "paths": ["docs/**"], "model": "opus"}


def test_a_changed_authority_counts_once_a_person_says_so(repo: Repository) -> None:
    repo.gates("", "research")
    repo.pic("start", "X")
    path = repo.folder / ".pic/config.toml"
    path.write_text(path.read_text() + 'authority = { paths = ["docs/**"], model = "opus" }\n')
    assert "pic authority trust" in repo.pic("authority", "list")
    assert "needs a person" in repo.pic("authority", "trust", code=1)
    assert repo.json("authority", "list")[0]["paths"] == ["**"]
    repo.pic("authority", "trust", "--token", repo.token())
    [first, *_] = repo.json("authority", "list")
    assert (first["paths"], first["model"], first["asked"]) == (["docs/**"], "opus", None)


def test_doctor_and_upgrade_bring_an_old_configuration_up_to_date(repo: Repository) -> None:
    path = repo.folder / ".pic/config.toml"
    path.write_text(V1)
    repo.pic("start", "X")
    assert "config.toml is version 2 now" in repo.pic("doctor")
    assert path.read_text() == config.rewritten(V1)
    assert repo.pic("doctor").strip() == "the record is whole"
    path.write_text(V1)
    repo.pic("init", "--upgrade")
    assert path.read_text() == config.rewritten(V1)
    assert repo.json("status")["gates"] == {}
