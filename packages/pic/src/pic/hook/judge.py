"""The slow half of PreToolUse: the record is asked, and a refusal is given with its reason and recorded."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pic.audit import calls
from pic.errors import PicError, RecordError
from pic.hook import card, redact, shell
from pic.hook.call import READS, SHELLS, Call
from pic.model.event import AGENT
from pic.model.state import ACTIVE, PHASES, Workflow
from pic.rules import authority, denied, right_model
from pic.store import files
from pic.store.log import Store
from pic.store.place import Place, find
from pic.workflow.tree import located

RECORDED = 3
"""How many equal refusals of a session are recorded one by one."""
STOPPED = 10
"""After how many equal refusals the session is stopped for a person: the agent is not learning."""
OWN = ("mcp__pic__", "mcp__plugin_pic_pic__")
"""How Claude Code calls the tools of pic's own MCP server."""


def judged(call: Call, root: str, common: str) -> Mapping[str, Any] | None:
    """Nothing, or the refusal; the card is drawn anew on the way."""
    place, seen = find(Path(root)), card.stamp(root)
    store = Store(place, timeout=5.0)
    try:
        record = store.view().record
    except RecordError as error:
        return _unjudged(call, error)
    flow = record.workflows.get(record.current)
    card.save(card.draw(flow, seen), common)
    reason, personal = _why_not(call, flow, place)
    if not reason:
        return None
    return refusal(_recorded(call, flow, store, reason, personal), _count(place, call) >= STOPPED)


def refusal(reason: str, stop: bool = False) -> dict[str, Any]:
    """What Claude Code takes as a no, and as a stop when nothing else ends a loop."""
    reason = f"pic: {reason}" + (f"; refused {STOPPED} times, so the session ends and a person looks" if stop else "")
    said = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason}
    return {"hookSpecificOutput": said, **({"continue": False, "stopReason": reason} if stop else {})}


def _unjudged(call: Call, error: PicError) -> Mapping[str, Any] | None:
    """Where the record cannot be read nothing may be changed; reading and pic itself stay open, so it can be mended."""
    if call.tool in READS:
        return None
    if call.tool in SHELLS:
        with suppress(ValueError):
            if _only_pic(list(shell.commands(str(call.given.get("command", ""))))):
                return None
    return refusal(f"{error.message}; until that is mended nothing is changed here ({error.hint or 'pic doctor'})")


def _why_not(call: Call, flow: Workflow | None, place: Place) -> tuple[str, str]:
    """The reason, and what was tried when only a person may do it."""
    if call.tool.startswith(OWN):
        return "", ""
    if reason := _out_of_turn(call, flow):
        return reason, ""
    if call.tool in SHELLS:
        return _shell(call, flow, work_of(call, place))
    return denied(flow, call.tool) or _files(call, flow, work_of(call, place)), ""


def _files(call: Call, flow: Workflow | None, work: Path) -> str:
    """What a tool of an MCP server calls a path may be none: of those only the folders nobody may write are kept."""
    limits = None if call.tool.startswith("mcp__") else flow
    reasons = (denied(limits, call.tool, located(work, name, Path(call.cwd))) for name in call.written())
    return next((one for one in reasons if one), "")


def _out_of_turn(call: Call, flow: Workflow | None) -> str:
    """One pilot at a time: another phase's may look, and is not started."""
    if flow is None or flow.status != ACTIVE:
        return ""
    if call.role in PHASES and call.role != flow.phase and call.tool not in READS:
        return (
            f"{flow.pilot} is in command of {flow.phase}; the pilot of {call.role} may only read until it is its turn"
        )
    asked = str(call.given.get("subagent_type", "")).rpartition(":")[2]
    role = asked.removeprefix("pic-") if asked.startswith("pic-") else ""
    return _not_to_be_started(flow, role, str(call.given.get("model", ""))) if role in PHASES else ""


def _not_to_be_started(flow: Workflow, role: str, model: str) -> str:
    if role != flow.phase:
        return f"{flow.phase} is in command: start pic-{flow.phase}, or end the phase with: pic handoff"
    may = authority(flow)
    if not right_model(may, model):
        return f"{flow.phase} is flown with {may.model}: say model {may.model}" + (f", not {model}" if model else "")
    return ""


def work_of(call: Call, place: Place) -> Path:
    """The worktree the call stands in, when it is one of this repository's."""
    try:
        here = find(Path(call.cwd))
    except (PicError, OSError):
        return place.work
    return here.work if here.common == place.common else place.work


def _only_pic(found: Sequence[shell.Simple]) -> bool:
    """Whether a line does nothing but ask pic: that is open to every pilot, whatever its tools."""
    return bool(found) and all(one.name in ("pic", "cd") and not one.targets for one in found)


def _shell(call: Call, flow: Workflow | None, work: Path) -> tuple[str, str]:
    line = str(call.given.get("command", ""))
    if call.tool == "PowerShell":
        line = line.replace("\\", "/").replace("`", "")
    try:
        found = list(shell.commands(line))
    except ValueError:
        return ("this line cannot be read and mentions what is guarded", "") if shell.suspicious(line) else ("", "")
    for one in found:
        if shell.needs_person(one) or "PIC_PERSON_TOKEN" in line:
            tried = " ".join(one.words[:3])
            return f"only a person may do this, at a terminal of their own: {tried}", tried
        if kept := shell.touches_kept(one):
            return denied(flow, call.tool, kept) + "; read it with cat, grep, git or pic", ""
    if not _only_pic(found) and (reason := denied(flow, call.tool)):
        return reason, ""
    targets = [located(work, one, Path(call.cwd)) for each in found for one in each.targets if shell.plain_target(one)]
    inside = (name for name in targets if not Path(name).is_absolute())
    return next((reason for name in inside if (reason := denied(flow, call.tool, name))), ""), ""


def _recorded(call: Call, flow: Workflow | None, store: Store, reason: str, personal: str) -> str:
    """Put the refusal on record, the first few times; gives the reason back."""
    if _count(store.place, call, add=True) > RECORDED:
        return reason
    actor, name = (AGENT, call.agent or "main"), flow.id if flow else ""
    data = {"tool": call.tool, "input": redact.value(call.given), "agent_id": call.agent_id, "session": call.session}
    calls.append(store.place, "tool.denied", name, {**data, "why": reason}, actor)
    if personal:
        store.append([("person.refused", name, {"tried": personal, "said": reason, "because": ""})], actor)
    return reason


def _count(place: Place, call: Call, add: bool = False) -> int:
    """How often this very call was refused in this session."""
    path = place.private / "refused.json"
    digest = hashlib.sha256(json.dumps([call.tool, call.given], sort_keys=True).encode()).hexdigest()[:16]
    try:
        known = json.loads(path.read_bytes())
        counts = dict(known["counts"]) if known["session"] == call.session else {}
    except (OSError, ValueError, KeyError, TypeError):
        counts = {}
    if add:
        counts[digest] = int(counts.get(digest, 0)) + 1
        files.write(path, json.dumps({"session": call.session, "counts": counts}).encode(), durable=False)
    return int(counts.get(digest, 0))
