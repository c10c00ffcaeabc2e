"""Names that a module takes from another by attribute (`np.sctypes`), where nothing decides whether that runs.

What stands under a condition, in a `try` or after one that may leave the function is passed over: there a module often
asks which release it has before it. So this is a lower bound.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from preflight.source.imports import Import, Kind

_DECIDES = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.NamedExpr)
# What every module has (the language reference, "Module objects").
_EVERY = {
    "__name__",
    "__file__",
    "__doc__",
    "__path__",
    "__spec__",
    "__loader__",
    "__package__",
    "__dict__",
    "__class__",
}
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Delete)


def attributes(tree: ast.Module) -> Iterator[Import]:
    """The first attribute of each module that the tree imports whole and unconditionally, each once."""
    made = {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)}
    seen: set[tuple[str, str, Kind]] = set()
    for found in _Walk(_aliases(tree)).body(tree.body, Kind.PLAIN, ""):
        key = (found.module, found.names[0], found.kind)
        if key not in seen and found.names[0] not in made:
            seen.add(key)
            yield found


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Name -> module, of plain imports at the top that nothing binds again."""
    plain = [alias for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    named = {alias.asname or alias.name: alias.name for alias in plain if alias.asname or "." not in alias.name}
    return {name: module for name, module in named.items() if name not in stored}


@dataclass(frozen=True)
class _Walk:
    aliases: Mapping[str, str]

    def body(self, statements: list[ast.stmt], kind: Kind, function: str) -> Iterator[Import]:
        for node in statements:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from self.function(node, function)
            elif isinstance(node, ast.ClassDef):
                yield from self.body(node.body, kind, f"{function}.{node.name}".lstrip("."))
            elif isinstance(node, _SIMPLE):
                yield from self.expressions(node, kind, function)
            elif function and _may_leave(node):
                return

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, outer: str) -> Iterator[Import]:
        arguments = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        left = {name: module for name, module in self.aliases.items() if name not in arguments}
        yield from _Walk(left).body(node.body, Kind.LOCAL, f"{outer}.{node.name}".lstrip("."))

    def expressions(self, node: ast.AST, kind: Kind, function: str) -> Iterator[Import]:
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in self.aliases:
                if each.attr not in _EVERY:
                    module = self.aliases[each.value.id]
                    yield Import(module, (each.attr,), kind, each.lineno, function, attribute=True)
            elif not isinstance(each, _DECIDES):
                yield from self.expressions(each, kind, function)


def _may_leave(node: ast.stmt) -> bool:
    return any(isinstance(each, ast.Return | ast.Raise | ast.Continue | ast.Break) for each in ast.walk(node))
