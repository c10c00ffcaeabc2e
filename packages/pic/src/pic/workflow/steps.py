"""A workflow's course: start, hand over, go back, stop, take up again; and where it stands."""

import os
from collections.abc import Mapping
from typing import Any

from pic.errors import InputError, NotFound, Refused
from pic.model import text
from pic.model.event import PERSON, Event
from pic.model.state import ACTIVE, FAILED, NO_RESULT, PHASES, STALE, Record, Workflow, to_json
from pic.rules import gate_state
from pic.store.log import Draft
from pic.workflow import gates, scope
from pic.workflow.context import Context, current

REASONS = {
    "trivial": "a trivial change needs no {phase} phase: it is small enough to review whole",
}


def start(context: Context, title: str, size: str = "standard", details: str = "") -> Event:
    """Begin a workflow; its phases and gates are fixed in the event, so later edits of the file cannot soften it."""
    config = context.config
    if size not in config.sizes:
        raise NotFound.among("size", size, config.sizes)
    phases, asked = config.sizes[size], config.gates_of(size)
    left_out = [name for phase in phases for name in config.phases[phase].gates if name not in asked[phase]]
    why = REASONS.get(size, "size {size} has no {phase} phase in .pic/config.toml")
    title = text.title(title)
    data: dict[str, object] = {
        "title": title,
        "details": details,
        "size": size,
        "phases": list(phases),
        "dropped": {phase: why.format(size=size, phase=phase) for phase in PHASES if phase not in phases},
        "pilots": {phase: config.phases[phase].pilot for phase in phases},
        "authority": {phase: to_json(config.phases[phase].authority) for phase in phases},
        "gates": {f"{phase}/{name}": config.gates[name].spec for phase in phases for name in asked[phase]},
        "without": dict.fromkeys(left_out, f"size {size} leaves it out in .pic/config.toml"),
    }
    name = f"{text.slug(title, 24)}-{os.urandom(2).hex()}"

    def draft(record: Record) -> list[Draft]:
        flow = record.workflows.get(record.current)
        if flow and flow.status == ACTIVE:
            raise InputError(f"{flow.id} is under way, in phase {flow.phase}", "finish it, or: pic abandon --because …")
        return [("workflow.started", name, data)]

    return context.record(draft)[0]


def trust_authority(context: Context) -> Event:
    """Let the configuration's authorities count for the workflow under way. Needs a person."""
    phases = context.config.phases
    return context.step(
        "authority.trusted",
        lambda flow, _: {"authority": {one: to_json(phases[one].authority) for one in flow.phases}},
    )


def handoff(context: Context, notes: str = "") -> Event:
    """End the phase, if its gates and conflicts let it and nothing was changed that was not its to change."""

    def make(flow: Workflow, _record: Record) -> dict[str, object]:
        beyond, _ = scope.trespassed(context.place, flow)
        if beyond and context.actor[0] != PERSON:
            raise Refused(scope.complaint(flow, beyond), "or a person hands over: what overrides a rule needs one")
        trees = gates.trees_now(context, flow)
        rest = flow.phases[flow.phases.index(flow.phase) + 1 :]
        said = {name: gate_state(flow, name, trees) for name in trees}
        to = rest[0] if rest else ""
        over: dict[str, object] = {"beyond": beyond[:50]} if beyond else {}
        return {"phase": flow.phase, "to": to, "notes": notes, "trees": trees, "gates": said, **over}

    return context.step("phase.handed", make)


def revisit(context: Context, phase: str, because: str) -> Event:
    """Go back to an earlier phase; what was proven since turns stale."""
    because = text.reason(because)
    return context.step("phase.revisited", lambda flow, _: {"from": flow.phase, "to": phase, "because": because})


def abandon(context: Context, because: str) -> Event:
    """Stop for good. Needs a person."""
    because = text.reason(because)
    return context.step("workflow.abandoned", lambda _flow, _record: {"because": because})


def undo(context: Context, because: str) -> Event:
    """Reverse the last step by a new event. Needs a person."""
    because = text.reason(because)
    return context.step("workflow.undone", lambda flow, _: {"undoes": flow.last_kind, "because": because})


def resume(context: Context, name: str = "") -> Event:
    """Take up a workflow, in another session or by another agent."""

    def draft(record: Record) -> list[Draft]:
        flow = record.workflows[found(record, name)] if name else current(record)
        return [("workflow.resumed", flow.id, {"phase": flow.phase})]

    return context.record(draft)[0]


def found(record: Record, name: str) -> str:
    """The workflow called `name`, or the only one that starts so."""
    near = [one for one in record.workflows if one.startswith(name)]
    if name in record.workflows:
        return name
    if len(near) == 1:
        return near[0]
    raise NotFound.among("workflow", name, record.workflows)


def status(context: Context) -> dict[str, Any]:
    """Where the work stands and what to do next, as plain values."""
    record = context.store.view().record
    flow = record.workflows.get(record.current)
    if flow is None:
        return {"workflow": None, "next": ['pic start "What is to be built"'], "events": record.events}
    states = gates.states(context, flow) if flow.status == ACTIVE else {}
    decisions = [
        {"id": name, "title": one.title, "chosen": one.chosen}
        for name, one in flow.decisions.items()
        if not one.superseded_by
    ]
    return {
        "workflow": flow.id, "title": flow.title, "size": flow.size, "status": flow.status, "phase": flow.phase,
        "pilot": flow.pilot, "phases": list(flow.phases), "dropped": dict(flow.dropped), "gates": states,
        "conflicts": flow.open_conflicts(), "decisions": decisions[-3:], "revisits": flow.revisits,
        "updated": flow.updated, "events": record.events, "disputed": list(record.disputed),
        "next": advice(flow, states),
    }  # fmt: skip


def advice(flow: Workflow, states: Mapping[str, str]) -> list[str]:
    """What to do next, as commands."""
    if flow.status != ACTIVE:
        return ['pic start "What is to be built"']
    todo = [name for name, state in states.items() if state in (NO_RESULT, FAILED, STALE)]
    lines = [f"pic gate run {' '.join(todo)}"] if todo else []
    lines += [f"pic conflict resolve {name} --because …" for name in flow.open_conflicts()]
    return lines or ["pic handoff"]
