"""One tool call as a hook is told of it, and what it would write."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

READS = {
    "AskUserQuestion", "BashOutput", "EnterPlanMode", "ExitPlanMode", "Glob", "Grep", "KillShell", "LS",
    "ListMcpResourcesTool", "NotebookRead", "Read", "ReadMcpResourceTool", "Skill", "TaskCreate", "TaskGet",
    "TaskList", "TaskOutput", "TaskStop", "TaskUpdate", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch",
}  # fmt: skip
"""Tools of Claude Code that change no file."""
WRITES = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}
"""Tools that change one file, and where they name it."""
SHELLS = {"Bash", "PowerShell"}
STARTS_AGENTS = {"Agent", "Task"}
PATHS = ("path", "file_path", "filename", "file", "destination", "target", "uri", "notebook_path")
"""What tools of MCP servers call the file they write."""


class Unreadable(Exception):
    """A hook was given something that is no event."""


class Call:
    """`cwd` is where relative paths start; `agent` is the type of the subagent that calls, "" in the main session."""

    __slots__ = ("agent", "agent_id", "cwd", "given", "id", "session", "tool")

    def __init__(self, tool: str, given: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self.tool, self.given = tool, given
        self.cwd = _word(event, "cwd") or os.getcwd()
        self.id, self.session = _word(event, "tool_use_id"), _word(event, "session_id")
        self.agent, self.agent_id = _word(event, "agent_type"), _word(event, "agent_id")

    @property
    def role(self) -> str:
        """The phase a pilot's agent is made for: `pic:pic-research` and `pic-research` are the pilot of research."""
        name = self.agent.rpartition(":")[2]
        return name.removeprefix("pic-") if name.startswith("pic-") else ""

    @property
    def compared(self) -> bool:
        """Whether the tree is to be compared afterwards: a call that may change more than the file it names."""
        return self.tool not in READS and self.tool not in WRITES and self.tool not in STARTS_AGENTS

    def written(self) -> list[str]:
        """The files the call says it would write, as it names them."""
        keys = (WRITES[self.tool],) if self.tool in WRITES else PATHS if self.tool.startswith("mcp__") else ()
        return [name.removeprefix("file://") for key in keys if isinstance(name := self.given.get(key), str) and name]


def read(event: Mapping[str, Any]) -> Call:
    """The call an event tells of. Raises Unreadable."""
    tool, given = event.get("tool_name"), event.get("tool_input")
    if not isinstance(tool, str) or not tool or not isinstance(given, dict):
        raise Unreadable("the event names no tool and its input")
    return Call(tool, given, event)


def _word(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""
