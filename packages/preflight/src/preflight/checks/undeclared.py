"""PF105: what a planned use imports and its package does not declare.

A guarded or local import reachable from the planned call, of a module that no requirement brings, is a failure that
waits until the call: the package installs, imports, and raises when it is used.
"""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.context import KNOWN_TOPS, Context, in_order
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Finding, Graph, Severity, Unknown, Use
from preflight.source.imports import Kind
from preflight.source.modules import Need, chain_of
from preflight.source.names import Status
from preflight.source.stdlib import STANDARD


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each import that a planned use reaches and nothing declared brings."""
    seen: set[tuple[str, str, Version]] = set()
    for use in context.plan.uses:
        for (name, version), cells in _homes(context, use).items():
            try:
                needs = list(_needs(context, (name, version), use, cells))
            except CouldNotCheck as error:
                yield Unknown("PF105", name, f"what {use.name} needs was not read: {error.message}")
                continue
            for need in needs:
                where = [cell for cell in cells if not _brought(context, need, context.graphs[cell])]
                if where and (need.top, name, version) not in seen:
                    seen.add((need.top, name, version))
                    yield _finding(context, use, name, version, cells=where, need=need)


def _homes(context: Context, use: Use) -> dict[tuple[str, Version], list[Cell]]:
    """The release that each cell's use comes from."""
    found: dict[tuple[str, Version], list[Cell]] = {}
    for cell, graph in context.graphs.items():
        provider = context.provider(use.name, graph) if use.top not in STANDARD and graph.pins else None
        if provider:
            found.setdefault((provider, graph.pins[provider].version), []).append(cell)
    return found


def _needs(context: Context, release: tuple[str, Version], use: Use, cells: list[Cell]) -> Iterator[Need]:
    """Imports that the use runs: of the modules it imports, and of the function it calls."""
    newest = max(cell.minor for cell in cells)
    found = context.presence(*release, use.name)
    start = found.module if found.status is Status.PRESENT and found.module else _deepest(context, release, use)
    importing = context.closure(*release, [use.top, start], newest)
    called = context.called(*release, use.name, newest)
    yield from (need for need in importing if need.kind is Kind.PLAIN and not context.may_be_built(*release, need))
    yield from (need for need in called if need.top not in STANDARD and not context.may_be_built(*release, need))


def _deepest(context: Context, release: tuple[str, Version], use: Use) -> str:
    """The longest part of a dotted name that is a module."""
    modules = context.modules(*release)
    return next((name for name in reversed(chain_of(use.name)) if modules.has(name)), use.top)


def _brought(context: Context, need: Need, graph: Graph) -> bool:
    told = need.top in STANDARD or need.top == "pkg_resources"  # PF103 says it
    return told or context.provider(need.top, graph) is not None


def _finding(context: Context, use: Use, name: str, version: Version, *, cells: list[Cell], need: Need) -> Finding:
    certain = need.kind is Kind.PLAIN or need.raises
    file = context.file(name, version)
    verb = "needs" if certain else "may need"
    when = f"{need.function}() imports it" if need.function else "its import needs it"
    extra = _extra(context, name, version, need)
    declared = f"only its extra {extra} brings" if extra else f"{name} does not declare and nothing resolved brings"
    return Finding(
        id="PF105",
        severity=Severity.RED if certain else Severity.NOTE,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=f"{use.name} of {name} {version} {verb} {need.top}, which {declared}: {when}"
        + (", and raises without it" if need.raises else ""),
        evidence=(
            Evidence(
                f"{file.filename if file else name}: {need.by}",
                f"imports {need.module}",
                str(version),
                file.day if file else "",
            ),
            context.evidence(name, version, _declared(context, name, version)),
        ),
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        advice=_advice(context, name, need, extra),
    )


def _advice(context: Context, name: str, need: Need, extra: str) -> str:
    if extra:
        return f"ask for {name}[{extra}], if the plan comes that way"
    if context.facts.project(need.top):
        return f"add {canonicalize_name(need.top)} to the requirements, at a version made for this {name}"
    return f"find the package that brings {need.top}, and add it"


def _extra(context: Context, name: str, version: Version, need: Need) -> str:
    """The first extra of a release that brings a module by its own name; nothing when none does."""
    named = {canonicalize_name(need.top), KNOWN_TOPS.get(need.top, "")}
    asked = (each for each in context.metadata(name, version).requires if canonicalize_name(each.name) in named)
    extras = (re.search(r"extra == ['\"]([^'\"]+)", str(each.marker)) for each in asked)
    return next((found[1] for found in extras if found), "")


def _declared(context: Context, name: str, version: Version) -> str:
    lines = [str(each) for each in context.metadata(name, version).requires if "extra" not in str(each.marker)]
    shown = ", ".join(lines[:4]) + (f" and {len(lines) - 4} more" if len(lines) > 4 else "")
    return f"Requires-Dist: {shown}" if lines else "declares no requirement"
