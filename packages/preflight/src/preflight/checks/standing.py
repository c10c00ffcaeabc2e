"""PF111: what the index and the metadata say of a release: yanked, status, licence, size, owners, vulnerabilities.

"Not checked" is the answer wherever the index does not tell: an empty list of vulnerabilities is not "none".
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from packaging.version import Version

from preflight.checks.context import Context, in_order, via
from preflight.errors import CouldNotCheck
from preflight.model import Advisory, Cell, Confidence, Evidence, File, Finding, Severity, Unknown

LARGE = 1_000_000_000
ASKING = 8  # packages whose owners are asked for at once, or files for their sizes
RESTRICTIVE = ("NonCommercial", "Non-Commercial", "CC-BY-NC", "Proprietary", "AGPL", "Affero")
COPYLEFT = ("GPL-2", "GPL-3", "GPLv2", "GPLv3", "General Public License")


def check(context: Context) -> Iterator[Finding | Unknown]:
    """Findings on each resolved release, and on each cell's download as a whole."""
    for (name, version), cells in context.resolved().items():
        yield from _yanked(context, name, version, cells)
    yield from _licences(context)
    with ThreadPoolExecutor(ASKING) as pool:
        told = pool.map(lambda name: [*_status(context, name), *_from_legacy(context, name)], context.plan.names)
        every = [each for found in told for each in found]
    yield from (each for each in every if not isinstance(each, str))
    yield from _owned([each for each in every if isinstance(each, str)])
    yield from _advised(context)
    yield from _size(context)


def _status(context: Context, name: str) -> Iterator[Unknown]:
    project = context.facts.project(name)
    if project and project.status is None:
        yield Unknown("PF111", name, "archived or quarantined: this index does not say (PEP 792)")


def _yanked(context: Context, name: str, version: Version, cells: list[Cell]) -> Iterator[Finding]:
    project = context.facts.project(name)
    files = project.releases.get(version, ()) if project else ()
    if files and all(file.yanked is not None for file in files):
        reason = next((file.yanked for file in files if file.yanked), "no reason given")
        yield Finding(
            "PF111",
            Severity.YELLOW,
            name,
            str(version),
            in_order(cells),
            f"{name} {version} is yanked (PEP 592): {reason}",
            (context.evidence(name, version),),
            advice="choose another release",
        )


def _licences(context: Context) -> Iterator[Finding | Unknown]:
    """One finding for each licence that restricts, with all packages that carry it."""
    carriers: dict[str, dict[str, tuple[Version, list[Cell]]]] = {}
    for (name, version), cells in context.resolved().items():
        try:
            said = context.metadata(name, version, cells[0]).licence
        except CouldNotCheck as error:
            if name in context.plan.names:
                yield Unknown("PF111", name, f"licence: {error.message}")
            continue
        if not said and name in context.plan.names:
            yield Unknown("PF111", name, f"{name} {version} states no licence in its metadata")
        if _restricts(said):
            carriers.setdefault(said, {})[name] = version, cells
    for said, packages in carriers.items():
        yield _licensed(context, said, packages)


def _restricts(said: str) -> bool:
    strict = any(word.casefold() in said.casefold() for word in RESTRICTIVE)
    lesser = "LGPL" in said or "Lesser" in said or " OR " in said
    return strict or (not lesser and any(word in said for word in COPYLEFT))


def _licensed(context: Context, said: str, packages: dict[str, tuple[Version, list[Cell]]]) -> Finding:
    first = min(packages, key=lambda name: (name not in context.plan.names, name))
    version, cells = packages[first]
    named = ", ".join(f"{name} {packages[name][0]}" for name in sorted(packages)[:4])
    more = f" and {len(packages) - 4} more" if len(packages) > 4 else ""
    mine = f", this project {context.plan.licence}" if context.plan.licence else ""
    return Finding(
        "PF111",
        Severity.NOTE if "Proprietary" in said and first not in context.plan.names else Severity.YELLOW,
        first,
        str(version),
        in_order(cells),
        f"{named}{more}: licensed {said}{mine}{via(context.graphs[cells[0]], first)}",
        (context.evidence(first, version, f"License: {said}", cells[0]),),
        Confidence.MEDIUM,
        "ask whether these terms fit how you will use and pass on what you build",
    )


def _owned(names: list[str]) -> Iterator[Finding]:
    """One note on all planned packages that a single account can publish."""
    if names:
        message = f"a single owner at the index: {', '.join(names)}"
        yield Finding("PF111", Severity.NOTE, names[0], "", (), message, confidence=Confidence.MEDIUM)


def _from_legacy(context: Context, name: str) -> Iterator[Finding | Unknown | str]:
    """Vulnerabilities and owners, which only the legacy JSON of some indexes has, and only as of today.

    The name itself stands for "has a single owner".
    """
    try:
        found = context.facts.legacy(name)
    except CouldNotCheck as error:
        yield Unknown("PF111", name, f"owners and vulnerabilities: {error.message}")
        return
    if found is None or context.plan.as_of:
        why = "the index keeps no past answers" if found else "this index does not tell"
        yield Unknown("PF111", name, f"owners and vulnerabilities: {why}")
        return
    latest = str((found.get("info") or {}).get("version", ""))
    cells = [
        cell for cell, graph in context.graphs.items() if name in graph.pins and str(graph.pins[name].version) == latest
    ]
    known = _distinct(found.get("vulnerabilities") or [])
    if known and cells:
        yield _vulnerable(name, latest, cells, known)
    elif known:
        yield Unknown("PF111", name, f"vulnerabilities: the index tells only of {latest}, which no cell resolves to")
    else:
        yield Unknown("PF111", name, "vulnerabilities: the index lists none, which is not the same as none")
    owners = {role["user"] for role in (found.get("ownership") or {}).get("roles", [])}
    if len(owners) == 1 and not (found.get("ownership") or {}).get("organization"):
        yield name


def _distinct(known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each vulnerability once, though databases name it differently; none that was withdrawn."""
    seen: set[str] = set()
    found = []
    for each in known:
        names = {str(each.get("id")), *map(str, each.get("aliases") or [])}
        if not each.get("withdrawn") and seen.isdisjoint(names):
            found.append(each)
        seen |= names
    return found


def _vulnerable(name: str, version: str, cells: list[Cell], known: list[dict[str, Any]]) -> Finding:
    told = "; ".join(f"{each.get('id')}: {_short(each)}" for each in known[:3])
    more = f"; and {len(known) - 3} more" if len(known) > 3 else ""
    fixes = sorted({str(fix) for each in known for fix in each.get("fixed_in") or []})
    return Finding(
        "PF111",
        Severity.YELLOW,
        name,
        version,
        in_order(cells),
        f"{name} {version}: the index lists {told}{more}",
        (Evidence("the index's own field", f"fixed in {', '.join(fixes)}" if fixes else "no fix known", version),),
        advice="resolve to a fixed release" if fixes else "ask whether what is affected is reached by your use",
    )


def _short(each: dict[str, Any]) -> str:
    """The beginning of what is said of it, on one line."""
    text = " ".join(str(each.get("summary") or each.get("details") or "no description").split())
    return text if len(text) <= 160 else text[:160].rpartition(" ")[0] + " ..."


def _advised(context: Context) -> Iterator[Finding | Unknown]:
    """What an advisory service knows of every resolved release."""
    cells = {(name, str(version)): where for (name, version), where in context.resolved().items()}
    if not cells:
        return
    try:
        known = context.facts.advisories(cells)
    except CouldNotCheck as error:
        yield Unknown("PF111", "", f"known vulnerabilities of what is resolved: {error.message}")
        return
    for (name, version), some in known.items():
        if some:
            yield _advisory(context, name, version, cells=cells[name, version], some=some)


def _advisory(context: Context, name: str, version: str, *, cells: list[Cell], some: list[Advisory]) -> Finding:
    count = f"{len(some)} known vulnerabilit{'y' if len(some) == 1 else 'ies'}"
    told = "; ".join(f"{each.id} {each.summary[:100]}".strip() for each in some[:3])
    more = f"; and {len(some) - 3} more" if len(some) > 3 else ""
    fixed = sorted({Version(each) for one in some for each in one.fixed if Version(each) > Version(version)})
    return Finding(
        "PF111",
        Severity.YELLOW,
        name,
        version,
        in_order(cells),
        f"{name} {version} has {count}: {told}{more}{via(context.graphs[cells[0]], name)}",
        tuple(
            Evidence(
                each.id, f"fixed in {', '.join(each.fixed)}" if each.fixed else "no fix known", version, each.published
            )
            for each in some[:3]
        ),
        advice=f"resolve to {fixed[-1]} or newer" if fixed else "ask whether what is affected is reached by your use",
    )


def _size(context: Context) -> Iterator[Finding | Unknown]:
    """Cells whose wheels come to more than a gigabyte."""
    chosen = {cell: context.chosen(cell) for cell in context.graphs}
    files = {file for each in chosen.values() for file in each.values()}
    with ThreadPoolExecutor(ASKING) as pool:
        sizes = dict(zip(files, pool.map(lambda file: _bytes(context, file), files), strict=True))
    if unsized := sum(size is None for size in sizes.values()):
        yield Unknown("PF111", "", f"the download size of {unsized} files: the index does not say (PEP 700)")
    large: dict[int, list[Cell]] = {}
    for cell, some in chosen.items():
        total = sum(sizes[file] or 0 for file in some.values())
        if total > LARGE:
            large.setdefault(round(total / 100_000_000), []).append(cell)
    for tenths, cells in large.items():
        yield _download(
            context, tenths / 10, cells, {name: sizes[file] or 0 for name, file in chosen[cells[0]].items()}
        )


def _bytes(context: Context, file: File) -> int | None:
    try:
        return context.facts.size(file)
    except CouldNotCheck:
        return None


def _download(context: Context, gigabytes: float, cells: list[Cell], sizes: dict[str, int]) -> Finding:
    top = sorted(sizes, key=lambda name: -sizes[name])[:3]
    biggest = ", ".join(f"{name} {sizes[name] / 1_000_000:.0f} MB" for name in top)
    return Finding(
        "PF111",
        Severity.NOTE,
        context.plan.names[0] if context.plan.names else "",
        "",
        in_order(cells),
        f"installing downloads {gigabytes:.1f} GB: {biggest}",
        confidence=Confidence.HIGH,
        advice="plan image size and build time for it, or choose CPU builds",
    )
