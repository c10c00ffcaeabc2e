"""A project as it stands on disk: what it requires, imports and calls, and how its tests treat that. Nothing is run."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from preflight.errors import CouldNotCheck, InputError
from preflight.model import Use
from preflight.source.imports import parse as parse_python
from preflight.source.locks import Locked, locked
from preflight.source.requirements import Listed, parse, read
from preflight.source.stdlib import STANDARD

SKIPPED = {
    ".git",
    ".hg",
    ".tox",
    ".nox",
    ".venv",
    "venv",
    "env",
    "node_modules",
    "build",
    "dist",
    "__pycache__",
    ".eggs",
}
MOST_FILES = 5_000
MOST_SIZE = 2_000_000
MOCKS = re.compile(r"\b(?:mock|mocker|monkeypatch|patch|MagicMock|Mock|AsyncMock)\b")


@dataclass
class Project:
    """A folder with code, and a pyproject.toml or requirements files."""

    root: Path
    elsewhere: tuple[str, ...] = ()  # globs of files whose code runs in environments of its own
    unread: dict[str, str] = field(default_factory=dict)

    @cached_property
    def files(self) -> list[Path]:
        """Its Python files, tests included."""
        found = [
            path for path in sorted(self.root.rglob("*.py")) if not SKIPPED & set(path.relative_to(self.root).parts)
        ]
        if len(found) > MOST_FILES:
            self.unread["the project"] = f"only {MOST_FILES:,} of {len(found):,} Python files were read"
        return found[:MOST_FILES]

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The files that parse, by their path in the project; the others stand in `unread`."""
        found: dict[str, ast.Module] = {}
        for path in self.files:
            name = path.relative_to(self.root).as_posix()
            try:
                if path.stat().st_size > MOST_SIZE:
                    raise CouldNotCheck(f"larger than {MOST_SIZE:,} bytes")
                found[name] = parse_python(path.read_bytes(), name)
            except (CouldNotCheck, OSError) as error:
                self.unread[name] = str(error)
        return found

    @cached_property
    def listed(self) -> Listed:
        """Requirements of pyproject.toml and of requirements*.txt beside it. Raises InputError when there are none."""
        listed = Listed()
        pyproject = self.root / "pyproject.toml"
        if pyproject.exists():
            listed.requirements += [parse(line) for line in self._table.get("dependencies", [])]
        for path in [] if pyproject.exists() and listed.requirements else sorted(self.root.glob("requirements*.txt")):
            more = read(path)
            listed.requirements += more.requirements
            listed.unread += more.unread
            listed.reasons |= more.reasons
            listed.no_deps |= more.no_deps
            listed.index_url = listed.index_url or more.index_url
        if not listed.requirements and self.lock:
            listed.requirements += self.lock.pins
        if not listed.requirements and not pyproject.exists():
            raise InputError(
                f"{self.root} has no pyproject.toml and no requirements*.txt", "is it the project's folder?"
            )
        return listed

    @cached_property
    def lock(self) -> Locked | None:
        """Its lock file. Raises InputError for a damaged one."""
        return locked(self.root)

    @cached_property
    def _table(self) -> dict[str, Any]:
        try:
            table = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"pyproject.toml cannot be read: {error}") from error
        project: dict[str, Any] = table.get("project", {})
        return project

    @property
    def licence(self) -> str:
        """Its own licence expression, when it states one."""
        said = self._table.get("license", "") if (self.root / "pyproject.toml").exists() else ""
        return said if isinstance(said, str) else ""

    @cached_property
    def own(self) -> frozenset[str]:
        """Import names that are the project's own."""
        tops = {path.relative_to(self.root).parts for path in self.files}
        return frozenset(
            {parts[0].removesuffix(".py") for parts in tops} | {p[1].removesuffix(".py") for p in tops if len(p) > 1}
        )

    def code(self) -> Iterator[tuple[str, ast.Module]]:
        """Files that are not tests, and run in the environment that is planned."""
        here = ((name, tree) for name, tree in self.trees.items() if not is_test(name))
        return ((name, tree) for name, tree in here if not any(fnmatch(name, each) for each in self.elsewhere))

    def tests(self) -> Iterator[tuple[str, ast.Module]]:
        """Files that are."""
        return ((name, tree) for name, tree in self.trees.items() if is_test(name))

    def uses(self) -> list[Use]:
        """Dotted names of other packages that the code imports or calls, each once."""
        found: dict[str, Use] = {}
        for name, tree in self.code():
            for dotted, line in used_names(tree):
                top = dotted.partition(".")[0]
                if top not in STANDARD and top not in self.own:
                    found.setdefault(dotted, Use(dotted, f"{name}:{line}"))
        return list(found.values())

    def declared(self) -> set[str]:
        """Normalized names of what it requires."""
        return {canonicalize_name(each.name) for each in self.listed.requirements}

    @cached_property
    def extras(self) -> dict[str, list[Requirement]]:
        """What its extras require, those they name of this project itself included."""
        extras: dict[str, list[str]] = self._table.get("optional-dependencies", {}) if self._has_table else {}
        told = {name: [parse(line) for line in lines] for name, lines in extras.items()}
        return {name: list(self._unfolded(name, told, set())) for name in told}

    def _unfolded(self, extra: str, told: dict[str, list[Requirement]], seen: set[str]) -> Iterator[Requirement]:
        """`shop[all]` may be `shop[one,two]`: the project is not looked up on an index."""
        seen.add(extra)
        for each in told.get(extra, ()):
            if canonicalize_name(each.name) != canonicalize_name(self._table.get("name", "")):
                yield each
                continue
            for inner in sorted(each.extras - seen):
                yield from self._unfolded(inner, told, seen)

    def optional(self) -> set[str]:
        """Normalized names of what its extras require."""
        return {canonicalize_name(each.name) for some in self.extras.values() for each in some}

    @property
    def _has_table(self) -> bool:
        return (self.root / "pyproject.toml").exists()

    def pinned(self) -> list[tuple[Requirement, str]]:
        """Exact pins with the reason that stands beside them, if any."""
        exact = [each for each in self.listed.requirements if any(s.operator == "==" for s in each.specifier)]
        return [(each, self.listed.reasons.get(str(each), "")) for each in exact]


def is_test(name: str) -> bool:
    """Whether a path is a test's."""
    return "tests/" in f"/{name}" or "test/" in name or Path(name).name.startswith(("test_", "conftest"))


def used_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Dotted names from outside that a module names: imported ones, and attributes reached through them."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                if alias.name != "*":
                    yield f"{node.module}.{alias.name}", node.lineno
    yield from _attributes(tree, bound)


def _attributes(tree: ast.Module, bound: dict[str, str]) -> Iterator[tuple[str, int]]:
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            text = ast.unparse(node)
            first, _, rest = text.partition(".")
            if first in bound and rest.replace(".", "").isidentifier():
                yield f"{bound[first]}.{rest}", node.lineno


def patched_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Dotted names a test replaces: `patch("src.tts.TTS")`, `sys.modules["torch"] = Mock()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and MOCKS.search(ast.unparse(node.func)):
            yield from ((text, node.lineno) for text in _strings(node) if re.fullmatch(r"[A-Za-z_][\w.]*", text))
        elif isinstance(node, ast.Assign) and "sys.modules" in ast.unparse(node.targets[0]):
            yield from ((text, node.lineno) for text in _strings(node.targets[0]))


def _strings(node: ast.AST) -> Iterator[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))
