"""Whether a release has a name ("torchaudio.info"), read from its source.

Three answers are kept apart: present, absent, and dynamic. A module may set its own names while it runs (`setattr`,
`__getattr__`, a star import, a lazy module); then its text cannot say "absent", and neither may we.
"""

import ast
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from preflight.source.announcements import announcement
from preflight.source.bindings import bindings, bound
from preflight.source.hooks import hook
from preflight.source.imports import absolute, dotted
from preflight.source.modules import Modules
from preflight.source.traits import Parsed

MOST_STEPS = 12
MOST_SCANNED = 4_000_000


class Status(StrEnum):
    """What the source says of a name."""

    PRESENT = "present"
    ABSENT = "absent"
    DYNAMIC = "dynamic"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Presence:
    """The answer, where it was read, and what the source announces about the name."""

    status: Status
    where: str = ""
    announced: str = ""
    module: str = ""  # where it is defined, when that is inside the wheel
    name: str = ""


def lookup(modules: Modules, name: str) -> Presence:
    """Find a dotted name, beginning with an import package of the wheel. An sdist's may come when it is built."""
    found = _lookup(modules, name)
    if found.status is not Status.ABSENT or modules.source.file.is_wheel:
        return found
    return Presence(Status.UNKNOWN, f"not in {modules.source.file.filename}, and may come when that is built")


def _lookup(modules: Modules, dotted: str) -> Presence:
    parts = dotted.split(".")
    depth = next((size for size in range(len(parts), 0, -1) if modules.has(".".join(parts[:size]))), 0)
    if not depth:
        return Presence(Status.ABSENT, f"{modules.source.file.filename} has no module {parts[0]}")
    module = ".".join(parts[:depth])
    if depth == len(parts):
        return Presence(Status.PRESENT, _path(modules, module), module=module)
    found = _in_module(modules, module, parts[depth], 0)
    if found.status is not Status.PRESENT or len(parts) == depth + 1:
        return found
    if found.module and not found.name and found.module != module:  # the name of a module of the wheel
        return _lookup(modules, ".".join([found.module, *parts[depth + 1 :]]))
    return _in_class(modules, found, parts[depth + 1], 0)


def _path(modules: Modules, module: str) -> str:
    """The member that a module is, for people."""
    return modules.paths.get(module, module)


def _in_module(modules: Modules, module: str, name: str, steps: int) -> Presence:
    found = modules.parsed(module)
    if found is None or steps > MOST_STEPS:
        return Presence(Status.UNKNOWN, f"{_path(modules, module)} has no source to read")
    node = found.names.get(name)
    if node is not None:
        return _followed(modules, module, node, name, steps)
    if modules.has(f"{module}.{name}"):
        return Presence(Status.PRESENT, modules.paths.get(f"{module}.{name}", ""), module=f"{module}.{name}")
    starred = _by_star(modules, module, found, name, steps)
    if "__getattr__" in found.names and (asked := hook(modules, module)) and name in asked.refused:
        return Presence(Status.ABSENT, f"{_path(modules, module)}:{asked.line}: its __getattr__ raises for it")
    return starred or _unsaid(modules, module, found, name)


def _followed(modules: Modules, module: str, node: ast.stmt, name: str, steps: int) -> Presence:
    """Where a bound name comes from, through imports within the wheel."""
    here = Presence(
        Status.PRESENT,
        f"{_path(modules, module)}:{node.lineno}",
        announcement(modules, module, node, name),
        module,
        name,
    )
    if isinstance(node, ast.Import):
        whole = next((alias.name for alias in node.names if alias.asname == name), "")
        return replace(here, module=whole, name="") if modules.has(whole) else here
    if not isinstance(node, ast.ImportFrom):
        return here
    source = absolute(node, module if modules.is_package(module) else module.rpartition(".")[0])
    original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), name)
    if not modules.has(source) or (source == module and original == name):
        return here
    there = _in_module(modules, source, original, steps + 1)
    if there.status is Status.PRESENT:
        return there
    return here


def _by_star(modules: Modules, module: str, found: Parsed, name: str, steps: int) -> Presence | None:
    """The name in what star imports bring; of several answers one that is sure, else the first."""
    package = module if modules.is_package(module) else module.rpartition(".")[0]
    unsure: Presence | None = None
    for node in bindings(found.tree.body):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            source = absolute(node, package)
            there = Presence(Status.DYNAMIC, f"{modules.paths[module]}:{node.lineno}: from {source} import *")
            if modules.has(source):
                there = _taken(modules, source, name, _in_module(modules, source, name, steps + 1))
            if there.status is Status.PRESENT:
                return there
            unsure = unsure or (there if there.status is not Status.ABSENT else None)
    return unsure


def _taken(modules: Modules, source: str, name: str, there: Presence) -> Presence:
    """What a star import takes of a name that a module has: what `__all__` lists, else what begins with no "_"."""
    found = modules.parsed(source)
    if there.status is not Status.PRESENT or found is None or name in found.promised:
        return there
    if "__all__" not in found.names:
        return replace(there, status=Status.ABSENT) if name.startswith("_") else there
    if found.offered is not None:
        return replace(there, status=Status.ABSENT)
    node = found.names.get(name)
    foreign = isinstance(node, ast.ImportFrom) and not modules.has(absolute(node, source.rpartition(".")[0]))
    return replace(there, status=Status.UNKNOWN) if foreign else there


def _unsaid(modules: Modules, module: str, found: Parsed, name: str) -> Presence:
    """The text binds no such name: absent, unless the module or a neighbour sets names while running."""
    path = _path(modules, module)
    if found.lazy:
        return _lazily(modules, module, found, name)
    if name in found.promised:
        return Presence(Status.DYNAMIC, f"{path}: promised in __all__ or to type checkers, and set while it runs")
    if setter := _set_from_outside(modules, module, name):
        return Presence(Status.DYNAMIC, setter)
    return Presence(Status.ABSENT, path)


def _lazily(modules: Modules, module: str, found: Parsed, name: str) -> Presence:
    """The name in a module that makes its names when they are asked for."""
    path = f"{_path(modules, module)}:{found.lazy}"
    if name in found.texts or name in found.hidden:
        return Presence(Status.PRESENT, f"{path}: listed for a lazy module", module=module)
    starred = _by_hidden_star(modules, module, found, name)
    if starred and starred.status is Status.PRESENT:
        return starred
    if len(found.texts) > 20 and found.structured and not starred:
        return Presence(Status.ABSENT, f"{path}: its list of lazy names does not hold it")
    if found.by_stub and (stub := modules.stub(module)):
        there = name in stub.names or name in stub.promised
        return Presence(
            Status.PRESENT if there else Status.ABSENT, f"{_path(modules, module)}i", module=module if there else ""
        )
    asked = hook(modules, module)
    if asked and asked.decided and not found.taken and name not in asked.mentioned:
        return Presence(Status.ABSENT, f"{path}: its __getattr__ knows no such name")
    return Presence(Status.DYNAMIC, path)


def _by_hidden_star(modules: Modules, module: str, found: Parsed, name: str) -> Presence | None:
    """A lazy module shows type checkers `from .models import *`, and finds what is below them by itself.

    None where these modules lie in the wheel and promise no such name.
    """
    package = module if modules.is_package(module) else module.rpartition(".")[0]
    unread: Presence | None = None
    for node in found.stars:
        source = absolute(node, package)
        where = f"{_path(modules, module)}:{node.lineno}: from {source} import *"
        if name in modules.promises(source):
            return Presence(Status.PRESENT, f"{where}, whose modules promise it", module=module)
        if not modules.has(source):
            unread = Presence(Status.DYNAMIC, where)
    return unread


def _set_from_outside(modules: Modules, module: str, name: str) -> str:
    """Where another module of the wheel does `setattr(module, ...)` and mentions the name."""
    if modules.size > MOST_SCANNED:
        return "the wheel holds more source than is searched for setattr"
    last = module.rpartition(".")[2]
    pattern = re.compile(rb"setattr\(\s*(?:\w+\.)*(?:%b|sys\.modules|module|mod|this)\b" % last.encode())
    for path, code in modules.setters.items():
        if pattern.search(code) and re.search(rb"[\"']%b[\"']" % re.escape(name.encode()), code):
            line = code[: pattern.search(code).start()].count(b"\n") + 1  # type: ignore[union-attr]
            return f"{path}:{line}: setattr on {module}"
    return ""


def _in_class(modules: Modules, found: Presence, attribute: str, steps: int) -> Presence:
    parsed = modules.parsed(found.module) if found.name else None
    classes = [node for node in (bindings(parsed.tree.body) if parsed else []) if isinstance(node, ast.ClassDef)]
    node = next((each for each in classes if each.name == found.name), None)
    if node is None:
        return Presence(Status.UNKNOWN, f"{found.where}: what lies inside is not read")
    inside = next((each for each in node.body if attribute in bound(each)), None)
    path = modules.paths[found.module]
    if inside is not None:
        note = announcement(modules, found.module, inside, attribute)
        return Presence(Status.PRESENT, f"{path}:{inside.lineno}", note, found.module, attribute)
    if steps < MOST_STEPS and (above := _in_bases(modules, found.module, node, attribute, steps)):
        return above
    assigned = re.search(rf"\bself\.{re.escape(attribute)}\b", ast.unparse(node))
    bases = [ast.unparse(base) for base in node.bases if ast.unparse(base) != "object"]
    if assigned or bases:
        return Presence(Status.UNKNOWN, f"{path}:{node.lineno}: may come from {', '.join(bases) or 'an instance'}")
    return Presence(Status.ABSENT, f"{path}:{node.lineno}")


def _in_bases(modules: Modules, module: str, node: ast.ClassDef, attribute: str, steps: int) -> Presence | None:
    """The attribute in a class that this one is made from, as far as those are the wheel's own."""
    for base in node.bases:
        home = _in_module(modules, module, dotted(base), 0) if isinstance(base, ast.Name) else None
        if home and home.status is Status.PRESENT and home.name:
            found = _in_class(modules, home, attribute, steps + 1)
            if found.status is Status.PRESENT:
                return found
    return None
