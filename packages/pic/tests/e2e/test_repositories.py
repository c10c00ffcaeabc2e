"""The places people call `pic` from, and what they call things."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
Make = Callable[[str], Repository]
HOSTILE = {
    "newlines": "two\nlines\r\nand\ttabs",
    "paths": "../../../etc/passwd",
    "escapes": "red \x1b[31malert\x1b[0m \x1b]0;title\x07",
    "direction": "abc \u202egnp.exe\u2066",
    "quotes": """'"; rm -rf $HOME `id` {}""",
    "script": "<script>alert(1)</script>",
    "other": "Ångström 日本語 👩‍🚀",
}


def test_init_writes_its_folder_and_what_agents_read_and_twice_is_once(make: Make) -> None:
    repo = make("plain")
    (repo.folder / "Cargo.toml").touch()
    assert "cargo test" in repo.pic("init")
    there = {line[3:] for line in repo.git("status", "--porcelain").splitlines()}
    assert there == {".pic/", ".claude/", "CLAUDE.md", "AGENTS.md", "Cargo.toml"}
    before = {path: path.read_bytes() for path in (repo.folder / ".pic").rglob("*") if path.is_file()}
    assert "was here already" in repo.pic("init")
    assert before == {path: path.read_bytes() for path in (repo.folder / ".pic").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("file", "kind"), [("pyproject.toml", "Python"), ("package.json", "Node"), ("go.mod", "Go"), ("Makefile", "make")]
)
def test_init_knows_what_a_repository_is(make: Make, file: str, kind: str) -> None:
    repo = make("kinds")
    (repo.folder / file).touch()
    done = repo.json("init")
    assert done["kind"] == kind
    assert "tests" in done["gates"]["testing"]


def test_what_it_does_not_recognise_it_says(make: Make) -> None:
    assert "no build or test command was recognised" in make("odd").pic("init")


def test_no_git_and_a_bare_repository_are_refused_in_one_line(tmp_path: Path, at: Any) -> None:
    (tmp_path / "none").mkdir()
    assert "not in a git repository" in at(tmp_path / "none").pic("init", code=2)
    at(tmp_path).git("init", "-q", "--bare", "bare.git")
    assert "bare repository" in at(tmp_path / "bare.git").pic("init", code=2)


def test_a_detached_head_a_space_and_an_accent_are_no_trouble(make: Make) -> None:
    repo = make("où est / le chat 日本".replace("/", "-"))
    repo.git("checkout", "-q", "--detach")
    repo.pic("init")
    repo.pic("start", "X")
    assert repo.json("audit", "verify")["events"] == 2
    [segment] = (repo.folder / ".pic/log").iterdir()
    assert segment.name.startswith("detached-")


def test_below_the_root_and_in_a_submodule(make: Make, at: Any) -> None:
    repo, other = make("outer"), make("inner")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.folder), "part")
    repo.pic("init")
    repo.pic("start", "Outer")
    deep = repo.folder / "deep/down"
    deep.mkdir(parents=True)
    assert "Outer" in repo.pic("status", "--line", cwd=deep)
    inner = at(repo.folder / "part")
    inner.pic("init")
    inner.pic("start", "Inner")
    assert "Inner" in inner.pic("status", "--line")
    assert "Outer" in repo.pic("status", "--line")


def test_linked_worktrees_share_the_main_worktrees_record(make: Make, tmp_path: Path, at: Any) -> None:
    repo = make("main")
    repo.pic("init")
    repo.pic("start", "Shared")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")
    linked = at(tmp_path / "linked")
    linked.pic("evidence", "add", "README.md")
    assert not (linked.folder / ".pic").exists()
    assert [one["ref"] for one in repo.json("evidence", "list")] == ["README.md"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_stay_words(repo: Repository, name: str) -> None:
    words = HOSTILE[name]
    repo.pic("start", words)
    proofs = ("--evidence", "README.md", "--evidence", "https://example.org/" + words)
    made = repo.json(
        "decide", words, "--option", words, "--option", "b", "--choose", words, "--because", words, *proofs
    )
    assert "\n" not in made["title"]
    inside = [path for path in (repo.folder / ".pic").rglob("*") if path.is_file()]
    assert any(path.name.startswith("DEC-001-") for path in inside)
    for answer in (repo.pic("status"), repo.pic("audit"), repo.pic("show", "DEC-001"), repo.pic("audit", "export")):
        assert not set("\x1b\x07\u202e\u2066") & set(answer)
    assert "<script>" not in repo.pic("audit", "export", "--format", "html")
    repo.pic("audit", "verify")
    assert repo.pic("doctor").strip() == "the record is whole"


def test_a_title_of_ten_thousand_characters_or_none_is_refused(repo: Repository) -> None:
    assert "10,000 characters" in repo.pic("start", "x" * 10_000, code=2)
    assert "needs words" in repo.pic("start", "\u202e\x1b[31m ", code=2)


CONFIGS = {
    "version = 1\n[phases\n": "line 2, column 8",
    'version = 1\n[phases.desing]\npilot = "x"\n': "did you mean design",
    'version = 1\n[gates.a]\nrum = ["x"]\n': "did you mean run?",
    "version = 1\n[gates.a]\nrun = []\n": "run must name a command",
    'version = 1\n[gates.a]\nrun = ["x"]\ntimeout = "soon"\n': "timeout must be seconds",
    'version = 1\n[gates.a]\nrun = ["x"]\ncwd = "../.."\n': "cwd must lie in the repository",
    'version = 1\n[phases.design]\ngates = ["nope"]\n': "no gate is called 'nope'",
    'version = 1\n[sizes.odd]\nphases = ["testing", "design"]\n': "out of order",
    'pilots = "x"\n': "version must be a number",
}


@pytest.mark.parametrize("text", CONFIGS)
def test_a_broken_configuration_is_refused_with_its_place(repo: Repository, text: str) -> None:
    (repo.folder / ".pic/config.toml").write_text(text)
    assert CONFIGS[text] in repo.pic("start", "X", code=2)


def test_status_tells_the_record_and_that_no_gate_can_be_run(repo: Repository) -> None:
    repo.pic("start", "X", "--size", "trivial")
    assert json.loads(repo.pic("status", "--json"))["configuration"] is None
    (repo.folder / ".pic/config.toml").write_text("version = 1\n[gates.a]\nrum = ['x']\n")
    said = repo.pic("status")
    assert "pilot in command: implementation" in said
    assert "no gate can be run: .pic/config.toml: gates.a: unknown key 'rum' (did you mean run?)" in said


def test_a_record_of_a_newer_pic_is_refused(repo: Repository) -> None:
    (repo.folder / ".pic/config.toml").write_text("version = 99\n")
    assert "upgrade pic" in repo.pic("start", "X", code=3)


def test_before_init_every_command_says_what_to_do(make: Make) -> None:
    assert "pic init" in make("bare-bones").pic("status", code=2)


def test_a_damaged_record_is_exit_3_and_a_torn_one_is_mended(repo: Repository) -> None:
    repo.pic("start", "X")
    [segment] = (repo.folder / ".pic/log").iterdir()
    good = segment.read_bytes()
    segment.write_bytes(good + b'{"hash":"12')
    assert "torn tail of 11 bytes" in repo.pic("audit", "verify", code=3)
    assert "X" in repo.pic("status")
    assert "torn tail was dropped" in repo.pic("doctor")
    assert segment.read_bytes() == good
    segment.write_bytes(good.replace(b'"X"', b'"Y"'))
    assert "line 2" in repo.pic("audit", "verify", code=3)
    assert "line 2" in repo.pic("status", code=3)
    segment.write_bytes(good[: good.index(b"\n") + 1])
    assert "was cut" in repo.pic("doctor", code=3)
    assert "needs a person" in repo.pic("doctor", "--accept-loss", code=1)


def test_a_document_that_was_edited_is_drawn_again(repo: Repository) -> None:
    repo.pic("start", "X")
    repo.pic("decide", "D", "--option", "a", "--choose", "a", "--because", "b", "--tier", "light")
    [path] = (repo.folder / ".pic/decisions").iterdir()
    good = path.read_text()
    path.write_text(good.replace('"a"', '"z"'))
    assert "says again what the record says" in repo.pic("doctor")
    assert path.read_text() == good


def worked(repo: Repository, branch: str, count: int) -> None:
    """A branch on which `count` things are recorded, and committed."""
    repo.git("checkout", "-q", "-b", branch, "main")
    code = (
        "from pathlib import Path; from pic.store.place import find; from pic.workflow.context import Context\n"
        "from pic.workflow import records\nimport sys\ncontext = Context(find(Path.cwd()), ('agent', 'bot'))\n"
        "for n in range(int(sys.argv[2])):\n"
        "    records.decide(context, f'Choice {n}', options=['a'], chosen='a', because=sys.argv[1], tier='light')"
    )
    subprocess.run([sys.executable, "-c", code, branch, str(count)], cwd=repo.folder, check=True, timeout=120)
    repo.git("add", "-A")
    repo.git("commit", "-qm", branch)


def test_two_branches_of_fifty_records_merge_by_plain_git(repo: Repository) -> None:
    repo.pic("start", "Shared")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "start")
    repo.git("branch", "-M", "main")
    for branch in ("left", "right"):
        worked(repo, branch, 50)
    repo.git("merge", "-q", "--no-edit", "left")
    assert "not joined yet" in repo.pic("audit", "verify")
    assert "2 histories were joined" in repo.pic("doctor")
    done = repo.json("audit", "verify")
    assert (done["events"], len(done["heads"]), done["disputed"]) == (2 + 100 + 1, 1, [])
    [flow] = repo.json("list")
    assert len(repo.json("show", flow["id"])["decisions"]) == 100
    assert len(list((repo.folder / ".pic/decisions").iterdir())) == 100
    repo.git("add", "-A")
    repo.git("commit", "-qm", "joined")
    repo.git("checkout", "-q", "left")  # a branch with less: nothing is missed there
    assert json.loads(repo.run("audit", "verify", "--json").stdout)["events"] == 2 + 50
