"""PF110: will somebody still be there? Signs from the index alone, each with its reason.

What no index can foresee is said too: a package that was released last week and is shut down tomorrow is GREEN today.
A finished package (pure Python, no caps, few needs) is "stale but inert": nothing in it rots, so it is not RED.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.context import Context, in_order, via
from preflight.checks.stdlib import gone_imports
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, Facts, File, Finding, Metadata, Project, Severity, Unknown
from preflight.source.modules import Modules
from preflight.source.stdlib import gone

RED_AT, YELLOW_AT = 50, 25
READERS = 8
LONG_DAYS, ENDING = 730, 40
# First stable day of each Python (PEPs 619, 664, 693, 719, 745), so that a past audit does not know the future.
PYTHONS = {
    (3, 10): "2021-10-04",
    (3, 11): "2022-10-24",
    (3, 12): "2023-10-02",
    (3, 13): "2024-10-07",
    (3, 14): "2025-10-07",
}
SYSTEMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64", "windows-x86_64")
FORK = re.compile(r"[^.\n]*\b(?:fork of|fork\b[^.\n]*maintained|maintained fork|successor)\b[^.\n]*", re.IGNORECASE)
_ENDED = (
    r"(?:deprecated|unmaintained|archived|discontinued|obsolete|retired|abandoned|in \W*maintenance mode"
    r"|(?:no longer|not) (?:being )?(?:actively )?(?:maintained|developed|supported|under development))"
)
# What a package says of itself as a whole: of a part of it, of another one and of a Python, others say the same words.
_WHOLE = r"\b(?:package|project|library|repository|repo|sdk|software|product)\b[^.\n]{0,60}"
_STATES = r"\b(?:is|are|has been|have been|was|should be considered)\s+(?:now\s+|officially\s+|currently\s+)?\W*"
NOTICE = re.compile(
    rf"^[^\w\[\n]*deprecated\W*(?:$|[.:;,!-])|^[^.\n]*{_WHOLE}{_STATES}{_ENDED}\b[^\n]*", re.IGNORECASE | re.MULTILINE
)
MOST_NOTICE = 1_500  # characters: a notice stands at the top
LAST_MINOR = 16
MOST_NEEDS = 4
GRACE_DAYS = 180  # what a maintained package may take to follow a new Python


@dataclass(frozen=True)
class Sign:
    """One reason, and how much it weighs."""

    weight: int
    reason: str
    silence: bool = False  # it only says that nothing was released
    notice: bool = False  # the package's own words that this is the end


@dataclass(frozen=True)
class Viability:
    """The signs and what they come to."""

    signs: tuple[Sign, ...]
    inert: bool
    long: bool = True  # silent for two years, or ended by a word of its own or of the index: less is never RED

    @property
    def score(self) -> int:
        """The sum of the weights; a finished package never reaches RED."""
        total = sum(sign.weight for sign in self.signs)
        only_silent = all(sign.silence for sign in self.signs) and total < 2 * YELLOW_AT + 10
        held = self.inert or only_silent or not self.long
        return min(total, RED_AT - 1) if held else total

    @property
    def severity(self) -> Severity | None:
        """What it comes to for a package that the plan names; None below what is worth a word."""
        if self.score < YELLOW_AT:
            return None
        if self.inert:
            return Severity.NOTE
        return Severity.RED if self.score >= RED_AT else Severity.YELLOW


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each planned package that shows such signs, and for others only when they are RED."""
    first: dict[str, tuple[Version, list[Cell]]] = {}
    for (name, version), cells in context.resolved().items():
        first.setdefault(name, (version, cells))
    with ThreadPoolExecutor(READERS) as pool:
        answers = pool.map(lambda name: _assessed(context, name), first)
        for (name, (version, cells)), found in zip(first.items(), answers, strict=True):
            project = context.facts.project(name)
            if isinstance(found, str):
                yield Unknown("PF110", name, found)
            elif project and found and found.score >= (YELLOW_AT if name in context.plan.names else RED_AT):
                yield _finding(context, project, version, cells, found)


def _assessed(context: Context, name: str) -> Viability | str | None:
    """The signs; why there are none; or None for a package that no index knows."""
    try:
        project = context.facts.project(name)
        return assess(context.facts, project, context.plan.moment) if project else None
    except CouldNotCheck as error:
        return error.message


def _finding(context: Context, project: Project, version: Version, cells: list[Cell], found: Viability) -> Finding:
    root = project.name in context.plan.names
    red = found.score >= RED_AT
    latest = project.latest or version
    reasons = "; ".join(sign.reason for sign in sorted(found.signs, key=lambda sign: -sign.weight) if sign.weight > 0)
    kind = _kind(found)
    inherited = via(context.graphs[cells[0]], project.name)
    file = project.any_file(latest)
    return Finding(
        id="PF110",
        severity=Severity.YELLOW if red and not root else found.severity or Severity.NOTE,
        package=project.name,
        version=str(version),
        cells=in_order(cells),
        message=f"{project.name} {kind}: {reasons}{inherited}",
        evidence=(Evidence(file.filename if file else "", "the last release", str(latest), file.day if file else ""),),
        confidence=Confidence.MEDIUM,
        advice=_advice(context.facts, project, found),
    )


def _kind(found: Viability) -> str:
    if found.inert:
        return "stale but inert"
    quiet = any(sign.silence for sign in found.signs)
    if any(sign.notice for sign in found.signs) and not quiet:
        return "is at its end by its own words"
    return "may be abandoned" if found.score >= RED_AT else "has gone quiet" if quiet else "lags behind"


def _advice(facts: Facts, project: Project, found: Viability) -> str:
    if found.inert:
        return "nothing in it rots by itself; import it once on the newest Python you plan for"
    if _kind(found) == "lags behind":
        return "leave out the Pythons it does not reach yet, or see what its authors plan for them"
    try:
        successors = successor(facts, project)
    except CouldNotCheck:
        successors = ""
    return f"look at {successors}" if successors else "look for a successor, or plan to carry it yourself"


def successor(facts: Facts, project: Project) -> str:
    """A package that says of itself that it goes on with another; four spelled names are the only ones asked for."""
    for candidate in (f"coqui-{project.name}", f"{project.name}2", f"{project.name}-ng", f"{project.name}-fork"):
        other = facts.project(candidate)
        latest = other.latest if other else None
        file = other.any_file(latest) if other and latest else None
        if not file:
            continue
        said = FORK.search(facts.metadata(file).about)
        if said and other and _newer(other, project):
            words = plain(said[0])[:120]
            return f"{candidate} {latest} ({file.day}), which says of itself: {words!r}; see who publishes it"
    return ""


def plain(text: str) -> str:
    """A line of Markdown as a person reads it."""
    return re.sub(r"\[([^\]]*)\](?:\([^)]*\)?)?|[*`]+", r"\1", text).strip(" #>-")


def _newer(other: Project, project: Project) -> bool:
    mine = project.uploaded(project.latest) if project.latest else None
    theirs = other.uploaded(other.latest) if other.latest else None
    return bool(mine and theirs and theirs > mine)


def assess(facts: Facts, project: Project, moment: datetime) -> Viability:
    """All signs of a package at a moment. Raises CouldNotCheck when the index gives no upload times (PEP 700)."""
    latest = project.latest
    when = (project.touched or project.uploaded(latest)) if latest else None
    if latest is None or when is None:
        raise CouldNotCheck(f"the index gives no upload times for {project.name} (PEP 700)")
    file = project.any_file(latest)
    assert file is not None  # a version has files
    metadata = facts.metadata(file)
    days = (moment - when).days
    signs = [
        *_silence(project, days, moment),
        *_caps(project, latest, moment),
        *_shape(project, latest, metadata, days),
    ]
    broken = list(_gone(facts, file, metadata, moment)) if days > 365 else []
    signs += broken
    ended = any(sign.notice for sign in signs)
    long = days > LONG_DAYS or ended or any(sign.weight >= ENDING for sign in signs if not sign.silence)
    return Viability(tuple(signs), not ended and not broken and _inert(project, latest, metadata), long)


def _silence(project: Project, days: int, moment: datetime) -> Iterator[Sign]:
    latest = project.latest
    last = f"nothing was uploaded for {round(days * 12 / 365.25)} months; the last release is {latest}"
    for limit, weight in ((1460, 60), (1095, 50), (730, 40), (365, 20)):
        if days > limit:
            yield Sign(weight, last, silence=True)
            break
    if project.status in {"archived", "quarantined", "deprecated"}:
        yield Sign(RED_AT, f"the index marks it {project.status} (PEP 792) {project.status_reason}".strip())
    times = [when for version in project.releases if (when := project.uploaded(version))]
    recent = sum(1 for when in times if (moment - when).days <= 730)
    if days > 180 and len(times) > 8 and recent <= 1:
        yield Sign(10, f"{recent or 'no'} release in two years after {len(times)} before", silence=True)


def _caps(project: Project, latest: Version, moment: datetime) -> Iterator[Sign]:
    """Pythons that are out, and that neither the newest release nor the last one accepts or has a wheel for."""
    files = [file for version in {latest, project.newest or latest} for file in project.releases[version]]
    before = [file for version in project.stable[-2:-1] for file in project.releases[version]]
    for minor, released in PYTHONS.items():
        if _days(released, moment) < GRACE_DAYS:
            continue
        python = f"{minor[0]}.{minor[1]}"
        if not any(_upper_allows(file.requires_python, f"{python}.0") for file in files):
            yield Sign(25, f"its newest release refuses Python {python}, out since {released}")
            return
        wheels = [file for file in (*files, *before) if file.is_wheel]  # the newest may not be uploaded to its end
        newer = [f"3.{number}" for number in range(minor[1], LAST_MINOR)]
        if wheels and not any(file.fits(Cell(each, name)) for file in wheels for name in SYSTEMS for each in newer):
            yield Sign(25, f"its newest release has no wheel for Python {python}, out since {released}")
            return


def _gone(facts: Facts, file: File, metadata: Metadata, moment: datetime) -> Iterator[Sign]:
    """What importing it runs into on a Python that its authors had half a year and more to follow.

    It, or what it needs: a finished package is at its end with the one that it stands on.
    """
    reached = [minor for minor, released in PYTHONS.items() if _days(released, moment) >= GRACE_DAYS]
    plain = [each for each in metadata.requires if each.marker is None]
    looked_at = [("", file, metadata), *_newest_of(facts, plain[:MOST_NEEDS])]
    for name, each, its in looked_at if reached else ():
        if found := _removed(facts, each, its, reached[-1]):
            who = f"it needs {name}, and importing that" if name else "importing it"
            yield Sign(ENDING, f"{who} imports {found}")
            return


def _newest_of(facts: Facts, needs: list[Requirement]) -> Iterator[tuple[str, File, Metadata]]:
    """The newest release of each that the requirement allows, as far as it can be read."""
    for each in needs:
        try:
            project = facts.project(each.name)
            allowed = [version for version in project.stable if version in each.specifier] if project else []
            file = project.any_file(allowed[-1]) if project and allowed else None
            found = [(each.name, file, facts.metadata(file))] if file else []
        except CouldNotCheck:
            continue
        yield from found


def _removed(facts: Facts, file: File, metadata: Metadata, minor: tuple[int, int]) -> str:
    """A module of the standard library that an import of the release runs into and the Python has not; or nothing."""
    if any(canonicalize_name(each.name) in {"setuptools", "audioop-lts", "legacy-cgi"} for each in metadata.requires):
        return ""
    try:
        source = facts.source(file)
        needs = gone_imports(facts, Modules(replace(source, read=source.glance)), minor)
    except CouldNotCheck:
        return ""
    for need in needs:
        removed = gone(need.top, minor)
        if removed and not need.instead:
            return f"{need.top}, which Python {removed[0]}.{removed[1]} removed"
    return ""


def _days(released: str, moment: datetime) -> int:
    return (moment.date() - datetime.fromisoformat(released).date()).days


def _upper_allows(bounds: str, python: str) -> bool:
    """Whether no upper bound refuses it; a dropped old Python is no sign of rot."""
    try:
        uppers = [each for each in SpecifierSet(bounds) if each.operator in {"<", "<=", "==", "~="}]
    except InvalidSpecifier:
        return True
    return all(each.contains(python, prereleases=True) for each in uppers)


def _shape(project: Project, latest: Version, metadata: Metadata, days: int) -> Iterator[Sign]:
    files = project.releases[latest]
    if not any(file.is_wheel for file in files):
        yield Sign(15 if days > 365 else 5, "its last release is an sdist only")
    if said := NOTICE.search(metadata.about[:MOST_NOTICE]):
        yield Sign(RED_AT, f"it says of itself: {plain(' '.join(said[0].split()))[:140]!r}", notice=True)
    if "Development Status :: 7 - Inactive" in metadata.classifiers:
        yield Sign(ENDING, "it calls itself inactive", notice=True)
    pinned = sorted((each for each in metadata.requires if _pins(each)), key=lambda each: each.marker is not None)
    if days > 365 and pinned:
        shown = ", ".join(f"{each.name}{each.specifier}" for each in pinned[:3])
        yield Sign(15, f"it pins {shown} for more than a year")
    if project.releases and all(file.yanked is not None for file in files):
        yield Sign(25, "its last release is yanked")


def _pins(requirement: Requirement) -> bool:
    extra = "extra" in str(requirement.marker or "")
    exact = (each for each in requirement.specifier if each.operator in {"==", "==="})
    return not extra and any(not each.version.endswith(".*") for each in exact)


def _inert(project: Project, latest: Version, metadata: Metadata) -> bool:
    """Pure Python, refuses no Python, and needs next to nothing: there is little that could break."""
    files = project.releases[latest]
    wheels = [file for file in files if file.is_wheel]
    pure = bool(wheels) and all(tag.platform == "any" for file in wheels for tag in file.tags)
    capped = any(not _upper_allows(file.requires_python, "3.14.0") for file in files)
    needs = [each for each in metadata.requires if "extra" not in str(each.marker or "")]
    return pure and not capped and len(needs) <= 2 and project.status not in {"archived", "quarantined", "deprecated"}
