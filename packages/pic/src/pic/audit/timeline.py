"""Events as rows for a person or a program."""

from collections.abc import Iterable, Iterator
from typing import Any

from pic.model.event import Event
from pic.model.text import shown


def phases_of(events: Iterable[Event]) -> Iterator[tuple[Event, str]]:
    """Each event with the phase its workflow was in when it happened."""
    phases: dict[str, str] = {}
    before: dict[str, str] = {}
    for event in events:
        if event.kind == "workflow.started":
            phases[event.workflow] = event.data["phases"][0]
        if event.kind == "workflow.imported":
            phases[event.workflow] = event.data["phase"]
        yield event, phases.get(event.workflow, "")
        if event.kind in ("phase.handed", "phase.revisited"):
            before[event.workflow] = phases.get(event.workflow, "")
            phases[event.workflow] = event.data["to"] or before[event.workflow]
        if event.kind == "workflow.undone" and event.data["undoes"] in ("phase.handed", "phase.revisited"):
            phases[event.workflow] = before.get(event.workflow, "")


def rows(events: Iterable[Event], workflow: str = "", phase: str = "") -> list[dict[str, Any]]:
    """What happened, oldest first, of one workflow and phase or of all."""
    return [
        {
            "time": event.time, "workflow": event.workflow, "phase": where, "kind": event.kind,
            "by": event.actor[1], "as": event.actor[0], "what": summary(event), "hash": event.hash,
            "seconds": event.data.get("seconds", 0), "clock": event.clock,
        }
        for event, where in phases_of(events)
        if (not workflow or event.workflow == workflow) and (not phase or where == phase)
    ]  # fmt: skip


def summary(event: Event) -> str:
    """One line of what an event says."""
    data = event.data
    words = {
        "workflow.started": lambda: f"{data['title']} ({data['size']})",
        "workflow.imported": lambda: f"{data['was']}: {data['title']}, {data['status']} in {data['phase']}",
        "authority.trusted": lambda: ", ".join(data["authority"]),
        "decision.made": lambda: f"{data['id']} {data['title']}: {data['chosen']}",
        "evidence.added": lambda: f"{data['kind']} {data['ref']}",
        "gate.ran": lambda: f"{data['name']}: {data['outcome']} {data.get('reason', '')}",
        "gate.waived": lambda: f"{data['name']}: {data['because']}",
        "gate.trusted": lambda: str(data["name"]),
        "phase.handed": lambda: f"{data['phase']} to {data['to'] or 'the end'}",
        "phase.revisited": lambda: f"back to {data['to']}: {data['because']}",
        "conflict.opened": lambda: f"{data['id']} {data['title']}",
        "conflict.position": lambda: f"{data['id']}: {data['position']}",
        "conflict.resolved": lambda: f"{data['id']}: {data['because']}",
        "study.recorded": lambda: f"{data['id']} {'passed' if data['passed'] else 'failed'}",
        "person.refused": lambda: f"tried {data['tried']}",
    }
    return shown(words.get(event.kind, lambda: str(data.get("because", "")))()).strip()
