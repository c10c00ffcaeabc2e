"""uv, as a child process: requirements in, pins or a conflict out."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.errors import CouldNotCheck, ToolMissing
from preflight.model import MACOS, PLATFORMS, Cell

SECONDS = 300.0
KEPT = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
# Our shelf has asked as often as is sensible before it says no; and it may wait long for a slow index.
PATIENT = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": f"{SECONDS:.0f}"}


@dataclass(frozen=True)
class Answer:
    """Pins, or why there are none; and how hard it was."""

    pins: dict[str, Version] = field(default_factory=dict)
    wanted: dict[str, frozenset[str]] = field(default_factory=dict)  # package -> the packages that ask for it
    conflict: str = ""
    tried: dict[str, int] = field(default_factory=dict)  # package -> how many versions were selected on the way


def find_uv() -> str | None:
    """The uv beside this Python (the extra `preflight-audit[uv]`), else the one on PATH."""
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    return str(beside) if beside.exists() else shutil.which("uv")


@dataclass(frozen=True)
class Uv:
    """One uv, asking one index, with a cache of its own; blind to every configuration but ours."""

    program: str
    index: str
    cache: Path
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def here(cls, index: str, cache: Path, environment: Mapping[str, str]) -> "Uv":
        """The uv that is installed. Raises ToolMissing."""
        program = find_uv()
        if program is None:
            raise ToolMissing("uv is not installed, and resolves the plan", "pip install 'preflight-audit[uv]'")
        kept = {key: environment[key] for key in KEPT if key in environment}
        target = {"MACOSX_DEPLOYMENT_TARGET": ".".join(map(str, MACOS))}  # uv's own default is older than our cells
        return cls(program, index, cache, {**kept, **PATIENT, **target})

    def hold(self, pins: list[str]) -> None:
        """Versions that packages are held at wherever they are needed (uv's constraints)."""
        self._held.write_text("\n".join(pins), encoding="utf-8")

    @property
    def _held(self) -> Path:
        return self.cache / "preflight-constraints.txt"

    def resolve(self, requirements: str, cell: Cell, *, counted: bool = False, alone: bool = False) -> Answer:
        """Resolve requirement lines for a cell; `alone`: without what they need.

        Raises CouldNotCheck when uv fails for any reason but a conflict.
        """
        command = [
            *(
                self.program,
                "pip",
                "compile",
                "-",
                "--no-config",
                "--no-build",
                "--no-header",
                "--annotation-style",
                "line",
            ),
            *("--default-index", self.index, "--cache-dir", str(self.cache), "--color", "never"),
            *("--python", sys.executable, "--no-python-downloads"),
            *("--python-version", cell.full_python, "--python-platform", PLATFORMS[cell.platform].uv),
            *(["--constraints", str(self._held)] if self._held.exists() else []),
            *(["-v"] if counted else []),
            *(["--no-deps"] if alone else []),
        ]
        done = self._run(command, requirements, cell)
        if done.returncode == 0:
            return Answer(_pins(done.stdout), _wanted(done.stdout), tried=_tried(done.stderr))
        text = done.stderr[done.stderr.find("×") + 1 :] if "×" in done.stderr else done.stderr
        if "No solution found" in done.stderr:
            return Answer(conflict=tidy(text), tried=_tried(done.stderr))
        raise CouldNotCheck(f"uv could not resolve {cell}: {tidy(text)[:400] or done.returncode}")

    def _run(self, command: list[str], requirements: str, cell: Cell) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                input=requirements,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
                timeout=SECONDS,
                env=dict(self.environment),
            )
        except subprocess.TimeoutExpired as error:
            raise CouldNotCheck(f"uv found no answer for {cell} in {SECONDS:.0f} s") from error


def _pins(text: str) -> dict[str, Version]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def _wanted(text: str) -> dict[str, frozenset[str]]:
    """Who asks for a package, from the comment beside it: "idna==3.10  # via requests, -c held.txt"."""
    found: dict[str, frozenset[str]] = {}
    for name, said in re.findall(r"^([\w.-]+)==\S+.*?# via (.+)$", text, re.MULTILINE):
        parents = (each.strip() for each in said.split(","))
        found[canonicalize_name(name)] = frozenset(canonicalize_name(each) for each in parents if each[0] != "-")
    return found


def _tried(text: str) -> dict[str, int]:
    """How often each package was selected, from uv's debug lines: a sign of effort, not an exact count."""
    counts: dict[str, set[str]] = {}
    for name, version in re.findall(r"Selecting: ([\w.-]+)==(\S+)", text):
        counts.setdefault(canonicalize_name(name), set()).add(version)
    return {name: len(versions) for name, versions in counts.items()}


def tidy(text: str) -> str:
    """uv's explanation on one line, without its drawing."""
    words = " ".join(re.sub(r"^DEBUG.*$|[│╰─▶├]", " ", text, flags=re.MULTILINE).split())
    words = re.sub(r"^.*No solution found when resolving dependencies[^:]*:?\s*(?:cause:\s*)?", "", words)
    return re.sub(r"https?://\S+", "the index", words)
