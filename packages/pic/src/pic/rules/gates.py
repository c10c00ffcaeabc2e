"""When a phase's gates let it end."""

from collections.abc import Iterator, Mapping

from pic.model.state import FAILED, NO_RESULT, PASSED, STALE, UNAVAILABLE, WAIVED, Workflow


def gate_state(workflow: Workflow, name: str, trees: Mapping[str, str], phase: str = "") -> str:
    """What a gate says now. `trees` holds the hash of the files each gate covers now; unknown means stale."""
    key = f"{phase or workflow.phase}/{name}"
    if key in workflow.waivers:
        return WAIVED
    result = workflow.results.get(key)
    if result is None:
        return NO_RESULT
    if result.outcome != PASSED:
        return UNAVAILABLE if result.outcome == UNAVAILABLE else FAILED
    fresh = not result.stale and result.tree == trees.get(name) and result.spec == workflow.gates[key]
    return PASSED if fresh else STALE


def blocking(workflow: Workflow, trees: Mapping[str, str]) -> Iterator[str]:
    """Why the phase may not end, one line each."""
    for name in workflow.gates_of(workflow.phase):
        state = gate_state(workflow, name, trees)
        if state not in (PASSED, WAIVED):
            yield f"gate {name}: {state}"
    for name in workflow.open_conflicts():
        yield f"conflict {name} is open: {workflow.conflicts[name].title}"
