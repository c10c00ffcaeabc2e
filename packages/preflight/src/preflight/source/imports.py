"""What a module imports, and under which circumstances, read from its syntax tree."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from preflight.errors import CouldNotCheck

_MISSING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "OSError"}
_NEVER = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
_VERSION = "sys.version_info"


class Kind(StrEnum):
    """When an import runs: always; always, with a way out when it fails; or when a function is called."""

    PLAIN = "plain"
    GUARDED = "guarded"
    LOCAL = "local"


@dataclass(frozen=True)
class Import:
    """One import statement's target, absolute. `names` is empty for a plain `import x`."""

    module: str
    names: tuple[str, ...]
    kind: Kind
    line: int
    function: str = ""  # the function or method it stands in
    raises: bool = False  # guarded, and the handler raises again: it is needed after all
    instead: tuple[str, ...] = ()  # what the handler imports in its place, and does nothing else
    attribute: bool = False  # it is imported elsewhere, and the name is taken from it as an attribute


def parse(code: bytes, where: str) -> ast.Module:
    """The tree. Raises CouldNotCheck for a syntax error; a byte order mark is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code.removeprefix(b"\xef\xbb\xbf"), where)
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
        SystemError,
    ) as error:  # SystemError: CPython's own, in threads
        raise CouldNotCheck(f"{where} is not Python that this Python reads: {type(error).__name__}") from error


def imports(tree: ast.Module, package: str, minor: tuple[int, int]) -> Iterator[Import]:
    """Every import that can run on that Python. `package` is what relative imports are relative to."""
    yield from _Walk(package, minor).body(tree.body, Kind.PLAIN, "", raises=False)


@dataclass(frozen=True)
class _Walk:
    package: str
    minor: tuple[int, int]

    def body(self, statements: list[ast.stmt], kind: Kind, function: str, *, raises: bool) -> Iterator[Import]:
        for statement in statements:
            yield from self.one(statement, kind, function, raises)

    def one(self, node: ast.stmt, kind: Kind, function: str, raises: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, (), kind, node.lineno, function, raises) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(absolute(node, self.package), names, kind, node.lineno, function, raises)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = Kind.GUARDED if kind is Kind.GUARDED and function else Kind.LOCAL
            yield from self.body(node.body, inside, f"{function}.{node.name}".lstrip("."), raises=raises)
        elif isinstance(node, ast.ClassDef):
            yield from self.body(node.body, kind, f"{function}.{node.name}".lstrip("."), raises=raises)
        elif isinstance(node, ast.If):
            yield from self.branch(node, kind, function, raises)
        elif isinstance(node, ast.Try | ast.TryStar):
            yield from self.attempt(node, kind, function, raises)
        elif isinstance(node, ast.With | ast.For | ast.While | ast.AsyncWith | ast.AsyncFor):
            yield from self.body(node.body, kind, function, raises=raises)

    def branch(self, node: ast.If, kind: Kind, function: str, raises: bool) -> Iterator[Import]:
        known = condition(node.test, self.minor)
        soft = Kind.GUARDED if kind is Kind.PLAIN and known is None else kind
        if known is not False:
            yield from self.body(node.body, soft, function, raises=raises)
        if known is not True:
            yield from self.body(node.orelse, soft, function, raises=raises)

    def attempt(self, node: ast.Try | ast.TryStar, kind: Kind, function: str, raises: bool) -> Iterator[Import]:
        catching = [handler for handler in node.handlers if _catches(handler)]
        again = bool(catching) and all(_raises(handler.body) for handler in catching)
        inside = Kind.GUARDED if catching and not (again and kind is Kind.PLAIN) else kind
        instead = tuple(name for handler in catching for name in _only_imports(handler.body))
        for found in self.body(node.body, inside, function, raises=again or raises):
            yield replace(found, instead=instead) if instead and kind is Kind.PLAIN else found
        for handler in node.handlers:
            # What stands in when an import fails is another way, not a need; other handlers are rare paths.
            other = Kind.GUARDED if handler in catching or kind is not Kind.LOCAL else kind
            yield from self.body(handler.body, other, function, raises=False)
        # `else` runs only where the body did.
        yield from self.body(node.orelse, inside, function, raises=again or raises)
        yield from self.body(node.finalbody, kind, function, raises=raises)


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module a `from` import names, dots resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(each).rpartition(".")[2] in _MISSING for each in types)


def dotted(node: ast.expr) -> str:
    """A name or a chain of attributes as text, "" for anything else: `ast.unparse` would cost more than parsing did."""
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else ""


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(statement, ast.Raise) for statement in body)


def _only_imports(body: list[ast.stmt]) -> list[str]:
    """The modules that a handler imports, when that is all it does: without them the name is bound to nothing."""
    if not all(isinstance(each, ast.Import | ast.ImportFrom) and not getattr(each, "level", 0) for each in body):
        return []
    froms = [each.module or "" for each in body if isinstance(each, ast.ImportFrom)]
    return froms + [alias.name for each in body if isinstance(each, ast.Import) for alias in each.names]


def condition(test: ast.expr, minor: tuple[int, int]) -> bool | None:
    """What `if` asks, where only the Python version or type checking decides; None when something else does."""
    if dotted(test) in _NEVER or (isinstance(test, ast.Constant) and test.value is False):
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = condition(test.operand, minor)
        return None if inner is None else not inner
    if not (isinstance(test, ast.Compare) and _is_version(test.left)):
        return None
    try:
        bound = tuple(ast.literal_eval(test.comparators[0]))[:2]
    except (ValueError, TypeError):
        return None
    return _compared(test.ops[0], minor, bound)


def _is_version(left: ast.expr) -> bool:
    """`sys.version_info`, whole or its first two numbers."""
    if isinstance(left, ast.Subscript):
        return dotted(left.value) == _VERSION and ast.unparse(left.slice) == ":2"
    return dotted(left) == _VERSION


def _compared(operator: ast.cmpop, minor: tuple[int, int], bound: tuple[int, ...]) -> bool | None:
    if isinstance(operator, ast.GtE | ast.Gt):
        return minor >= bound if len(bound) == 2 else minor[: len(bound)] >= bound
    if isinstance(operator, ast.Lt | ast.LtE):
        return minor < bound if len(bound) == 2 else minor[: len(bound)] < bound
    return None
