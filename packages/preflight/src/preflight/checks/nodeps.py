"""PF106: what is missing when a plan installs with --no-deps.

The closure of each planned import is followed through its wheel; what it needs and the plan does not list is a hole.
"""

from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.context import Context, in_order
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Finding, Severity, Unknown
from preflight.source.imports import Kind
from preflight.source.modules import Need
from preflight.source.stdlib import STANDARD


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each planned package whose import would fail without its dependencies."""
    if not context.plan.no_deps:
        return
    for name, version, cells in context.planned():
        starts = starts_of(context, name, version, cells[0])
        try:
            needs = context.closure(name, version, starts, max(cell.minor for cell in cells))
        except CouldNotCheck as error:
            yield Unknown("PF106", name, f"its imports were not read: {error.message}", blocks=True)
            continue
        holes = _holes(context, [each for each in needs if not context.may_be_built(name, version, each)], cells[0])
        carried = context.opened(name, version).vendored if holes else frozenset()
        holes = {top: need for top, need in holes.items() if top not in carried}
        if holes:
            yield _finding(context, name, version, cells=cells, starts=starts, holes=holes)


def starts_of(context: Context, name: str, version: Version, cell: Cell) -> list[str]:
    """The modules of a package that the plan uses; its import packages when the plan names none."""
    if used := uses_of(context, name, cell):
        return used
    try:
        modules = context.modules(name, version)
    except CouldNotCheck:
        return []
    same = [top for top in modules.tops if canonicalize_name(top) == name]
    return same or sorted(top for top in modules.tops if modules.is_package(top))


def uses_of(context: Context, name: str, cell: Cell) -> list[str]:
    """The names of a package that the plan uses."""
    graph = context.graphs[cell]
    return [use.name for use in context.plan.uses if context.provider(use.name, graph) == name]


def _holes(context: Context, needs: list[Need], cell: Cell) -> dict[str, Need]:
    """Import name -> the first import of it, for what no planned package brings."""
    graph = context.graphs[cell]
    found: dict[str, Need] = {}
    for need in needs:
        certain = need.kind is Kind.PLAIN
        if not certain or need.top in STANDARD or need.top in found:
            continue
        provider = context.provider(need.top, graph)
        if provider not in context.plan.names:
            found[need.top] = need
    return found


def _finding(
    context: Context, name: str, version: Version, *, cells: list[Cell], starts: list[str], holes: dict[str, Need]
) -> Finding:
    file = context.file(name, version)
    first = list(holes.values())[:3]
    declared = {canonicalize_name(each.name) for each in context.metadata(name, version).requires}
    graph = context.graphs[cells[0]]
    hidden = [top for top in holes if (context.provider(top, graph) or canonicalize_name(top)) not in declared]
    packages = ", ".join(sorted({context.provider(top, graph) or f"whatever brings {top}" for top in holes}))
    note = f"; of these {name} does not declare {', '.join(sorted(hidden))} itself" if hidden else ""
    return Finding(
        id="PF106",
        severity=Severity.RED,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=f"installed with --no-deps, import {starts[0].rpartition('.')[0] or starts[0]} fails: {name} {version} "
        f"also needs {', '.join(sorted(holes))}{note}",
        evidence=tuple(
            Evidence(f"{file.filename if file else name}: {need.by}", f"imports {need.module}", str(version))
            for need in first
        ),
        confidence=Confidence.HIGH,
        advice=f"install with its dependencies; or list {packages} too, and import the modules you use as a test",
    )
