"""From what a person typed to a Plan."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

from packaging.requirements import Requirement

from preflight.errors import InputError, NotFound
from preflight.model import Plan, Use, parse_cells
from preflight.source import requirements
from preflight.source.project import Project

PYTHONS = "3.11-3.14"
PLATFORMS = "linux-x86_64,macos-arm64,windows-x86_64"


@dataclass(frozen=True)
class Asked:
    """The words of the command line."""

    packages: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    project: Path | None = None
    pythons: str = ""
    platforms: str = ""
    uses: str = ""
    as_of: str = ""
    no_deps: bool = False


def make_plan(asked: Asked) -> tuple[Plan, str | None]:
    """The plan, and the index a requirements file names. Raises InputError for what cannot be planned."""
    listed = [requirements.read(path) for path in asked.files]
    told = matrix_of(asked.project)
    project = Project(asked.project, told.elsewhere) if asked.project else None
    if project is not None:
        if not project.root.is_dir():
            raise InputError(f"{project.root} is not a folder")
        listed.append(project.listed)
    wanted = [requirements.parse(text) for text in asked.packages]
    wanted += [each for one in listed for each in one.requirements]
    wanted += _of_extras(project, told.extras) if project else []
    if not wanted and project is None:
        raise InputError("there is nothing to audit", "name packages, -r FILE or --project DIR")
    uses = [Use(name) for name in ",".join([asked.uses, *told.uses]).replace(" ", "").split(",") if name]
    for use in uses:
        if not use.name.replace(".", "").isidentifier():
            raise InputError(f"{use.name!r} is not a dotted name", "write it like torchaudio.info")
    plan = Plan(
        requirements=_once(wanted),
        cells=parse_cells(asked.pythons or told.pythons, asked.platforms or told.platforms),
        uses=tuple({use.name: use for use in [*uses, *(project.uses() if project else ())]}.values()),
        as_of=moment(asked.as_of) if asked.as_of else None,
        project=asked.project,
        elsewhere=told.elsewhere,
        locked=project.lock.pins if project and project.lock else (),
        lock=project.lock.file if project and project.lock else "",
        no_deps=asked.no_deps or told.no_deps or any(one.no_deps for one in listed),
        licence=project.licence if project else "",
        notes=tuple(note for one in listed for note in one.unread),
    )
    return plan, next((one.index_url for one in listed if one.index_url), None)


@dataclass(frozen=True)
class Told:
    """What a project's own preflight.toml says of the environments it is meant for."""

    pythons: str = PYTHONS
    platforms: str = PLATFORMS
    uses: tuple[str, ...] = ()
    no_deps: bool = False
    extras: tuple[str, ...] = ()  # of the project, that belong to the plan
    elsewhere: tuple[str, ...] = ()  # globs of files whose code runs in environments of its own


def matrix_of(project: Path | None) -> Told:
    """The project's preflight.toml, or the defaults. Raises InputError for keys it does not know."""
    path = project / "preflight.toml" if project else None
    if path is None or not path.exists():
        return Told()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name} cannot be read: {error}") from error
    known = {"python", "platform", "uses", "no-deps", "extras", "elsewhere"}
    if strange := sorted(set(table) - known):
        raise NotFound.among(f"setting of {path.name}", strange[0], known)
    lists = {key: table.get(key, []) for key in ("uses", "extras", "elsewhere")}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise InputError(f"{key} in {path.name} is not a list of words", f'write it like {key} = ["one", "two"]')
    return Told(
        table.get("python", PYTHONS),
        table.get("platform", PLATFORMS),
        no_deps=bool(table.get("no-deps", False)),
        **{key: tuple(value) for key, value in lists.items()},
    )


def _of_extras(project: Project, names: tuple[str, ...]) -> list[Requirement]:
    """What the extras require that belong to the plan. Raises NotFound for one the project has not."""
    for name in names:
        if name not in project.extras:
            raise NotFound.among("extra of the project", name, project.extras)
    return [each for name in names for each in project.extras[name]]


def _once(wanted: list[Requirement]) -> tuple[Requirement, ...]:
    return tuple({str(each): each for each in wanted}.values())


def moment(text: str) -> datetime:
    """The end of a day in UTC. Raises InputError for anything but YYYY-MM-DD."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"{text!r} is not a day", "write it like 2026-02-05") from error
    return datetime.combine(day.date(), time.max, UTC)
