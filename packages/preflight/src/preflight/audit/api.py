"""`preflight api`: in which releases a dotted name exists, when it went, and what was said of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from preflight.checks.api import look
from preflight.checks.context import KNOWN_TOPS
from preflight.errors import NotFound
from preflight.model import Facts, Project
from preflight.source.announcements import replacement
from preflight.source.modules import Modules
from preflight.source.names import Presence, Status

MOST_RELEASES = 24
READERS = 6


@dataclass(frozen=True)
class Api:
    """The life of a name. `status` is present, removed, dynamic, never or unknown."""

    name: str
    distribution: str
    present_in: tuple[str, ...]
    removed_in: str | None
    status: str
    announced: str
    announced_in: str
    replacement: str
    dynamic_in: tuple[str, ...]
    looked_at: tuple[str, ...]


def api(facts: Facts, name: str, distribution: str = "") -> Api:
    """Look a name up in the newest two dozen minor releases. Raises NotFound for an unknown package."""
    top = name.partition(".")[0]
    package = distribution or KNOWN_TOPS.get(top) or canonicalize_name(top)
    project = facts.project(package)
    if project is None:
        near = facts.nearest(package)
        raise NotFound(
            f"no package is called {package!r}", f"did you mean {' or '.join(near)}?" if near else "name it: --in"
        )
    versions = _minors(project)
    with ThreadPoolExecutor(READERS) as pool:
        answers = dict(zip(versions, pool.map(lambda each: look(facts, project, each, name), versions), strict=True))
    return _told(facts, project, name, {version: found for version, found in answers.items() if found})


def _minors(project: Project) -> list[Version]:
    """The first release of each minor and the newest of all, oldest first."""
    first: dict[tuple[int, ...], Version] = {}
    for version in project.stable:
        first.setdefault(version.release[:2], version)
    return sorted({*list(first.values())[-MOST_RELEASES:], *project.stable[-1:]})


def _told(facts: Facts, project: Project, name: str, answers: dict[Version, Presence]) -> Api:
    present = [version for version, found in answers.items() if found.status is Status.PRESENT]
    dynamic = [version for version, found in answers.items() if found.status is Status.DYNAMIC]
    had = sorted([*present, *dynamic])
    gone = next((version for version in answers if had and version > had[-1]), None)
    said = next((version for version in present if answers[version].announced), None)
    return Api(
        name=name,
        distribution=project.name,
        present_in=tuple(map(str, present)),
        removed_in=str(gone) if gone and answers[gone].status is Status.ABSENT else None,
        status=_status(answers, present, dynamic),
        announced=answers[said].announced if said else "",
        announced_in=str(said) if said else "",
        replacement=_instead(facts, project, answers, said or (present[-1] if present else None)),
        dynamic_in=tuple(map(str, dynamic)),
        looked_at=tuple(map(str, answers)),
    )


def _status(answers: dict[Version, Presence], present: list[Version], dynamic: list[Version]) -> str:
    last = next(reversed(answers.values()), None)
    if last is None or last.status is Status.UNKNOWN:
        return "unknown"
    if last.status is Status.ABSENT:
        return "removed" if present or dynamic else "never"
    return str(last.status)


def _instead(facts: Facts, project: Project, answers: dict[Version, Presence], version: Version | None) -> str:
    file = project.any_file(version) if version else None
    found = answers[version] if version else None
    if file is None or found is None or not (found.module and found.name):
        return ""
    return replacement(Modules(facts.source(file)), found.module, found.name)
