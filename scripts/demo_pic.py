"""`make demo-pic`: the tutorial of pic, flown for you in a throwaway repository; ends with the record as a page.

Every command is the one in docs/tutorial-pic.md and really runs; exit code 1 when one does not do what the page says.
"""

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs/tutorial-pic.md"
PAGE = ROOT / "out/pic.html"
AGENT_MARKS = ("PIC_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "OPENCODE", "PIC_ACTOR", "PIC_PERSON_TOKEN")
PARTS = re.compile(r"^## ([^\n]+)$|^```(sh refused|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COLOURS = {"title": "1;36", "command": "1", "refused": "33", "faint": "2"}


def painted(text: str, colour: str) -> str:
    """In colour on a terminal."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if sys.stdout.isatty() else text


def commands(block: str) -> Iterator[str]:
    """The commands of a block; one with a here-document goes on to its end."""
    lines = iter(block.splitlines())
    for line in lines:
        command = [line]
        if "<<'EOF'" in line:
            for more in lines:
                command.append(more)
                if more == "EOF":
                    break
        yield "\n".join(command)


def run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """One command, as a newcomer would type it: nobody's agent, and the pic of this environment."""
    environment = {key: value for key, value in os.environ.items() if key not in AGENT_MARKS}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["sh", "-euc", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def flown(folder: Path) -> int:
    """Show and run it all; how many commands did what the page does not say."""
    wrong = 0
    for title, kind, block in PARTS.findall(TUTORIAL.read_text("utf-8")):
        if title:
            print("\n" + painted(f"== {title} ==", "title"))
        for command in commands(block):
            shown = command.splitlines()[0].replace(" <<'EOF'", " …")
            print("\n" + painted(f"$ {shown}", "command"))
            done = run(command, folder)
            if done.stdout:
                print(painted(textwrap.indent(done.stdout.rstrip(), "  "), "refused" if done.returncode else "faint"))
            wrong += done.returncode != (1 if kind == "sh refused" else 0)
    return wrong


def main() -> int:
    """Fly it, and leave the record as a page."""
    with tempfile.TemporaryDirectory(prefix="pic-demo-") as name:
        folder = Path(name) / "greeting"
        folder.mkdir()
        wrong = flown(folder)
        page = run("pic audit export --format html", folder).stdout
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, "utf-8")
    print(f"\nthe record of this flight, as a page: {PAGE.relative_to(ROOT).as_posix()}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
