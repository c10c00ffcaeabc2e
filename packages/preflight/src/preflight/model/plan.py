"""What a person intends: packages, the calls they will make, and what their project already says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from preflight.model.cells import Cell


@dataclass(frozen=True)
class Use:
    """A name the plan will import or call ("torchaudio.info"), and where its code does so."""

    name: str
    where: str = "the plan"

    @property
    def top(self) -> str:
        """The import package."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Plan:
    """What to audit. `as_of` None means now."""

    requirements: tuple[Requirement, ...]
    cells: tuple[Cell, ...]
    uses: tuple[Use, ...] = ()
    as_of: datetime | None = None
    project: Path | None = None
    elsewhere: tuple[str, ...] = ()  # globs of the project's files whose code runs in environments of its own
    locked: tuple[Requirement, ...] = ()  # what a lock file pins, brought along or planned
    lock: str = ""  # its name
    no_deps: bool = False  # the plan installs with --no-deps
    licence: str = ""
    notes: tuple[str, ...] = ()  # lines of the plan's files that could not be read

    @property
    def names(self) -> tuple[str, ...]:
        """The packages asked for, normalized (PEP 503)."""
        return tuple(dict.fromkeys(canonicalize_name(requirement.name) for requirement in self.requirements))

    @property
    def moment(self) -> datetime:
        """The time the audit speaks of."""
        return self.as_of or datetime.now(UTC)
