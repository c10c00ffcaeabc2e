"""What `pic init` puts where agents look, how an upgrade keeps a person's edits, and what the linter sees."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pic.agents import install, lint, texts

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
PLUGIN = Path(__file__).parents[2]
START = ".claude/skills/pic-start/SKILL.md"


@pytest.fixture
def newer(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose skills were installed by an older pic: then `start` said two lines otherwise."""
    path = repo.folder / ".pic/installed.json"
    kept = json.loads(path.read_text())
    old = kept["files"][START].replace("What is asked for:", "Asked:").replace("two sentences", "one sentence")
    kept["files"][START] = old
    path.write_text(json.dumps(kept))
    (repo.folder / START).write_text(old)
    return repo


def test_init_writes_skills_rules_and_a_block_and_leaves_what_was_there(make: Callable[[str], Repository]) -> None:
    repo = make("mine")
    (repo.folder / "CLAUDE.md").write_text("# Ours\n\nTabs, not spaces.\n")
    mine = repo.folder / ".claude/skills/pic-status/SKILL.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own")
    repo.pic("init")
    page = (repo.folder / "CLAUDE.md").read_text()
    assert page.startswith("# Ours\n\nTabs, not spaces.\n")
    assert page.count(texts.BEGIN) == 1
    assert (repo.folder / "AGENTS.md").read_text().startswith(texts.BEGIN)
    assert (repo.folder / texts.RULES).is_file()
    assert mine.read_text() == "my own"
    skills = {path.parent.name for path in repo.folder.glob(".claude/skills/*/SKILL.md")}
    assert {"pic-start", "pic-decide", "pic-handoff", "pic-conflict", "pic-integration", "pic-audit"} <= skills
    assert "\nname: pic-start\n" in (repo.folder / START).read_text()
    before = {path: path.read_bytes() for path in repo.folder.rglob("*.md")}
    repo.pic("init")
    assert {path: path.read_bytes() for path in repo.folder.rglob("*.md")} == before


def test_agents_files_can_be_left_alone(make: Callable[[str], Repository]) -> None:
    repo = make("bare")
    repo.pic("init", "--no-agents")
    assert sorted(path.name for path in repo.folder.iterdir()) == [".git", ".pic", "README.md"]


def test_an_upgrade_is_shown_before_it_is_done(newer: Repository) -> None:
    path, old = newer.folder / START, (newer.folder / START).read_text()
    said = newer.pic("init", "--upgrade")
    assert "updated    .claude/skills/pic-start/SKILL.md" in said
    assert "    -Asked: $ARGUMENTS\n    +What is asked for: $ARGUMENTS" in said
    assert "nothing of this is written yet" in said
    assert path.read_text() == old
    newer.pic("init", "--upgrade", "--yes")
    assert "What is asked for" in path.read_text()
    assert "written yet" not in newer.pic("init", "--upgrade")


def test_an_upgrade_keeps_what_a_person_changed(newer: Repository) -> None:
    path = newer.folder / START
    path.write_text(path.read_text().replace("Asked: $ARGUMENTS", "Please: $ARGUMENTS") + "\nAsk Ada first.\n")
    assert "merged " in newer.pic("init", "--upgrade", "--yes")
    text = path.read_text()
    assert "Please: $ARGUMENTS" in text  # both changed this line: theirs
    assert "What is asked for" not in text
    assert "Say in two sentences" in text  # only we changed this one
    assert text.endswith("\nAsk Ada first.\n")  # only they added this
    newer.pic("init", "--upgrade", "--yes")
    assert path.read_text() == text


def test_what_a_person_took_away_stays_away(newer: Repository) -> None:
    (newer.folder / START).unlink()
    (newer.folder / "AGENTS.md").write_text("ours now\n")
    newer.pic("init", "--upgrade", "--yes")
    assert not (newer.folder / START).exists()
    assert (newer.folder / "AGENTS.md").read_text() == "ours now\n"


def test_remove_takes_away_what_nobody_changed(repo: Repository) -> None:
    (repo.folder / texts.RULES).write_text("mine now\n")
    (repo.folder / "CLAUDE.md").write_text("# Ours\n\n" + (repo.folder / "CLAUDE.md").read_text())
    said = repo.pic("init", "--remove", "--yes", "--token", repo.token())
    assert "left, because it was changed: .claude/rules/pic.md" in said
    assert (repo.folder / "CLAUDE.md").read_text() == "# Ours\n"
    left = {path.relative_to(repo.folder).as_posix() for path in repo.folder.rglob("*") if path.is_file()}
    assert {name for name in left if not name.startswith(".git/")} == {"README.md", "CLAUDE.md", texts.RULES}


def test_a_record_of_what_was_installed_that_cannot_be_read_is_one_line(repo: Repository) -> None:
    (repo.folder / ".pic/installed.json").write_text("{")
    assert "installed.json cannot be read" in repo.pic("init", "--upgrade", code=2)


def test_lines_that_end_as_on_windows_are_merged_like_any() -> None:
    base, fresh = "a\r\nb\r\nc\r\nd\r\ne\r\n", "a\r\nb\r\nc\r\nd\r\nE\r\n"
    assert install.merged("A\r\nb\r\nc\r\nd\r\ne\r\n", base, fresh) == "A\r\nb\r\nc\r\nd\r\nE\r\n"


def test_pics_own_plugin_has_nothing_wrong(repo: Repository) -> None:
    assert repo.pic("doctor", "--plugin").strip() == "nothing wrong"


SKILL = "---\nname: start\ndescription: d\n---\n\nbody\n"
AGENT = "---\nname: pic-research\ndescription: d\n---\n\nbody\n"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (".claude-plugin/plugin.json", '{"name": "pic", "verison": "1"}', "no key of a manifest is called 'verison'"),
        (".claude-plugin/plugin.json", '{"name": "My Plugin"}', "lower case with hyphens"),
        (".claude-plugin/plugin.json", "{", "cannot be read"),
        (".claude-plugin/plugin.json", '{"name": "p", "hooks": "./none.json"}', "./none.json is not there"),
        ("hooks/hooks.json", '{"hooks": {"PreToolUsed": []}}', "called 'PreToolUsed'; did you mean PreToolUse"),
        ("hooks/hooks.json", '{"hooks": {"Stop": [{"matchers": "x"}]}}', "no key of a matcher of Stop is called"),
        ("hooks/hooks.json", '{"hooks": {"Stop": [{"matcher": "("}]}}', "no regular expression"),
        ("hooks/hooks.json", '{"hooks": {"Stop": [{"hooks": [{"type": "comand"}]}]}}', "did you mean command"),
        ("hooks/hooks.json", '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a", "args": [], '
         '"onFailure": "block"}]}]}}', "onFailure is passed over on this event"),
        ("hooks/hooks.json", '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "sh", '
         '"args": ["${CLAUDE_PLUGIN_ROOT}/bin/gone.sh"]}]}]}}', "${CLAUDE_PLUGIN_ROOT}/bin/gone.sh is not there"),
        ("hooks/notify.sh", "echo", "hooks/notify.sh: is started by no hook"),
        ("skills/start/SKILL.md", SKILL.replace("name:", "args: x\nname:"), "is called 'args'; did you mean arguments"),
        ("skills/start/SKILL.md", SKILL.replace("name: start", "name: begin"), "'begin' is not that of its folder"),
        ("skills/start/SKILL.md", SKILL + "Do $ARGS", "$ARGS is nothing a host fills in"),
        ("skills/start/SKILL.md", SKILL + "[see](../gone.md)", "the link to ../gone.md is dead"),
        ("skills/start/SKILL.md", "# Start\n", "has no front matter"),
        ("skills/start/SKILL.md", "---\nname: start\n---\n", "description is missing"),
        ("agents/pic-research.md", AGENT.replace("name:", "tool: Read\nname:"), "is called 'tool'; did you mean tools"),
        ("agents/pic-research.md", AGENT.replace("name:", "model: gpt\nname:"), "no model is called 'gpt'"),
        ("agents/pic-research.md", AGENT.replace("name:", "tools: Read, bash\nname:"), "'bash' cannot be a tool"),
        (".mcp.json", '{"mcpServers": {"a": {"command": "${CLAUDE_PLUGIN_ROOT}/gone"}}}', "gone is not there"),
    ],
)  # fmt: skip
def test_what_a_host_passes_over_in_silence_is_seen(tmp_path: Path, path: str, text: str, said: str) -> None:
    root = tmp_path / "plugin"
    shutil.copytree(PLUGIN, root, ignore=shutil.ignore_patterns("src", "tests", "__pycache__"))
    assert lint.examine(root)[1] == []
    (root / path).write_text(text)
    found = [f"{name}: {what}" for name, what in lint.examine(root)[1]]
    assert any(said in one for one in found), found


def test_what_is_no_plugin_is_one_line_and_problems_are_exit_code_1(repo: Repository, tmp_path: Path) -> None:
    assert "is no plugin" in repo.pic("doctor", "--plugin", str(tmp_path), code=2)
    (tmp_path / ".claude-plugin").mkdir()
    (tmp_path / ".claude-plugin/plugin.json").write_text('{"name": "A B"}')
    repo.pic("doctor", "--plugin", str(tmp_path), code=1)
