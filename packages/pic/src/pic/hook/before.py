"""PreToolUse: may this be done? Quick when the card says yes; a no, and any doubt, is asked of the record."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pic.hook import card, marks
from pic.hook.call import SHELLS, STARTS_AGENTS, Call, read

if TYPE_CHECKING:
    from pic.hook.card import Card

Answer = Mapping[str, Any] | None


def pre_tool_use(event: Mapping[str, Any], root: str, common: str) -> Answer:
    """Nothing when the call may go on; else the refusal Claude Code reads."""
    call = read(event)
    known = card.load(root, common)
    if known is None or not _surely(known, call, root):
        from pic.hook.judge import judged

        verdict = judged(call, root, common)
        if verdict is not None:
            return verdict
    if call.compared:
        marks.begin(common, call.id)
    return None


def _surely(known: "Card", call: Call, root: str) -> bool:
    """Whether the card alone lets the call through."""
    if call.tool in STARTS_AGENTS or (call.tool in SHELLS and _worth_reading(str(call.given.get("command", "")))):
        return False
    if known["active"]:
        if call.role not in ("", known["phase"], "orchestrator"):
            return False
        if not _listed(call.tool, known["tools"]):
            return False
    return all(_open(known, name, call.cwd, root) for name in call.written())


def _worth_reading(line: str) -> bool:
    """A shell line that writes to a file, or mentions pic or a folder that is closed."""
    low = line.lower()
    return ">" in low or "pic" in low or ".git" in low


def _open(known: "Card", name: str, cwd: str, root: str) -> bool:
    real, top = os.path.realpath(os.path.join(cwd, name)), os.path.realpath(root)
    if not real.startswith(top + os.sep):
        return False
    below = real[len(top) + 1 :].replace(os.sep, "/")
    if ".pic" in below.lower() or ".git" in below.lower():
        return False
    return not known["active"] or _listed(below, known["paths"])


def _listed(name: str, globs: list[str]) -> bool:
    if globs in (["*"], ["**"]):
        return True
    from pic.model.glob import listed

    return listed(name, globs)
