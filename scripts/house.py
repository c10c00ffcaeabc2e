"""Rules of the house that no linter knows, held against every file git tracks (or would).

No registry's address, no path of someone's machine, no code file of 500 lines or more, no lock of
another tool, nothing big enough to be a model or a video; and less than half as much prose as code.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = {".py", ".sh", ".ps1", ".js", ".css", ".html", ".sql"}
MOST_LINES = 499
MOST_BYTES = 300_000
MAY_BE_LONG = ("requirements/", "packages/avatar/src/avatar/fonts/")
FOREIGN_LOCKS = {"uv.lock", "package-lock.json", "poetry.lock"}
FORBIDDEN = {
    "a registry's address": re.compile(r"(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)|crates\.io", re.IGNORECASE),
    "a path of one machine": re.compile(r"(?<![\w.~$}*])/(?:root|work|Users/\w+|home/\w+)/\w|[A-Z]:\\Users\\"),
}


def tracked() -> list[Path]:
    """Files git tracks, and new ones it does not ignore, that are still there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in sorted(set(names.split("\0"))) if name and (path := ROOT / name).is_file()]


def offences(path: Path) -> Iterator[str]:
    """One line for each rule the file breaks."""
    name = path.relative_to(ROOT).as_posix()
    if path.name in FOREIGN_LOCKS:
        yield f"{name}: the locks are requirements/*.txt"
    content = path.read_bytes()
    if len(content) > MOST_BYTES and not name.startswith(MAY_BE_LONG):
        yield f"{name}: {len(content):,} bytes; {MOST_BYTES:,} is the most a file may have"
    if b"\0" in content:
        return
    lines = content.decode().splitlines()
    if path.suffix in CODE and len(lines) > MOST_LINES:
        yield f"{name}: {len(lines)} lines; split what it does"
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield f"{name}:{number}: {what}: {line.strip()[:80]}"


def too_much_prose(files: list[Path]) -> Iterator[str]:
    """One line when the pages people write outgrow half the code. Generated pages do not count."""
    pages = [path for path in files if path.suffix == ".md" and "reference" not in path.parts]
    prose, code = (
        sum(len(path.read_text().splitlines()) for path in group)
        for group in (pages, [path for path in files if path.suffix in CODE])
    )
    if 2 * prose > code:
        yield f"{prose} lines of prose for {code} of code: say less"


if __name__ == "__main__":
    files = tracked()
    wrong = [offence for path in files for offence in offences(path)] + list(too_much_prose(files))
    print("\n".join(wrong) or f"house: {len(files)} files keep its rules")
    sys.exit(bool(wrong))
