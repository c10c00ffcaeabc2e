"""Projects with lock files, extras and code that runs elsewhere, audited through the real command."""

import json
from pathlib import Path
from typing import Any

import pytest

CELLS = ("--python", "3.11-3.12", "--platform", "linux-x86_64", "--as-of", "2026-11-01")
LOCKS = {
    "pylock.toml": '[[packages]]\nname = "inner"\nversion = "1.0"\n',
    "uv.lock": '[[package]]\nname = "inner"\nversion = "1.0"\nsource = { registry = "somewhere" }\n'
    '[[package]]\nname = "mine"\nversion = "9"\nsource = { editable = "." }\n',
    "poetry.lock": '[[package]]\nname = "inner"\nversion = "1.0"\n[metadata]\n',
    "pdm.lock": '[[package]]\nname = "Inner"\nversion = "1.0"\n',
    "Pipfile.lock": json.dumps({"default": {"inner": {"version": "==1.0"}}, "develop": {}}),
}


@pytest.fixture
def project(index: Any, tmp_path: Path) -> Path:
    index.add("inner", "1.0", day="2026-09-01")
    index.add("inner", "2.0", day="2026-10-01")
    index.add("outer", "1.0", requires=("inner",), day="2026-10-01")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "requirements.txt").write_text("outer\n")
    return folder


def audit(preflight: Any, index: Any, project: Path, code: int = 0) -> Any:
    done = preflight("audit", "--project", project, *CELLS, "--index-url", index.url, "--format", "json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_without_a_lock_the_newest_is_audited(preflight: Any, index: Any, project: Path) -> None:
    assert {pins["inner"] for pins in audit(preflight, index, project)["resolved"].values()} == {"2.0"}


@pytest.mark.parametrize("name", LOCKS)
def test_what_a_lock_file_pins_is_what_is_audited(preflight: Any, index: Any, project: Path, name: str) -> None:
    (project / name).write_text(LOCKS[name])
    report = audit(preflight, index, project)
    assert {pins["inner"] for pins in report["resolved"].values()} == {"1.0"}
    assert report["plan"]["locked"] == {"file": name, "pins": ["inner==1.0"]}


def test_a_lock_that_no_cell_can_have_is_red(preflight: Any, index: Any, project: Path) -> None:
    (project / "pylock.toml").write_text('[[packages]]\nname = "inner"\nversion = "7"\n')
    report = audit(preflight, index, project, code=1)
    assert "inner==7" in next(each["message"] for each in report["findings"] if each["id"] == "PF109")


@pytest.mark.parametrize("text", ["[[package", '[[package]]\nname = "inner"\nversion = "one"\n', "package = 3\n"])
def test_a_damaged_lock_is_exit_2(preflight: Any, index: Any, project: Path, text: str) -> None:
    (project / "uv.lock").write_text(text)
    done = preflight("audit", "--project", project, *CELLS, "--index-url", index.url)
    assert done.returncode == 2
    assert "uv.lock" in done.stderr
    assert "Traceback" not in done.stderr


def test_hashes_beside_requirements_are_read_over(preflight: Any, index: Any, project: Path) -> None:
    (project / "requirements.txt").write_text("inner==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n")
    assert {pins["inner"] for pins in audit(preflight, index, project)["resolved"].values()} == {"1.0"}


def test_extras_belong_to_the_plan_and_code_elsewhere_does_not(preflight: Any, index: Any, project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[project]\nname = "mine"\ndependencies = ["outer"]\noptional-dependencies.more = ["inner<2"]\n'
    )
    (project / "worker.py").write_text("import nowhere\n")
    assert [each["package"] for each in audit(preflight, index, project, code=1)["findings"]] == ["nowhere"]
    (project / "preflight.toml").write_text('extras = ["more"]\nelsewhere = ["worker.py"]\n')
    report = audit(preflight, index, project)
    assert {pins["inner"] for pins in report["resolved"].values()} == {"1.0"}
    assert any("worker.py: this code runs in environments of its own" in each["reason"] for each in report["unknown"])
    (project / "pyproject.toml").write_text(
        '[project]\nname = "my.own"\ndependencies = ["outer"]\n'
        'optional-dependencies = { more = ["inner<2"], all = ["My-Own[more, all]"] }\n'
    )
    (project / "preflight.toml").write_text('extras = ["all"]\nelsewhere = ["worker.py"]\n')
    whole = audit(preflight, index, project)
    assert {tuple(sorted(pins)) for pins in whole["resolved"].values()} == {("inner", "outer")}
    assert {pins["inner"] for pins in whole["resolved"].values()} == {"1.0"}
    (project / "preflight.toml").write_text('extras = ["mor"]\n')
    done = preflight("audit", "--project", project, *CELLS, "--index-url", index.url)
    assert (done.returncode, "did you mean more?" in done.stderr) == (2, True)
