"""The gates a repository starts with, and what each of them stops."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pic.model import config
from pic.workflow import templates

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
Make = Callable[[str], Repository]
posix = pytest.mark.skipif(os.name == "nt", reason="a shell script stands for a program")
RECORD = {"sources", "environments", "milestones", "decisions", "study", "artefact", "complete"}
FILES = {
    "Python": {"pyproject.toml": '[project]\nname = "shop"\n', "src/shop/__init__.py": "", "tests/__init__.py": ""},
    "Node": {"package.json": '{"main": "lib/it\'s \\"here\\".js"}', "yarn.lock": ""},
    "Rust": {"Cargo.toml": ""},
    "Go": {"go.mod": "module shop"},
    "make": {"Makefile": "all:"},
    "unknown": {"README.md": ""},
}
GATES = {
    "Python": {"libraries", "api", "build", "install", "tests"},
    "Node": {"libraries", "install", "tests"},
    "Rust": {"libraries", "install", "tests"},
    "Go": {"libraries", "install", "tests"},
    "make": {"build", "tests"},
    "unknown": set(),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_of_repository_gets_its_gates(tmp_path: Path, kind: str) -> None:
    for name, text in FILES[kind].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found, gates = templates.detect(tmp_path)
    made = config.parse(templates.text(found, gates))
    assert (found, set(made.gates)) == (kind, GATES[kind] | RECORD)
    assert {name for rule in made.phases.values() for name in rule.gates} == set(made.gates)
    assert all(gate.why for gate in made.gates.values())
    assert made.gates_of("trivial")["testing"] == (("tests",) if kind != "unknown" else ())


def test_what_pyproject_says_decides_what_is_compiled_installed_and_imported(tmp_path: Path) -> None:
    for name in ("src/shop/__init__.py", "src/shop/api/__init__.py", "tests/__init__.py", "setup.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    made = config.parse(templates.text(*templates.detect(tmp_path)))
    assert made.gates["build"].run[-1] == "src/shop"
    assert made.gates["install"].clean
    assert made.gates["install"].then[0][-1].endswith("import shop")


def program(folder: Path, name: str, code: str) -> str:
    """A program on a PATH of its own, which is returned."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


@posix
def test_a_library_that_is_red_or_unchecked_holds_research(make: Make, tmp_path: Path) -> None:
    repo = make("shop")
    (repo.folder / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    (repo.folder / "plan").mkdir()
    (repo.folder / "plan/requirements.txt").write_text("dead-library\n")
    repo.pic("init")
    repo.pic("start", "X")
    bare = "/usr/bin:/bin"
    said = repo.pic("gate", "run", "libraries", code=1, PATH=bare)
    assert "unavailable" in said
    assert "preflight is not installed; pip install preflight-audit; or a person: pic gate waive libraries" in said
    assert repo.json("status")["gates"]["libraries"] == "unavailable"
    assert "gate libraries: unavailable" in repo.pic("handoff", code=1)
    path = program(tmp_path / "bin", "preflight", "import sys\nprint('RED', sys.argv[1:]); sys.exit(1)")
    assert "RED ['audit', '--quiet', '--project', 'plan']" in repo.pic("gate", "run", "libraries", code=1, PATH=path)
    assert repo.json("status")["gates"]["libraries"] == "failed"
    path = program(tmp_path / "bin", "preflight", "print('GREEN')")
    repo.pic("gate", "run", "libraries", PATH=path)
    [ran] = [one for one in repo.json("audit") if one["what"].startswith("libraries: passed")]
    assert ran["by"] == "research"
    (repo.folder / "src.py").write_text("no matter\n")
    assert repo.json("status")["gates"]["libraries"] == "passed"
    (repo.folder / "plan/requirements.txt").write_text("another-library\n")
    assert repo.json("status")["gates"]["libraries"] == "stale"


def test_a_clean_gate_sees_only_what_git_knows_and_runs_all_its_commands(repo: Repository) -> None:
    (repo.folder / ".gitignore").write_text("secret.txt\n")
    (repo.folder / "secret.txt").write_text("only here\n")
    (repo.folder / "new file é.txt").write_text("not committed yet\n")
    (repo.folder / "README.md").unlink()
    look = "import os; print(sorted(os.listdir('.'))); open('made', 'w').write('x')"
    then = "import os; assert os.path.exists('made') and not os.path.exists('secret.txt'); print('second')"
    lines = ["[gates.proof]", f"run = {json.dumps([sys.executable, '-c', look])}"]
    lines += [f"then = [{json.dumps([sys.executable, '-c', then])}]", "clean = true", ""]
    repo.gates("\n".join(lines))
    repo.pic("start", "X", "--size", "trivial")
    [ran] = repo.json("gate", "run")
    assert (ran["outcome"], ran["commands"], ran["clean"], ran["tail"].strip()) == ("passed", 2, True, "second")
    assert not (repo.folder / "made").exists()
    repo.gates("\n".join(lines).replace("print('second')", "raise SystemExit(4)"))
    token = repo.token()
    repo.pic("gate", "trust", "proof", "--token", token)
    assert "exit code 4" in repo.pic("gate", "run", code=1)


def test_what_a_clean_copy_leaves_is_no_artefact(repo: Repository) -> None:
    repo.gates('[gates.proof]\nrun = ["x"]\nclean = true\nleaves = ["out/*"]\n')
    assert "thrown away with it" in repo.pic("start", "X", code=2)


ENVIRONMENTS = {
    "plan/preflight.toml": ('python = "3.11-3.14"\nplatform = "linux-x86_64"\n', 'python = "3.11"\n'),
    "preflight.toml": ('python = "3.11-3.14"\nplatform = "linux-x86_64"\n', "broken = ["),
    "package.json": ('{"engines": {"node": ">=20"}}', "[]"),
    "Cargo.toml": ('[workspace.package]\nrust-version = "1.80"\n', "package = 3\n"),
    "go.mod": ("module x\n\ngo 1.22\n", "module x\n"),
    "plan/environments.md": ("Windows 11, Python 3.12\n", " \n"),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_planning_writes_down_where_the_work_must_run(repo: Repository, name: str) -> None:
    repo.pic("start", "X")
    assert "nothing says where this must run: write plan/preflight.toml" in repo.pic(
        "audit", "check", "environments", code=1
    )
    good, bad = ENVIRONMENTS[name]
    (repo.folder / "plan").mkdir()
    (repo.folder / name).write_text(bad)
    assert f"nothing says where this must run: {name} " in repo.pic("audit", "check", "environments", code=1)
    (repo.folder / name).write_text(good)
    repo.pic("audit", "check", "environments")


MAKE = "import pathlib, sys; p = pathlib.Path('out'); p.mkdir(exist_ok=True); (p / 'a.txt').write_text('made')"


def test_a_suite_that_speaks_to_mocks_alone_does_not_end_testing(repo: Repository) -> None:
    """135 passed, and no video was ever made: what the whole tool is for."""
    gates = {name: ["pic", "audit", "check", name] for name in ("study", "artefact")}
    gates["tests"] = [sys.executable, "-c", "print('135 passed')"]
    repo.gates("".join(f"[gates.{name}]\nrun = {json.dumps(run)}\n" for name, run in gates.items()), "testing")
    text = (repo.folder / ".pic/config.toml").read_text()
    (repo.folder / ".pic/config.toml").write_text(text + '[sizes.odd]\nphases = ["testing"]\n')
    (repo.folder / "code.py").write_text("one\n")
    repo.pic("start", "X", "--size", "odd")
    said = repo.pic("gate", "run", code=1)
    assert "tests: passed" in said
    assert "no run on real parts has left anything to look at" in said
    assert "gate artefact: failed" in repo.pic("handoff", code=1)
    quiet = json.dumps(sys.executable) + " -c pass"
    assert "left no new file at out/*" in repo.pic(
        "integrate", "a", "b", "--scenario", quiet, "--leaves", "out/*", code=1
    )
    made = repo.json(
        "integrate", "a", "b", "--scenario", f'{json.dumps(sys.executable)} -c "{MAKE}"', "--leaves", "out/*"
    )
    assert made["left"] == {"out/*": ["out/a.txt"]}
    assert len(made["sha256"]["out/a.txt"]) == 64
    (repo.folder / "code.py").write_text("two\n")
    assert "the code has changed since INT-002 left out/a.txt" in repo.pic("audit", "check", "artefact", code=1)
    (repo.folder / "code.py").write_text("one\n")
    repo.pic("gate", "run")
    repo.pic("handoff")


def test_trivial_work_leaves_gates_out_and_says_so(repo: Repository) -> None:
    said = repo.pic("start", "Typo", "--size", "trivial")
    assert "without gate artefact: size trivial leaves it out" in said
    text = (repo.folder / ".pic/config.toml").read_text()
    (repo.folder / ".pic/config.toml").write_text(text.replace('without = ["study"', 'without = ["studdy"'))
    assert "did you mean study" in repo.pic("gate", "list", code=2)
