"""What each phase took: time on the clock, time in gates and studies, calls of tools, and tokens where any were told.

Nothing is estimated: what nobody measured is None.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pic.audit.timeline import phases_of
from pic.model.event import Event


@dataclass(slots=True)
class Cost:
    """One phase of one workflow; seconds, counts, and the agents' own figures."""

    workflow: str
    phase: str
    wall_seconds: float = 0.0
    gate_runs: int = 0
    gate_seconds: float = 0.0
    study_seconds: float = 0.0
    tool_calls: int = 0
    tool_seconds: float = 0.0
    denied: int = 0
    tokens: int | None = None
    usd: float | None = None


def costs(events: Iterable[Event], calls: Iterable[Event] = ()) -> list[dict[str, Any]]:
    """A row for each phase, in the order they were entered; `calls` are what hooks kept of the agents' tools."""
    found: dict[tuple[str, str], Cost] = {}
    last: dict[str, str] = {}
    for event, phase in phases_of(sorted((*events, *calls), key=lambda one: one.time)):
        if not phase:
            continue
        cost = found.setdefault((event.workflow, phase), Cost(event.workflow, phase))
        cost.wall_seconds += _between(last.get(event.workflow, event.time), event.time)
        last[event.workflow] = event.time
        _count(cost, event)
    return [asdict(one) for one in found.values()]


def _count(cost: Cost, event: Event) -> None:
    data = event.data
    seconds = float(data.get("seconds") or 0)
    if event.kind == "gate.ran":
        cost.gate_runs, cost.gate_seconds = cost.gate_runs + 1, cost.gate_seconds + seconds
    elif event.kind == "study.recorded":
        cost.study_seconds += sum(float(one.get("seconds") or 0) for one in data["scenarios"])
    elif event.kind == "tool.used":
        cost.tool_calls, cost.tool_seconds = cost.tool_calls + 1, cost.tool_seconds + seconds
    elif event.kind in ("tool.denied", "person.refused"):
        cost.denied += 1
    if isinstance(tokens := data.get("tokens"), int):
        cost.tokens = (cost.tokens or 0) + tokens
    if isinstance(usd := data.get("usd"), (int, float)):
        cost.usd = (cost.usd or 0.0) + usd


def _between(first: str, second: str) -> float:
    return max(0.0, (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds())
