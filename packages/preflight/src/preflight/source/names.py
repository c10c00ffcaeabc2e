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
from preflight.source.imports import absolute
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


def lookup(modules: Modules, dotted: str) -> Presence:
    """Find a dotted name, beginning with an import package of the wheel."""
    parts = dotted.split(".")
    depth = next((size for size in range(len(parts), 0, -1) if modules.has(".".join(parts[:size]))), 0)
    if not depth:
        return Presence(Status.ABSENT, f"{modules.source.file.filename} has no module {parts[0]}")
    module = ".".join(parts[:depth])
    if depth == len(parts):
        return Presence(Status.PRESENT, modules.paths.get(module, module), module=module)
    found = _in_module(modules, module, parts[depth], 0)
    if found.status is not Status.PRESENT or len(parts) == depth + 1:
        return found
    if found.module and not found.name and found.module != module:  # the name of a module of the wheel
        return lookup(modules, ".".join([found.module, *parts[depth + 1 :]]))
    return _in_class(modules, found, parts[depth + 1])


def _in_module(modules: Modules, module: str, name: str, steps: int) -> Presence:
    found = modules.parsed(module)
    if found is None or steps > MOST_STEPS:
        return Presence(Status.UNKNOWN, f"{modules.paths.get(module, module)} has no source to read")
    node = found.names.get(name)
    if node is not None:
        return _followed(modules, module, node, name, steps)
    if modules.has(f"{module}.{name}"):
        return Presence(Status.PRESENT, modules.paths.get(f"{module}.{name}", ""), module=f"{module}.{name}")
    return _by_star(modules, module, found, name, steps) or _unsaid(modules, module, found, name)


def _followed(modules: Modules, module: str, node: ast.stmt, name: str, steps: int) -> Presence:
    """Where a bound name comes from, through imports within the wheel."""
    here = Presence(
        Status.PRESENT,
        f"{modules.paths.get(module, module)}:{node.lineno}",
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
    package = module if modules.is_package(module) else module.rpartition(".")[0]
    for node in bindings(found.tree.body):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            source = absolute(node, package)
            if not modules.has(source):
                return Presence(Status.DYNAMIC, f"{modules.paths[module]}:{node.lineno}: from {source} import *")
            there = _in_module(modules, source, name, steps + 1)
            if there.status is not Status.ABSENT:
                return there
    return None


def _unsaid(modules: Modules, module: str, found: Parsed, name: str) -> Presence:
    """The text binds no such name: absent, unless the module or a neighbour sets names while running."""
    path = modules.paths.get(module, module)
    if found.lazy:
        return _by_lazy(modules, module, found, name)
    if name in found.promised:
        return Presence(Status.DYNAMIC, f"{path}: promised in __all__ or to type checkers, and set while it runs")
    if setter := _set_from_outside(modules, module, name):
        return Presence(Status.DYNAMIC, setter)
    return Presence(Status.ABSENT, path)


def _by_lazy(modules: Modules, module: str, found: Parsed, name: str) -> Presence:
    """What a module that takes its names into its own hands lets see of them."""
    place = f"{modules.paths.get(module, module)}:{found.lazy}"
    if name in found.texts or name in found.hidden:
        return Presence(Status.PRESENT, f"{place}: listed for a lazy module", module=module)
    if promised := _by_hidden_star(modules, module, found, name):
        return promised
    if len(found.texts) > 20 and found.structured:
        return Presence(Status.ABSENT, f"{modules.paths.get(module, module)}: its list of lazy names does not hold it")
    return Presence(Status.DYNAMIC, place)


def _by_hidden_star(modules: Modules, module: str, found: Parsed, name: str) -> Presence | None:
    """A lazy module shows type checkers `from .models import *`, and finds what is below them by itself."""
    package = module if modules.is_package(module) else module.rpartition(".")[0]
    for node in found.stars:
        source = absolute(node, package)
        if name in modules.promises(source):
            where = f"{modules.paths[module]}:{node.lineno}: from {source} import *, whose modules promise it"
            return Presence(Status.PRESENT, where, module=module)
    return None


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


def _in_class(modules: Modules, found: Presence, attribute: str) -> Presence:
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
    assigned = re.search(rf"\bself\.{re.escape(attribute)}\b", ast.unparse(node))
    bases = [ast.unparse(base) for base in node.bases if ast.unparse(base) != "object"]
    if assigned or bases:
        return Presence(Status.UNKNOWN, f"{path}:{node.lineno}: may come from {', '.join(bases) or 'an instance'}")
    return Presence(Status.ABSENT, f"{path}:{node.lineno}")
