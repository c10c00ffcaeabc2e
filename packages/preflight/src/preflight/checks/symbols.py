"""PF107: names that a planned package imports from a neighbour, in a release of the neighbour that no longer has them.

The modules that the plan's uses run are followed; every `from neighbour import name` in them, and every
`neighbour.name` that no condition guards, is looked up in the neighbour's resolved release.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from packaging.version import Version

from preflight.checks.context import Context, in_order
from preflight.checks.nodeps import starts_of, uses_of
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Finding, Severity, Unknown
from preflight.source.imports import Kind
from preflight.source.modules import Need
from preflight.source.names import Status
from preflight.source.stdlib import STANDARD

READERS = 4
MOST_NAMED, MOST_WHOLE = 600, 150  # modules that are followed: of what the plan uses, and of a package as a whole
Missing = dict[tuple[str, Version], list[tuple[Need, str]]]


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each planned package and neighbour that do not fit, in the cells that pair them."""
    with ThreadPoolExecutor(READERS) as pool:
        for found in pool.map(lambda each: list(_of_one(context, *each)), context.planned()):
            yield from found


def _of_one(context: Context, name: str, version: Version, cells: list[Cell]) -> Iterator[Finding | Unknown]:
    try:
        starts = starts_of(context, name, version, cells[0])
        most = MOST_NAMED if uses_of(context, name, cells[0]) else MOST_WHOLE
        needs = context.closure(name, version, starts, max(cell.minor for cell in cells), most)
    except CouldNotCheck as error:
        yield Unknown("PF107", name, f"what it takes from its neighbours was not read: {error.message}")
        return
    missing: dict[tuple[tuple[str, Version], tuple[tuple[Need, str], ...]], list[Cell]] = {}
    for pairing, where in _pairings(context, needs, cells).items():
        for neighbour, pairs in _compared(context, name, needs, dict(pairing)).items():
            missing.setdefault((neighbour, tuple(pairs)), []).extend(where)
    for (neighbour, gone), where in missing.items():
        if gone:
            yield _finding(context, (name, version), neighbour, cells=where, pairs=gone)


def _pairings(context: Context, needs: list[Need], cells: list[Cell]) -> dict[tuple[tuple[str, str], ...], list[Cell]]:
    """Cells grouped by the neighbours' versions they resolve to: import name -> "package version"."""
    tops = sorted({need.top for need in needs if need.names and need.top not in STANDARD})
    found: dict[tuple[tuple[str, str], ...], list[Cell]] = {}
    for cell in cells:
        graph = context.graphs[cell]
        homes = [(top, context.provider(top, graph)) for top in tops]
        found.setdefault(tuple((top, str(graph.pins[home])) for top, home in homes if home), []).append(cell)
    return found


def _compared(context: Context, owner: str, needs: list[Need], neighbours: dict[str, str]) -> Missing:
    """Neighbour -> what is imported from it and is not there."""
    missing: Missing = {}
    for need in needs:
        if need.top not in neighbours or need.kind is Kind.GUARDED or need.top == owner:
            continue
        name, _, version = neighbours[need.top].partition(" ")
        gone = [each for each in need.names if each != "*" and _absent(context, name, Version(version), need, each)]
        missing.setdefault((name, Version(version)), []).extend((need, each) for each in gone)
    return missing


def _absent(context: Context, name: str, version: Version, need: Need, each: str) -> bool:
    try:
        return context.presence(name, version, f"{need.module}.{each}").status is Status.ABSENT
    except CouldNotCheck:
        return False


def _finding(
    context: Context,
    owner: tuple[str, Version],
    neighbour: tuple[str, Version],
    *,
    cells: list[Cell],
    pairs: tuple[tuple[Need, str], ...],
) -> Finding:
    hard = [pair for pair in pairs if pair[0].kind is Kind.PLAIN]
    names = ", ".join(dict.fromkeys(f"{need.module}.{name}" for need, name in (hard or list(pairs))[:5]))
    file = context.file(*owner)
    return Finding(
        id="PF107",
        severity=Severity.RED if hard else Severity.YELLOW,
        package=owner[0],
        version=str(owner[1]),
        cells=in_order(cells),
        message=f"{owner[0]} {owner[1]} needs {names}, which {neighbour[0]} {neighbour[1]} does not have: "
        + ("importing what the plan uses fails" if hard else "calls that reach it fail"),
        evidence=(
            *(
                Evidence(f"{file.filename if file else owner[0]}: {need.by}", f"imports {name}")
                for need, name in pairs[:3]
            ),
            context.evidence(*neighbour),
        ),
        confidence=Confidence.HIGH if hard else Confidence.MEDIUM,
        advice=f"put an upper bound on {neighbour[0]}, below the release that dropped them",
    )
