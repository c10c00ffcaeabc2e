"""What a module's text says of names that it does not bind: whether it makes them while it runs, and which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from preflight.source.bindings import NEWEST, bindings, bound
from preflight.source.imports import condition, dotted

_OWN = {"globals", "vars", "locals"}


@dataclass(frozen=True)
class Parsed:
    """A module's tree, with what is asked of it again and again."""

    tree: ast.Module

    @cached_property
    def names(self) -> dict[str, ast.stmt]:
        """Name -> the last statement that binds it: the one that counts once the module is imported."""
        return {name: node for node in bindings(self.tree.body) for name in bound(node)}

    @cached_property
    def promised(self) -> frozenset[str]:
        """Names in `__all__`, and those that only type checkers see imported."""
        return frozenset(_promised(self.tree))

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return [node for node in ast.walk(self.tree) if isinstance(node, _ASKED)]

    @cached_property
    def lazy(self) -> int:
        """The line where the module takes its names into its own hands, or 0."""
        hook = next((node.lineno for node in self.tree.body if "__getattr__" in bound(node)), 0)
        return hook or next((getattr(node, "lineno", 1) for node in self._nodes if _takes_over(node)), 0)

    @cached_property
    def texts(self) -> frozenset[str]:
        """Every string in it."""
        constants = (node.value for node in self._nodes if isinstance(node, ast.Constant))
        return frozenset(value for value in constants if isinstance(value, str))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Names that a `from` import binds anywhere in it, be it in a function."""
        return frozenset(name for node in self._nodes if isinstance(node, ast.ImportFrom) for name in bound(node))

    @cached_property
    def stars(self) -> tuple[ast.ImportFrom, ...]:
        """Every `from x import *` in it, wherever it stands."""
        found = (node for node in self._nodes if isinstance(node, ast.ImportFrom))
        return tuple(node for node in found if node.names[0].name == "*")

    @cached_property
    def structured(self) -> bool:
        """Whether it lists its lazy names in an `_import_structure`."""
        return any(isinstance(node, ast.Name) and node.id == "_import_structure" for node in self._nodes)


_ASKED = (ast.Assign, ast.Call, ast.Constant, ast.ImportFrom, ast.Name)


def _takes_over(node: ast.AST) -> bool:
    """`sys.modules[__name__] = ...`, `globals()`, `recreate_module(__name__, {...})`."""
    if isinstance(node, ast.Assign):
        return any(_is_itself(target) for each in node.targets for target in _flat(each))
    if not isinstance(node, ast.Call):
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node.func, ast.Name) and node.func.id in _OWN:
        return not given
    return len(given) > 1 and bool(node.args) and dotted(node.args[0]) == "__name__"


def _flat(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def _is_itself(target: ast.expr) -> bool:
    """`sys.modules[__name__]`, or an attribute of it."""
    while isinstance(target, ast.Attribute):
        target = target.value
    return (
        isinstance(target, ast.Subscript)
        and dotted(target.value) == "sys.modules"
        and dotted(target.slice) == "__name__"
    )


def _promised(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and "__all__" in bound(node) and node.value:
            texts = (each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant))
            yield from (text for text in texts if isinstance(text, str))
        elif isinstance(node, ast.If) and condition(node.test, NEWEST) is False:
            yield from (name for each in node.body for name in bound(each))
