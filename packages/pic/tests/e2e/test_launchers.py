"""pic from its folder: with whatever Python is there, from anywhere, and as Windows would start it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2]
BIN = PACKAGE / "bin"


def run(
    *command: object, path: str = "", cwd: Path | None = None, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **({"PATH": path} if path else {})}
    return subprocess.run(
        [str(one) for one in command], capture_output=True, text=True, check=False, timeout=60, env=environment,
        cwd=cwd, input=given,
    )  # fmt: skip


OLD = """#!/bin/sh
while [ "$1" = -I ] || [ "$1" = -S ]; do shift; done
code="__file__ = \\"$1\\"; exec(open(__file__).read())"
if [ "$1" = -c ]; then shift; code=$1; fi
shift
exec '{python}' -c "import sys; sys.version_info = {version}; $code" "$@"
"""


def python_that(folder: Path, name: str, version: str = "") -> Path:
    """A Python called `name`: this one, or one that says it is older."""
    folder.mkdir(exist_ok=True)
    command = folder / name
    if not version:
        command.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
    else:
        command.write_text(OLD.format(version=version, python=sys.executable))
    command.chmod(0o755)
    return command


def test_it_starts_from_anywhere_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(BIN / "pic")
    for command in (BIN / "pic", tmp_path / "link"):
        assert run(command, "--version", cwd=tmp_path).stdout.startswith("pic 0.")
    assert run("pic", "--version", path=f"{BIN}:{os.environ['PATH']}").stdout.startswith("pic 0.")


def test_a_python_too_old_is_passed_over_for_one_that_will_do(tmp_path: Path) -> None:
    python_that(tmp_path / "bin", "python3", "(3, 9)")
    python_that(tmp_path / "bin", "python3.12")
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    assert run(BIN / "pic", "--version", path=path).stdout.startswith("pic 0.")


def test_no_python_is_one_line(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "sh"):
        real = next(Path(folder, name) for folder in ("/usr/bin", "/bin") if Path(folder, name).exists())
        (tools / name).symlink_to(real)
    done = run(BIN / "pic", "status", path=str(tools))
    assert done.returncode == 127
    assert done.stderr == "pic: needs Python 3.11 or newer, and none is on the PATH\n"


@pytest.mark.parametrize(("event", "code"), [("pre-tool-use", 2), ("stop", 1)])
def test_an_old_python_says_no_only_where_pic_is_set_up(tmp_path: Path, event: str, code: int) -> None:
    old = python_that(tmp_path / "bin", "python3", "(3, 9)")
    kept, other = tmp_path / "kept", tmp_path / "other"
    (kept / ".pic/log").mkdir(parents=True)
    other.mkdir()
    done = run(old, "-I", "-S", BIN / "pic.py", "hook", event, cwd=kept)
    assert done.returncode == code
    assert "pic needs Python 3.11 or newer, and this is 3.9" in done.stderr
    done = run(old, "-I", "-S", BIN / "pic.py", "hook", event, cwd=other)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_launcher_is_read_by_any_python() -> None:
    text = (BIN / "pic.py").read_text()
    assert not any(word in text for word in ('f"', "f'", ":=", "match ", "-> "))


def test_launchers_end_their_lines_as_their_systems_want() -> None:
    for name in ("pic", "pic.py"):
        assert b"\r" not in (BIN / name).read_bytes()
    windows = (BIN / "pic.cmd").read_bytes()
    assert windows.count(b"\n") == windows.count(b"\r\n") > 10
    attributes = (PACKAGE / ".gitattributes").read_text()
    assert "*.cmd text eol=crlf" in attributes
    assert "bin/pic text eol=lf" in attributes


def test_the_windows_launcher_asks_each_name_python_has_there_and_hands_all_words_on() -> None:
    lines = (BIN / "pic.cmd").read_text().splitlines()
    asked = [line.split()[-1] for line in lines if line.startswith("where /q")]
    started = [line.split() for line in lines if "%~dp0pic.py" in line]
    assert asked == ["py.exe", "python3.exe", "python.exe"]
    assert [words[0] for words in started] == ["py", "python3", "python"]
    assert all(words[-3:] == ["-S", '"%~dp0pic.py"', "%*"] for words in started)
    assert lines[-1] == "exit /b 127"


def test_hooks_and_the_server_are_started_without_a_shell() -> None:
    hooks = json.loads((PACKAGE / "hooks/hooks.json").read_text())["hooks"]
    started = [hook for groups in hooks.values() for group in groups for hook in group["hooks"]]
    started += json.loads((PACKAGE / ".mcp.json").read_text())["mcpServers"].values()
    for one in started:
        assert one["command"] == "python3"
        assert one["args"][:3] == ["-I", "-S", "${CLAUDE_PLUGIN_ROOT}/bin/pic.py"]
    assert [group["hooks"][0].get("onFailure") for group in hooks["PreToolUse"]] == ["block", None]


def test_a_wheel_brings_skills_and_agents(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import hatchling.build as b, sys; print(b.build_wheel(sys.argv[1]))", tmp_path]
    done = run(*command, cwd=PACKAGE)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    there = "import pic.store.shipped as s; print(s.folder()); print(len(list(s.folder().glob('skills/*/SKILL.md'))))"
    done = run(
        sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {there}", tmp_path / "site"
    )
    folder, count = done.stdout.split()
    assert folder == str(tmp_path / "site/pic/plugin")
    assert int(count) >= 7
