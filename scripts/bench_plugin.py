"""Measures what a hook costs against bare Python, side by side, on a repository of 10,000 files; writes the page named.

`make bench-plugin`. Exit code 1 when a promise is broken.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PIC = Path(__file__).parents[1] / "packages/pic/bin/pic.py"
START = [sys.executable, "-I", "-S", str(PIC)]
INSTALLED = Path(sys.executable).with_name("pic")
FILES = 10_000
ROUNDS = 41
CONFIG = """version = 2
[phases.research]
gates = []
authority = { paths = ["docs/**", "plan/**", "*.md"] }
"""


@dataclass
class Measured:
    """One kind of process: what it is given, its seconds, and the most memory one held, in MB."""

    name: str
    command: list[str]
    given: bytes
    folder: Path
    most: float = 0.0
    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0

    def once(self) -> None:
        """Run it and note what it took."""
        with tempfile.TemporaryFile() as source:
            source.write(self.given)
            source.seek(0)
            begun = time.perf_counter()
            child = subprocess.Popen(
                self.command, cwd=self.folder, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, "CLAUDE_PROJECT_DIR": str(self.folder)},
            )  # fmt: skip
            _, _, usage = os.wait4(child.pid, 0)
            self.seconds.append(time.perf_counter() - begun)
            child.returncode = 0
        self.peak = max(self.peak, usage.ru_maxrss / 1024)

    @property
    def median(self) -> float:
        """In milliseconds."""
        return statistics.median(self.seconds) * 1000


def repository(folder: Path, files: int) -> Path:
    """A repository of so many small files in folders of a hundred."""
    folder.mkdir()
    for number in range(files):
        path = folder / f"src/part{number // 100}/file{number % 100}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"x = {number}\n")
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=folder, check=True)
    return folder


def event(folder: Path, tool: str, **given: str) -> bytes:
    """What Claude Code tells a hook."""
    call = {"session_id": "s", "cwd": str(folder), "tool_name": tool, "tool_input": given, "tool_use_id": "toolu_1"}
    return json.dumps(call).encode()


def kinds(root: Path) -> list[Measured]:
    """What is measured, in turns."""
    full, bare = repository(root / "full", FILES), repository(root / "bare", 10)
    for words in (["init", "--no-agents"], ["start", "Measured"]):
        subprocess.run([*START, *words], cwd=full, check=True, capture_output=True)
        (full / ".pic/config.toml").write_text(CONFIG)
    before, after = [*START, "hook", "pre-tool-use"], [*START, "hook", "post-tool-use"]
    write = event(full, "Write", file_path=str(full / "docs/a.md"), content="x" * 2000)
    shell = event(full, "Bash", command="make test")
    return [
        Measured("`python -c pass`", [sys.executable, "-c", "pass"], b"", full),
        Measured("pre-tool-use, a write that is allowed", before, write, full, 3),
        Measured("the same, by an installed `pic`", [str(INSTALLED), "hook", "pre-tool-use"], write, full, 3),
        Measured("pre-tool-use, a shell command", before, shell, full, 3),
        Measured("pre-tool-use, a read", before, event(full, "Read", file_path="src/part1/file1.py"), full, 3),
        Measured("pre-tool-use, no `.pic/`", before, event(bare, "Bash", command="make"), bare, 3),
        Measured("pre-tool-use, a refusal, with its record", before, event(full, "Write", file_path="a.py"), full),
        Measured("post-tool-use, a read, recorded", after, event(full, "Read", file_path="a"), full),
        Measured("post-tool-use, a shell command, tree compared", after, shell, full),
        Measured("session-start", [*START, "hook", "session-start"], b'{"session_id": "s"}', full),
    ]


def measured(root: Path) -> list[Measured]:
    """All of them, round by round, so that whatever else the machine does befalls all alike."""
    found = kinds(root)
    for number in range(ROUNDS):
        for one in found:
            if one.name.startswith("post-tool-use, a shell"):  # a call begins before it ends
                subprocess.run(found[3].command, input=found[3].given, cwd=one.folder, check=False, capture_output=True,
                               env={**os.environ, "CLAUDE_PROJECT_DIR": str(one.folder)})  # fmt: skip
            one.once()
            if number == 0:
                one.seconds.clear()  # the first compiles
    return found


def page(found: list[Measured]) -> str:
    """The figures as a page."""
    base = found[0].median
    rows = [
        f"| {one.name} | {one.median:.1f} ms | {one.median / base:.2f} × | {one.peak:.0f} MB | "
        + (f"≤ {one.most:.0f} ×, < 40 MB |" if one.most else "|")
        for one in found
    ]
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return (
        "# What the plugin takes\n\n"
        f"Written by `make bench-plugin` on {datetime.now(UTC):%Y-%m-%d}: {where}, load {os.getloadavg()[0]:.1f}.\n"
        f"A repository of {FILES:,} files, research limited to `docs/`, `plan/` and `*.md`; medians of {ROUNDS - 1}\n"
        "processes each, run in turns. A hook starts Python without its `site` and imports next to nothing, so it can\n"
        "take less than bare Python does.\n\n"
        "| what | takes | against bare Python | most memory | may take |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def main(target: str) -> int:
    """Measure, write the page, say it; exit code 1 when a promise is broken."""
    with tempfile.TemporaryDirectory() as root:
        found = measured(Path(root))
    text = page(found)
    print(text)
    if target:
        Path(target).write_text(text, "utf-8")
    broken = [one for one in found if one.most and (one.median > one.most * found[0].median or one.peak >= 40)]
    return int(bool(broken))


if __name__ == "__main__":
    for name in [name for name in os.environ if name.startswith(("CLAUDE", "PIC_"))]:
        del os.environ[name]
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
