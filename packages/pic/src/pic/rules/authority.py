"""What a pilot may touch. Pure: hooks ask it at every tool call, and it reads nothing but what is given."""

import re
from pathlib import PurePosixPath
from posixpath import normpath

from pic.model.glob import listed
from pic.model.state import ACTIVE, Authority, Workflow

KEPT = {".pic": "only pic writes there; say it with a pic command", ".git": "only git writes there"}
"""Folders no authority opens, whatever the configuration says, and why."""


def denied(flow: Workflow | None, tool: str, path: str = "") -> str:
    """Why the pilot in command may not call `tool`, or "" when it may.

    `path` is what the call would write: relative to the repository with `/`, absolute when it lies elsewhere, ""
    when it writes nothing; what lies elsewhere is open to `**` and to globs that begin with `/`. Without an active
    workflow only the kept folders are closed.
    """
    if path and (kept := _kept(path)):
        return f"{path} is closed to every tool: {KEPT[kept]}"
    if flow is None or flow.status != ACTIVE:
        return ""
    may = authority(flow)
    if not listed(tool, may.tools):
        return f"{flow.pilot} is in command of {flow.phase} and may not use {tool}"
    path = normpath(path) if path else ""
    outside = path.startswith(("/", "../")) or path[1:3] == ":/"
    globs = [one for one in may.paths if one == "**" or one.removeprefix("!").startswith("/")] if outside else may.paths
    if path and not listed(path, globs):
        where = "outside the repository" if outside else "not its to write"
        return f"{flow.pilot} is in command of {flow.phase}; {path} is {where} (it may write {', '.join(may.paths)})"
    return ""


def allowed(flow: Workflow | None, tool: str, path: str = "") -> bool:
    """Whether the pilot in command may call `tool` and have it write `path`."""
    return not denied(flow, tool, path)


def authority(flow: Workflow, phase: str = "") -> Authority:
    """The authority of a phase, by default of the one in command; a workflow begun without any is not limited."""
    return flow.authority.get(phase or flow.phase, Authority())


def right_model(may: Authority, model: str) -> bool:
    """Whether `model` is the one asked for: the same name, or one that has it as a word (opus: claude-opus-4-8)."""
    return may.model in ("", model) or may.model in re.split(r"[^a-z0-9.]+", model.lower())


def _kept(path: str) -> str:
    """The kept folder that a path lies in; some file systems see no difference between .pic and .PIC."""
    return next((part.lower() for part in PurePosixPath(path).parts if part.lower() in KEPT), "")
