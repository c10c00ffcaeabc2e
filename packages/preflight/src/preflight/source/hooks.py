"""What a module's own `__getattr__` (PEP 562) says of a name: that it raises for it, or that it knows no such name."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from preflight.source.bindings import bindings, bound
from preflight.source.imports import absolute, dotted
from preflight.source.modules import Modules

MOST_STEPS = 4


@dataclass(frozen=True)
class Hook:
    """A module's `__getattr__`, as far as its conditions can be read."""

    line: int
    refused: frozenset[str]  # names it raises for
    decided: bool  # every condition was read, and it raises at its end: a name it does not mention is not there
    mentioned: frozenset[str]  # names of all conditions


def hook(modules: Modules, module: str) -> Hook | None:
    """The hook of a module; None when it has none that is a plain function."""
    node = modules.definition(module, "__getattr__")
    if not isinstance(node, ast.FunctionDef) or not node.args.args:
        return None
    asked = node.args.args[0].arg
    refused: set[str] = set()
    mentioned: set[str] = set()
    decided = bool(node.body) and isinstance(node.body[-1], ast.Raise)
    for statement in node.body:
        for test, body in _branches(statement):
            names = _compared(modules, module, test, asked)
            mentioned |= names or set()
            if names and _raises(body):
                refused |= names
        decided = decided and _understood(modules, module, statement, asked)
    return Hook(node.lineno, frozenset(refused), decided, frozenset(mentioned))


def _branches(statement: ast.stmt) -> list[tuple[ast.expr, list[ast.stmt]]]:
    """The tests of an if-elif chain, each with what follows from it."""
    found = []
    while isinstance(statement, ast.If):
        found.append((statement.test, statement.body))
        if len(statement.orelse) != 1:
            break
        statement = statement.orelse[0]
    return found


def _understood(modules: Modules, module: str, statement: ast.stmt, asked: str) -> bool:
    if isinstance(statement, ast.If):
        chain = _branches(statement)
        tests = all(_compared(modules, module, test, asked) is not None for test, _ in chain)
        return tests and len(chain) == sum(isinstance(each, ast.If) for each in _chain(statement))
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.Expr | ast.Raise)


def _chain(statement: ast.If) -> list[ast.stmt]:
    """An if-elif chain with what stands under a last `else`."""
    found: list[ast.stmt] = [statement]
    for each in found:
        found += each.orelse if isinstance(each, ast.If) else []
    return found


def _raises(body: list[ast.stmt]) -> bool:
    """Whether nothing but an error comes of it."""
    inside = [each for statement in body for each in ast.walk(statement)]
    return isinstance(body[-1], ast.Raise) and not any(isinstance(each, ast.Return) for each in inside)


def _compared(modules: Modules, module: str, test: ast.expr, asked: str) -> set[str] | None:
    """Names that `name == "x"` or `name in {...}` speaks of; None for any other condition."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and dotted(test.left) == asked):
        return None
    if isinstance(test.ops[0], ast.Eq | ast.In):
        return _names(modules, module, test.comparators[0], 0)
    return None


def _names(modules: Modules, module: str, node: ast.expr | None, steps: int) -> set[str] | None:
    """The strings that a collection holds, or those that a table has as keys; None when that cannot be read."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return _named(modules, module, node.id, steps)
    parts = _parts(node)
    found = [_names(modules, module, each, steps) for each in parts or ()]
    unread = parts is None or any(each is None for each in found)
    return None if unread else {name for each in found if each for name in each}


def _parts(node: ast.expr | None) -> Sequence[ast.expr | None] | None:
    """What a collection is made of, of pairs the first; None for any other expression."""
    if isinstance(node, ast.Dict):
        return node.keys
    if isinstance(node, ast.Set | ast.List):
        return [each.elts[0] if isinstance(each, ast.Tuple) and each.elts else each for each in node.elts]
    if isinstance(node, ast.Tuple):
        return node.elts
    if isinstance(node, ast.DictComp | ast.SetComp | ast.ListComp):
        return [node.generators[0].iter]
    return node.args if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords else None


def _named(modules: Modules, module: str, name: str, steps: int) -> set[str] | None:
    """What a name of the module stands for, a few imports within the wheel away; None where bound twice."""
    found = modules.parsed(module)
    every = [each for each in bindings(found.tree.body) if name in bound(each)] if found else []
    if steps > MOST_STEPS or len(every) != 1:
        return None
    node = every[0]
    if isinstance(node, ast.ImportFrom):
        source = absolute(node, module if modules.is_package(module) else module.rpartition(".")[0])
        original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), name)
        return _named(modules, source, original, steps + 1) if modules.has(source) else None
    return _names(modules, module, node.value, steps) if isinstance(node, ast.Assign | ast.AnnAssign) else None
