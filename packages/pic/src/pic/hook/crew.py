"""Agents and turns: who began, who ended, and a pilot held until the gates of its phase pass."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pic.audit import calls
from pic.hook import session
from pic.hook.call import Call
from pic.model.event import AGENT, TOOL
from pic.model.state import ACTIVE, PASSED, WAIVED, Workflow
from pic.store import files
from pic.store.place import Place, find
from pic.workflow import gates, records
from pic.workflow.context import Context

HOLDS = 3
"""How often a pilot is sent back to failing gates before a person is asked."""


def _opened(event: Mapping[str, Any], root: str) -> tuple[Call, Place, Context, Workflow | None]:
    call, place = Call("", {}, event), find(Path(root))
    context = Context(place, (TOOL, "pic"))
    record = context.store.view().record
    return call, place, context, record.workflows.get(record.current)


def subagent_start(event: Mapping[str, Any], root: str, _common: str) -> Mapping[str, Any] | None:
    """On record; and a pilot is told where it stands."""
    call, place, _, flow = _opened(event, root)
    data = {"agent_id": call.agent_id, "session": call.session}
    calls.append(place, "agent.started", flow.id if flow else "", data, (AGENT, call.agent or "unnamed"))
    if flow is None or flow.status != ACTIVE:
        return None
    said = {"hookEventName": "SubagentStart", "additionalContext": session.line_of(flow)}
    return {"hookSpecificOutput": said}


def subagent_stop(event: Mapping[str, Any], root: str, _common: str) -> Mapping[str, Any] | None:
    """The pilot in command ends with its gates passed, or with a conflict a person will find."""
    call, place, context, flow = _opened(event, root)
    reasons: list[str] = []
    if flow is not None and flow.status == ACTIVE and call.role == flow.phase and not flow.open_conflicts():
        reasons = _failing(context, flow)
    answer = _held(context, flow, reasons) if flow and reasons else None
    data = {"agent_id": call.agent_id, "session": call.session, "held": bool(answer), "failing": reasons}
    calls.append(place, "agent.stopped", flow.id if flow else "", data, (AGENT, call.agent or "unnamed"))
    if not answer:
        anchor(context)
        if flow and not reasons:
            _attempts(place, flow, reset=True)
    return answer


def _failing(context: Context, flow: Workflow) -> list[str]:
    """Gates of the phase that do not pass when they are run now, and why."""
    todo = [name for name, state in gates.states(context, flow).items() if state not in (PASSED, WAIVED)]
    events = gates.run(context, todo) if todo else []
    failed = [event.data for event in events if event.data["outcome"] != PASSED]
    return [f"gate {one['name']}: {one['reason']}\n{_indented(one['tail'])}".rstrip() for one in failed]


def _indented(tail: str) -> str:
    return "\n".join(f"  | {line[:200]}" for line in tail.splitlines()[-8:])


def _held(context: Context, flow: Workflow, reasons: list[str]) -> Mapping[str, Any] | None:
    count = _attempts(context.place, flow)
    if count <= HOLDS:
        reason = "\n".join([f"{flow.phase} is not over (held {count} of {HOLDS} times):", *reasons])
        return {"decision": "block", "reason": f"pic: {reason}"}
    title = f"The pilot of {flow.phase} cannot pass its gates"
    event = records.open_conflict(context, title, "D", decider="person")
    records.take_position(context, event.data["id"], "; ".join(one.splitlines()[0] for one in reasons))
    _attempts(context.place, flow, reset=True)
    return None


def _attempts(place: Place, flow: Workflow, reset: bool = False) -> int:
    """How often the pilot of this phase was held, this time included; 0 after a reset."""
    path, key = place.private / "held.json", f"{flow.id}/{flow.phase}/{flow.revisits}"
    try:
        known = json.loads(path.read_bytes())
        count = int(known["count"]) if known["of"] == key else 0
    except (OSError, ValueError, KeyError, TypeError):
        count = 0
    count = 0 if reset else count + 1
    if count or path.exists():
        files.write(path, json.dumps({"of": key, "count": count}).encode(), durable=False)
    return count


def stop(event: Mapping[str, Any], root: str, _common: str) -> None:
    """A turn of the main session has ended."""
    call, place, context, flow = _opened(event, root)
    calls.append(place, "turn.ended", flow.id if flow else "", {"session": call.session}, (AGENT, "main"))
    anchor(context)


def session_end(event: Mapping[str, Any], root: str, _common: str) -> None:
    """The session is over."""
    call, place, context, flow = _opened(event, root)
    data = {"session": call.session, "reason": str(event.get("reason") or "")}
    calls.append(place, "session.ended", flow.id if flow else "", data, (AGENT, "main"))
    anchor(context)


def anchor(context: Context) -> None:
    """Write the head of the chain of calls into the record, with what was called how often since the last time."""
    place, store = context.place, context.store
    made = calls.read(place)
    fresh = made[_anchored(context) :]
    if not any(one.kind.startswith(("tool.", "agent.")) for one in fresh):
        return  # a turn of words alone
    flow = store.view().record.current
    data = {"count": len(made), "head": made[-1].hash, "used": calls.summary(fresh)}
    store.append([(calls.ANCHORED, flow, data)], (TOOL, "pic"))
    files.write(place.private / "anchored", str(len(made)).encode(), durable=False)


def _anchored(context: Context) -> int:
    """How many calls the record holds the head of: as noted, or where that is lost as the record says."""
    try:
        return int((context.place.private / "anchored").read_bytes())
    except (OSError, ValueError):
        known = calls.anchors(context.store.read()[1], context.store.writer)
        return int(known[-1]["count"]) if known else 0
