"""What a command says: plain values for programs, lines for people."""

from dataclasses import dataclass, field
from typing import Any

from pic.model.event import Event


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is printed with --json, `lines` otherwise; `code` is the exit code."""

    data: Any
    lines: list[str] = field(default_factory=list)
    code: int = 0


def recorded(event: Event, *lines: str, code: int = 0) -> Answer:
    """The answer of a command that recorded one event."""
    data = {"event": event.hash, "kind": event.kind, "workflow": event.workflow, "time": event.time, **event.data}
    return Answer(data, list(lines), code)
