"""The fold: one small function per kind of event, in one table. Nothing here reads a clock, a disk or a setting."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pic.errors import NeedsPerson, Refused
from pic.model.event import Event
from pic.model.state import (
    ABANDONED,
    ACTIVE,
    CONFLICT_CLASSES,
    FINISHED,
    PHASES,
    Conflict,
    Decision,
    Evidence,
    GateResult,
    Handoff,
    Record,
    Study,
    Workflow,
    authorities,
    changed,
)  # fmt: skip
from pic.rules.gates import blocking

T = TypeVar("T")
PERSON_ONLY = {
    "gate.waived", "gate.trusted", "authority.trusted", "conflict.resolved", "workflow.undone", "workflow.abandoned",
}  # fmt: skip
NOT_UNDONE = {"workflow.started", "workflow.imported", "workflow.undone"}
RECORD_KINDS = {"record.created", "record.joined", "record.mended", "person.refused", "audit.anchored"}


def _with(values: Mapping[str, T], key: str, value: T) -> dict[str, T]:
    return {**values, key: value}


def _new_key(values: Mapping[str, Any], name: str, event: Event) -> str:
    """`name`, or where two histories gave it twice, `name` with a piece of the event's hash."""
    if name not in values:
        return name
    if not event.hash:
        raise Refused(f"{name} exists already")
    return f"{name}-{event.hash[:6]}"


def _started(event: Event) -> Workflow:
    data = event.data
    phases = tuple(data["phases"])
    if not phases or list(phases) != [one for one in PHASES if one in phases]:
        raise Refused(f"phases out of order: {', '.join(phases)}")
    for phase in PHASES:
        if (phase in phases) == bool(data["dropped"].get(phase)):
            raise Refused(f"phase {phase} must either be walked through or dropped with a reason")
    return Workflow(
        event.workflow, data["title"], data["size"], phases, phases[0], event.time,
        dropped=data["dropped"], pilots=data["pilots"], gates=data["gates"],
        authority=authorities(data.get("authority", {})),
    )  # fmt: skip


def _imported(event: Event) -> Workflow:
    """A workflow of the original pic, where it stood; from here on it obeys the rules like any other."""
    data = event.data
    if data["phase"] not in PHASES or data["status"] not in (ACTIVE, FINISHED):
        raise Refused(f"an imported workflow in phase {data['phase']!r} and state {data['status']!r}")
    flow = _started(event)
    decisions = {
        name: Decision(one["title"], one["said"], "imported", one["phase"]) for name, one in data["decisions"].items()
    }
    conflicts = {
        name: Conflict(
            one["title"], "A", "orchestrator", "", (one["said"] or one["title"],), "resolved" in one["status"]
        )
        for name, one in data["conflicts"].items()
    }
    return changed(flow, phase=data["phase"], status=data["status"], decisions=decisions, conflicts=conflicts)


def _decided(flow: Workflow, event: Event) -> Workflow:
    data = event.data
    if data["chosen"] not in data["options"]:
        raise Refused(f"{data['chosen']!r} is not among the options: {', '.join(data['options'])}")
    if data["tier"] == "formal" and (len(set(data["options"])) < 2 or len(data["evidence"]) < 2):
        raise Refused(
            "a formal decision needs at least 2 options and 2 pieces of evidence",
            "add --option and --evidence, or say --tier light",
        )
    if data["tier"] != "formal" and flow.size == "critical":
        raise Refused("a critical workflow takes formal decisions only", "add --option and --evidence")
    decisions = dict(flow.decisions)
    name = _new_key(decisions, data["id"], event)
    if old := data["supersedes"]:
        if old not in decisions:
            raise Refused(f"{old} is not a decision of this workflow")
        decisions[old] = replace(decisions[old], superseded_by=name)
    decisions[name] = Decision(data["title"], data["chosen"], data["tier"], flow.phase)
    return changed(flow, decisions=decisions)


def _evidence(flow: Workflow, event: Event) -> Workflow:
    data = event.data
    return changed(flow, evidence=(*flow.evidence, Evidence(flow.phase, data["kind"], data["ref"], data["sha256"])))


def _gate_key(flow: Workflow, event: Event) -> str:
    key = f"{flow.phase}/{event.data['name']}"
    if key not in flow.gates:
        raise Refused(f"{event.data['name']} is not a gate of phase {flow.phase}")
    return key


def _gate_ran(flow: Workflow, event: Event) -> Workflow:
    data, key = event.data, _gate_key(flow, event)
    if data["spec"] != flow.gates[key]:
        raise Refused(
            f"the command of gate {data['name']} changed since the workflow started",
            f"a person says: pic gate trust {data['name']}",
        )
    result = GateResult(data["outcome"], data["tree"], data["spec"], event.time)
    return changed(flow, results=_with(flow.results, key, result))


def _gate_waived(flow: Workflow, event: Event) -> Workflow:
    key = _gate_key(flow, event)
    if not event.data["because"]:
        raise Refused("a waiver needs a reason")
    return changed(flow, waivers=_with(flow.waivers, key, event.data["because"]))


def _gate_trusted(flow: Workflow, event: Event) -> Workflow:
    return changed(flow, gates=_with(flow.gates, _gate_key(flow, event), event.data["spec"]))


def _authority_trusted(flow: Workflow, event: Event) -> Workflow:
    """The event holds the authority of every phase as the configuration has it now."""
    return changed(flow, authority=authorities(event.data["authority"]))


def _handed(flow: Workflow, event: Event) -> Workflow:
    data = event.data
    if data["phase"] != flow.phase:
        raise Refused(f"phase {flow.phase} is in command, not {data['phase']}")
    reasons = list(blocking(flow, data["trees"]))
    if reasons:
        raise Refused(f"{flow.phase} is not over: {'; '.join(reasons)}", "see: pic status")
    rest = flow.phases[flow.phases.index(flow.phase) + 1 :]
    to = rest[0] if rest else ""
    if data["to"] != to:
        raise Refused(f"after {flow.phase} comes {to or 'the end'}, not {data['to'] or 'the end'}")
    same = {one.actor for one in flow.handoffs if one.phase == "implementation"}
    if flow.phase == "review" and event.actor[1] in same and not event.by_person:
        raise Refused(f"{event.actor[1]} implemented this and may not review it", "another name: pic --as NAME handoff")
    handoffs = (*flow.handoffs, Handoff(flow.phase, to, event.actor[1], event.time))
    return changed(flow, handoffs=handoffs, phase=to or flow.phase, status=ACTIVE if to else FINISHED)


def _revisited(flow: Workflow, event: Event) -> Workflow:
    to = event.data["to"]
    if to not in flow.phases or flow.phases.index(to) >= flow.phases.index(flow.phase):
        raise Refused(f"{to} does not lie behind {flow.phase}", "known: " + ", ".join(flow.phases))
    later = flow.phases[flow.phases.index(to) :]
    results = {
        key: replace(result, stale=True) if key.partition("/")[0] in later else result
        for key, result in flow.results.items()
    }
    waivers = {key: why for key, why in flow.waivers.items() if key.partition("/")[0] not in later}
    evidence = tuple(replace(one, stale=one.stale or one.phase in later[1:]) for one in flow.evidence)
    return changed(flow, phase=to, results=results, waivers=waivers, evidence=evidence, revisits=flow.revisits + 1)


def _conflict_opened(flow: Workflow, event: Event) -> Workflow:
    data = event.data
    if data["class"] not in CONFLICT_CLASSES:
        raise Refused(f"no conflict class {data['class']!r}", "known: A technical, B scope, C priority, D process")
    name = _new_key(flow.conflicts, data["id"], event)
    conflict = Conflict(data["title"], data["class"], data["decider"], data["deadline"])
    return changed(flow, conflicts=_with(flow.conflicts, name, conflict))


def _open_conflict(flow: Workflow, name: str) -> Conflict:
    conflict = flow.conflicts.get(name)
    if conflict is None or conflict.resolved:
        raise Refused(f"{name} is not an open conflict", "open: " + (", ".join(flow.open_conflicts()) or "none"))
    return conflict


def _conflict_position(flow: Workflow, event: Event) -> Workflow:
    conflict = _open_conflict(flow, event.data["id"])
    conflict = replace(conflict, positions=(*conflict.positions, event.data["position"]))
    return changed(flow, conflicts=_with(flow.conflicts, event.data["id"], conflict))


def _conflict_resolved(flow: Workflow, event: Event) -> Workflow:
    conflict = _open_conflict(flow, event.data["id"])
    if not conflict.positions:
        raise Refused("nobody has said what the conflict is about", "pic conflict position " + event.data["id"])
    return changed(flow, conflicts=_with(flow.conflicts, event.data["id"], replace(conflict, resolved=True)))


def _study(flow: Workflow, event: Event) -> Workflow:
    name = _new_key(flow.studies, event.data["id"], event)
    data = event.data
    left = data.get("left", {})
    made = Study(
        data["passed"], tuple(one for names in left.values() for one in names), tuple(left), data.get("tree", "")
    )
    return changed(flow, studies=_with(flow.studies, name, made))


def _abandoned(flow: Workflow, _event: Event) -> Workflow:
    return changed(flow, status=ABANDONED)


def _resumed(flow: Workflow, _event: Event) -> Workflow:
    return flow


def _undone(flow: Workflow, _event: Event) -> Workflow:
    if flow.before is None:
        raise Refused("there is nothing to undo", "only the last step of a workflow can be reversed, once")
    return changed(flow.before, before=None)


STEPS: dict[str, Callable[[Workflow, Event], Workflow]] = {
    "decision.made": _decided,
    "evidence.added": _evidence,
    "gate.ran": _gate_ran,
    "gate.waived": _gate_waived,
    "gate.trusted": _gate_trusted,
    "authority.trusted": _authority_trusted,
    "phase.handed": _handed,
    "phase.revisited": _revisited,
    "conflict.opened": _conflict_opened,
    "conflict.position": _conflict_position,
    "conflict.resolved": _conflict_resolved,
    "study.recorded": _study,
    "workflow.abandoned": _abandoned,
    "workflow.resumed": _resumed,
    "workflow.undone": _undone,
}
BEGINNINGS = {"workflow.started": _started, "workflow.imported": _imported}
TAKEN_UP = {*BEGINNINGS, "workflow.resumed"}
"""Events after which their workflow is the current one."""
ENDED = {FINISHED: {"workflow.undone", "workflow.resumed"}, ABANDONED: {"workflow.undone"}}


def apply(workflow: Workflow | None, event: Event) -> Workflow:
    """The workflow after the event. Raises Refused when a rule forbids it; `workflow` is left as it was."""
    if event.kind in PERSON_ONLY and not event.by_person:
        raise NeedsPerson(f"{event.kind} needs a person", "a terminal, or --token from: pic person token")
    if event.kind in BEGINNINGS:
        if workflow is not None:
            raise Refused(f"workflow {event.workflow} exists already")
        return changed(BEGINNINGS[event.kind](event), events=1, updated=event.time, last_kind=event.kind)
    if workflow is None:
        raise Refused("no workflow has started", 'pic start "What is to be built"')
    step = STEPS.get(event.kind)
    if step is None:
        raise Refused(f"no rule knows an event {event.kind!r}")
    if workflow.status != ACTIVE and event.kind not in ENDED[workflow.status]:
        raise Refused(f"workflow {workflow.id} is {workflow.status}", "start another: pic start")
    after = step(workflow, event)
    before = None if event.kind in NOT_UNDONE else changed(workflow, before=None)
    after = changed(after) if after is workflow else after  # else it is new, and nobody else has it yet
    after.__dict__.update(events=workflow.events + 1, updated=event.time, last_kind=event.kind, before=before)
    return after


def fold(record: Record, event: Event) -> Record:
    """The record after the event, of any kind. Raises Refused when a rule forbids it."""
    return _folded(record, (event,), _refuse)


def replay(record: Record, events: Iterable[Event]) -> Record:
    """Fold what is already recorded. An event no rule allows where a merge has put it is kept as disputed."""
    disputed = list(record.disputed)
    after = _folded(record, events, lambda event, _refused: disputed.append(event.hash))
    return changed(after, disputed=tuple(disputed)) if len(disputed) > len(record.disputed) else after


def _refuse(_event: Event, refused: Refused) -> None:
    raise refused


def _folded(record: Record, events: Iterable[Event], refuse: Callable[[Event, Refused], None]) -> Record:
    """The workflows are copied once for all events, not once for each: a long record is folded in half the time."""
    workflows, current, attempts = record.workflows | {}, record.current, record.attempts
    count, time = record.events, record.time
    for event in events:
        if event.kind in RECORD_KINDS:
            attempts += event.kind == "person.refused"
        else:
            try:
                workflows[event.workflow] = apply(workflows.get(event.workflow), event)
                if event.kind in TAKEN_UP:
                    current = event.workflow
            except Refused as refused:
                refuse(event, refused)
        count, time = count + 1, event.time
    return changed(record, workflows=workflows, current=current, events=count, time=time, attempts=attempts)
