"""The state folded so far, so that status does not read the whole log. Losing it loses nothing but time."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pic.model.state import record_from, to_json, workflow_from
from pic.store import files
from pic.store.anchor import Anchor, Mark

if TYPE_CHECKING:
    from pic.store.log import View

VERSION = 4
WORTH = 500
"""Events worth folding again; beyond that a new snapshot is written."""


def save(path: Path, view: "View") -> None:
    """Keep the view: a line with the hash of the rest, one with all but the workflows, and one for each workflow."""
    record = {**to_json(replace(view.record, workflows={})), "workflows": list(view.record.workflows)}
    anchor = {"heads": view.anchor.heads, "segments": {k: to_json(v) for k, v in view.anchor.segments.items()}}
    lines = [{"version": VERSION, "anchor": anchor, "record": record}, *map(to_json, view.record.workflows.values())]
    body = "\n".join(json.dumps(one, separators=(",", ":")) for one in lines).encode()
    digest = hashlib.sha256(body).hexdigest()
    files.write(path, f"{view.record.events} {digest}\n".encode() + body, durable=False)


def load(path: Path) -> "View | None":
    """The kept view, or None when there is none or it is not what was written. Workflows are read when asked for."""
    from pic.store.log import View  # noqa: PLC0415  the two know each other's shapes

    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != head.split()[1]:
            return None
        first, *lines = body.split(b"\n")
        state = json.loads(first)
        if state["version"] != VERSION:
            return None
        marks = {name: Mark(**mark) for name, mark in state["anchor"]["segments"].items()}
        workflows = dict(zip(state["record"]["workflows"], lines, strict=True))
        record = record_from({**state["record"], "workflows": workflows}, lambda line: workflow_from(json.loads(line)))
        return View(record, Anchor(tuple(state["anchor"]["heads"]), marks), {})
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def seen(path: Path) -> int:
    """How many events the kept view holds; 0 without one."""
    try:
        with path.open("rb") as handle:
            return int(handle.readline().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
