"""The modules in a wheel: where they are, their trees, and what importing one of them needs."""

import ast
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

from preflight.errors import CouldNotCheck
from preflight.model import Source
from preflight.source.attributes import attributes
from preflight.source.imports import Import, Kind, imports, parse
from preflight.source.stdlib import REMOVED, STANDARD
from preflight.source.traits import Parsed

MOST_MODULES = 2_000
_ALL = re.compile(rb"^__all__\s*\+?=\s*[\[(]([^\])]*)", re.MULTILINE)
_QUOTED = re.compile(rb"[\"'](\w+)[\"']")
MOST_TREES = 24  # of one wheel, held at a time: a tree takes a hundred times its text


@dataclass
class Modules:
    """A wheel seen as modules. What cannot be parsed is named in `unread`."""

    source: Source
    unread: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)  # held by who asks on several threads
    _trees: OrderedDict[str, Parsed | None] = field(default_factory=OrderedDict)
    _imports: dict[tuple[str, tuple[int, int]], tuple[Import, ...]] = field(default_factory=dict)
    _promises: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def tops(self) -> frozenset[str]:
        """Import packages and modules that the wheel brings."""
        return frozenset(name.partition(".")[0] for name in self.paths)

    @cached_property
    def vendored(self) -> frozenset[str]:
        """Import packages of others that lie in a `_vendor` folder, which its owner puts on the path."""
        return frozenset(name.partition("._vendor.")[2].partition(".")[0] for name in self.paths if "._vendor." in name)

    @cached_property
    def paths(self) -> dict[str, str]:
        """Module name -> member. Extension modules count, and have no tree."""
        found: dict[str, str] = {}
        for member in self.source.members:
            name = _module_name(member)
            if name and (name not in found or member.endswith(".py")):
                found[name] = member
        return found

    @cached_property
    def _compiled(self) -> frozenset[str]:
        """Modules that have an extension beside their source: Python loads the extension, and never runs the source."""
        extensions = (member for member in self.source.members if member.endswith((".so", ".pyd")))
        return frozenset(_module_name(member) for member in extensions)

    def has(self, module: str) -> bool:
        """Whether there is such a module, or a folder that makes it a namespace package (PEP 420)."""
        return module in self.paths or module in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(name.rsplit(".", depth)[0] for name in self.paths for depth in range(1, name.count(".") + 1))

    def is_package(self, module: str) -> bool:
        """Whether it is a folder."""
        return module in self._folders or self.paths.get(module, "").endswith("/__init__.py")

    def definition(self, module: str, name: str) -> ast.stmt | None:
        """The last statement of a module that binds the name: the one that counts once it is imported."""
        found = self.parsed(module)
        return found.names.get(name) if found else None

    def parsed(self, module: str) -> Parsed | None:
        """The module's tree; None for what has none (an extension, a folder, a file that does not parse)."""
        if module not in self._trees:
            self._trees[module] = self._parsed(module)
            if len(self._trees) > MOST_TREES:
                self._trees.popitem(last=False)
        self._trees.move_to_end(module)
        return self._trees[module]

    def _parsed(self, module: str) -> Parsed | None:
        path = self.paths.get(module, "")
        if not path.endswith(".py"):
            return None
        try:
            return Parsed(parse(self.source.read(path), path))
        except CouldNotCheck as error:
            self.unread[module] = error.message
            return None

    def stub(self, module: str) -> Parsed | None:
        """The module's stub, which some lazy modules read to know their own names; None without one."""
        path = f"{self.paths.get(module, '')}i"
        try:
            return Parsed(parse(self.source.read(path), path)) if path in self.source.members else None
        except CouldNotCheck:
            return None

    def imports(self, module: str, minor: tuple[int, int]) -> tuple[Import, ...]:
        """What the module imports on that Python, and the attributes that it takes of what it imports."""
        if (module, minor) not in self._imports:
            found = None if module in self._compiled else self._trees.get(module) or self._parsed(module)
            package = module if self.is_package(module) else module.rpartition(".")[0]
            trees = [found.tree] if found else []
            self._imports[module, minor] = tuple(
                each for tree in trees for each in (*imports(tree, package, minor), *attributes(tree))
            )
        return self._imports[module, minor]

    def promises(self, package: str) -> frozenset[str]:
        """What `__all__` lists anywhere below a package, read as text: some hold thousands of modules."""
        if package not in self._promises:
            inside = (path for name, path in self.paths.items() if f"{name}.".startswith(f"{package}."))
            texts = (self.source.glance(path) for path in inside if path.endswith(".py"))
            lists = (each for text in texts for each in _ALL.findall(text))
            self._promises[package] = frozenset(word.decode() for each in lists for word in _QUOTED.findall(each))
        return self._promises[package]

    @cached_property
    def setters(self) -> dict[str, bytes]:
        """Member -> text, of those that call `setattr`."""
        paths = [path for path in self.paths.values() if path.endswith(".py")]
        found = ((path, self.source.glance(path)) for path in paths)
        return {path: code for path, code in found if b"setattr(" in code}

    @cached_property
    def size(self) -> int:
        """Compressed bytes of all Python in it: what reading everything would cost."""
        return sum(self.source.members[path] for path in self.paths.values() if path.endswith(".py"))


def _module_name(member: str) -> str:
    parts = member.split("/")
    if ".data" in parts[0] or parts[0].endswith((".dist-info", ".libs")):
        return ""
    last = parts[-1]
    if last == "__init__.py":
        return ".".join(parts[:-1])
    if last.endswith((".py", ".so", ".pyd")):
        name = ".".join([*parts[:-1], last.partition(".")[0]])
        return name if all(part.isidentifier() for part in name.split(".")) else ""
    return ""


@dataclass(frozen=True)
class Need:
    """Something outside the wheel that one of its modules imports."""

    module: str  # what is imported: "numpy.linalg"
    names: tuple[str, ...]
    kind: Kind
    by: str  # the member and line: "TTS/api.py:12"
    function: str
    raises: bool
    instead: tuple[str, ...] = ()  # what is imported when it fails

    @property
    def top(self) -> str:
        """The import package."""
        return self.module.partition(".")[0]


def closure(
    modules: Modules, starts: list[str], minor: tuple[int, int], *, soft_too: bool = False, most: int = MOST_MODULES
) -> tuple[list[Need], list[str]]:
    """What running `import start` needs from outside, and the wheel's own modules it runs, in order.

    Functions are not called: their imports are reported as local, and not followed. A module that is only reached by a
    guarded import may fail without harm: it is followed when `soft_too`, and what it needs is reported as guarded.
    Raises CouldNotCheck for an import that runs more than `most` modules.
    """
    needs: list[Need] = []
    hard = list(dict.fromkeys(name for start in starts for name in chain_of(start) if modules.has(name)))
    soft: list[str] = []
    seen = set(hard)
    for queue, guarded in ((hard, False), (soft, True)) if soft_too else ((hard, False),):
        for number, module in enumerate(queue):
            if number >= most:
                raise CouldNotCheck(f"importing it runs more than {most} modules; say with --uses what you use of it")
            for found in modules.imports(module, minor):
                _follow(modules, found, soft if guarded or found.kind is Kind.GUARDED else hard, seen)
                if _outside(modules, found):
                    needs.append(_need(modules, module, found, guarded=guarded))
        seen = set(hard) | set(soft)
    return needs, [*hard, *(module for module in soft if soft_too and module not in set(hard))]


def _follow(modules: Modules, found: Import, queue: list[str], seen: set[str]) -> None:
    """Put the wheel's own modules that an import runs on the queue."""
    if found.kind is Kind.LOCAL or found.attribute:
        return
    for target in _targets(found):
        if modules.has(target):
            for name in chain_of(target):
                if modules.has(name) and name not in seen and name not in queue:
                    queue.append(name)
                    if found.kind is Kind.PLAIN:
                        seen.add(name)


def _outside(modules: Modules, found: Import) -> bool:
    own = any(modules.has(name) for name in _targets(found))
    top = found.module.partition(".")[0]
    return bool(top) and not own and top not in STANDARD - frozenset(REMOVED)


def _need(modules: Modules, module: str, found: Import, *, guarded: bool) -> Need:
    by = f"{modules.paths.get(module, module)}:{found.line}"
    kind = Kind.GUARDED if guarded and found.kind is Kind.PLAIN else found.kind
    return Need(found.module, found.names, kind, by, found.function, found.raises, found.instead)


def _targets(found: Import) -> list[str]:
    return [found.module, *(f"{found.module}.{name}" for name in found.names)]


def chain_of(module: str) -> list[str]:
    """A module and the packages above it, outermost first: importing it runs them all."""
    parts = module.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]
