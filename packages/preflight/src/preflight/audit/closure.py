"""`preflight closure`: every third-party module that an import really needs, declared or not."""

from collections.abc import Collection
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from preflight.checks.context import Context
from preflight.errors import CouldNotCheck, NotFound, nearest
from preflight.model import Cell, Graph, Plan
from preflight.source.imports import Kind
from preflight.source.modules import Need, closure
from preflight.source.stdlib import STANDARD


@dataclass(frozen=True)
class Needed:
    """One import package from outside: how it is needed, who brings it, and whether that is declared."""

    module: str
    package: str  # "" when nothing resolved brings it
    kind: str
    declared: bool
    by: str


@dataclass(frozen=True)
class Closure:
    """What an import needs. `install` is the exact list for --no-deps, itself followed to the end."""

    module: str
    distribution: str
    version: str
    modules_run: int
    needs: tuple[Needed, ...]
    install: tuple[str, ...]
    unread: dict[str, str]


def needed_by(context: Context, module: str, graph: Graph) -> Closure:
    """The closure of one module in the first cell. Raises NotFound for a module the package has not."""
    name = context.plan.names[0]
    version = graph.pins[name].version
    modules = context.modules(name, version)
    if not modules.has(module):
        raise NotFound(f"{name} {version} has no module {module!r}", nearest(module, modules.paths))
    found, run = closure(modules, [module], graph.cell.minor, soft_too=True)
    declared = {canonicalize_name(each.name) for each in context.metadata(name, version, graph.cell).requires}
    first: dict[str, Need] = {}
    for need in sorted(found, key=lambda need: [Kind.PLAIN, Kind.GUARDED, Kind.LOCAL].index(need.kind)):
        if need.top not in STANDARD:
            first.setdefault(need.top, need)
    needs = tuple(_needed(context, graph, need, declared) for need in first.values())
    return Closure(module, name, str(version), len(run), needs, tuple(_install(context, graph, needs)), modules.unread)


def _needed(context: Context, graph: Graph, need: Need, declared: Collection[str]) -> Needed:
    package = context.provider(need.top, graph) or ""
    return Needed(need.top, package, str(need.kind), package in declared, need.by)


def _install(context: Context, graph: Graph, needs: tuple[Needed, ...]) -> list[str]:
    """Pins of everything that a plain import reaches, through the packages it reaches."""
    queue = [need.package for need in needs if need.kind == Kind.PLAIN and need.package]
    seen = {context.plan.names[0], *queue}
    for name in queue:
        for other in _imported_by(context, graph, name):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return [f"{name}=={graph.pins[name].version}" for name in sorted(seen)]


def _imported_by(context: Context, graph: Graph, name: str) -> list[str]:
    """What importing a package needs; what it requires, where its sources cannot be read."""
    try:
        modules = context.modules(name, graph.pins[name].version)
        tops = [top for top in modules.tops if canonicalize_name(top) == name] or sorted(modules.tops)
        found, _ = closure(modules, tops, graph.cell.minor)
    except CouldNotCheck:
        return [pin.name for pin in graph.pins.values() if name in pin.wanted_by]
    homes = {need.top: context.provider(need.top, graph) for need in found if need.kind is Kind.PLAIN}
    return [home for top, home in homes.items() if home and top not in STANDARD]


def one_graph(plan: Plan, graphs: dict[Cell, Graph]) -> Graph:
    """The first graph that resolved. Raises CouldNotCheck with the reason when none did."""
    for graph in graphs.values():
        if graph.pins:
            return graph
    reason = next((graph.conflict for graph in graphs.values()), "")
    raise CouldNotCheck(f"{', '.join(plan.names)} does not resolve: {reason}")
