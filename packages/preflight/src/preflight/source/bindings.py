"""Which statements of a module run when it is imported, and which names they bind."""

import ast
from collections.abc import Iterator

from preflight.source.imports import condition

NEWEST = (3, 99)


def bindings(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported, into every branch that a Python of today can take."""
    for node in body:
        if isinstance(node, ast.If):
            if condition(node.test, NEWEST) is not False:
                yield from bindings(node.body)
            yield from bindings(node.orelse)
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from bindings([*node.body, *node.orelse, *node.finalbody])
            for handler in node.handlers:
                yield from bindings(handler.body)
        elif isinstance(node, ast.With | ast.For | ast.While):
            yield from bindings(node.body)
        else:
            yield node


def bound(node: ast.AST) -> set[str]:
    """Names a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    named = (each for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name))
    return {each.id for each in named if isinstance(each.ctx, ast.Store)}  # `torch.x = 1` binds no torch
