"""The fold, whatever is thrown at it: no phase skipped, no handoff past a gate, the same state for the same events."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pic.errors import NeedsPerson, Refused
from pic.model.event import Event
from pic.model.state import PHASES, Record, Workflow, record_from, to_json
from pic.rules import apply, fold, replay

PERSON, AGENT = ("person", "ada"), ("agent", "bot")


def event(kind: str, data: dict[str, Any], actor: tuple[str, str] = AGENT, time: str = "t", digest: str = "") -> Event:
    return Event(kind, "w", data, actor, time, hash=digest)


def begin(phases: tuple[str, ...] = PHASES, size: str = "standard") -> Event:
    dropped = {phase: "why" for phase in PHASES if phase not in phases}
    gates = {f"{phase}/tests": "spec" for phase in phases}
    data = {"title": "x", "size": size, "phases": list(phases), "dropped": dropped, "pilots": {}, "gates": gates}
    return event("workflow.started", data)


def ran(outcome: str = "passed", tree: str = "tree", spec: str = "spec") -> Event:
    return event("gate.ran", {"name": "tests", "outcome": outcome, "tree": tree, "spec": spec})


def handed(phase: str, to: str, tree: str = "tree", actor: tuple[str, str] = AGENT) -> Event:
    return event("phase.handed", {"phase": phase, "to": to, "trees": {"tests": tree}, "gates": {}, "notes": ""}, actor)


phase_names = st.sampled_from([*PHASES, ""])
actors = st.sampled_from([PERSON, AGENT, ("agent", "other")])
trees = st.sampled_from(["tree", "changed"])
ids = st.sampled_from(["CON-001", "CON-002"])
Step = Event | Callable[[Workflow], Event]
"""What happens, or what happens in the phase in command: a handoff with two blindly drawn names is never due."""


def onward(tree: str, actor: tuple[str, str]) -> Callable[[Workflow], Event]:
    """The handoff that is due, which only gates and conflicts can stop."""

    def make(flow: Workflow) -> Event:
        rest = flow.phases[flow.phases.index(flow.phase) + 1 :]
        return handed(flow.phase, rest[0] if rest else "", tree, actor)

    return make


def happened(step: Step, flow: Workflow) -> Event:
    return step if isinstance(step, Event) else step(flow)


steps = st.one_of(
    st.builds(ran, st.sampled_from(["passed", "failed"]), trees, st.sampled_from(["spec", "spec2"])),
    st.builds(handed, phase_names, phase_names, trees, actors),
    st.builds(onward, trees, actors),
    st.builds(onward, trees, actors),
    st.builds(ran, st.just("passed"), trees, st.just("spec")),
    st.just(lambda flow: event("phase.revisited", {"to": flow.phases[0], "because": "b"})),
    st.builds(lambda to: event("phase.revisited", {"to": to, "because": "b"}), phase_names),
    st.builds(lambda a: event("gate.waived", {"name": "tests", "because": "b"}, a), actors),
    st.builds(lambda a: event("gate.trusted", {"name": "tests", "spec": "spec2"}, a), actors),
    st.builds(
        lambda i: event("conflict.opened", {"id": i, "title": "c", "class": "A", "decider": "d", "deadline": ""}), ids
    ),
    st.builds(lambda i: event("conflict.position", {"id": i, "position": "p", "evidence": []}), ids),
    st.builds(lambda i, a: event("conflict.resolved", {"id": i, "because": "b", "dissent": ""}, a), ids, actors),
    st.builds(lambda a: event("workflow.undone", {"undoes": "", "because": "b"}, a), actors),
    st.builds(lambda a: event("workflow.abandoned", {"because": "b"}, a), actors),
)


def legal_handoff(before: Workflow, step: Event) -> bool:
    """The rule of the book, said again in other words than the code's."""
    phase, key = before.phase, f"{before.phase}/tests"
    result = before.results.get(key)
    fresh = (
        result is not None and result.outcome == "passed" and not result.stale
        and result.tree == step.data["trees"]["tests"] and result.spec == before.gates[key]
    )  # fmt: skip
    place = before.phases.index(phase)
    follows = before.phases[place + 1] if place + 1 < len(before.phases) else ""
    quiet = all(one.resolved for one in before.conflicts.values())
    return (fresh or key in before.waivers) and quiet and (step.data["phase"], step.data["to"]) == (phase, follows)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([PHASES, PHASES[3:]]), st.lists(steps, min_size=15, max_size=60))
def test_no_sequence_of_events_skips_a_phase_or_passes_a_gate(phases: tuple[str, ...], sequence: list[Step]) -> None:
    flow = apply(None, begin(phases))
    for drawn in sequence:
        step = happened(drawn, flow)
        try:
            after = apply(flow, step)
        except Refused:
            continue
        if step.kind == "phase.handed":
            assert legal_handoff(flow, step)
        moved = phases.index(after.phase) - phases.index(flow.phase)
        assert moved <= 1
        if moved == 1:
            assert step.kind in ("phase.handed", "workflow.undone")
        if step.kind in ("gate.waived", "conflict.resolved", "workflow.undone", "workflow.abandoned", "gate.trusted"):
            assert step.actor[0] == "person"
        flow = after


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, max_size=40))
def test_replay_gives_the_state_that_was_and_so_does_a_snapshot(sequence: list[Step]) -> None:
    record, recorded = fold(Record(), begin()), [begin()]
    for number, drawn in enumerate(sequence):
        step = happened(drawn, record.workflows["w"])
        stamped = replace(step, hash=f"{number:064x}")
        try:
            record = fold(record, step)
        except Refused:
            continue
        recorded.append(stamped)
        if number == len(sequence) // 2:
            record = record_from(to_json(record))
    assert replay(Record(), recorded) == record


def flown(*steps: Event, size: str = "standard", phases: tuple[str, ...] = PHASES) -> Workflow:
    flow = apply(None, begin(phases, size))
    for step in steps:
        flow = apply(flow, step)
    return flow


def test_a_gate_that_passed_before_the_files_changed_does_not_let_the_phase_end() -> None:
    flow = flown(ran(tree="old"))
    with pytest.raises(Refused, match="gate tests: stale"):
        apply(flow, handed("research", "planning", tree="new"))
    assert apply(flow, handed("research", "planning", tree="old")).phase == "planning"


def test_going_back_makes_what_was_proven_since_stale() -> None:
    flow = flown(ran(), handed("research", "planning"), ran(), event("phase.revisited", {"to": "research"}))
    with pytest.raises(Refused, match="stale"):
        apply(flow, handed("research", "planning"))


def test_an_agent_does_not_review_what_it_implemented() -> None:
    phases = ("implementation", "review")
    flow = flown(ran(), handed("implementation", "review"), ran(), phases=phases)
    with pytest.raises(Refused, match="may not review it"):
        apply(flow, handed("review", ""))
    assert apply(flow, handed("review", "", actor=("agent", "other"))).status == "finished"
    assert apply(flow, handed("review", "", actor=PERSON)).status == "finished"


def test_an_agent_cannot_waive_a_gate() -> None:
    with pytest.raises(NeedsPerson):
        apply(flown(), event("gate.waived", {"name": "tests", "because": "b"}))


@pytest.mark.parametrize(("options", "evidence"), [(["a"], ["1", "2"]), (["a", "a"], ["1", "2"]), (["a", "b"], ["1"])])
def test_a_formal_decision_takes_two_options_and_two_pieces_of_evidence(
    options: list[str], evidence: list[str]
) -> None:
    data = {"id": "DEC-001", "title": "t", "options": options, "chosen": "a", "evidence": evidence, "supersedes": ""}
    with pytest.raises(Refused, match="at least 2 options and 2 pieces"):
        apply(flown(), event("decision.made", {**data, "tier": "formal"}))
    assert "DEC-001" in apply(flown(), event("decision.made", {**data, "tier": "light"})).decisions
    with pytest.raises(Refused, match="formal decisions only"):
        apply(flown(size="critical"), event("decision.made", {**data, "tier": "light"}))


@pytest.mark.parametrize("phases", [("testing", "implementation"), (), ("takeoff",)])
def test_phases_out_of_order_never_start(phases: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="out of order"):
        apply(None, begin(phases))


def test_a_phase_is_not_dropped_without_a_reason() -> None:
    step = begin(PHASES[3:])
    with pytest.raises(Refused, match="dropped with a reason"):
        apply(None, replace(step, data={**step.data, "dropped": {"research": "why"}}))
