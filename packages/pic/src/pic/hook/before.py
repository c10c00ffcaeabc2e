"""PreToolUse: may this be done? Quick when the card says yes; a no, and any doubt, is asked of the record."""

from __future__ import annotations

import os

from pic.hook import card, marks, quick
from pic.hook.call import SHELLS, STARTS_AGENTS, Call, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pic.hook.card import Card


def pre_tool_use(event: Mapping[str, Any], root: str, common: str) -> Mapping[str, Any] | None:
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


def _surely(known: Card, call: Call, root: str) -> bool:
    """Whether the card alone lets the call through."""
    if call.tool in STARTS_AGENTS or (
        call.tool in SHELLS and _worth_reading(known, str(call.given.get("command", "")))
    ):
        return False
    if known["active"]:
        if call.role not in ("", known["phase"], "orchestrator"):
            return False
        if not quick.listed(call.tool, known["tools"]):
            return False
    return all(_open(known, name, call.cwd, root) for name in call.written())


def _worth_reading(known: Card, line: str) -> bool:
    """A shell line that mentions pic or a folder that is closed, or writes to a file where not all may be written."""
    low = line.lower()
    limited = known["active"] and known["paths"] != ["**"]
    return "pic" in low or ".git" in low or (limited and ">" in low)


def _open(known: Card, name: str, cwd: str, root: str) -> bool:
    real, top = os.path.realpath(os.path.join(cwd, name)), os.path.realpath(root)
    if not real.startswith(top + os.sep):
        return False
    below = real[len(top) + 1 :].replace(os.sep, "/")
    if ".pic" in below.lower() or ".git" in below.lower():
        return False
    return not known["active"] or quick.listed(below, known["paths"])
