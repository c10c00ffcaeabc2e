"""PF103: does importing a package run into modules that a cell's Python no longer has?

PEP 594 (3.13), PEP 632 (distutils, 3.12), and `pkg_resources`, which setuptools 82 no longer brings. Only imports
that run when the package is imported count: a guarded one, one under a version condition or in a function does not.
"""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from packaging.version import Version

from preflight.checks.context import Context, in_order, pythons, via
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Facts, Finding, Severity, Unknown
from preflight.source.imports import Kind, imports
from preflight.source.modules import Modules, Need, closure
from preflight.source.project import Project
from preflight.source.stdlib import REMOVED, STANDARD, SUCCESSORS, gone

MOST_SOURCE = 1_500_000
READERS = 6
PACKAGED = Version("82")  # setuptools that no longer brings pkg_resources
_SIGN = re.compile(rb"^\s*(?:import|from)\s+(" + "|".join([*REMOVED, "pkg_resources"]).encode() + rb")\b", re.MULTILINE)


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each release whose import fails on the Python of a cell."""
    resolved = context.resolved()
    with ThreadPoolExecutor(READERS) as pool:
        answers = pool.map(lambda each: _needs(context, each[0][0], each[0][1], each[1]), resolved.items())
        for ((name, version), cells), needs in zip(resolved.items(), answers, strict=True):
            if isinstance(needs, str):
                if name in context.plan.names:
                    yield Unknown("PF103", name, f"its imports were not read: {needs}")
                continue
            yield from _findings(context, name, version, cells, needs)
    yield from _of_the_plan(context)


def _of_the_plan(context: Context) -> Iterator[Finding]:
    """What the plan's own code imports, or is planned to, and its Pythons no longer have."""
    for top, where in _places(context).items():
        need = Need(top, (), Kind.PLAIN, where, "", raises=False)
        cells = [cell for cell, graph in context.graphs.items() if graph.pins and _fails(context, need, cell)]
        if cells:
            yield _planned(need, in_order(cells))


def _places(context: Context) -> dict[str, str]:
    """Modules that left the standard library -> where the plan imports them."""
    found = {use.top: use.where for use in context.plan.uses if use.top in REMOVED}
    if context.plan.project is None:
        return found
    newest = max(cell.minor for cell in context.plan.cells)
    project = Project(context.plan.project, context.plan.elsewhere)
    for name, tree in project.code():
        for each in imports(tree, "", newest):
            top = each.module.partition(".")[0]
            if each.kind is Kind.PLAIN and top in REMOVED and top not in project.own:
                found.setdefault(top, f"{name}:{each.line}")
    return found


def _planned(need: Need, cells: tuple[Cell, ...]) -> Finding:
    return Finding(
        id="PF103",
        severity=Severity.RED,
        package="",
        version="",
        cells=cells,
        message=f"the plan imports {need.top}, which {_why(need)}: it fails on Python {pythons(list(cells))}",
        evidence=(Evidence(need.by, f"import {need.top}"),),
        advice=f"for {need.top}: {SUCCESSORS.get(need.top, 'nothing in the standard library')}",
    )


def _needs(context: Context, name: str, version: Version, cells: list[Cell]) -> list[Need] | str:
    """Imports that run and name what is gone somewhere; or why they could not be read."""
    try:
        return gone_imports(context.facts, context.opened(name, version), max(cell.minor for cell in cells))
    except CouldNotCheck as error:
        return error.message


def gone_imports(facts: Facts, modules: Modules, minor: tuple[int, int]) -> list[Need]:
    """Imports that run on that Python and name what left the standard library somewhere. Raises CouldNotCheck."""
    if modules.size > MOST_SOURCE:
        raise CouldNotCheck(f"it has more than the {MOST_SOURCE / 1e6} MB of compressed source that are read")
    key = f"{modules.source.file.url}#{minor} PF103"
    plain = json.loads(facts.kept(key, lambda: _worked_out(modules, minor)))
    return [Need(module, (), Kind.PLAIN, by, "", raises=False, instead=tuple(instead)) for module, by, instead in plain]


def _worked_out(modules: Modules, minor: tuple[int, int]) -> bytes:
    """The answer for a wheel, to be kept. Most wheels name none of these modules, and are not parsed."""
    if not any(_mentions(modules, path) for path in modules.paths.values()):
        return b"[]"
    needs, _ = closure(modules, _tops(modules), minor)
    if modules.unread:
        raise CouldNotCheck(next(iter(modules.unread.values())))
    gone_somewhere = {*REMOVED, "pkg_resources"}
    runs = (need for need in needs if need.kind is Kind.PLAIN or (need.kind is Kind.GUARDED and need.instead))
    return json.dumps([[each.module, each.by, each.instead] for each in runs if each.top in gone_somewhere]).encode()


def _mentions(modules: Modules, path: str) -> bool:
    return path.endswith(".py") and bool(_SIGN.search(modules.source.glance(path)))


def _tops(modules: Modules) -> list[str]:
    """The import packages of a wheel, without the folders that some wheels leave lying about."""
    strays = {"tests", "test", "docs", "examples", "benchmarks", "scripts"}
    return sorted(top for top in modules.tops if top not in strays)


def _findings(context: Context, name: str, version: Version, cells: list[Cell], needs: list[Need]) -> Iterator[Finding]:
    groups: dict[tuple[Cell, ...], dict[str, Need]] = {}
    for need in needs:
        if where := in_order([cell for cell in cells if _fails(context, need, cell)]):
            groups.setdefault(where, {}).setdefault(need.top, need)
    for where, gone_there in groups.items():
        yield _finding(context, name, version, where, list(gone_there.values()))


def _fails(context: Context, need: Need, cell: Cell) -> bool:
    """Whether the module is gone from the cell, and so is what is imported in its place."""
    return _gone(context, need.top, cell) and not any(_there(context, each, cell) for each in need.instead)


def _there(context: Context, module: str, cell: Cell) -> bool:
    top = module.partition(".")[0]
    return top in STANDARD - REMOVED.keys() or context.provider(top, context.graphs[cell]) is not None


def _gone(context: Context, top: str, cell: Cell) -> bool:
    pins = context.graphs[cell].pins
    if top == "pkg_resources":
        return "setuptools" not in pins or pins["setuptools"].version >= PACKAGED
    if top == "distutils" and "setuptools" in pins:
        return False  # setuptools puts a distutils of its own in place
    return bool(gone(top, cell.minor)) and not context.provider(top, context.graphs[cell])


def _finding(context: Context, name: str, version: Version, cells: tuple[Cell, ...], needs: list[Need]) -> Finding:
    graph = context.graphs[cells[0]]
    file = context.file(name, version)
    where = " and ".join(dict.fromkeys(re.split(r"[/.]", need.by)[0] for need in needs))
    names = ", ".join(f"{need.top}, which {_why(need)}" for need in needs)
    return Finding(
        id="PF103",
        severity=Severity.RED,
        package=name,
        version=str(version),
        cells=cells,
        message=f"importing {where} of {name} {version} imports {names}: it fails on Python "
        f"{pythons(list(cells))}{via(graph, name)}",
        evidence=tuple(
            Evidence(f"{file.filename if file else name}: {need.by}", f"import {need.module}", str(version))
            for need in needs[:3]
        ),
        confidence=Confidence.MEDIUM,
        advice="; ".join(
            f"for {need.top}: {SUCCESSORS.get(need.top, 'nothing in the standard library')}" for need in needs
        )
        + "; or a release that has moved on",
    )


def _why(need: Need) -> str:
    removed = REMOVED.get(need.top)
    why = f"Python {removed[0]}.{removed[1]} removed" if removed else "no resolved package brings"
    return (
        f"{why}, and in its place {' and '.join(need.instead)}, which nothing resolved brings" if need.instead else why
    )
