"""PF104: does each planned name exist in the release each cell resolves to?

Read from the source, never from the package's words about itself. A module that sets its names while it runs is
"dynamic": that is said, and is never "removed".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packaging.version import Version

from preflight.checks.context import Context, in_order
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Facts, Finding, Project, Severity, Unknown, Use
from preflight.source.announcements import replacement
from preflight.source.modules import Modules
from preflight.source.names import Presence, Status, lookup
from preflight.source.stdlib import STANDARD


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each planned name that is gone, or announced to go; what cannot be told, together."""
    untold: dict[tuple[str, str, str], list[str]] = {}
    for found in _each(context):
        if isinstance(found, Untold):
            untold.setdefault((found.package, found.version, found.why), []).append(found.name)
        else:
            yield found
    for (package, version, why), names in untold.items():
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        yield Unknown("PF104", package, f"{shown} in {version} {'is' if len(names) == 1 else 'are'} {why}")


@dataclass(frozen=True)
class Untold:
    """A planned name of which the source does not say whether it is there."""

    package: str
    version: str
    name: str
    why: str


def _each(context: Context) -> Iterator[Finding | Unknown | Untold]:
    for use in context.plan.uses:
        if use.top in STANDARD:
            continue
        answers: dict[tuple[str, Version], list[Cell]] = {}
        homeless: list[Cell] = []
        for cell, graph in context.graphs.items():
            if not graph.pins:
                continue
            provider = context.provider(use.name, graph)
            if provider:
                answers.setdefault((provider, graph.pins[provider].version), []).append(cell)
            else:
                homeless.append(cell)
        if homeless and context.plan.project is None:  # with a project, PF112 says it once for each module
            yield _homeless(use, homeless)
        for (name, version), cells in answers.items():
            yield from _judged(context, use, name, version, cells)


def _homeless(use: Use, cells: list[Cell]) -> Finding:
    return Finding(
        id="PF104",
        severity=Severity.RED,
        package=use.top,
        version="",
        cells=in_order(cells),
        message=f"{use.name} is planned, and no resolved package brings a module {use.top}",
        evidence=(Evidence(use.where),),
        confidence=Confidence.MEDIUM,
        advice="add the package that brings it to the requirements",
    )


def _judged(
    context: Context, use: Use, name: str, version: Version, cells: list[Cell]
) -> Iterator[Finding | Unknown | Untold]:
    try:
        found = context.presence(name, version, use.name)
    except CouldNotCheck as error:
        yield Unknown("PF104", name, f"{use.name} was not looked for: {error.message}", blocks=True)
        return
    if found.status is Status.ABSENT:
        yield _absent(context, use, name, version, cells=cells, found=found)
    elif found.status is not Status.PRESENT:
        yield Untold(name, str(version), use.name, f"{found.status}: {found.where}")
    elif found.announced:
        yield _announced(context, use, name, version, cells=cells, found=found)


def _absent(context: Context, use: Use, name: str, version: Version, *, cells: list[Cell], found: Presence) -> Finding:
    project = context.facts.project(name)
    past = history(context.facts, project, use.name, version) if project else History()
    if past.last:
        when = f"{past.removed_in} ({past.removed_day})"
        gone = f"removed in {when}; {past.last} still has it"
        gone = gone if past.certain else f"gone by {when}; {past.last} may still have it"
        told = f", and announces: {past.announced!r}" if past.announced else ""
        dynamic = " (earlier releases set it dynamically)" if past.dynamic else ""
        message = f"{use.name} does not exist in {name} {version}: {gone}{told}{dynamic}"
        instead = f"; its source names {past.replacement} instead" if past.replacement else ""
        advice = f"plan without it{instead}" + (f"; or bound {name}<{past.removed_in}" if past.certain else "")
    elif past.unread:
        message = (
            f"{use.name} does not exist in {name} {version}; older releases ({past.unread}) could not be read for it"
        )
        advice = f"see what {name} {version} has instead, or look into the older release before bounding it"
    else:
        message = f"{use.name} does not exist in {name} {version}, nor in any release that was looked at"
        advice = "check the spelling"
    return Finding(
        id="PF104",
        severity=Severity.RED,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=message,
        evidence=(
            Evidence(use.where, f"plans {use.name}"),
            context.evidence(name, version, found.where),
            *past.evidence,
        ),
        confidence=Confidence.HIGH,
        advice=advice,
    )


def _announced(
    context: Context, use: Use, name: str, version: Version, *, cells: list[Cell], found: Presence
) -> Finding:
    return Finding(
        id="PF104",
        severity=Severity.YELLOW,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=f"{use.name} exists in {name} {version}, and its source announces: {found.announced!r}",
        evidence=(context.evidence(name, version, found.where),),
        confidence=Confidence.HIGH if "remov" in found.announced else Confidence.MEDIUM,
        advice="plan for what replaces it, or put an upper bound on the package and write down why",
    )


@dataclass(frozen=True)
class History:
    """When a name went: the last release that has it, the first that has not, and what the last one said."""

    last: str = ""
    removed_in: str = ""
    removed_day: str = ""
    announced: str = ""
    replacement: str = ""
    dynamic: bool = False
    certain: bool = True  # False: the last release's source does not say whether it is there
    unread: str = ""  # releases whose source could not be read
    evidence: tuple[Evidence, ...] = ()


def history(facts: Facts, project: Project, name: str, absent_in: Version) -> History:
    """Search back from a release without the name, in steps that double, then halving.

    It assumes that what went did not come back and go again in between.
    """
    versions = [version for version in project.stable if version < absent_in]
    seen: dict[int, Presence] = {}
    unread: list[Version] = []

    def has(number: int) -> bool:
        found = look(facts, project, versions[number], name)
        if found is not None:
            seen[number] = found
        else:
            unread.append(versions[number])
        return found is not None and found.status is not Status.ABSENT

    last = boundary(has, len(versions))
    if last is None:
        return History(unread=", ".join(map(str, sorted(unread)[-3:])))
    return _told(facts, project, versions[last], seen[last], [*versions, absent_in][last + 1])


def boundary(has: Callable[[int], bool], count: int) -> int | None:
    """The highest number below `count` for which `has` holds, if it holds up to some number and no further."""
    high, low, step = count, None, 1
    while low is None and high > 0:
        probe = max(high - step, 0)
        if has(probe):
            low = probe
        else:
            high, step = probe, step * 2
    while low is not None and high - low > 1:
        middle = (low + high) // 2
        if has(middle):
            low = middle
        else:
            high = middle
    return low


def _told(facts: Facts, project: Project, last: Version, presence: Presence, first: Version) -> History:
    before, after = project.any_file(last), project.any_file(first)
    assert before is not None  # both are versions of the project
    assert after is not None
    inside = presence.module and presence.name
    return History(
        last=str(last),
        removed_in=str(first),
        removed_day=after.day,
        announced=presence.announced,
        replacement=replacement(Modules(facts.source(before)), presence.module, presence.name) if inside else "",
        dynamic=presence.status is Status.DYNAMIC,
        certain=presence.status is not Status.UNKNOWN,
        evidence=(
            Evidence(before.filename, presence.where, str(last), before.day),
            Evidence(after.filename, "the first release without it", str(first), after.day),
        ),
    )


def look(facts: Facts, project: Project, version: Version, name: str) -> Presence | None:
    """The name in one release; None when its source cannot be read."""
    file = project.any_file(version)
    try:
        return lookup(Modules(facts.source(file)), name) if file else None
    except CouldNotCheck:
        return None
