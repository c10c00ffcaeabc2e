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
    def offered(self) -> frozenset[str] | None:
        """What a star import takes (`__all__`); None without one, or when that is worked out while the module runs."""
        every = [node for node in self.tree.body if isinstance(node, ast.Assign) and "__all__" in bound(node)]
        if len(every) != 1 or not isinstance(every[0].value, ast.List | ast.Tuple) or self._amended:
            return None
        return frozenset(_promised(ast.Module(list(every), [])))

    @cached_property
    def _amended(self) -> bool:
        """Whether `__all__` is more than one plain list."""
        names = [node for node in self._nodes if isinstance(node, ast.Name) and node.id == "__all__"]
        return len(names) != 1

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return [node for node in ast.walk(self.tree) if isinstance(node, _ASKED)]

    @cached_property
    def lazy(self) -> int:
        """The line where the module takes its names into its own hands, or 0."""
        hook = self.names.get("__getattr__")
        return hook.lineno if hook else self.taken

    @cached_property
    def taken(self) -> int:
        """The line where the module writes its own table of names, or hands it to somebody; 0 when none does."""
        harmless = {id(call) for call in _harmless(self._nodes, self.tree)}
        takes = (node for node in self._nodes if id(node) not in harmless and _takes_over(node))
        return next((getattr(node, "lineno", 1) for node in takes), 0)

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
    def by_stub(self) -> bool:
        """Whether it takes its names from the stub beside it (`lazy_loader.attach_stub`)."""
        calls = (node for node in self._nodes if isinstance(node, ast.Call))
        return any(dotted(call.func).rpartition(".")[2] == "attach_stub" for call in calls)

    @cached_property
    def structured(self) -> bool:
        """Whether it lists its lazy names in an `_import_structure`: all but those of a star."""
        return any(isinstance(node, ast.Name) and node.id == "_import_structure" for node in self._nodes)


_ASKED = (
    *(ast.Assign, ast.Attribute, ast.Call, ast.Compare, ast.Constant),
    *(ast.For, ast.ImportFrom, ast.Name, ast.Subscript),
)
_READS = {"get", "copy", "items", "keys", "values"}


def _harmless(nodes: list[ast.AST], tree: ast.Module) -> Iterator[ast.AST]:
    """Calls of `globals()` that only read or write names that the text lists; a function's own `vars()`, `locals()`."""
    for node in nodes:
        if isinstance(node, ast.Subscript | ast.Attribute) and _reads(node):
            yield node.value
        elif isinstance(node, ast.Compare):
            yield from node.comparators
        elif isinstance(node, ast.For):
            yield from _listed_ones(node)
        elif isinstance(node, ast.Call) and dotted(node.func) == "__import__":
            yield from node.args
    if any(isinstance(node, ast.Call) and dotted(node.func) in {"vars", "locals"} for node in nodes):
        functions = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
        inside = (each for function in functions for each in ast.walk(function) if isinstance(each, ast.Call))
        yield from (each for each in inside if dotted(each.func) in {"vars", "locals"})


def _listed_ones(loop: ast.For) -> Iterator[ast.AST]:
    """`for name in ["a", "b"]: globals()[name] = ...`: these names are found as texts."""
    constants = loop.iter.elts if isinstance(loop.iter, ast.List | ast.Tuple) else [loop.iter]
    if all(isinstance(each, ast.Constant) for each in constants):
        subscripts = (each for each in ast.walk(loop) if isinstance(each, ast.Subscript))
        yield from (each.value for each in subscripts if dotted(each.slice) == dotted(loop.target) != "")


def _reads(node: ast.Subscript | ast.Attribute) -> bool:
    return node.attr in _READS if isinstance(node, ast.Attribute) else isinstance(node.ctx, ast.Load)


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
