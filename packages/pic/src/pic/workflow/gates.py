"""Gates: pic runs them itself and records what it saw."""

import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from pic.errors import NotFound
from pic.model import text
from pic.model.config import Gate
from pic.model.event import Event
from pic.model.glob import chosen
from pic.model.state import FAILED, PASSED, UNAVAILABLE, Workflow
from pic.rules import gate_state
from pic.workflow import process, scope
from pic.workflow.context import Context
from pic.workflow.tree import Trees, copied

CHANGED = "the gate itself changed"


def in_order(context: Context, flow: Workflow) -> list[str]:
    """The gates of the phase as the configuration lists them; what it no longer lists comes last."""
    names, asked = flow.gates_of(flow.phase), context.config.phases[flow.phase].gates
    return sorted(names, key=lambda name: asked.index(name) if name in asked else len(asked))


def trees_now(context: Context, flow: Workflow) -> dict[str, str]:
    """The hash of what each gate of the phase covers now; a gate whose command changed covers nothing it covered."""
    trees, found = Trees(context.place.work), {}
    for name in flow.gates_of(flow.phase):
        gate = context.config.gates.get(name)
        fits = gate is not None and gate.spec == flow.gates[f"{flow.phase}/{name}"]
        found[name] = trees.of(gate.covers, gate.leaves) if fits and gate else CHANGED
    return found


def states(context: Context, flow: Workflow) -> dict[str, str]:
    """What each gate of the phase says now."""
    seen = {name for name in flow.gates_of(flow.phase) if f"{flow.phase}/{name}" in flow.results}
    trees = trees_now(context, flow) if seen else {}  # what never ran cannot be stale
    return {name: gate_state(flow, name, trees) for name in flow.gates_of(flow.phase)}


def run(context: Context, names: Iterable[str] = ()) -> list[Event]:
    """Run gates of the phase in command, all of them unless some are named, and record each."""
    flow = context.flow
    known = in_order(context, flow)
    wanted = list(names) or known
    beyond, events = _beyond(context, flow), []
    for name in wanted:
        if name not in known:
            raise NotFound.among(f"gate of phase {flow.phase}", name, known)
        gate = context.config.gates.get(name)
        if gate is None:
            raise NotFound.among("gate in .pic/config.toml", name, context.config.gates)
        data = {**measured(context.place.work, gate), **beyond}
        events.append(context.step("gate.ran", lambda _flow, _record, data=data: data))  # type: ignore[misc]
    return events


def _beyond(context: Context, flow: Workflow) -> dict[str, object]:
    """No gate passes while something is changed that the pilot may not change; that it could not be told is kept."""
    paths, unknown = scope.trespassed(context.place, flow)
    if paths:
        return {"outcome": FAILED, "reason": scope.complaint(flow, paths), "beyond": paths[:50]}
    return {"scope": unknown} if unknown else {}


def measured(work: Path, gate: Gate) -> dict[str, object]:
    """Run one gate; what happened, as its event will say. Files that change meanwhile make it stale at once."""
    before, begun = Trees(work).of(gate.covers, gate.leaves), time.time()
    ran = _all(work, gate)
    last = ran[-1]
    found = left(work, gate.leaves, begun)
    reason = "" if last.code == 0 else last.ending if last.code is None else f"exit code {last.code}"
    if not reason and (missing := [glob for glob, names in found.items() if not names]):
        reason = f"left no new file at {', '.join(missing)}"
    outcome = FAILED if reason else PASSED
    if last.ending == process.MISSING:
        get = gate.install or f"put {last.argv[0]} on the PATH"
        outcome = UNAVAILABLE
        reason = f"{last.argv[0]} is not installed; {get}; or a person: pic gate waive {gate.name} --because …"
    return {
        "name": gate.name, "spec": gate.spec, "argv": list(last.argv), "used": last.used, "cwd": gate.cwd,
        "clean": gate.clean, "commands": len(ran), "code": last.code, "ending": last.ending, "outcome": outcome,
        "reason": reason, "tree": before, "output_sha256": last.output_sha256, "output_bytes": last.output_bytes,
        "tail": last.tail, "seconds": round(sum(one.seconds for one in ran), 3), "left": found,
    }  # fmt: skip


def _all(work: Path, gate: Gate) -> list[process.Ran]:
    """Its commands in turn, up to the first that does not succeed."""
    ran = []
    with copied(work) if gate.clean else nullcontext(work) as place:
        for argv in (gate.run, *gate.then):
            ran.append(process.run(argv, place / gate.cwd, gate.timeout))
            if ran[-1].code != 0:
                break
    return ran


def left(work: Path, globs: tuple[str, ...], since: float) -> dict[str, list[str]]:
    """Up to 20 new, non-empty files for each glob where a command must leave some; ignored by git or not."""
    if not globs:
        return {}
    names = [path.relative_to(work).as_posix() for path in work.rglob("*") if _is_new(path, since)]
    return {glob: list(chosen(sorted(names), [glob]))[:20] for glob in globs}


def _is_new(path: Path, since: float) -> bool:
    if ".git" in path.parts or not path.is_file():
        return False
    stat = path.stat()
    return stat.st_size > 0 and stat.st_mtime >= since - 1  # some file systems count whole seconds


def waive(context: Context, name: str, because: str) -> Event:
    """Let the phase end without this gate. Needs a person."""
    because = text.reason(because)
    return context.step("gate.waived", lambda _flow, _record: {"name": name, "because": because})


def trust(context: Context, name: str) -> Event:
    """Take the gate's changed command for the one that counts. Needs a person."""
    gate = context.config.gates.get(name)
    if gate is None:
        raise NotFound.among("gate in .pic/config.toml", name, context.config.gates)
    return context.step(
        "gate.trusted", lambda _flow, _record: {"name": name, "spec": gate.spec, "argv": list(gate.run)}
    )
