"""PF109: cells without a resolution, with uv's reason; and silent downgrades.

A resolver that finds the newest release of a planned package out of reach takes an older one without a word. The older
one is found here by comparing what was chosen with what the plan allows.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.context import Context, in_order, pythons
from preflight.model import Cell, Confidence, Evidence, Finding, Graph, Project, Severity, Unknown


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each conflict and for each planned package that was pushed back."""
    for reason, cells in _alike({cell: graph.conflict for cell, graph in context.graphs.items()}):
        yield _conflict(context, reason, cells)
    for reason, cells in _alike({cell: graph.objection for cell, graph in context.graphs.items()}):
        yield _objection(context, reason, cells)
    for name, version, cells in context.planned():
        project = context.facts.project(name)
        if project:
            yield from _unfinished(context, project, version, cells)
            yield from _pushed_back(context, project, version, cells)


def _alike(reasons: dict[Cell, str]) -> Iterator[tuple[str, list[Cell]]]:
    """Cells that have the same reason, but for the names of their Pythons."""
    found: dict[str, tuple[str, list[Cell]]] = {}
    for cell, reason in reasons.items():
        if reason:
            same = re.sub(r"\bcp\d+t?\b", "cp", reason.partition(" hint: ")[0])
            found.setdefault(same, (reason, []))[1].append(cell)
    yield from found.values()


def _objection(context: Context, reason: str, cells: list[Cell]) -> Finding:
    """It installs with --no-deps; its packages' own words are against it."""
    found = _conflict(context, reason, cells)
    return replace(
        found,
        severity=Severity.YELLOW,
        message=f"--no-deps installs what its packages' own requirements refuse: {reason[:600]}",
        advice="test that what you use of it works; without --no-deps no installer would take it",
    )


def _conflict(context: Context, reason: str, cells: list[Cell]) -> Finding:
    culprits = [name for name in context.plan.names if name in reason.casefold()] or list(context.plan.names)
    return Finding(
        id="PF109",
        severity=Severity.RED,
        package=culprits[0] if culprits else "",
        version="",
        cells=in_order(cells),
        message=f"nothing satisfies the plan on Python {pythons(cells)}: {reason[:600]}",
        evidence=(Evidence("uv's resolution", "its own explanation"),),
        advice="loosen the bound that the explanation names, or leave these cells out",
    )


def _unfinished(context: Context, project: Project, version: Version, cells: list[Cell]) -> Iterator[Finding]:
    """A pre-release that nobody asked for, taken because no finished release installs."""
    if version.is_prerelease and not _asked(context, project.name).prereleases:
        yield Finding(
            id="PF109",
            severity=Severity.YELLOW,
            package=project.name,
            version=str(version),
            cells=in_order(cells),
            message=f"the resolver takes {project.name} {version}, a pre-release that the plan does not ask for: "
            f"no finished release installs on Python {pythons(cells)} here",
            evidence=(context.evidence(project.name, version, "chosen", cells[0]),),
            confidence=Confidence.MEDIUM,
            advice="leave these cells out until it is finished, or ask for the pre-release and say why",
        )


def _pushed_back(context: Context, project: Project, version: Version, cells: list[Cell]) -> Iterator[Finding]:
    newest = _newest(project, _asked(context, project.name), cells)
    if newest is None or newest <= version or (project.name, newest) in context.unread:
        return
    between = sum(1 for each in project.stable if version < each <= newest)
    mine, theirs = project.uploaded(version), project.uploaded(newest)
    years = (theirs - mine).days / 365 if mine and theirs else 0.0
    limits = _limits(context, project.name, newest, cells)
    cause = f": {limits}" if limits else _further(context, project.name, newest, cells)
    later = f", {years:.1f} years newer" if years >= 0.1 else ""
    yield Finding(
        id="PF109",
        severity=Severity.YELLOW if years >= 0.5 or between > 3 else Severity.NOTE,
        package=project.name,
        version=str(version),
        cells=in_order(cells),
        message=f"the resolver silently takes {project.name} {version} where the plan allows {newest} "
        f"({between} release{'s' * (between != 1)} on{later}){cause}",
        evidence=(context.evidence(project.name, version, "chosen"), context.evidence(project.name, newest, "allowed")),
        confidence=Confidence.HIGH if limits else Confidence.MEDIUM,
        advice=f"ask for {project.name}>={newest} to see the conflict, then decide which of the two gives way",
    )


def _further(context: Context, name: str, newest: Version, cells: list[Cell]) -> str:
    """The cause stands neither in the newest release's own requirements nor in those on it: it lies further down."""
    pins = context.graphs[cells[0]].pins
    needs = [each for each in context.metadata(name, newest, cells[0]).requires if _applies(each, cells[0])]
    new = [str(each).partition(";")[0].strip() for each in needs if canonicalize_name(each.name) not in pins]
    below = f"in what {' and '.join(new[:3])} needs in turn" if new else "in what its requirements need in turn"
    return f"; no requirement of it or on it says why: the cause lies {below}"


def _asked(context: Context, name: str) -> SpecifierSet:
    bounds = SpecifierSet()
    for each in context.plan.requirements:
        if canonicalize_name(each.name) == name:
            bounds &= each.specifier
    return bounds


def _newest(project: Project, bounds: SpecifierSet, cells: list[Cell]) -> Version | None:
    """The newest release that the plan's own bounds and the lower bounds on Python allow."""
    for version in reversed(project.stable):
        files = project.releases[version]
        python = all(any(_lower(file.requires_python, cell) for file in files) for cell in cells)
        installable = any(not file.is_wheel for file in files) or all(
            project.wheel_for(version, cell) for cell in cells
        )
        if version in bounds and python and installable:
            return version
    return None


def _lower(bounds: str, cell: Cell) -> bool:
    try:
        return all(
            each.contains(cell.full_python, prereleases=True)
            for each in SpecifierSet(bounds)
            if each.operator in {">", ">="}
        )
    except ValueError:
        return True


def _limits(context: Context, name: str, newest: Version, cells: list[Cell]) -> str:
    """Who in the graph does not allow the newest: "tts 0.22.0 wants pandas<2.0,>=1.4"."""
    graph = context.graphs[cells[0]]
    found = []
    for parent in graph.pins[name].wanted_by:
        if parent:
            metadata = context.metadata(parent, graph.pins[parent].version, cells[0])
            found += [
                f"{graph.pins[parent]} wants {each}"
                for each in metadata.requires
                if _excludes(each, name, newest, cells[0])
            ]
    for each in context.metadata(name, newest, cells[0]).requires:
        if _applies(each, cells[0]):
            found += _unmet(context, graph, f"{name} {newest}", each)
    return "; ".join(found[:3])


def _unmet(context: Context, graph: Graph, who: str, need: Requirement) -> list[str]:
    """Why the cell does not give a release what it needs, and who is the cause; nothing when it does."""
    other = canonicalize_name(need.name)
    project = context.facts.project(other)
    wants = f"{who} wants {str(need).partition(';')[0].strip()}"
    fits = [each for each in project.stable if need.specifier.contains(each)] if project else []
    if project and not fits:
        return [f"{wants}, of which there is no such release"]
    if other not in graph.pins:
        able = (
            any(file.fits(graph.cell) or not file.is_wheel for each in fits for file in project.releases[each])
            if project
            else True
        )
        return [] if able else [f"{wants}, of which no release installs on {graph.cell}"]
    pin = graph.pins[other]
    if need.specifier.contains(pin.version, prereleases=True):
        return []
    holders = [held for parent in pin.wanted_by if parent for held in _holds(context, graph, parent, other, fits)]
    return [f"{wants}, and " + (" and ".join(holders[:2]) if holders else f"the plan has {pin}")]


def _holds(context: Context, graph: Graph, parent: str, other: str, fits: list[Version]) -> list[str]:
    """What a resolved package says against all the releases that would fit."""
    here = context.metadata(parent, graph.pins[parent].version, graph.cell).requires
    return [
        f"{graph.pins[parent]} wants {str(each).partition(';')[0].strip()}"
        for each in here
        if canonicalize_name(each.name) == other
        and _applies(each, graph.cell)
        and not any(each.specifier.contains(version) for version in fits)
    ]


def _excludes(requirement: Requirement, name: str, version: Version, cell: Cell) -> bool:
    same = canonicalize_name(requirement.name) == name
    return same and _applies(requirement, cell) and not requirement.specifier.contains(version, prereleases=True)


def _applies(requirement: Requirement, cell: Cell) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(cell.markers())
