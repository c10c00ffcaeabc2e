"""Commands that only read."""

import json
from argparse import Namespace

from pic.cli.answer import Answer
from pic.errors import InputError, NotFound
from pic.model.state import PHASES, to_json
from pic.model.text import shown
from pic.workflow.context import Context


def status(context: Context, options: Namespace) -> Answer:
    """`pic status`."""
    if options.watch:
        from pic.cli.watch import watch

        return watch(context, options, _status)
    return _status(context, options)


def _status(context: Context, options: Namespace) -> Answer:
    from pic.workflow import steps

    found = steps.status(context)
    if found["workflow"] is None:
        return Answer(found, ["no workflow yet", *(f"next: {one}" for one in found["next"])])
    found["configuration"] = _trouble(context)
    bad = [name for name, state in found["gates"].items() if state not in ("passed", "waived")]
    if options.line:
        good = f"{len(found['gates']) - len(bad)}/{len(found['gates'])} gates"
        conflicts = f" · {len(found['conflicts'])} conflicts" if found["conflicts"] else ""
        return Answer(found, [f"{found['phase']} · {good}{conflicts} · {found['title']}"])
    lines = [f"{found['workflow']}: {found['title']} ({found['size']}, {found['status']})"]
    here = found["phase"] if found["status"] == "active" else ""
    lines.append("  " + " > ".join(f"[{one}]" if one == here else one for one in found["phases"]))
    lines += [f"  pilot in command: {found['pilot']}"] if here else []
    lines += [
        f"  gate {name}: {state}{_why(context, name) if name in bad and not found['configuration'] else ''}"
        for name, state in found["gates"].items()
    ]
    lines += [f"  no gate can be run: {found['configuration']}"] if found["configuration"] else []
    lines += [f"  open conflict {name}" for name in found["conflicts"]]
    lines += [f"  {one['id']} {one['title']}: {shown(one['chosen'])}" for one in found["decisions"]]
    if found["disputed"]:
        lines.append(f"  {len(found['disputed'])} events of joined histories contradict each other: pic doctor")
    return Answer(found, [*lines, *(f"next: {one}" for one in found["next"])])


def _trouble(context: Context) -> str | None:
    """What is wrong with the configuration: the record can be told without it, but no gate can be run."""
    try:
        _ = context.config
    except InputError as error:
        return f"{error} ({error.hint})" if error.hint else str(error)
    return None


def _why(context: Context, gate: str) -> str:
    """What a gate is for."""
    known = context.config.gates.get(gate)
    return f" ({shown(known.why)})" if known and known.why else ""


def workflows(context: Context, _options: Namespace) -> Answer:
    """`pic list`."""
    record = context.store.view().record
    rows = [
        {"id": one.id, "title": one.title, "size": one.size, "status": one.status, "phase": one.phase}
        for one in record.workflows.values()
    ]
    return Answer(
        rows, [f"{row['id']}  {row['status']:9} {row['phase']:14} {row['title']}" for row in rows] or ["none"]
    )


def show(context: Context, options: Namespace) -> Answer:
    """`pic show`: a workflow by its id, anything else by what it is called."""
    from pic.workflow import records, steps

    view, events = context.store.read()
    try:
        flow = view.record.workflows[steps.found(view.record, options.id)]
        found = to_json(flow)
        del found["before"]
    except NotFound:
        found = dict(records.shown_thing(events, options.id))
    return Answer(found, [shown(line) for line in json.dumps(found, indent=1, ensure_ascii=False).splitlines()])


def evidence(context: Context, _options: Namespace) -> Answer:
    """`pic evidence list`."""
    rows = [to_json(one) for one in context.flow.evidence]
    lines = [f"{row['phase']:14} {row['kind']:7} {shown(row['ref'])}{' (stale)' * row['stale']}" for row in rows]
    return Answer(rows, lines or ["none"])


def authority(context: Context, _options: Namespace) -> Answer:
    """`pic authority list`: what counts, and what the configuration would have instead."""
    from pic.rules import authority as of

    flow = context.flow
    rows = []
    for phase in flow.phases:
        may, asked = of(flow, phase), context.config.phases[phase].authority
        pilot = flow.pilots.get(phase, phase)
        rows.append({"phase": phase, "pilot": pilot, **to_json(may), "asked": None if asked == may else to_json(asked)})
    lines = [f"{row['phase']:15}{', '.join(row['paths'])} with {', '.join(row['tools'])} {row['model']}".rstrip()
             for row in rows]  # fmt: skip
    if any(row["asked"] for row in rows):
        lines.append(".pic/config.toml says otherwise; it counts once a person says: pic authority trust")
    return Answer(rows, lines)


def gates(context: Context, _options: Namespace) -> Answer:
    """`pic gate list`."""
    from pic.workflow import gates as running

    flow, known = context.flow, context.config.gates
    rows = [
        {"name": name, "state": state, "run": list(known[name].run) if name in known else [], "phase": flow.phase}
        for name, state in running.states(context, flow).items()
    ]
    return Answer(rows, [f"{row['name']:14} {row['state']:8} {' '.join(row['run'])}" for row in rows] or ["none"])


def audit(context: Context, options: Namespace) -> Answer:
    """`pic audit`: the timeline, with the calls of this clone's agents."""
    from pic.audit import calls, timeline
    from pic.workflow import steps

    view, events = context.store.read()
    name, phase = options.workflow, options.phase
    if name in PHASES and not phase:
        name, phase = "", name
    if phase and phase not in PHASES:
        raise NotFound.among("phase", phase, PHASES)
    flow = steps.found(view.record, name) if name else ""
    rows = timeline.rows(timeline.joined(events, calls.read(context.place)), flow, phase)
    lines = [
        f"{row['time'][:19]}Z {row['phase']:14} {row['kind']:18} {shown(row['by'])}: {row['what']}" for row in rows
    ]
    return Answer(rows, lines or ["nothing yet"])


def verify(context: Context, _options: Namespace) -> Answer:
    """`pic audit verify`: exit code 3 when a byte is not as it was written."""
    from pic.audit import calls

    anchored = context.store.seen is not None
    view, events = context.store.verify()
    made = calls.check(context.place, events, context.store.writer if anchored else "")
    facts = {"events": len(events), "segments": len(view.anchor.segments), "heads": list(view.anchor.heads)}
    notes = [f"a torn tail of {size} bytes in {name}: pic doctor" for name, size in view.torn.items()]
    if not anchored:
        notes.append("could not check for a cut tail: this clone has never written or looked here before")
    if len(view.anchor.heads) > 1:
        notes.append(f"{len(view.anchor.heads)} histories are not joined yet: pic doctor")
    data = {
        **facts,
        "torn": dict(view.torn),
        "calls": made,
        "anchored": anchored,
        "disputed": list(view.record.disputed),
        "notes": notes,
    }
    line = f"{facts['events']} events in {facts['segments']} segments are as they were written"
    if made:
        line += f"; so are {made} calls of agents"
    return Answer(data, [line, *notes], 3 if view.torn else 0)


def export(context: Context, options: Namespace) -> Answer:
    """`pic audit export`: all of it, checked first."""
    from pic.audit import calls, report

    view, events = context.store.verify()
    found = report.whole(context.place.main.name, view.record, events, calls.read(context.place))
    if options.format == "html":
        page = report.page(found)
        return Answer({"format": "html", "page": page}, [page.rstrip("\n")])
    return Answer(found, [json.dumps(found, indent=1, ensure_ascii=False)])


def check(context: Context, options: Namespace) -> Answer:
    """`pic audit check`: exit code 1 and the reasons when the record lacks something; `complete` reads every byte."""
    from pic.audit import checks
    from pic.workflow.templates import CODE
    from pic.workflow.tree import Trees

    if options.name not in checks.CHECKS:
        raise NotFound.among("check", options.name, checks.CHECKS)
    store = context.store
    record = store.verify()[0].record if options.name == "complete" else store.view().record
    work = context.place.work
    reasons = checks.missing(record, options.name, work, lambda leaves: Trees(work).of(CODE, leaves))
    return Answer(
        {"check": options.name, "missing": reasons}, reasons or [f"{options.name}: on record"], int(bool(reasons))
    )
