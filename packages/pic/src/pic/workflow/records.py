"""What is written down on the way: decisions, evidence, conflicts, integration studies."""

import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pic.errors import InputError, NotFound
from pic.model import text
from pic.model.event import Event
from pic.model.state import CONFLICT_CLASSES, Record, Workflow
from pic.workflow import gates, process
from pic.workflow.context import Context, evidence_of, file_hash
from pic.workflow.templates import CODE
from pic.workflow.tree import Trees


def numbered(record: Record, prefix: str, kind: str) -> str:
    """The next name of a kind, counted over all workflows."""
    count = sum(len(getattr(flow, kind)) for flow in record.workflows.values())
    return f"{prefix}-{count + 1:03d}"


def decide(
    context: Context, title: str, *, options: Sequence[str], chosen: str, because: str,
    evidence: Sequence[str] = (), tier: str = "formal", supersedes: str = "", about: str = "",
) -> Event:  # fmt: skip
    """Record a decision; its MADR document is drawn from the event."""
    title = text.title(title)
    proofs = [evidence_of(context, one) for one in evidence]

    def make(flow: Workflow, record: Record) -> dict[str, object]:
        return {
            "id": numbered(record, "DEC", "decisions"), "title": title, "options": list(options), "chosen": chosen,
            "because": because, "evidence": proofs, "tier": tier, "supersedes": supersedes, "context": about,
            "phase": flow.phase,
        }  # fmt: skip

    return context.step("decision.made", make)


def add_evidence(context: Context, ref: str, note: str = "") -> Event:
    """Record what a phase leans on."""
    proof = evidence_of(context, ref)
    return context.step("evidence.added", lambda flow, _: {**proof, "note": note, "phase": flow.phase})


def open_conflict(context: Context, title: str, kind: str, deadline: str = "", decider: str = "") -> Event:
    """Put a disagreement on record; the phase cannot end before it is resolved."""
    kind = kind.upper()
    if kind not in CONFLICT_CLASSES:
        raise InputError(f"no conflict class {kind!r}", "A technical, B scope, C priority, D process")
    who, title = decider or context.config.deciders[kind], text.title(title)

    def make(_flow: Workflow, record: Record) -> dict[str, object]:
        name = numbered(record, "CON", "conflicts")
        return {"id": name, "title": title, "class": kind, "decider": who, "deadline": deadline}

    return context.step("conflict.opened", make)


def take_position(context: Context, name: str, position: str, evidence: Sequence[str] = ()) -> Event:
    """Say what one side holds, and on what evidence."""
    proofs = [evidence_of(context, one) for one in evidence]
    data: dict[str, object] = {"id": name, "position": position, "evidence": proofs}
    return context.step("conflict.position", lambda _flow, _record: data)


def resolve(context: Context, name: str, because: str, dissent: str = "") -> Event:
    """End a conflict. Needs a person; who was overruled keeps their say in `dissent`."""
    because = text.reason(because)
    return context.step(
        "conflict.resolved", lambda _flow, _record: {"id": name, "because": because, "dissent": dissent}
    )


def integrate(
    context: Context, components: Sequence[str], scenarios: Sequence[str], *, plan: str, timeout: float,
    leaves: Sequence[str] = (),
) -> Event:  # fmt: skip
    """An integration study: run the parts together and record how each scenario ended, and what files that left."""
    if not scenarios:
        raise InputError("a study needs something to run", "--scenario 'python -m myapp --selftest'")
    argvs = [_argv(one) for one in scenarios]
    work, begun, globs = context.place.work, time.time(), tuple(leaves)
    tree = Trees(work).of(CODE, globs)
    ran = [_summary(process.run(argv, work, timeout)) for argv in argvs]
    left = gates.left(work, globs, begun)
    hashes = {name: file_hash(work / name) for names in left.values() for name in names}
    title = text.title("Integration of " + ", ".join(components))

    def make(_flow: Workflow, record: Record) -> dict[str, object]:
        name = numbered(record, "INT", "studies")
        about = {"id": name, "title": title, "components": list(components), "plan": plan}
        passed = all(one["code"] == 0 for one in ran) and all(left.values())
        return {**about, "scenarios": ran, "passed": passed, "left": left, "sha256": hashes, "tree": tree}

    return context.step("study.recorded", make)


def _argv(command: str) -> list[str]:
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise InputError(f"scenario {command!r}: {error}", "quote it as for a shell") from error
    if not argv:
        raise InputError("an empty scenario", "--scenario 'python -m myapp --selftest'")
    return argv


def _summary(ran: process.Ran) -> dict[str, Any]:
    return {
        "argv": list(ran.argv), "ending": ran.ending, "code": ran.code, "output_sha256": ran.output_sha256,
        "tail": ran.tail, "seconds": round(ran.seconds, 3),
    }  # fmt: skip


def shown_thing(events: Sequence[Event], name: str) -> Mapping[str, Any]:
    """A decision, conflict or study by its name, with all that was said about it."""
    about = [one for one in events if name in (one.data.get("id"), one.data.get("supersedes"))]
    if not about:
        raise NotFound.among("record", name, {str(one.data["id"]) for one in events if "id" in one.data})
    first = about[0]
    later = [{"kind": one.kind, "time": one.time, "by": one.actor[1], **one.data} for one in about[1:]]
    return {"kind": first.kind, "time": first.time, "by": first.actor[1], **first.data, "later": later}
