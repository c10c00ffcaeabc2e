"""PostToolUse: the call is put on record, and what it changed beside what it said is looked for."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pic.audit import calls
from pic.errors import PicError
from pic.hook import card, marks, redact, shell
from pic.hook.call import Call, read
from pic.hook.judge import work_of
from pic.model.event import AGENT
from pic.model.state import Workflow, to_json
from pic.store.log import Store
from pic.store.place import Place, find
from pic.workflow import documents, scope

UNMARKED = "not compared: nothing marked when the call began"


def post_tool_use(event: Mapping[str, Any], root: str, common: str) -> Mapping[str, Any] | None:
    """Records the call; tells the agent to put back what it may not change. The next gate says the same."""
    call = read(event)
    place, before, began_in = find(Path(root)), card.load(root, common), card.phase(common)
    store, seen = Store(place, timeout=5.0), card.stamp(root)
    try:
        record = store.view().record
    except PicError as error:
        return _blocked(f"{error.message}; {error.hint}")
    flow = record.workflows.get(record.current)
    card.save(card.draw(flow, seen), common)
    began = marks.end(common, call.id) if call.compared else None
    found = [] if began is None else list(_kept(call, place, began, before is not None))
    if began is not None and flow is not None and flow.phase == began_in:  # a handoff compares for itself
        found += _beyond(call, flow, place, began)
    note = UNMARKED if call.compared and began is None else ""
    data = _told(call, event) | ({"tree": note} if note else {}) | ({"beyond": found} if found else {})
    calls.append(place, "tool.used", flow.id if flow else "", data, (AGENT, call.agent or "main"))
    return _blocked("; ".join(found)) if found else None


def _blocked(reason: str) -> dict[str, Any]:
    return {"decision": "block", "reason": f"pic: {reason}"}


def _beyond(call: Call, flow: Workflow, place: Place, began: int) -> list[str]:
    """What the call changed and the pilot may not change, as one line."""
    if not scope.limited(flow):
        return []
    paths = list(scope.beyond(flow, scope.touched(place, flow, work_of(call, place), began)))
    return [scope.complaint(flow, paths)] if paths else []


def _kept(call: Call, place: Place, began: int, untouched: bool) -> Iterator[str]:
    """Files of `.pic/` that were changed since, and not by pic: drawn files must be as pic draws them.

    `untouched` says that no event was recorded meanwhile, so nothing was drawn either.
    """
    names = [path.relative_to(place.folder).as_posix() for path in place.folder.rglob("*") if path.is_file()]
    fresh = scope.since(place.folder, began, names)
    if not fresh or _sets_up(call):
        return
    drawn = _drawn(place)
    for name in fresh:
        if name.startswith("log/") or (name == "status.jsonl" and not untouched):
            continue  # the log vouches for itself, and was read just now
        if name in drawn and (place.folder / name).read_bytes() == drawn[name]:
            continue
        yield f".pic/{name} was written by something other than pic; mend it with: pic doctor, or a person with git"


def _sets_up(call: Call) -> bool:
    """Whether the call asks pic to write its own files anew."""
    with suppress(ValueError):
        words = [one.words for one in shell.commands(str(call.given.get("command", ""))) if one.name == "pic"]
        return any(one[1:2] in (["init"], ["doctor"]) for one in words)
    return False


def _drawn(place: Place) -> dict[str, bytes]:
    """What pic itself writes below `.pic/`, as it would write it now."""
    view, events = Store(place).read()
    drawn = {name: documents.render(event).encode() for event in events if (name := documents.path_of(event))}
    flow = view.record.workflows.get(view.record.current)
    state = {"version": 1, "events": view.record.events, "workflow": to_json(flow) if flow else None}
    drawn["state.json"] = (json.dumps(state, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    return drawn


def _told(call: Call, event: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the call: bounded, and without secrets."""
    failed = event.get("hook_event_name") == "PostToolUseFailure"
    took = event.get("duration_ms")
    data: dict[str, Any] = {
        "tool": call.tool, "input": redact.value(call.given), "agent_id": call.agent_id, "session": call.session,
        "seconds": round(took / 1000, 3) if isinstance(took, (int, float)) else None, "failed": failed,
    }  # fmt: skip
    return {**data, "error": redact.text(str(event.get("error", "")))} if failed else data
