"""`preflight cost`: how hard a plan is to resolve and to install, in counts rather than seconds."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import Version

from preflight import settings
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Facts, File, Plan
from preflight.resolve import Shelf, Uv


@dataclass(frozen=True)
class Cost:
    """One cell's budget. `tried` counts versions that uv selected on the way: a sign of effort, no exact measure."""

    cell: str
    packages: int
    tried: int
    knot: tuple[str, ...]  # the packages most versions were tried of
    sdists: tuple[str, ...]  # what must be built
    bytes: int
    unsized: int  # files the index gives no size for
    pushed_back: tuple[str, ...]
    conflict: str


def costs(plan: Plan, facts: Facts) -> list[Cost]:
    """The cost in each cell. Raises CouldNotCheck when uv cannot work."""
    with Shelf(facts, plan.cells) as shelf, TemporaryDirectory(prefix="preflight-") as folder:
        uv = Uv.here(shelf.url, Path(folder), settings.environment())
        return [_cost(plan, facts, uv, cell) for cell in plan.cells]


def _cost(plan: Plan, facts: Facts, uv: Uv, cell: Cell) -> Cost:
    answer = uv.resolve("\n".join(map(str, plan.requirements)), cell, counted=True)
    sizes, sdists = [], []
    for name, version in answer.pins.items():
        project = facts.project(name)
        file = project.wheel_for(version, cell) if project else None
        if project and file is None:
            sdists.append(f"{name} {version}")
            file = next((each for each in project.releases.get(version, ()) if not each.is_wheel), None)
        sizes.append(_size(facts, file) if file else None)
    most = sorted(answer.tried, key=lambda name: -answer.tried[name])[:3]
    return Cost(
        cell=str(cell),
        packages=len(answer.pins),
        tried=sum(answer.tried.values()),
        knot=tuple(f"{name} ({answer.tried[name]} versions)" for name in most if answer.tried[name] > 1),
        sdists=tuple(sdists),
        bytes=sum(size or 0 for size in sizes),
        unsized=sum(size is None for size in sizes),
        pushed_back=tuple(_pushed_back(plan, facts, answer.pins)),
        conflict=answer.conflict,
    )


def _size(facts: Facts, file: File) -> int | None:
    try:
        return facts.size(file)
    except CouldNotCheck:
        return None


def _pushed_back(plan: Plan, facts: Facts, pins: dict[str, Version]) -> list[str]:
    """Planned packages that are older than their newest release."""
    found = []
    for name in plan.names:
        project = facts.project(name)
        newest = project.newest if project else None
        if name in pins and newest and str(newest) != str(pins[name]):
            found.append(f"{name} {pins[name]}, newest {newest}")
    return found
