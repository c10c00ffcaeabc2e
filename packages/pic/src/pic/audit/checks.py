"""What a phase must leave in the record, as gates: each gives the reasons why not."""

from collections.abc import Callable, Iterator

from pic.model.state import FINISHED, Record, Workflow


def sources(flow: Workflow) -> Iterator[str]:
    """Research recorded what it read."""
    if not any(one.phase == "research" for one in flow.evidence):
        yield "research recorded no evidence: pic evidence add FILE|URL"


def milestones(flow: Workflow) -> Iterator[str]:
    """Planning recorded its plan."""
    if not any(one.phase == "planning" and not one.stale for one in flow.evidence):
        yield "planning recorded no plan: pic evidence add FILE"


def decisions(flow: Workflow) -> Iterator[str]:
    """Design made formal decisions."""
    made = [one for one in flow.decisions.values() if one.phase == "design" and not one.superseded_by]
    if not made:
        yield "design decided nothing: pic decide TITLE --option … --option … --choose …"
    for one in made:
        if one.tier != "formal":
            yield f"{one.title!r} is a light decision; design takes formal ones"


def study(flow: Workflow) -> Iterator[str]:
    """The parts ran together, and the last time they did it went well."""
    if not flow.studies:
        yield "the parts never ran together: pic integrate PART… --scenario COMMAND"
    elif not list(flow.studies.values())[-1]:
        yield "the last integration study failed"


def complete(flow: Workflow) -> Iterator[str]:
    """Every phase was handed over, and no conflict is open."""
    handed = {one.phase for one in flow.handoffs}
    before = flow.phases[: flow.phases.index(flow.phase)] if flow.status != FINISHED else flow.phases
    for phase in before:
        if phase not in handed:
            yield f"phase {phase} was never handed over"
    for name in flow.open_conflicts():
        yield f"conflict {name} is open"


CHECKS: dict[str, Callable[[Workflow], Iterator[str]]] = {
    "sources": sources,
    "milestones": milestones,
    "decisions": decisions,
    "study": study,
    "complete": complete,
}


def missing(record: Record, name: str) -> list[str]:
    """Why the current workflow does not pass a check."""
    flow = record.workflows.get(record.current)
    return list(CHECKS[name](flow)) if flow else ["no workflow has started"]
