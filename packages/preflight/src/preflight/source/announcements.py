"""Sentences in which a source announces the end of one of its own names, and what it names instead."""

import ast
import re
from collections.abc import Iterator

from preflight.source.bindings import bindings, bound
from preflight.source.imports import absolute
from preflight.source.modules import Modules

_END = r"[^.]*(?:\.\w[^.]*)*"  # a dot within "2.9" or "django.utils" ends no sentence
_START = r"(?:[^.\n]|\.(?=\w))*"
REMOVAL = re.compile(rf"{_START}\b(?:will be|to be|scheduled for) remov(?:ed|al)\b{_END}", re.IGNORECASE)
DEPRECATED = re.compile(rf"{_START}\b(?:is|are|been|was|now) deprecated\b{_END}", re.IGNORECASE)
INSTEAD = re.compile(
    r"(?:consolidated into|in favou?r of|replaced by|[Pp]lease use|[Uu]se|migrate to|moved to)\s+"
    r"(?::\w+:)?[`'\"~]*(?!(?:of|the|an?|it|this|that|in)\b)((?:[A-Za-z_][\w-]*)(?:\.\w+)*)"
)
# "The `x` parameter is deprecated" ends a part of the call, not the name.
OF_A_PART = re.compile(
    r"\b(?:parameter|argument|keyword|kwarg|option|flag)s?\b[`'\"*:]*\s+(?:[\w`'\"{}*:]+\s+)?(?:is|are|has|have|was|were|will)\b",
    re.IGNORECASE,
)
WARNS = re.compile(r"warn|deprecat", re.IGNORECASE)
MOST_WRAPPERS = 4


def announcement(modules: Modules, module: str, node: ast.stmt, name: str) -> str:
    """What the source announces of a name: in its own text, or in what decorates or wraps it."""
    texts = [*_own(node), *_of_wrappers(modules, module, node, name)]
    for pattern in (REMOVAL, DEPRECATED):
        for text in texts:
            for found in pattern.finditer(" ".join(text.split())):
                if not OF_A_PART.search(found[0]):
                    return found[0].strip()[:300]
    return ""


def replacement(modules: Modules, module: str, name: str) -> str:
    """What the source says to use instead, or nothing."""
    node = modules.definition(module, name)
    if node is None:
        return ""
    for text in [*_own(node), *_of_wrappers(modules, module, node, name)]:
        flat = " ".join(text.split())
        if (REMOVAL.search(flat) or "deprecat" in flat or "consolidated" in flat) and (found := INSTEAD.search(flat)):
            return found[1]
    return ""


def _texts(node: ast.AST) -> list[str]:
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _own(node: ast.stmt) -> list[str]:
    """What a definition says of itself: its first paragraph and what it always warns of, not of one of its parts."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    said = [(ast.get_docstring(node) or "").partition("\n\n")[0]]
    for each in node.body if not isinstance(node, ast.ClassDef) else []:
        if (
            isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and WARNS.search(ast.unparse(each.value.func))
        ):
            said += _texts(each)
    return said


def _of_wrappers(modules: Modules, module: str, node: ast.stmt, name: str) -> Iterator[str]:
    """Texts of the decorators of a definition and of the functions that a name is passed through."""
    calls: list[ast.expr] = list(getattr(node, "decorator_list", []))
    found = modules.parsed(module)
    assigned = [each for each in bindings(found.tree.body) if isinstance(each, ast.Assign)] if found else []
    calls += [each.value for each in assigned if name in bound(each) and isinstance(each.value, ast.Call)]
    for call in calls:
        yield from _of_call(modules, module, call, 0)


def _of_call(modules: Modules, module: str, call: ast.expr, depth: int) -> Iterator[str]:
    """The call's own words, those of the constants it is given, and what its function was made of."""
    if isinstance(call, ast.Call):
        yield from _texts(call)
        yield from _by_keywords(call)
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            yield from _constant(modules, module, argument)
    name = ast.unparse(call.func if isinstance(call, ast.Call) else call)
    if depth >= MOST_WRAPPERS or not name.isidentifier():
        return
    home, node = _defined(modules, module, name)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        yield from _of_call(modules, home, node.value, depth + 1)
    elif isinstance(node, ast.FunctionDef):
        yield from _of_body(node)


def _by_keywords(call: ast.Call) -> Iterator[str]:
    """What `deprecated(..., version="2.9", remove=True)` promises, as a sentence."""
    said = {keyword.arg: keyword.value for keyword in call.keywords}
    version, remove = said.get("version"), said.get("remove")
    if isinstance(version, ast.Constant) and isinstance(remove, ast.Constant) and remove.value is True:
        yield f"will be removed from the {version.value!s} release"


def _of_body(node: ast.FunctionDef) -> Iterator[str]:
    """The words a wrapper passes on; its docstring speaks of the wrapper, and one without a number of nothing."""
    for statement in node.body[bool(ast.get_docstring(node)) :]:
        yield from (text for text in _texts(statement) if REMOVAL.search(text) and re.search(r"\d", text))


def _constant(modules: Modules, module: str, argument: ast.expr) -> list[str]:
    if not isinstance(argument, ast.Name):
        return []
    node = modules.definition(module, argument.id)
    return _texts(node.value) if isinstance(node, ast.Assign) else []


def _defined(modules: Modules, module: str, name: str) -> tuple[str, ast.stmt | None]:
    """The module and statement that define a name, one import away at most."""
    node = modules.definition(module, name)
    if isinstance(node, ast.ImportFrom):
        source = absolute(node, module if modules.is_package(module) else module.rpartition(".")[0])
        original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), name)
        return source, modules.definition(source, original)
    return module, node
