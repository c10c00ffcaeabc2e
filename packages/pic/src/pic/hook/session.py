"""SessionStart and UserPromptSubmit: one line that says where the work stands."""

import os
import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pic.audit import calls
from pic.errors import InputError, PicError
from pic.hook import card
from pic.model.event import AGENT
from pic.model.state import ACTIVE, PASSED, Workflow
from pic.rules import authority
from pic.store import shipped
from pic.store.log import Store
from pic.store.place import Place, find
from pic.workflow import scope

DAY = 86_400


def session_start(event: Mapping[str, Any], root: str, common: str) -> Mapping[str, Any]:
    """The line, and the session on record."""
    place = find(Path(root))
    _tidy(place)
    _first_on_path(os.environ.get("CLAUDE_ENV_FILE", ""))  # noqa: TID251  what the host says of itself
    line, flow = _line(place, common)
    data = {"session": str(event.get("session_id", "")), "source": str(event.get("source", ""))}
    calls.append(place, "session.started", flow.id if flow else "", data, (AGENT, "main"))
    return _context("SessionStart", line)


def user_prompt_submit(_event: Mapping[str, Any], root: str, common: str) -> Mapping[str, Any]:
    """The line again: the work may have moved on since."""
    return _context("UserPromptSubmit", _line(find(Path(root)), common)[0])


def _context(name: str, line: str) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": name, "additionalContext": line}}


def _line(place: Place, common: str) -> tuple[str, Workflow | None]:
    store, seen = Store(place, timeout=5.0), card.stamp(str(place.main))
    try:
        record = store.view().record
    except PicError as error:
        return f"PIC: {error.message}. {error.hint}", None
    flow = record.workflows.get(record.current)
    card.save(card.draw(flow, seen), common)
    scope.begin(place, flow)
    return line_of(flow), flow


def line_of(flow: Workflow | None) -> str:
    """Where the work stands, whose it is and what they may write. Gates count as they last ended."""
    if flow is None or flow.status != ACTIVE:
        return "PIC: no workflow is under way here; for more than a small change: /pic-start WHAT IS TO BE BUILT"
    names, may = flow.gates_of(flow.phase), authority(flow)
    good = sum(_good(flow, name) for name in names)
    parts = [f"PIC: {flow.pilot} is in command of {flow.phase}", f"{good}/{len(names)} gates passed"]
    if open_ones := flow.open_conflicts():
        parts.append(f"conflicts to be resolved by a person: {', '.join(open_ones)}")
    parts += [f"may write {', '.join(may.paths)}"] if may.paths != ("**",) else []
    parts += [f"model {may.model}"] if may.model else []
    return " · ".join([*parts, flow.title])


def _good(flow: Workflow, name: str) -> bool:
    key = f"{flow.phase}/{name}"
    result = flow.results.get(key)
    return key in flow.waivers or (result is not None and result.outcome == PASSED and not result.stale)


def _first_on_path(environment: str) -> None:
    """Let the session's shell find this pic before any other: on many systems `pic` is a typesetter of drawings."""
    with suppress(OSError, InputError):
        if environment and (shipped.folder() / "bin/pic").is_file():
            with Path(environment).open("a", encoding="utf-8") as lines:
                lines.write(f'export PATH={shlex.quote(str(shipped.folder() / "bin"))}:"$PATH"\n')


def _tidy(place: Place) -> None:
    """Forget marks of calls that never came back."""
    for mark in (place.private / "calls").glob("*"):
        with suppress(OSError):
            if mark.stat().st_mtime < time.time() - DAY:
                mark.unlink()
