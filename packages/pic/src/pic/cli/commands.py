"""Commands that write: each turns parsed options into one call and its answer into lines."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pic.cli import hosts
from pic.cli.answer import Answer, recorded
from pic.errors import InputError, NeedsPerson
from pic.model.event import PERSON, Event
from pic.model.state import PASSED
from pic.model.text import shown
from pic.workflow.context import Context


def init(context: Context, options: Namespace) -> Answer:
    """`pic init`."""
    from pic.workflow import setup

    if options.remove:
        if context.actor[0] != PERSON:
            raise NeedsPerson("removing the record needs a person", "a terminal, or --token")
        left = hosts.removed(context) if options.yes else []
        done = setup.remove(context, options.yes)
        return Answer({**done, "left": left}, ["the record is gone", *left])
    if options.source is not None:
        return _imported(setup.take_over(context, options.source))
    done = setup.upgrade(context) if options.upgrade else setup.init(context)
    lines = [f"{'set up' if done['new'] else 'was here already:'} .pic/ ({done['kind']})", "gates:"]
    gates: dict[str, dict[str, list[str]]] = done["gates"]  # type: ignore[assignment]
    for phase, named in gates.items():
        lines += [f"  {phase:15} {name:12} {' '.join(run)}" for name, run in named.items()]
    if done["kind"] == "unknown":
        lines.append("no build or test command was recognised: add gates to .pic/config.toml before the first start")
    lines += [f"missing: gate {name}; see the documentation" for name in done.get("missing", [])]  # type: ignore[attr-defined]
    agents = hosts.installed(context, options)
    return Answer({**done, "agents": agents}, [*lines, *agents, 'next: pic start "What is to be built"'])


def _imported(done: dict[str, object]) -> Answer:
    about: Mapping[str, Any] = done["about"]  # type: ignore[assignment]
    lines = [f"{done['workflow']}: {about['title']} ({about['status']} in {about['phase']})"] if about else []
    lines += [f"  decision {name}: {one['title']}" for name, one in about.get("decisions", {}).items()]
    lines += [f"  conflict {name}: {one['title']}" for name, one in about.get("conflicts", {}).items()]
    for name, log in about.get("logs", {}).items():
        lines.append(
            f"  {name}: {log['lines']} lines, {log['broken']} broken, {log['holding no input']} holding no input"
        )
    made: list[dict[str, str]] = done["decisions"]  # type: ignore[assignment]
    lines += [f"{one['id']} {one['title']} ({one['from']})" for one in made]
    lines += done["later"]  # type: ignore[arg-type]
    return Answer(done, lines or ["the record holds all of it already"])


def start(context: Context, options: Namespace) -> Answer:
    """`pic start`."""
    from pic.workflow import steps

    try:
        details = Path(options.source).read_text("utf-8") if options.source else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {options.source}: {error}", "a text file") from error
    event = steps.start(context, options.title, options.size, details)
    dropped = [f"  without {phase}: {why}" for phase, why in event.data["dropped"].items()]
    dropped += [f"  without gate {name}: {why}" for name, why in event.data["without"].items()]
    return recorded(event, f"{event.workflow}: {event.data['title']} ({options.size})", *dropped, "next: pic status")


def decide(context: Context, options: Namespace) -> Answer:
    """`pic decide`."""
    from pic.workflow import documents, records

    event = records.decide(
        context, options.title, options=options.option, chosen=options.choose, because=options.because,
        evidence=options.evidence, tier=options.tier, supersedes=options.supersedes, about=options.context,
    )  # fmt: skip
    return recorded(event, f"{event.data['id']}: {shown(options.choose)}", f".pic/{documents.path_of(event)}")


def evidence(context: Context, options: Namespace) -> Answer:
    """`pic evidence add`."""
    from pic.workflow import records

    event = records.add_evidence(context, options.ref, options.note)
    return recorded(event, f"{event.data['kind']} {shown(options.ref)} {event.data['sha256'][:12]}".rstrip())


def integrate(context: Context, options: Namespace) -> Answer:
    """`pic integrate`."""
    from pic.workflow import records

    event = records.integrate(
        context, options.component, options.scenario, plan=options.plan, timeout=options.timeout, leaves=options.leaves
    )
    rows = [f"{' '.join(one['argv'])}: {one['ending']} {one['code']}" for one in event.data["scenarios"]]
    rows += [f"left {name}" for names in event.data["left"].values() for name in names]
    rows += [f"left no new file at {glob}" for glob, names in event.data["left"].items() if not names]
    passed = event.data["passed"]
    return recorded(
        event,
        f"{event.data['id']} {'passed' if passed else 'failed'}",
        *("  " + shown(row) for row in rows),
        code=int(not passed),
    )


def gate_run(context: Context, options: Namespace) -> Answer:
    """`pic gate run`: exit code 1 when one failed."""
    from pic.workflow import gates

    events = gates.run(context, options.name)
    known = context.config.gates
    lines = [line for event in events for line in _gate_lines(event, known[event.data["name"]].why)] or [
        "this phase has no gates"
    ]
    failed = any(event.data["outcome"] != PASSED for event in events)
    return Answer([{"event": event.hash, **event.data} for event in events], lines, int(failed))


def _gate_lines(event: Event, why: str) -> list[str]:
    data = event.data
    line = f"{data['name']}: {data['outcome']} in {data['seconds']:.1f} s {data['reason']}".rstrip()
    tail = data["tail"].splitlines()[-12:] if data["outcome"] != PASSED else []
    wanted = [f"  it must prove that {shown(why)}"] if why and data["outcome"] != PASSED else []
    return [line, *("  | " + shown(one)[:200] for one in tail), *wanted]


def waive(context: Context, options: Namespace) -> Answer:
    """`pic gate waive`."""
    from pic.workflow import gates

    return recorded(gates.waive(context, options.name, options.because), f"{options.name}: waived")


def trust(context: Context, options: Namespace) -> Answer:
    """`pic gate trust`."""
    from pic.workflow import gates

    event = gates.trust(context, options.name)
    return recorded(event, f"{options.name}: {' '.join(event.data['argv'])}")


def authority_trust(context: Context, _options: Namespace) -> Answer:
    """`pic authority trust`."""
    from pic.workflow import steps

    event = steps.trust_authority(context)
    return recorded(
        event, "what .pic/config.toml says of " + ", ".join(event.data["authority"]) + " counts from now on"
    )


def handoff(context: Context, options: Namespace) -> Answer:
    """`pic handoff`."""
    from pic.workflow import documents, steps

    event = steps.handoff(context, options.notes)
    to = event.data["to"]
    line = f"{event.data['phase']} is over; {to} is in command" if to else "the work is done"
    return recorded(event, line, f".pic/{documents.path_of(event)}")


def revisit(context: Context, options: Namespace) -> Answer:
    """`pic revisit`."""
    from pic.workflow import steps

    event = steps.revisit(context, options.phase, options.because)
    return recorded(event, f"back to {options.phase}; what was proven since is stale")


def abandon(context: Context, options: Namespace) -> Answer:
    """`pic abandon`."""
    from pic.workflow import steps

    event = steps.abandon(context, options.because)
    return recorded(event, f"{event.workflow} is abandoned")


def undo(context: Context, options: Namespace) -> Answer:
    """`pic undo`."""
    from pic.workflow import steps

    event = steps.undo(context, options.because)
    return recorded(event, f"{event.data['undoes']} is undone")


def resume(context: Context, options: Namespace) -> Answer:
    """`pic resume`: says where the work stands, like `pic status`."""
    from pic.cli import reading
    from pic.workflow import steps

    steps.resume(context, options.workflow)
    return reading.status(context, Namespace(line=False, watch=False))


def conflict_open(context: Context, options: Namespace) -> Answer:
    """`pic conflict open`."""
    from pic.workflow import records

    event = records.open_conflict(context, options.title, options.kind, options.deadline, options.decider)
    return recorded(event, f"{event.data['id']}: {event.data['title']}; {event.data['decider']} decides")


def conflict_position(context: Context, options: Namespace) -> Answer:
    """`pic conflict position`."""
    from pic.workflow import records

    event = records.take_position(context, options.id, options.position, options.evidence)
    return recorded(event, f"{options.id}: {event.actor[1]} holds: {shown(options.position)}")


def conflict_resolve(context: Context, options: Namespace) -> Answer:
    """`pic conflict resolve`."""
    from pic.workflow import records

    return recorded(records.resolve(context, options.id, options.because, options.dissent), f"{options.id}: resolved")


def doctor(context: Context, options: Namespace) -> Answer:
    """`pic doctor`."""
    if options.plugin is not None:
        return hosts.examined(options.plugin)
    from pic.workflow import doctor as clinic

    found = clinic.examine(context, options.accept_loss)
    lines = [f"mended: {one}" for one in found.mended] + [f"look at: {one}" for one in found.noted]
    return Answer({"mended": found.mended, "noted": found.noted}, lines or ["the record is whole"])


def token(context: Context, _options: Namespace) -> Answer:
    """`pic person token`."""
    from pic.cli import settings

    made = settings.new_token(context.place)
    return Answer({"token": made}, [made, "it stands for you: keep it from agents; it is not shown again"])
