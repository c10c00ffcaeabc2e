"""From findings to a colour for each package."""

from preflight.model import Cell, Finding, Graph, Plan, Report, Severity, Verdict

OF_THE_PLAN = {"PF104", "PF105", "PF112"}  # what is wrong with the plan's own calls and tests harms no neighbour


def verdicts(plan: Plan, graphs: dict[Cell, Graph], report: Report) -> dict[str, Verdict]:
    """A verdict per planned package, and per package with red or yellow findings.

    A planned package is RED when something it brings along is: it cannot be had without it. Yellow is not inherited;
    a decision about a package is asked for once.
    """
    names = [*plan.names, *sorted({found.package for found in report.findings if found.severity is not Severity.NOTE})]
    return {name: _verdict(name, plan, graphs, report) for name in dict.fromkeys(names) if name}


def _verdict(name: str, plan: Plan, graphs: dict[Cell, Graph], report: Report) -> Verdict:
    mine = [found for found in report.findings if found.package == name]
    brought = {each for graph in graphs.values() for each in graph.below(name)} if name in plan.names else set()
    inherited = [each for each in report.findings if each.package in brought - {name} and each.id not in OF_THE_PLAN]
    if any(found.severity is Severity.RED for found in [*mine, *inherited]):
        return Verdict.RED
    unresolved = name in plan.names and any(not graph.pins and not graph.conflict for graph in graphs.values())
    if unresolved or any(unknown.blocks and unknown.package in {name, "", *brought} for unknown in report.unknown):
        return Verdict.UNKNOWN
    return Verdict.YELLOW if any(found.severity is Severity.YELLOW for found in mine) else Verdict.GREEN


def worst_of(findings: list[Finding]) -> Severity | None:
    """The most harmful severity, or None."""
    return min((found.severity for found in findings), key=lambda severity: severity.rank, default=None)
