"""What a phase must leave in the record, as gates: each gives the reasons why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pic.audit import environments
from pic.model.state import FINISHED, Record, Study, Workflow


@dataclass(frozen=True, slots=True)
class Subject:
    """A workflow, the worktree it is about, and what gives the hash of the code there without some globs."""

    flow: Workflow
    work: Path
    tree: Callable[[tuple[str, ...]], str]


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
    elif not _last(flow).passed:
        yield "the last integration study failed"


def _last(flow: Workflow) -> Study:
    return list(flow.studies.values())[-1]


def artefact(subject: Subject) -> Iterator[str]:
    """A run on real parts left something, and the code is still the one that ran."""
    again = "pic integrate PART… --scenario COMMAND --leaves 'out/*'"
    left = {name: one for name, one in subject.flow.studies.items() if one.passed and one.left}
    if not left:
        yield f"no run on real parts has left anything to look at: {again}"
    elif not any(subject.tree(one.leaves) == one.tree for one in left.values()):
        yield f"the code has changed since {list(left)[-1]} left {list(left.values())[-1].left[0]}: {again}"


def complete(flow: Workflow) -> Iterator[str]:
    """Every phase was handed over, and no conflict is open."""
    handed = {one.phase for one in flow.handoffs}
    before = flow.phases[: flow.phases.index(flow.phase)] if flow.status != FINISHED else flow.phases
    for phase in before:
        if phase not in handed:
            yield f"phase {phase} was never handed over"
    for name in flow.open_conflicts():
        yield f"conflict {name} is open"


CHECKS: dict[str, Callable[[Subject], Iterator[str]]] = {
    "sources": lambda subject: sources(subject.flow),
    "environments": lambda subject: environments.missing(subject.work),
    "milestones": lambda subject: milestones(subject.flow),
    "decisions": lambda subject: decisions(subject.flow),
    "study": lambda subject: study(subject.flow),
    "artefact": artefact,
    "complete": lambda subject: complete(subject.flow),
}


def missing(record: Record, name: str, work: Path, tree: Callable[[tuple[str, ...]], str]) -> list[str]:
    """Why the current workflow does not pass a check; `tree` gives the hash of the code in `work`, without globs."""
    flow = record.workflows.get(record.current)
    return list(CHECKS[name](Subject(flow, work, tree))) if flow else ["no workflow has started"]
