"""PF112: does this project's own code and its tests give the dependencies a chance to be noticed?

Packages that tests only ever replace, no test that imports the real thing, imports nobody declared, pins without a
reason. Read from syntax trees; no test is run.
"""

import ast
import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from preflight.checks.context import Context
from preflight.model import Confidence, Evidence, Finding, Graph, Severity, Unknown
from preflight.source.imports import Kind, imports
from preflight.source.project import Project, patched_names, used_names
from preflight.source.stdlib import STANDARD

NEWEST = (3, 99)


def check(context: Context) -> Iterator[Finding | Unknown]:
    """Findings on the project's folder, when there is one."""
    if context.plan.project is None:
        return
    project = Project(context.plan.project, context.plan.elsewhere)
    graph = next((graph for graph in context.graphs.values() if graph.pins), None)
    if graph is not None:
        yield from _undeclared(context, project, graph)
        yield from _only_mocked(context, project, graph)
    yield from _pins(project)
    yield from _images(context, project)
    for each in context.plan.elsewhere:
        yield Unknown("PF112", "", f"{each}: this code runs in environments of its own, which are no part of this plan")
    for name, reason in project.unread.items():
        yield Unknown("PF112", "", f"{name}: {reason}")


def _undeclared(context: Context, project: Project, graph: Graph) -> Iterator[Finding]:
    """Imports of the code that no declared requirement brings itself."""
    seen: set[str] = set()
    for name, tree in project.code():
        for found in imports(tree, "", NEWEST):
            top = found.module.partition(".")[0]
            if not top or top in STANDARD or top in project.own or top in seen or found.kind is Kind.GUARDED:
                continue
            seen.add(top)
            provider = context.provider(top, graph)
            if (provider or canonicalize_name(top)) not in project.declared() | project.optional():
                yield _undeclared_finding(top, provider, f"{name}:{found.line}", graph, later=found.kind is Kind.LOCAL)


def _undeclared_finding(top: str, provider: str | None, where: str, graph: Graph, *, later: bool) -> Finding:
    brought = (
        f"it comes only by way of {' -> '.join(graph.chain(provider))}" if provider else "nothing resolved brings it"
    )
    return Finding(
        "PF112",
        Severity.YELLOW if provider or later else Severity.RED,
        provider or top,
        str(graph.pins[provider].version) if provider else "",
        (),
        f"the code imports {top} and the project does not declare it: {brought}",
        (Evidence(where, f"import {top}"),),
        Confidence.HIGH,
        f"declare {provider or canonicalize_name(top)}",
    )


def _only_mocked(context: Context, project: Project, graph: Graph) -> Iterator[Finding]:
    """Packages that the code uses and that every test which names them replaces."""
    users = _used_by_code(context, project, graph)
    mocked = _mocked(project, users)
    really = {dotted.partition(".")[0] for name, tree in project.tests() for dotted, _ in used_names(tree)}
    for provider, tops in users.items():
        where = [place for top in tops for place in mocked.get(top, ())]
        if provider not in project.declared() or not where or tops & really:
            continue
        how = f"only ever replaced by mocks ({len(where)} place{'s' * (len(where) != 1)})"
        yield Finding(
            "PF112",
            Severity.YELLOW,
            provider,
            str(graph.pins[provider].version),
            (),
            f"{provider} is {how}: the tests pass whether or not it installs, imports or has the calls",
            tuple(Evidence(place) for place in where[:3]),
            Confidence.HIGH,
            "add one test that imports the real modules and calls the real functions (preflight init writes it)",
        )


def _used_by_code(context: Context, project: Project, graph: Graph) -> dict[str, set[str]]:
    users: dict[str, set[str]] = {}
    for use in project.uses():
        if provider := context.provider(use.top, graph):
            users.setdefault(provider, set()).add(use.top)
    return users


def _mocked(project: Project, users: dict[str, set[str]]) -> dict[str, list[str]]:
    """Import package -> the lines of tests that replace it, or a name that the code has bound to it."""
    bound = _bindings(project)
    tops = {top for names in users.values() for top in names}
    found: dict[str, list[str]] = {}
    for name, tree in project.tests():
        for dotted, line in patched_names(tree):
            parts = dotted.split(".")
            top = parts[0] if parts[0] in tops else next((bound[p] for p in reversed(parts) if p in bound), "")
            if top in tops:
                found.setdefault(top, []).append(f"{name}:{line}")
    return found


def _bindings(project: Project) -> dict[str, str]:
    """Names the project's code has bound by imports, and the package each comes from."""
    found: dict[str, str] = {}
    for _, tree in project.code():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {
                    alias.asname or alias.name.partition(".")[0]: alias.name.partition(".")[0] for alias in node.names
                }
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {alias.asname or alias.name: node.module.partition(".")[0] for alias in node.names}
    return found


def _pins(project: Project) -> Iterator[Finding]:
    bare = [requirement for requirement, reason in project.pinned() if not reason]
    for requirement in bare:
        yield Finding(
            "PF112",
            Severity.NOTE,
            canonicalize_name(requirement.name),
            "",
            (),
            f"{requirement} is pinned without a reason beside it",
            (Evidence("the project's requirements", str(requirement)),),
            advice="write why, or loosen it",
        )


_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)?(\S+)", re.IGNORECASE)
_PYTHON = re.compile(r"(?:python:|py|python)(3)[.]?(\d{1,2})\b")
_TORCH = re.compile(r"pytorch:(\d+\.\d+(?:\.\d+)?)")


def _images(context: Context, project: Project) -> Iterator[Finding]:
    """What the images of Dockerfiles bring, by their names, against the matrix and what is resolved."""
    for path in sorted(project.root.rglob("*ockerfile*")):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if found := _FROM.match(line):
                where = f"{path.relative_to(project.root).as_posix()}:{number}"
                yield from _image_python(context, found[1], where)
                yield from _image_torch(context, found[1], where)


def _image_python(context: Context, image: str, where: str) -> Iterator[Finding]:
    said = _PYTHON.search(image)
    python = f"{said[1]}.{said[2]}" if said else ""
    cells = [cell for cell in context.graphs if cell.python == python and cell.platform.startswith("linux")]
    if said and not cells:
        yield Finding(
            "PF112",
            Severity.YELLOW,
            "",
            "",
            (),
            f"the image {image} has Python {python}, and the matrix has no such Linux cell: nobody looked at it",
            (Evidence(where, f"FROM {image}"),),
            Confidence.MEDIUM,
            f"add {python} to the matrix, or take an image of a Python that is in it",
        )


def _image_torch(context: Context, image: str, where: str) -> Iterator[Finding]:
    said = _TORCH.search(image)
    linux = [cell for cell in context.graphs if cell.platform.startswith("linux")]
    apart = [cell for cell in linux if said and "torch" in context.graphs[cell].pins]
    apart = [
        cell
        for cell in apart
        if not str(context.graphs[cell].pins["torch"].version).startswith(said[1] if said else "")
    ]
    if said and apart:
        resolved = ", ".join(sorted({str(context.graphs[cell].pins["torch"].version) for cell in apart}))
        yield Finding(
            "PF112",
            Severity.YELLOW,
            "torch",
            resolved,
            tuple(apart),
            f"the image {image} brings torch {said[1]}, and the plan resolves to {resolved}: installing replaces it, "
            "or, with --no-deps, keeps it for packages made for another",
            (Evidence(where, f"FROM {image}"),),
            Confidence.MEDIUM,
            "write the image's versions into the requirements, or take a plain Python image",
        )
