"""Which gates a repository starts with: each stops what a real project has died of.

Libraries that no environment could install, an API that had moved, a suite that spoke to mocks alone while the program
never ran. What a repository is shows in the files at its root; unknown is said, not guessed.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pic.model.config import VERSION
from pic.model.state import PHASES

CODE = ("**", "!docs/**", "!plan/**", "!*.md", "!**/__pycache__/**")
"""What the gates of the code cover: not the prose beside it."""
PREFLIGHT = "pip install preflight-audit"
WRITES = {
    "research": ("docs/**", "plan/**", "*.md"),
    "planning": ("docs/**", "plan/**", "*.md"),
    "design": ("docs/**", "plan/**", "*.md"),
    "implementation": ("**",),
    "testing": ("**/test*/**", "**/__tests__/**", "**/*test*", "**/*spec*", "examples/**", "docs/**", "*.md"),
    "review": ("docs/**", "*.md"),
}
"""What each pilot may write, as `pic init` suggests it."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One gate as it will stand in the file, and the phase it ends."""

    phase: str
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


def _gate(phase: str, name: str, run: list[str], why: str, **more: Any) -> Suggestion:
    return Suggestion(phase, name, {"run": run, "covers": list(CODE), "why": why, **more})


def _check(phase: str, name: str, why: str, **more: Any) -> Suggestion:
    return Suggestion(phase, name, {"run": ["pic", "audit", "check", name], "covers": [], "why": why, **more})


RECORD = (
    _check("research", "sources", "what was read is on record"),
    _check(
        "planning", "environments", "it is written down where the work must run",
        covers=["plan/*", "preflight.toml", "package.json", "Cargo.toml", "go.mod"],
    ),
    _check("planning", "milestones", "what the plan leans on is on record"),
    _check("design", "decisions", "the design's choices are formal decisions"),
    _check("testing", "study", "the parts ran together, not only mocks of them"),
    _check("testing", "artefact", "a run on real parts left something to look at", covers=list(CODE)),
    _check("review", "complete", "the record verifies, is whole, and every conflict is resolved"),
)  # fmt: skip
"""Gates every repository has."""


def _python(work: Path) -> list[Suggestion]:
    audit = ["preflight", "audit", "--quiet", "--project", "plan"]
    plan = {"covers": ["plan/**"], "install": PREFLIGHT}
    libraries = "the candidates in plan/requirements.txt (or plan/pyproject.toml, with none) are not RED in any cell"
    uses = "the calls the design will make, sketched in plan/*.py, exist in the versions that would be installed"
    compiled = ["python", "-m", "compileall", "-q", *_code(work)]
    suite = ["python", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    found = [
        _gate("research", "libraries", audit, libraries, **plan),
        _gate("design", "api", audit, uses, **plan),
        _gate("implementation", "build", compiled, "all of it compiles", clean=True),
        _gate("testing", "tests", suite, "the suite passes", install="pip install pytest"),
    ]
    if _installable(work):
        found.insert(3, _clean_python(work))
    return found


def _installable(work: Path) -> bool:
    return (work / "setup.py").is_file() or bool({"project", "build-system"} & _toml(work / "pyproject.toml").keys())


def _clean_python(work: Path) -> Suggestion:
    """-I and -S: what this machine has installed already is not seen by the import."""
    names = [Path(one).name for one in _packages(work)] or ["sys"]
    code = f"import sys; sys.path.insert(0, '.clean'); import {', '.join(names)}"
    pip = ["python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", ".clean", "."]
    why = "a copy of the repository installs where nothing was before, and imports"
    return _gate("implementation", "install", pip, why, then=[["python", "-I", "-S", "-c", code]], clean=True)


def _packages(work: Path) -> list[str]:
    found = sorted(path.parent for root in ("src", ".") for path in (work / root).glob("*/__init__.py"))
    names = [path.relative_to(work).as_posix() for path in found]
    return [one for one in names if re.fullmatch(r"[\w/]+", one) and not Path(one).name.startswith("test")]


def _code(work: Path) -> list[str]:
    """Not the whole folder: an environment inside it is none of ours to compile."""
    return _packages(work) or sorted(path.name for path in work.glob("*.py") if path.name[:1] != "-") or ["."]


def _node(work: Path) -> list[Suggestion]:
    locks = {
        "pnpm-lock.yaml": ["pnpm", "install", "--frozen-lockfile"],
        "yarn.lock": ["yarn", "install", "--frozen-lockfile"],
        "package-lock.json": ["npm", "ci"],
    }
    install = next((run for name, run in locks.items() if (work / name).is_file()), ["npm", "install"])
    tool = install[0]
    main = _json(work / "package.json").get("main") or ("index.js" if (work / "index.js").is_file() else "")
    load = [["node", "-e", f"import(require('node:url').pathToFileURL({json.dumps(main)}))"]] if main else []
    get = f"install Node.js with {tool}"
    resolve = ["npm", "install", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund"]
    build = {"then": [[tool, "run", "build", "--if-present"], *load], "clean": True, "install": get}
    return [
        _gate("research", "libraries", resolve, "the libraries in package.json resolve together",
              covers=["**/package.json"], install=get),
        _gate("implementation", "install", install, "a copy of the repository installs, builds and loads", **build),
        _gate("testing", "tests", [tool, "test"], "the suite passes", install=get),
    ]  # fmt: skip


def _rust(_work: Path) -> list[Suggestion]:
    get = {"install": "install Rust: rustup"}
    return [
        _gate("research", "libraries", ["cargo", "metadata", "--quiet", "--format-version", "1"],
              "the crates in Cargo.toml resolve together", covers=["**/Cargo.toml"], **get),
        _gate("implementation", "install", ["cargo", "build", "--quiet"],
              "a copy of the repository builds where nothing was before", clean=True, **get),
        _gate("testing", "tests", ["cargo", "test", "--quiet"], "the suite passes", **get),
    ]  # fmt: skip


def _go(_work: Path) -> list[Suggestion]:
    get, build = {"install": "install Go"}, {"then": [["go", "vet", "./..."]], "clean": True}
    return [
        _gate("research", "libraries", ["go", "list", "-m", "all"], "the modules in go.mod resolve together",
              covers=["go.mod", "go.sum"], **get),
        _gate("implementation", "install", ["go", "build", "./..."],
              "a copy of the repository builds where nothing was before", **build, **get),
        _gate("testing", "tests", ["go", "test", "./..."], "the suite passes", **get),
    ]  # fmt: skip


def _make(_work: Path) -> list[Suggestion]:
    return [
        _gate("implementation", "build", ["make"], "it builds"),
        _gate("testing", "tests", ["make", "test"], "the suite passes"),
    ]


KINDS: tuple[tuple[str, tuple[str, ...], Callable[[Path], list[Suggestion]]], ...] = (
    ("Python", ("pyproject.toml", "setup.py", "requirements.txt"), _python),
    ("Node", ("package.json",), _node),
    ("Rust", ("Cargo.toml",), _rust),
    ("Go", ("go.mod",), _go),
    ("make", ("Makefile",), _make),
)
"""What a repository is called, the files that give it away, and what proves it; the first that fits is taken."""


def detect(work: Path) -> tuple[str, list[Suggestion]]:
    """What the repository is, and its gates in the order they will be run."""
    for kind, marks, suggest in KINDS:
        if any((work / mark).is_file() for mark in marks):
            return kind, [*suggest(work), *RECORD]
    return "unknown", list(RECORD)


def text(kind: str, gates: list[Suggestion]) -> str:
    """The configuration for such a repository."""
    lines = [
        f"# What must be true before a phase ends. This repository looks like: {kind}.",
        f"version = {VERSION}",
        "",
    ]
    for phase in PHASES:
        names = [one.name for one in gates if one.phase == phase]
        may = f'{{ tools = ["*"], paths = {_toml_value(list(WRITES[phase]))}, model = "" }}'
        lines += [f"[phases.{phase}]", f'pilot = "{phase}"', f"gates = {_toml_value(names)}", f"authority = {may}", ""]
    for one in gates:
        lines += [f"[gates.{one.name}]", *(f"{key} = {_toml_value(value)}" for key, value in one.values.items()), ""]
    lines += ["[sizes.trivial]  # a small change needs no study of how the parts run together"]
    lines += ['phases = ["implementation", "testing", "review"]', 'without = ["study", "artefact"]', ""]
    lines += ["[conflicts]  # who decides: A technical, B scope, C priority, D process"]
    lines += ['A = "design"', 'B = "planning"', 'C = "orchestrator"', 'D = "orchestrator"']
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    """JSON's strings, numbers, lists and truths are TOML's too."""
    return json.dumps(value, ensure_ascii=False)


def _toml(path: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        return tomllib.loads(path.read_text("utf-8"))
    return {}


def _json(path: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    return {}
