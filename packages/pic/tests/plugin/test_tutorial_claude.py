"""docs/tutorial-claude-code.md, typed by a test: every `sh` block in order, and every `text` block somewhere seen."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pic.hook.entry import CLOSED, EVENTS

Repository = Any
Client = Any
"""What the conftests make; importlib mode imports none."""
ROOT = Path(__file__).parents[4]
PIC = ROOT / "packages/pic/bin/pic.py"
CLAUDE = """#!/bin/sh
if [ "$1" = -p ]; then export ANTHROPIC_API_KEY=sk-ant-mock; exec '{binary}' "$@" {said}; fi
exec '{binary}' "$@"
"""
TUTORIAL = ROOT / "docs/tutorial-claude-code.md"


def typed(line: str, repo: Repository, environment: dict[str, str]) -> str:
    """One line in a shell, as a person or an agent's host would."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=repo.folder, env=environment, capture_output=True, text=True, check=False,
        timeout=150, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def script(folder: Path, plan: Any) -> dict[str, list[dict[str, Any]]]:
    """What the model says: an eager session that learns, and a pilot that forgets its evidence once."""
    use = plan.use
    main = [
        use("Bash", command='pic start "Greet people by name"'),
        use("Write", file_path=str(folder / "src/greet.py"), content="x"),
        use("Write", file_path=str(folder / ".pic/config.toml"), content="version = 2"),
        use("Bash", command="python3 -c \"open('kept.py', 'w').write('x = 2')\""),
        use("Bash", command="git checkout -q kept.py"),
        use("Agent", description="r", prompt="PILOT of research", subagent_type="pic:pic-research"),
    ]
    main[-1]["input"]["run_in_background"] = False
    pilot = [
        use("Write", file_path=str(folder / "docs/notes.md"), content="read"),
        plan.say("done"),
        use("Bash", command="pic evidence add docs/notes.md"),
        plan.say("done now"),
    ]
    return {"PILOT of research": pilot, "Greet people by name": main}


def test_the_tutorial_is_true(make: Callable[[str], Repository], claude: Client, plan: Any, server: Any) -> None:
    repo = make("yours")
    (repo.folder / "kept.py").write_text("x = 1\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "kept")
    model = server(script(repo.folder, plan))
    claude.servers.append(model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    wrapper = claude.home / "bin/claude"
    said = "--output-format stream-json --verbose --permission-mode acceptEdits --allowedTools Bash Agent"
    wrapper.write_text(CLAUDE.format(binary=claude.binary, said=said))
    wrapper.chmod(0o755)
    (claude.home / "bin/pic").write_text(f"#!/bin/sh\nexec '{sys.executable}' -I -S '{PIC}' \"$@\"\n")
    (claude.home / "bin/pic").chmod(0o755)
    address = f"http://127.0.0.1:{model.server_address[1]}"
    environment = claude.environment(ANTHROPIC_BASE_URL=address, CHECKOUT=str(ROOT))
    del environment["ANTHROPIC_API_KEY"]
    page, seen = TUTORIAL.read_text("utf-8"), ""
    for person, block in re.findall(r"^```sh( person)?\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            extra = {"PIC_PERSON_TOKEN": repo.token()} if person else {}
            seen += typed(line, repo, {**environment, **extra})
    heard = seen + model.heard()
    for block in re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            assert line in heard, line
    assert "calls of agents" in seen
    assert repo.json("status")["gates"] == {"sources": "waived"}
    used = {row["what"].split()[0] for row in repo.json("audit") if row["kind"] == "tool.used"}
    assert {"Bash", "Write", "Agent"} <= used


def test_the_table_of_events_says_what_the_hooks_do() -> None:
    page = TUTORIAL.read_text("utf-8")
    hooks = json.loads((ROOT / "packages/pic/hooks/hooks.json").read_text())["hooks"]
    rows = re.findall(r"^\| ([A-Z][\w, :]+?) (?:tools[^|]*|Read[^|]*)?\| ([^|]+) \|", page, re.MULTILINE)
    told = {name.strip(" :"): then for names, then in rows for name in names.split(",")}
    assert set(told) == set(hooks)
    kebab = {re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower() for name in told}
    assert kebab == set(EVENTS)
    assert {"pre-tool-use"} == CLOSED
