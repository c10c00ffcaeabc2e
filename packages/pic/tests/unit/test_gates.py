"""Gates that misbehave, and evidence that grows stale."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pic.model.glob import pattern
from pic.workflow import process

Repository = Any
"""What tests/conftest.py makes; importlib mode imports no conftest."""
posix = pytest.mark.skipif(os.name == "nt", reason="signals and modes of POSIX")


def python(code: str, seconds: float = 20, cwd: Path | None = None) -> process.Ran:
    return process.run([sys.executable, "-c", code], cwd or Path.cwd(), seconds)


def test_a_gate_that_hangs_is_stopped() -> None:
    ran = python("import time; print('here', flush=True); time.sleep(60)", 1.0)
    assert (ran.ending, ran.code, ran.tail.strip()) == ("timeout", None, "here")
    assert ran.seconds < 5


def test_a_gate_that_floods_is_stopped_and_little_is_kept() -> None:
    ran = python("import sys\nwhile True: sys.stdout.write('x' * 100_000)", 60)
    assert ran.ending == "flood"
    assert len(ran.tail) == process.TAIL


def test_a_gate_that_reads_stdin_finds_it_empty() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").tail.strip() == "''"


@posix
def test_what_a_gate_leaves_running_is_killed(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time, pathlib; "
    code += 'pathlib.Path("up").touch(); time.sleep(3); pathlib.Path("late").touch()\'])\n'
    code += "import pathlib, time\nwhile not pathlib.Path('up').exists(): time.sleep(0.01)"
    begun = time.monotonic()
    ran = python(code, 30, tmp_path)
    assert (ran.ending, ran.code) == ("exited", 0)
    assert time.monotonic() - begun < 2.9
    time.sleep(3.2)
    assert not (tmp_path / "late").exists()


@posix
def test_a_child_that_left_the_group_does_not_hold_the_gate(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(6)'], "
    code += "start_new_session=True)"
    ran = python(code, 30, tmp_path)
    assert (ran.ending, ran.code) == ("exited", 0)
    assert ran.seconds < 5


@posix
@pytest.mark.parametrize(
    ("argv", "ending"),
    [(["./gate.sh"], "not started"), (["./nowhere"], "not started"), (["no-such-command-at-all"], process.MISSING)],
)
def test_a_gate_that_cannot_be_started_fails_and_says_so(tmp_path: Path, argv: list[str], ending: str) -> None:
    (tmp_path / "gate.sh").write_text("#!/bin/sh\n")
    ran = process.run(argv, tmp_path, 5)
    assert (ran.ending, ran.code) == (ending, None)
    assert argv[0].removeprefix("./") in ran.tail


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("**", "a/b.py", None), ("src/**", "src/a/b.py", "tests/a.py"), ("*.py", "a.py", "a/b.py"),
        ("**/*.py", "a.py", "a.pyc"), ("a?.md", "ab.md", "a/.md"), ("a[1].md", "a[1].md", "a1.md"),
    ],
)  # fmt: skip
def test_globs_mean_what_they_look_like(glob: str, yes: str, no: str | None) -> None:
    assert pattern(glob).match(yes)
    assert no is None or not pattern(glob).match(no)


def gate(code: str, more: str = "") -> str:
    return f"[gates.proof]\nrun = {json.dumps([sys.executable, '-c', code])}\n{more}\n"


def test_a_gate_runs_is_recorded_and_turns_stale_when_its_files_change(repo: Repository) -> None:
    repo.gates(gate("print('fine')", 'covers = ["src/**"]'))
    repo.pic("start", "X", "--size", "trivial")
    assert "proof: not run" in repo.pic("handoff", code=1)
    [run] = repo.json("gate", "run")
    assert (run["code"], run["outcome"], run["tail"].strip(), len(run["output_sha256"])) == (0, "passed", "fine", 64)
    (repo.folder / "README.md").write_text("not covered\n")
    assert repo.json("status")["gates"] == {"proof": "passed"}
    (repo.folder / "src").mkdir()
    (repo.folder / "src/a.py").write_text("new\n")
    assert repo.json("status")["gates"] == {"proof": "stale"}
    assert "proof: stale" in repo.pic("handoff", code=1)
    repo.pic("gate", "run", "proof")
    assert "testing is in command" in repo.pic("handoff")


def test_a_gate_that_fails_is_shown_with_its_last_words(repo: Repository) -> None:
    repo.gates(gate("print('the reason'); raise SystemExit(3)"))
    repo.pic("start", "X", "--size", "trivial")
    said = repo.pic("gate", "run", code=1)
    assert "exit code 3" in said
    assert "| the reason" in said
    assert repo.json("status")["gates"] == {"proof": "failed"}
    assert "proof: failed" in repo.pic("handoff", code=1)


def test_a_suite_that_leaves_no_artefact_has_not_run_on_real_parts(repo: Repository) -> None:
    (repo.folder / "out").mkdir()
    old = repo.folder / "out/old.mp4"
    old.write_text("from before")
    os.utime(old, (1, 1))
    repo.gates(gate("import sys, pathlib; pathlib.Path('flag').exists() and pathlib.Path('out/a.mp4').write_text('v')",
                    'leaves = ["out/*.mp4"]\ncovers = ["src/**"]'))  # fmt: skip
    repo.pic("start", "X", "--size", "trivial")
    assert "left no new file at out/*.mp4" in repo.pic("gate", "run", code=1)
    (repo.folder / "flag").touch()
    assert repo.json("gate", "run")[0]["left"] == {"out/*.mp4": ["out/a.mp4"]}


def test_a_softened_gate_does_not_count_until_a_person_trusts_it(repo: Repository) -> None:
    repo.gates(gate("raise SystemExit(1)"))
    repo.pic("start", "X", "--size", "trivial")
    repo.gates(gate("pass"))
    assert "pic gate trust proof" in repo.pic("gate", "run", code=1)
    assert "needs a person" in repo.pic("gate", "trust", "proof", code=1)
    token = repo.token()
    repo.pic("gate", "trust", "proof", "--token", token)
    repo.pic("gate", "run")
    repo.pic("handoff")


def test_a_gate_that_is_not_there_is_named_with_the_nearest(repo: Repository) -> None:
    repo.gates(gate("pass"))
    repo.pic("start", "X", "--size", "trivial")
    assert "did you mean proof?" in repo.pic("gate", "run", "prof", code=2)


@posix
def test_an_interrupt_while_a_gate_is_starting_leaves_nobody_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = process.subprocess.Popen

    def slow(*given: Any, **named: Any) -> Any:
        child = real(*given, **named)
        started.append(child.pid)
        os.kill(os.getpid(), signal.SIGINT)  # before anybody has been told of the child
        return child

    monkeypatch.setattr(process.subprocess, "Popen", slow)
    monkeypatch.setattr(signal, "getsignal", lambda _number: signal.default_int_handler)  # heard even in the background
    with pytest.raises(KeyboardInterrupt):
        process.run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, 60)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
