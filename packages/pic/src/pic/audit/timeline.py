"""Events as rows for a person or a program."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pic.model.event import Event
from pic.model.text import shown

ASKED = ("command", "file_path", "notebook_path", "path", "pattern", "url", "query", "subagent_type", "skill", "title")
"""What tools are given that says most of what they do."""


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


def joined(events: Iterable[Event], calls: Iterable[Event]) -> list[Event]:
    """The record and the calls of agents in one order, by their times."""
    return list(heapq.merge(events, calls, key=lambda event: event.time))


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
    words: dict[str, Callable[[], str]] = {
        "workflow.started": lambda: f"{data['title']} ({data['size']})",
        "record.created": lambda: f"a repository of the kind {data['kind']}",
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
        "tool.used": lambda: _tool(data, "failed: " * bool(data["failed"]), "; ".join(data.get("beyond", ()))),
        "tool.denied": lambda: _tool(data, "", data["why"]),
        "agent.stopped": lambda: "held by its gates" if data["held"] else "",
        "audit.anchored": lambda: f"{data['count']} calls so far: {data['head'][:12]}",
    }
    return shown(words.get(event.kind, lambda: str(data.get("because", "")))()).strip()


def _tool(data: Mapping[str, Any], before: str, after: str) -> str:
    """A tool, what it was given in short, and what came of it when that is worth a word."""
    given = next((str(one) for key in ASKED if (one := data["input"].get(key))), "")
    return f"{before}{data['tool']} {given[:100]}" + (f" → {after}" if after else "")
