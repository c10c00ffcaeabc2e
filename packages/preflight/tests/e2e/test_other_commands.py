"""smoke, init, diff, api, closure and cost, as real processes on a local index."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PYTHON = f"3.{sys.version_info.minor}"


def smoke(preflight: Any, index: Any, *arguments: object) -> Any:
    plain = {"UV_DEFAULT_INDEX": index.url, "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    return preflight("smoke", *arguments, "--python", PYTHON, **plain)


def test_smoke_installs_and_imports_for_real(preflight: Any, index: Any) -> None:
    index.add("inner", "1.0", modules={"inner/__init__.py": "word = 'hello'\n"})
    index.add("outer", "1.0", requires=("inner",), modules={"outer/__init__.py": "from inner import word\n"})
    done = smoke(preflight, index, "outer")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "import outer: fine" in done.stdout
    assert "foreign code" in done.stderr


def test_smoke_says_what_an_import_says(preflight: Any, index: Any) -> None:
    index.add("outer", "1.0", modules={"outer/__init__.py": "import nowhere\n", "outer/fine.py": ""})
    index.add("apart", "1.0")
    done = smoke(preflight, index, "outer", "apart", "--import", "outer", "--import", "apart", "--json")
    assert done.returncode == 1
    imports = json.loads(done.stdout)[0]["imports"]
    assert imports == {"outer": "ModuleNotFoundError: No module named 'nowhere'", "apart": ""}


def test_smoke_says_what_does_not_install(preflight: Any, index: Any) -> None:
    index.add("outer", "1.0", requires=("inner>=2",))
    index.add("inner", "1.0")
    done = smoke(preflight, index, "outer")
    assert done.returncode == 1
    assert "not installed" in done.stdout
    assert "inner" in done.stdout


def test_init_writes_what_is_missing_and_its_test_runs(preflight: Any, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("click\n")
    (project / "app.py").write_text("import click\n\nclick.echo('hi')\n")
    done = preflight("init", project)
    assert done.returncode == 0
    assert {path.name for path in project.rglob("*") if path.is_file()} == {
        *("requirements.txt", "app.py", "preflight.toml", "test_smoke_imports.py", "preflight-hook.yaml"),
    }
    test = (project / "tests/test_smoke_imports.py").read_text()
    assert "['click']" in test
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", project, project]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    (project / "preflight.toml").write_text("python = '3.12'\n")
    assert "everything is there already" in preflight("init", project).stdout
    assert (project / "preflight.toml").read_text() == "python = '3.12'\n"


def test_init_in_no_folder_is_exit_2(preflight: Any, tmp_path: Path) -> None:
    done = preflight("init", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "is not a folder" in done.stderr


def reports(preflight: Any, index: Any, folder: Path) -> tuple[Path, Path]:
    index.add("lib", "1.0", day="2026-01-01")
    index.add("lib", "2.0", day="2026-10-01", python="<3.12")
    paths = folder / "old.json", folder / "new.json"
    for path, day in zip(paths, ("2026-02-05", "2026-11-01"), strict=True):
        done = preflight(
            *("audit", "lib>=1", "--python", "3.12", "--platform", "linux-x86_64", "--as-of", day),
            *("--index-url", index.url, "--format", "json"),
        )
        path.write_text(done.stdout)
    return paths


def test_diff_says_what_got_worse(preflight: Any, index: Any, tmp_path: Path) -> None:
    old, new = reports(preflight, index, tmp_path)
    done = preflight("diff", old, new)
    assert done.returncode == 1
    assert "worse  lib GREEN -> RED" in done.stdout
    assert "new    RED PF101 lib 2.0 refuses Python 3.12" in done.stdout
    plain = json.loads(preflight("diff", old, new, "--json").stdout)
    assert [each["id"] for each in plain["new"]] == ["PF101", "PF110"]


def test_diff_the_other_way_is_fine(preflight: Any, index: Any, tmp_path: Path) -> None:
    old, new = reports(preflight, index, tmp_path)
    assert preflight("diff", old, old).returncode == 0
    done = preflight("diff", new, old)
    assert done.returncode == 0
    assert "gone" in done.stdout


def test_diff_of_what_is_no_report_is_exit_2(preflight: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1, 2")
    done = preflight("diff", tmp_path / "a.json", tmp_path / "a.json")
    assert done.returncode == 2
    assert "is not a report" in done.stderr


def test_api_tells_the_life_of_a_name(preflight: Any, index: Any) -> None:
    said = '"""Reads. It will be removed in 3.0."""'
    for version, code in (("1.0", ""), ("2.0", f"def read():\n    {said}\n"), ("3.0", "")):
        index.add("lib", version, day=f"202{version[0]}-01-01", modules={"lib/__init__.py": code})
    found = json.loads(preflight("api", "lib.read", "--index-url", index.url, "--json").stdout)
    assert (found["status"], found["present_in"], found["removed_in"]) == ("removed", ["2.0"], "3.0")
    assert "will be removed in 3.0" in found["announced"]


def test_closure_ends_with_what_no_deps_must_list(preflight: Any, index: Any) -> None:
    index.add("deep", "1.0")
    index.add("inner", "1.0", requires=("deep",), modules={"inner/__init__.py": "import deep\n"})
    index.add("outer", "1.0", requires=("inner",), modules={"outer/__init__.py": "import inner, hidden\n"})
    found = json.loads(preflight("closure", "outer", "--in", "outer", "--index-url", index.url, "--json").stdout)
    assert found["install"] == ["deep==1.0", "inner==1.0", "outer==1.0"]
    assert {need["module"]: need["declared"] for need in found["needs"]} == {"inner": True, "hidden": False}


def test_cost_counts_builds_and_bytes(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", requires=("dep",))
    index.add("dep", "1.0")
    found = json.loads(preflight("cost", "lib", "--index-url", index.url, "--json").stdout)[0]
    assert found["packages"] == 2
    assert found["bytes"] == sum(map(len, index.files.values()))
    assert found["sdists"] == []
