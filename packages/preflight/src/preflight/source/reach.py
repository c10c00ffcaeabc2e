"""What calling a function needs: the imports inside it and inside the functions it calls, within its own wheel."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from preflight.source.imports import Kind, absolute, imports
from preflight.source.modules import Modules, Need
from preflight.source.names import Presence, Status, lookup

MOST_FUNCTIONS = 200


def needs_of_call(modules: Modules, dotted: str, minor: tuple[int, int]) -> list[Need]:
    """Local imports reachable from a call. Names that cannot be followed are passed over: this is a lower bound."""
    start = lookup(modules, dotted)
    queue = [start] if start.status is Status.PRESENT and start.name else []
    seen = {(start.module, start.name)}
    needs: list[Need] = []
    for found in queue[:]:
        needs += _inside(modules, found, minor)
    for found in queue:
        for callee in _called(modules, found):
            if (callee.module, callee.name) not in seen and len(seen) < MOST_FUNCTIONS:
                seen.add((callee.module, callee.name))
                queue.append(callee)
                needs += _inside(modules, callee, minor)
    return needs


def _node(modules: Modules, found: Presence) -> ast.stmt | None:
    return modules.definition(found.module, found.name)


def _inside(modules: Modules, found: Presence, minor: tuple[int, int]) -> Iterator[Need]:
    node = _node(modules, found)
    if node is None:
        return
    package = found.module if modules.is_package(found.module) else found.module.rpartition(".")[0]
    path = modules.paths.get(found.module, found.module)
    certain = {each.lineno for each in _always(node)}
    for each in imports(ast.Module([node], []), package, minor):
        if each.kind is not Kind.PLAIN and each.function and not modules.has(each.module):
            need = Need(each.module, each.names, each.kind, f"{path}:{each.line}", each.function, each.raises)
            yield need if each.line in certain else replace(need, raises=False, kind=Kind.LOCAL)


def _always(node: ast.stmt) -> Iterator[ast.stmt]:
    """Statements that run whenever a function is called: none under a condition, in a loop or in a handler."""
    if isinstance(node, ast.ClassDef):
        inits = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
        body = [each for init in inits for each in init.body]
    else:
        body = list(getattr(node, "body", []))
    for each in body:
        if isinstance(each, ast.With | ast.Try):
            yield from _always(each)
        elif not isinstance(each, ast.If | ast.For | ast.While | ast.FunctionDef | ast.ClassDef):
            yield each


def _called(modules: Modules, found: Presence) -> Iterator[Presence]:
    """Functions of the wheel that are called whenever this one is."""
    node = _node(modules, found)
    steps = [inner for each in (_always(node) if node else ()) for inner in ast.walk(each)]
    for name in sorted({ast.unparse(each.func) for each in steps if isinstance(each, ast.Call)}):
        first = name.partition(".")[0]
        binding = modules.definition(found.module, first)
        if not name.replace(".", "").isidentifier() or binding is None:
            continue
        target = lookup(modules, _origin(modules, found.module, binding, name))
        if target.status is Status.PRESENT and target.name:
            yield target


def _origin(modules: Modules, module: str, binding: ast.stmt, name: str) -> str:
    """The dotted name, as seen from outside, of a name used in a module."""
    first, _, rest = name.partition(".")
    if isinstance(binding, ast.ImportFrom):
        source = absolute(binding, module if modules.is_package(module) else module.rpartition(".")[0])
        original = next((alias.name for alias in binding.names if (alias.asname or alias.name) == first), first)
        return ".".join(part for part in (source, original, rest) if part)
    if isinstance(binding, ast.Import):
        original = next((alias.name for alias in binding.names if (alias.asname or alias.name) == first), first)
        return ".".join(part for part in (original, rest) if part)
    return f"{module}.{name}"
