"""`pic hook EVENT`: one event of Claude Code on stdin, one answer on stdout.

An event that guards (PreToolUse) fails closed: what cannot be judged does not happen. Every other event fails open:
it only tells or records, and what it misses is found by the next comparison, the gates or `pic audit verify`.
"""

from __future__ import annotations

import os
import sys

from pic.hook import quick, where

TYPE_CHECKING = False  # importing typing for the real one takes longer than answering
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

EVENTS = {
    "pre-tool-use": "before:pre_tool_use",
    "post-tool-use": "after:post_tool_use",
    "post-tool-use-failure": "after:post_tool_use",
    "session-start": "session:session_start",
    "session-end": "crew:session_end",
    "user-prompt-submit": "session:user_prompt_submit",
    "subagent-start": "crew:subagent_start",
    "subagent-stop": "crew:subagent_stop",
    "stop": "crew:stop",
}
"""Each event and the function that answers it, imported when it is needed."""
CLOSED = {"pre-tool-use"}
"""Events that say no when they cannot be judged. The rest say nothing."""
BLOCK, SHOWN = 2, 1
"""Exit codes Claude Code knows: 2 stops what the event guards, 1 is shown to the person and goes on."""
LONGEST = 8 << 20
"""Bytes of an event that are read; nobody means to write a file of that size through a tool."""


def main(arguments: Sequence[str]) -> int:
    """Answer one event. Exit codes: 0 answered, 1 could not and goes on, 2 could not and so it is refused."""
    name = arguments[0] if arguments else ""
    if name not in EVENTS:
        from pic.errors import nearest

        print(f"pic: no hook is called {name!r}\n  {nearest(name, EVENTS)}", file=sys.stderr)
        return SHOWN
    try:
        return _answered(name)
    except Exception as error:  # noqa: BLE001  the edge: a hook that crashes must still answer
        return _failed(name, error)


def _answered(name: str) -> int:
    project = os.environ.get("CLAUDE_PROJECT_DIR", "")  # noqa: TID251  what the host says of itself
    root, common = where.record(project) if os.path.isdir(project) else ("", "")
    if project and not root:
        _drain()
        return 0
    raw = sys.stdin.buffer.read(LONGEST + 1)
    event = _parsed(raw, bool(root))
    if event is None:
        return 0
    if not root:
        root, common = where.record(str(event.get("cwd") or os.getcwd()))
    if not root:
        return 0
    answer = _function(name)(event, root, common)
    if answer:
        import json

        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.flush()
    return 0


def _parsed(raw: bytes, known: bool) -> Mapping[str, Any] | None:
    """The event; None when there is nothing to guard because no record is known to be here."""
    problem = f"an event of more than {LONGEST >> 20} MiB cannot be judged" if len(raw) > LONGEST else ""
    if problem:
        _drain()
    else:
        try:
            event = quick.loads(raw)
        except (ValueError, RecursionError) as error:
            problem = f"stdin holds no event: {error}"
        else:
            if isinstance(event, dict):
                return event
            problem = "stdin holds no event: it is not an object"
    if not known and not where.record(os.getcwd())[0]:
        return None
    from pic.hook.call import Unreadable

    raise Unreadable(problem)


def _drain() -> None:
    """Read what is offered, so that whoever offers it is not told of a broken pipe."""
    while os.read(0, 1 << 20):
        pass


def _function(name: str) -> Callable[[Mapping[str, Any], str, str], Mapping[str, Any] | None]:
    from importlib import import_module

    module, _, function = EVENTS[name].partition(":")
    found: Callable[[Mapping[str, Any], str, str], Mapping[str, Any] | None] = getattr(
        import_module(f"pic.hook.{module}"), function
    )
    return found


def _failed(name: str, error: Exception) -> int:
    from pic.errors import PicError
    from pic.hook.call import Unreadable

    said = str(error) if isinstance(error, (PicError, Unreadable)) else f"{type(error).__name__}: {error}"
    line = " ".join(said.split())[:500]
    if name in CLOSED:
        print(f"pic: this call could not be judged, so it is refused: {line}", file=sys.stderr)
        return BLOCK
    print(f"pic: {name} was not recorded: {line}", file=sys.stderr)
    return SHOWN
