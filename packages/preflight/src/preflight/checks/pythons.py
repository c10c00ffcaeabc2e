"""PF101: Requires-Python, both ends hard, in every cell and over the whole graph.

uv drops upper bounds of Requires-Python when it resolves (by design, astral-sh/uv#4022), so a plan "resolves" on a
Python that its package refuses. Here `packaging` re-checks each pin (PEP 345, PEP 440).
"""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.context import Context, in_order, pythons, via
from preflight.model import Cell, Confidence, File, Finding, Project, Severity, Unknown


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each release that refuses the Python of cells it is resolved for."""
    for (name, version), cells in context.resolved().items():
        refused: dict[str, list[Cell]] = {}
        for cell in cells:
            bounds = _bounds(context, name, version, cell)
            allowed = _allows(bounds, cell)
            if allowed is None:
                yield Unknown("PF101", name, f"{name} {version} states Requires-Python {bounds!r}, which is none")
            elif not allowed:
                refused.setdefault(bounds, []).append(cell)
        for bounds, where in refused.items():
            yield _finding(context, name, version, bounds, where)


def _bounds(context: Context, name: str, version: Version, cell: Cell) -> str:
    file = context.file(name, version, cell)
    return file.requires_python if file else ""


def _allows(bounds: str, cell: Cell) -> bool | None:
    try:
        return SpecifierSet(bounds).contains(cell.full_python, prereleases=True)
    except InvalidSpecifier:
        return None


def _finding(context: Context, name: str, version: Version, bounds: str, cells: list[Cell]) -> Finding:
    project = context.facts.project(name)
    other = _another(context, project, cells) if project else None
    root = name in context.plan.names
    graph = context.graphs[cells[0]]
    says = f"{name} {version} refuses Python {pythons(cells)}: Requires-Python is {bounds}{via(graph, name)}"
    if other is None:
        says += "; uv resolves it all the same, and pip finds no version to install"
        says += "" if any(_open(context, name)) else " within the plan's bounds"
    else:
        says += f"; the newest that accepts all of them is {other}"
    return Finding(
        id="PF101",
        severity=Severity.RED if root or other is None else Severity.YELLOW,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=says,
        evidence=(context.evidence(name, version, f"Requires-Python: {bounds}", cells[0]),),
        confidence=Confidence.HIGH,
        advice=_advice(bounds, other),
    )


def _open(context: Context, name: str) -> Iterator[bool]:
    yield from (not each.specifier for each in context.plan.requirements if canonicalize_name(each.name) == name)


def _another(context: Context, project: Project, cells: list[Cell]) -> Version | None:
    """The newest release that accepts the Python of all these cells, within what the plan and its graph allow."""
    allowed = _asked(context, project.name, cells[0])
    for version in reversed(project.stable):
        if version in allowed and all(_installs(project.releases[version], cell) for cell in cells):
            return version
    return None


def _installs(files: tuple[File, ...], cell: Cell) -> bool:
    """Whether pip would find something of a release: an sdist or a wheel for the cell that accepts its Python."""
    return any(_allows(file.requires_python, cell) and (file.fits(cell) or not file.is_wheel) for file in files)


def _asked(context: Context, name: str, cell: Cell) -> SpecifierSet:
    """Every bound that the plan and the resolved packages put on a package in the cell."""
    graph = context.graphs[cell]
    bounds = SpecifierSet()
    asked = [each for each in context.plan.requirements if canonicalize_name(each.name) == name]
    for parent in graph.pins[name].wanted_by:
        if parent:
            found = context.metadata(parent, graph.pins[parent].version, cell)
            asked += [each for each in found.requires if canonicalize_name(each.name) == name and _holds(each, cell)]
    for each in asked:
        bounds &= each.specifier
    return bounds


def _holds(requirement: object, cell: Cell) -> bool:
    marker = getattr(requirement, "marker", None)
    return marker is None or bool(marker.evaluate(cell.markers()))


def _advice(bounds: str, other: Version | None) -> str:
    if other is not None:
        return f"bound it to {other}, or leave these Pythons out"
    inside = [f"3.{minor}" for minor in range(6, 16) if _allows(bounds, Cell(f"3.{minor}", "linux-x86_64"))]
    return (
        f"plan for Python {inside[0]} to {inside[-1]}, or for another package" if inside else "plan for another package"
    )
