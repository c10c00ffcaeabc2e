"""The state a record folds into: frozen, made of plain values, written to JSON and read back by shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

PHASES = ("research", "planning", "design", "implementation", "testing", "review")
ACTIVE, FINISHED, ABANDONED = "active", "finished", "abandoned"
CONFLICT_CLASSES = {"A": "technical", "B": "scope", "C": "priority", "D": "process"}
NO_RESULT, PASSED, FAILED, STALE, WAIVED = "not run", "passed", "failed", "stale", "waived"
UNAVAILABLE = "unavailable"
"""A gate whose command is not installed here: neither passed nor failed, and it blocks like a failure."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """How a gate last ended. `tree` is the hash of the files it covers, `spec` that of its command."""

    outcome: str
    tree: str
    spec: str
    time: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice, in short; the whole stands in its event and its document."""

    title: str
    chosen: str
    tier: str
    phase: str
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement that blocks the handoff until it is resolved."""

    title: str
    kind: str
    decider: str
    deadline: str = ""
    positions: tuple[str, ...] = ()
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something a decision or a phase leans on; `sha256` when it could be read."""

    phase: str
    kind: str
    ref: str
    sha256: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Study:
    """How the parts ran together.

    `left` are the files that run made where the globs `leaves` wanted some, `tree` the hash of the code without them.
    """

    passed: bool
    left: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """One phase given to the next pilot; `to` is empty at the end."""

    phase: str
    to: str
    actor: str
    time: str


@dataclass(frozen=True, slots=True)
class Authority:
    """What a pilot may use and write, as globs of tools and paths; one behind a `!` takes away. `model` "" is any."""

    tools: tuple[str, ...] = ("*",)
    paths: tuple[str, ...] = ("**",)
    model: str = ""


@dataclass(frozen=True)
class Workflow:
    """One piece of work on its way through its phases. Gates, results and waivers are keyed ``phase/name``."""

    id: str
    title: str
    size: str
    phases: tuple[str, ...]
    phase: str
    started: str
    status: str = ACTIVE
    dropped: Mapping[str, str] = field(default_factory=dict)
    pilots: Mapping[str, str] = field(default_factory=dict)
    authority: Mapping[str, Authority] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, GateResult] = field(default_factory=dict)
    waivers: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    studies: Mapping[str, Study] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    handoffs: tuple[Handoff, ...] = ()
    revisits: int = 0
    events: int = 0
    updated: str = ""
    last_kind: str = ""
    before: "Workflow | None" = None

    @property
    def pilot(self) -> str:
        """Who is in command now."""
        return self.pilots.get(self.phase, self.phase)

    def gates_of(self, phase: str) -> list[str]:
        """Names of the gates of a phase."""
        return [key.partition("/")[2] for key in self.gates if key.startswith(f"{phase}/")]

    def open_conflicts(self) -> list[str]:
        """Conflicts nobody has resolved."""
        return [name for name, conflict in self.conflicts.items() if not conflict.resolved]


class Kept(dict[str, Workflow]):
    """Workflows as a snapshot kept them, each read when it is first asked for: most commands ask for one."""

    def __init__(self, raw: Mapping[str, Any], read: Callable[[Any], Workflow]) -> None:
        super().__init__()
        self._raw, self._read = dict(raw), read
        for key in raw:
            super().__setitem__(key, None)  # type: ignore[assignment]  # its place; what stands there is still raw

    def __getitem__(self, key: str) -> Workflow:
        if key in self._raw:
            super().__setitem__(key, self._read(self._raw.pop(key)))
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dict."""
        return self[key] if key in self else default  # noqa: SIM401  it would ask itself

    def values(self) -> Any:
        """As of a dict."""
        return self._all().values()

    def items(self) -> Any:
        """As of a dict."""
        return self._all().items()

    def _all(self) -> dict[str, Workflow]:
        return {key: self[key] for key in self}

    def __setitem__(self, key: str, workflow: Workflow) -> None:
        self._raw.pop(key, None)
        super().__setitem__(key, workflow)

    def __or__(self, other: Any) -> Any:
        after = Kept(self._raw, self._read)
        dict.update(after, {key: dict.__getitem__(self, key) for key in self})
        for key, workflow in other.items():
            after[key] = workflow
        return after

    def __eq__(self, other: object) -> bool:
        return self._all() == other

    __hash__ = None


@dataclass(frozen=True)
class Record:
    """All workflows of a repository, and the events no rule allows where a merge has put them."""

    workflows: dict[str, Workflow] = field(default_factory=dict)
    current: str = ""
    events: int = 0
    time: str = ""
    disputed: tuple[str, ...] = ()
    attempts: int = 0


State = TypeVar("State", Workflow, Record)


def changed(state: State, **values: object) -> State:
    """The state with some fields changed: what dataclasses.replace does, ten times as fast."""
    after = object.__new__(type(state))
    object.__setattr__(after, "__dict__", state.__dict__ | values)
    return after


def to_json(value: object) -> Any:
    """Plain JSON values."""
    if isinstance(value, (str, int, float, type(None))):
        return value
    if isinstance(value, Mapping):
        return {key: to_json(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    return {one.name: to_json(getattr(value, one.name)) for one in fields(value)}  # type: ignore[arg-type]


def _map(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: kind(**value) for key, value in values.items()}


def authorities(values: Mapping[str, Any]) -> dict[str, Authority]:
    """Authorities by phase, from plain JSON values."""
    return {
        phase: Authority(tuple(value["tools"]), tuple(value["paths"]), value["model"])
        for phase, value in values.items()
    }


def workflow_from(data: Mapping[str, Any]) -> Workflow:
    """A workflow as `to_json` wrote it."""
    conflicts = {
        key: Conflict(**{**value, "positions": tuple(value["positions"])}) for key, value in data["conflicts"].items()
    }
    return Workflow(
        **{
            **data,
            "phases": tuple(data["phases"]),
            "authority": authorities(data["authority"]),
            "results": _map(GateResult, data["results"]),
            "decisions": _map(Decision, data["decisions"]),
            "conflicts": conflicts,
            "studies": {
                key: Study(one["passed"], tuple(one["left"]), tuple(one["leaves"]), one["tree"])
                for key, one in data["studies"].items()
            },
            "evidence": tuple(Evidence(**one) for one in data["evidence"]),
            "handoffs": tuple(Handoff(**one) for one in data["handoffs"]),
            "before": workflow_from(data["before"]) if data["before"] else None,
        }
    )


def record_from(data: Mapping[str, Any], read: Callable[[Any], Workflow] = workflow_from) -> Record:
    """A record as `to_json` wrote it; `read` makes a workflow of what stands for one there."""
    return Record(
        Kept(data["workflows"], read),
        data["current"],
        data["events"],
        data["time"],
        tuple(data["disputed"]),
        data["attempts"],
    )
