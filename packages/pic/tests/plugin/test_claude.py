"""The plugin in the real Claude Code, offline: what is denied, found, held, recorded, and what a crash does."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Repository = Any
Client = Any
"""What the conftests make; importlib mode imports none."""
ROOT = Path(__file__).parents[4]
CONFIG = """version = 2
[phases.research]
gates = ["sources"]
authority = { paths = ["docs/**"] }
[gates.sources]
run = ["pic", "audit", "check", "sources"]
covers = []
"""


@pytest.fixture
def work(make: Callable[[str], Repository]) -> Repository:
    """A repository with pic set up and research limited to docs/."""
    repo = make("work")
    repo.pic("init")
    (repo.folder / ".pic/config.toml").write_text(CONFIG)
    (repo.folder / "kept.py").write_text("x = 1\n")
    return repo


def calls(repo: Repository) -> list[dict[str, Any]]:
    lines = (repo.folder / ".git/pic/agents-calls.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_session_is_told_stopped_found_out_and_recorded(work: Repository, claude: Client, plan: Any) -> None:
    use, folder = plan.use, work.folder
    forged = "import pathlib; pathlib.Path('.p' + 'ic', 'config.toml').write_text('version = 2')"
    script = [
        use("Bash", command='pic start "Greet people by name"'),
        use("Write", file_path=str(folder / "src/greet.py"), content="print('hi')\n"),
        use("Write", file_path=str(folder / ".pic/config.toml"), content="version = 2\n"),
        use("Edit", file_path=str(folder / ".pic/config.toml"), old_string="version = 2", new_string="version = 1"),
        use("Bash", command="echo forged >> .pic/log/main.jsonl"),
        use("Read", file_path=str(folder / "kept.py")),
        use("Bash", command="python3 -c \"open('kept.py', 'w').write('x = 2')\""),
        use("Bash", command="pic gate waive sources --because 'no time'"),
        use("mcp__plugin_pic_pic__status"),
        use("Bash", command=f'python3 -c "{forged}"'),
        use("Bash", command="export API_KEY=abcdef0123456789; exit 3"),
        use("Write", file_path=str(folder / "docs/notes.md"), content="read\n"),
    ]
    session = claude.session(folder, "/pic-start Greet people by name, in any script", {"in any script": script})
    assert session.code == 0, session.stderr
    got, heard = session.results(), session.server.heard()
    assert "What is asked for: Greet people by name, in any script" in heard  # $ARGUMENTS, filled in
    assert "PIC: no workflow is under way here" in heard
    assert "next: pic status" in got[0]  # our pic, not the system's typesetter of that name
    assert "src/greet.py is not its to write (it may write docs/**)" in got[1]
    assert all("is closed to every tool: only pic writes there" in one for one in got[2:5])
    assert "x = 1" in got[5]
    assert "changed in research and not its to change: kept.py" in heard
    assert "only a person may do this" in got[7]
    assert '"phase":"research"' in json.loads(got[8])
    assert ".pic/config.toml was written by something other than pic" in heard
    assert "Exit code 3" in got[10]
    assert (folder / "docs/notes.md").read_text() == "read\n"
    assert not (folder / "src").exists()


def test_what_was_done_is_on_record_with_real_tools_inputs_and_agents(
    work: Repository, claude: Client, plan: Any
) -> None:
    use, folder = plan.use, work.folder
    work.pic("start", "X")
    main = [use("Agent", description="look", prompt="PILOT of research", subagent_type="pic:pic-research")]
    main[0]["input"]["run_in_background"] = False
    pilot = [
        use("Bash", command="ls && export API_KEY=abcdef0123456789"),
        plan.say("done"),  # held: nothing is recorded yet
        use("Write", file_path=str(folder / "docs/notes.md"), content="read\n"),
        use("Bash", command="pic evidence add docs/notes.md"),
        plan.say("done now"),
    ]
    session = claude.session(folder, "research this", {"PILOT of research": pilot, "research this": main})
    assert session.code == 0, session.stderr
    assert "research is not over (held 1 of 3 times)" in session.server.heard()
    assert "PIC: research is in command of research" in session.server.heard()
    made = calls(work)
    used = [(one["data"]["tool"], one["actor"][1]) for one in made if one["kind"] == "tool.used"]
    assert used == [("Bash", "pic:pic-research"), ("Write", "pic:pic-research"), ("Bash", "pic:pic-research"),
                    ("Agent", "main")]  # fmt: skip
    assert "abcdef0123456789" not in json.dumps(made)
    assert made[2]["data"]["input"]["command"] == "ls && export API_KEY=[redacted]"
    stopped = [one["data"]["held"] for one in made if one["kind"] == "agent.stopped"]
    assert stopped == [True, False]
    assert work.json("status")["gates"] == {"sources": "passed"}
    work.pic("audit", "verify")
    kinds = [row["kind"] for row in work.json("audit")]
    assert kinds.count("audit.anchored") >= 1


def test_a_pilot_that_cannot_pass_its_gates_is_held_three_times_and_then_a_person_is_asked(
    work: Repository, claude: Client, plan: Any
) -> None:
    work.pic("start", "X")
    main = [plan.use("Agent", description="look", prompt="PILOT of research", subagent_type="pic:pic-research")]
    main[0]["input"]["run_in_background"] = False
    session = claude.session(
        work.folder, "research this", {"PILOT of research": [plan.say("done")] * 9, "research this": main}
    )
    assert session.code == 0, session.stderr
    assert [one["data"]["held"] for one in calls(work) if one["kind"] == "agent.stopped"] == [True, True, True, False]
    assert work.json("status")["conflicts"] == ["CON-001"]
    assert work.json("show", "CON-001")["decider"] == "person"


def test_an_agent_that_repeats_what_was_denied_is_stopped(work: Repository, claude: Client, plan: Any) -> None:
    work.pic("start", "X")
    again = plan.use("Write", file_path=str(work.folder / "src/a.py"), content="1")
    session = claude.session(work.folder, "loop", {"loop": [again] * 30})
    assert len(session.server.asked) < 15
    assert "refused 10 times, so the session ends" in json.dumps(session.events)
    assert sum(one["kind"] == "tool.denied" for one in calls(work)) == 3


def test_a_crashing_hook_stops_what_writes_and_lets_reads_pass(
    work: Repository, claude: Client, plan: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "plugin"
    shutil.copytree(ROOT / "packages/pic", broken, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (broken / "bin/pic.py").write_text("raise RuntimeError('planted')\n")
    use = plan.use
    script = [
        use("Read", file_path=str(work.folder / "kept.py")),
        use("Write", file_path=str(work.folder / "docs/a.md"), content="1"),
        use("Bash", command="echo 1 > docs.md"),
    ]
    session = claude.session(work.folder, "go on", {"go on": script}, plugin=broken)
    got = session.results()
    assert "x = 1" in got[0]
    assert "planted" in got[1]
    assert "planted" in got[2]
    assert not (work.folder / "docs").exists()
    assert not (work.folder / "docs.md").exists()


def test_a_repository_that_has_nothing_to_do_with_pic_is_left_alone(
    make: Callable[[str], Repository], claude: Client, plan: Any
) -> None:
    repo = make("other")
    script = [plan.use("Write", file_path=str(repo.folder / "a.py"), content="1\n")]
    session = claude.session(repo.folder, "write it", {"write it": script})
    assert (repo.folder / "a.py").read_text() == "1\n"
    assert "PIC:" not in session.server.heard()
    assert not (repo.folder / ".pic").exists()
    assert not (repo.folder / ".git/pic").exists()


def test_the_plugin_and_the_marketplace_are_valid_to_the_letter(claude: Client) -> None:
    for path in (ROOT / "packages/pic", ROOT):
        done = claude.command("plugin", "validate", "--strict", str(path))
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_installed_through_the_marketplace_file_and_works_from_there(
    work: Repository, claude: Client, plan: Any
) -> None:
    for arguments in (["marketplace", "add", str(ROOT)], ["install", "pic@pilot-in-command"]):
        done = claude.command("plugin", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    work.pic("start", "X")
    script = [plan.use("Write", file_path=str(work.folder / "src/a.py"), content="1")]
    session = claude.session(work.folder, "/pic:status please", {"please": script}, plugin=None)
    assert "src/a.py is not its to write" in session.results()[0]
    assert "research" in session.server.heard()
