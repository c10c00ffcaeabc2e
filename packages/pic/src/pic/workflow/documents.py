"""The Markdown a person reads, drawn from events alone: so a document can always be checked against the record."""

from collections.abc import Mapping
from typing import Any

from pic.model.event import Event
from pic.model.state import CONFLICT_CLASSES
from pic.model.text import block, shown, slug

FOLDERS = {"decision.made": "decisions", "conflict.opened": "conflicts", "study.recorded": "studies"}


def path_of(event: Event) -> str:
    """Where the event's document lies below .pic/, or "" when it has none. The hash keeps two branches apart."""
    if event.kind == "phase.handed":
        return f"handoffs/{event.time[:10]}-{event.data['phase']}-{event.hash[:6]}.md"
    folder = FOLDERS.get(event.kind)
    return f"{folder}/{event.data['id']}-{slug(event.data['title'])}-{event.hash[:6]}.md" if folder else ""


def render(event: Event) -> str:
    """The document."""
    return {
        "decision.made": decision,
        "conflict.opened": conflict,
        "study.recorded": study,
        "phase.handed": handoff,
    }[event.kind](event)


def _front(event: Event, fields: Mapping[str, Any]) -> str:
    lines = [f"{key}: {shown(str(value))}" for key, value in fields.items()]
    return "\n".join(["---", *lines, f"event: {event.hash}", "---"])


def decision(event: Event) -> str:
    """MADR 4."""
    data = event.data
    head = _front(
        event,
        {
            "status": "accepted",
            "date": event.time[:10],
            "decision-makers": event.actor[1],
            "consulted": "",
            "informed": "",
        },
    )
    why = block(data["because"]) or "no reason was given"
    parts = [
        head,
        f"# {shown(data['title'])}",
        "## Context and Problem Statement",
        block(data["context"]) or shown(data["title"]),
    ]
    parts += ["## Considered Options", "\n".join(f"* {shown(one)}" for one in data["options"])]
    parts += ["## Decision Outcome", f'Chosen option: "{shown(data["chosen"])}", because {why}.']
    parts += ["### Confirmation", f"Phase {data['phase']} ends only when its gates pass; see `pic audit`."]
    evidence = [f"* {one['kind']}: {shown(one['ref'])} {one['sha256'][:12]}".rstrip() for one in data["evidence"]]
    parts += ["## More Information", "\n".join(evidence) or "No evidence was given."]
    if data["supersedes"]:
        parts.append(f"Supersedes {data['supersedes']}.")
    return "\n\n".join(parts) + "\n"


def conflict(event: Event) -> str:
    """How a conflict was opened; positions and the resolution stand in the record."""
    data = event.data
    fields = {"class": f"{data['class']} {CONFLICT_CLASSES[data['class']]}", "decider": data["decider"]}
    head = _front(event, {**fields, "deadline": data["deadline"], "opened": event.time})
    return f"{head}\n\n# {data['id']}: {shown(data['title'])}\n\nPositions and resolution: `pic show {data['id']}`.\n"


def study(event: Event) -> str:
    """An integration study: what was run, and how it ended."""
    data = event.data
    head = _front(event, {"date": event.time[:10], "result": "passed" if data["passed"] else "failed"})
    parts = [
        head,
        f"# {data['id']}: {shown(data['title'])}",
        "## Plan",
        block(data["plan"]) or "Run the parts together.",
    ]
    rows = [f"* `{shown(' '.join(one['argv']))}`: {one['ending']}, code {one['code']}" for one in data["scenarios"]]
    parts += ["## Scenarios", "\n".join(rows)]
    if left := [f"* {shown(name)} {digest[:12]}" for name, digest in data.get("sha256", {}).items()]:
        parts += ["## Left", "\n".join(left)]
    return "\n\n".join(parts) + "\n"


def handoff(event: Event) -> str:
    """What one pilot gives the next."""
    data = event.data
    fields = {"from": data["phase"], "to": data["to"] or "the end", "by": event.actor[1], "date": event.time}
    title = f"# {data['phase'].capitalize()} hands over to {data['to'] or 'nobody: the work is done'}"
    gates = [f"* {name}: {state}" for name, state in data["gates"].items()] or ["* none"]
    parts = [_front(event, fields), title, "## Gates", "\n".join(gates), "## Notes", block(data["notes"]) or "None."]
    return "\n\n".join(parts) + "\n"
