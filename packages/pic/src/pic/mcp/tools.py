"""What an agent may do, as tools: the same verbs as the command line, less what only a person may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pic.mcp.schema import Schema, checked, text, texts, thing
from pic.model.event import Event
from pic.model.state import PASSED, to_json
from pic.workflow import gates, records, steps
from pic.workflow.context import Context

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """`reads` says that nothing changes, `again` that doing it twice does no more than doing it once."""

    about: str
    schema: Schema
    act: Callable[[Context, Given], Any]
    reads: bool = False
    again: bool = False

    def described(self, name: str) -> dict[str, Any]:
        """As tools/list shows it."""
        hints = {"readOnlyHint": self.reads, "idempotentHint": self.reads or self.again}
        return {
            "name": name, "title": name.capitalize(), "description": self.about, "inputSchema": self.schema,
            "annotations": {**hints, "destructiveHint": False, "openWorldHint": False},
        }  # fmt: skip


def _event(event: Event) -> dict[str, Any]:
    return {"event": event.hash, "kind": event.kind, "workflow": event.workflow, **event.data}


def _start(context: Context, given: Given) -> Any:
    return _event(steps.start(context, given["title"], given["size"], given["details"]))


def _status(context: Context, _given: Given) -> Any:
    return steps.status(context)


def _decide(context: Context, given: Given) -> Any:
    return _event(
        records.decide(
            context, given["title"], options=given["options"], chosen=given["choose"], because=given["because"],
            evidence=given.get("evidence", []), tier=given["tier"], supersedes=given["supersedes"],
            about=given["context"],
        )
    )  # fmt: skip


def _evidence(context: Context, given: Given) -> Any:
    if "ref" not in given:
        return {"evidence": [to_json(one) for one in context.flow.evidence]}
    return _event(records.add_evidence(context, given["ref"], given["note"]))


def _gate(context: Context, given: Given) -> Any:
    flow = context.flow
    if given["action"] == "list":
        return {"phase": flow.phase, "gates": gates.states(context, flow)}
    events = gates.run(context, given.get("names", []))
    return {"passed": all(event.data["outcome"] == PASSED for event in events), "ran": [_event(one) for one in events]}


def _handoff(context: Context, given: Given) -> Any:
    return _event(steps.handoff(context, given["notes"]))


def _conflict(context: Context, given: Given) -> Any:
    if given["action"] == "open":
        checked(thing(("title",), title=text("what it is about")), {k: v for k, v in given.items() if k == "title"})
        return _event(records.open_conflict(context, given["title"], given["class"], given["deadline"]))
    wanted = {key: value for key, value in given.items() if key in ("id", "position")}
    checked(thing(("id", "position"), id=text("which"), position=text("what is held")), wanted)
    return _event(records.take_position(context, given["id"], given["position"], given.get("evidence", [])))


TOOLS = {
    "status": Tool(
        "Where the work stands: phase, pilot in command, gates, open conflicts, what to do next.",
        thing(), _status, reads=True,
    ),
    "start": Tool(
        "Begin a piece of work. Its phases, gates and pilots are fixed from here on.",
        thing(
            ("title",), title=text("what is to be built, in one line"),
            size=text("trivial, standard, critical, or one of .pic/config.toml", default="standard"),
            details=text("the whole brief", default=""),
        ), _start,
    ),
    "decide": Tool(
        "Record a decision as MADR. A formal one needs at least two options and two pieces of evidence.",
        thing(
            ("title", "options", "choose", "because"), title=text("what is decided"),
            options=texts("what was considered"), choose=text("the option taken"), because=text("the reason"),
            evidence=texts("files of the repository, addresses or commands"),
            tier=text("how binding", among=("formal", "light"), default="formal"),
            supersedes=text("a decision this replaces, as DEC-001", default=""),
            context=text("the problem", default=""),
        ), _decide,
    ),
    "evidence": Tool(
        "Record what this phase leans on: a file, an address or a command; without ref, list what is recorded.",
        thing(ref=text("file, address or command"), note=text("what it shows", default="")), _evidence,
    ),
    "gate": Tool(
        "Run the gates of the phase in command, or list them. pic runs the commands itself and records how they ended.",
        thing(
            action=text("run or list", among=("run", "list"), default="run"),
            names=texts("which; all of the phase when left out"),
        ), _gate,
    ),
    "handoff": Tool(
        "End the phase and give command to the next pilot. Refused while a gate fails or a conflict is open.",
        thing(notes=text("what the next pilot must know", default="")), _handoff,
    ),
    "conflict": Tool(
        "Put a disagreement on record, or take a position in one. It blocks the handoff until a person resolves it.",
        thing(
            ("action",), action=text("what to do", among=("open", "position")),
            title=text("to open: what it is about"),
            **{"class": text("A technical, B scope, C priority, D process", among=("A", "B", "C", "D"), default="A")},
            deadline=text("to open: when it must be settled", default=""),
            id=text("to take a position: which, as CON-001"), position=text("to take a position: what is held"),
            evidence=texts("what the position leans on"),
        ), _conflict,
    ),
}  # fmt: skip
