"""Running the checks over a plan. The one place, beside the command line, where CouldNotCheck becomes an Unknown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from preflight import checks, settings
from preflight.audit.verdicts import verdicts
from preflight.errors import CouldNotCheck, NotFound
from preflight.index import Cache, Index, configured
from preflight.model import Facts, Finding, Graph, Plan, Report, Unknown
from preflight.resolve import Resolver, find_uv

Progress = Callable[[str], None]


@dataclass
class Tools:
    """What an audit works with: facts, what was not looked at, and the cache."""

    facts: Index
    cache: Cache
    not_asked: tuple[str, ...] = ()


def open_tools(plan: Plan, index_url: str | None, *, offline: bool) -> Tools:
    """The user's index behind the cache. Raises ToolMissing or InputError when none is configured."""
    environment = settings.environment()
    config = configured(environment, find_uv(), index_url)
    cache = Cache(settings.cache_folder(), offline=offline)
    return Tools(Index(config, cache, plan.as_of), cache, config.not_asked)


def audit(plan: Plan, tools: Tools, progress: Progress) -> Report:
    """All checks over all cells. Raises NotFound for a package no index knows, IndexDown when there is no index."""
    must_exist(plan, tools.facts)
    resolver = Resolver(tools.facts, settings.environment())
    graphs = resolver.graphs(
        plan.requirements,
        plan.cells,
        lambda cell: progress(f"resolved {cell}"),
        locked=plan.locked,
        no_deps=plan.no_deps,
    )
    context = checks.Context(plan, tools.facts, graphs, frozenset(resolver.unread))
    report = Report(describe(plan), _as_of(plan), plan.cells)
    for name, check in checks.CHECKS.items():
        progress(check.title)
        _collect(report, name, context)
    report.unknown += _limits(plan, tools, resolver, graphs)
    report.findings.sort(
        key=lambda found: (found.severity.rank, found.package not in plan.names, found.id, found.package)
    )
    report.verdicts = verdicts(plan, graphs, report)
    report.resolved = {
        str(cell): {p.name: str(p.version) for p in graph.pins.values()} for cell, graph in graphs.items()
    }
    report.answers_from = tools.facts.oldest
    return report


def must_exist(plan: Plan, facts: Facts) -> None:
    """Every planned package is known. Raises NotFound with existing names that are easily confused with it."""
    for name in plan.names:
        project = facts.project(name)
        if project is None:
            near = facts.nearest(name)
            raise NotFound(f"no package is called {name!r}", f"did you mean {' or '.join(near)}?" if near else "")
        if not project.releases:
            when = f"on {plan.as_of.date()}" if plan.as_of else "at all"
            raise NotFound(f"{name!r} had no release {when}", "choose a later --as-of" if plan.as_of else "")


def _collect(report: Report, name: str, context: checks.Context) -> None:
    try:
        for found in checks.load(name)(context):
            if isinstance(found, Finding):
                report.findings.append(found)
            else:
                report.unknown.append(found)
    except CouldNotCheck as error:
        report.unknown.append(Unknown(name, "", f"{checks.CHECKS[name].title}: {error.message}", blocks=True))


def _limits(plan: Plan, tools: Tools, resolver: Resolver, graphs: dict[Any, Graph]) -> Iterable[Unknown]:
    """What the whole audit rests on."""
    blind = any(not graph.pins and not graph.conflict for graph in graphs.values())
    for name, reason in sorted(resolver.failed.items()):
        yield Unknown("PF109", name, f"could not be resolved through: {reason}", blocks=name in plan.names or blind)
    for (name, version), reason in sorted(resolver.unread.items()):
        yield Unknown("PF109", name, f"{version} was passed over, for it could not be read: {reason}", blocks=True)
    pins = {(pin.name, pin.version) for graph in graphs.values() for pin in graph.pins.values()}
    if guessed := ", ".join(f"{name} {version}" for name, version in sorted(resolver.guessed & pins)):
        yield Unknown("PF109", "", f"needs read from sdists, of which none was built to confirm them: {guessed}")
    for what in tools.not_asked:
        yield Unknown("", "", f"configured and not looked at: {what}")
    for note in plan.notes:
        yield Unknown("", "", f"not a package from an index: {note}")


def describe(plan: Plan) -> dict[str, Any]:
    """The plan as plain values, for the report."""
    return {
        "requirements": [str(each) for each in plan.requirements],
        "locked": {"file": plan.lock, "pins": [str(each) for each in plan.locked]},
        "uses": [use.name for use in plan.uses],
        "no_deps": plan.no_deps,
        "packages": [canonicalize_name(name) for name in plan.names],
    }


def _as_of(plan: Plan) -> str:
    return plan.moment.date().isoformat()
