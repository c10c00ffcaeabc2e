"""PostToolUse: the call is put on record, and what it changed beside what it said is looked for."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pic.audit import calls
from pic.errors import PicError
from pic.hook import card, marks, redact
from pic.hook.call import Call, read
from pic.hook.judge import work_of
from pic.model.event import AGENT
from pic.model.state import Workflow, to_json
from pic.store.log import Store
from pic.store.place import Place, find
from pic.workflow import documents, scope
from pic.workflow.tree import listed

UNMARKED = "not compared: nothing marked when the call began"


def post_tool_use(event: Mapping[str, Any], root: str, common: str) -> Mapping[str, Any] | None:
    """Records the call; tells the agent to put back what it may not change. The next gate says the same."""
    call = read(event)
    place, before = find(Path(root)), card.load(root, common)
    store, seen = Store(place, timeout=5.0), card.stamp(root)
    try:
        record = store.view().record
    except PicError as error:
        return _blocked(f"{error.message}; {error.hint}")
    flow = record.workflows.get(record.current)
    card.save(card.draw(flow, seen), common)
    found, note = _trespasses(call, flow, place, before is not None, common)
    data = _told(call, event) | ({"tree": note} if note else {}) | ({"beyond": found} if found else {})
    calls.append(place, "tool.used", flow.id if flow else "", data, (AGENT, call.agent or "main"))
    return _blocked("; ".join(found)) if found else None


def _blocked(reason: str) -> dict[str, Any]:
    return {"decision": "block", "reason": f"pic: {reason}"}


def _trespasses(call: Call, flow: Workflow | None, place: Place, untouched: bool, common: str) -> tuple[list[str], str]:
    """What the call changed and may not; and a word when that cannot be told."""
    if not call.compared:
        return [], ""
    began = marks.end(common, call.id)
    if began is None:
        return [], UNMARKED
    found = list(_kept(place, began, untouched))
    if flow is not None and scope.limited(flow):
        work = work_of(call, place)
        paths = list(scope.beyond(flow, [*scope.since(work, began, listed(work)), *_gone(work, place, flow, began)]))
        found += [scope.complaint(flow, paths)] if paths else []
    return found, ""


def _gone(work: Path, place: Place, flow: Workflow, began: int) -> list[str]:
    """Files the phase found that are no more, and whose folder changed since the call began."""
    missing = [name for name in scope.changed(place, flow) or [] if not os.path.lexists(work / name)]
    return [name for name in missing if scope.since(work, began, [_above(work, name)])]


def _above(work: Path, name: str) -> str:
    """The nearest folder above that is still there."""
    return next(str(one) for one in Path(name).parents if (work / one).is_dir())


def _kept(place: Place, began: int, untouched: bool) -> Iterator[str]:
    """Files of `.pic/` that were changed since, and not by pic: drawn files must be as pic draws them.

    `untouched` says that no event was recorded meanwhile, so nothing was drawn either.
    """
    names = [path.relative_to(place.folder).as_posix() for path in place.folder.rglob("*") if path.is_file()]
    fresh = scope.since(place.folder, began, names)
    if not fresh:
        return
    drawn = _drawn(place)
    for name in fresh:
        if name.startswith("log/") or (name == "status.jsonl" and not untouched):
            continue  # the log vouches for itself, and was read just now
        if name in drawn and (place.folder / name).read_bytes() == drawn[name]:
            continue
        yield f".pic/{name} was written by something other than pic; mend it with: pic doctor, or a person with git"


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
