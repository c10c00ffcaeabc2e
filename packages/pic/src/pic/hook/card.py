"""What a hook must know at every tool call, so that the record need not be folded each time.

A card is true as long as the log's files are, to the nanosecond, the ones it was drawn from; it only ever says yes
quickly, and whoever is not allowed by it is judged by the record itself.
"""

from __future__ import annotations

import os

from pic.hook import quick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pic.model.state import Workflow

    Card = Mapping[str, Any]

VERSION = 1
NAME = "card.json"


def stamp(root: str) -> list[list[object]]:
    """Name, size and time of every segment of the log."""
    with os.scandir(os.path.join(root, ".pic", "log")) as entries:
        seen = [(one.name, one.stat()) for one in entries if one.name.endswith(".jsonl")]
    return sorted([name, stat.st_size, stat.st_mtime_ns] for name, stat in seen)


def load(root: str, common: str) -> Card | None:
    """The card, when there is one that still holds."""
    try:
        with open(os.path.join(common, "pic", NAME), "rb") as handle:
            card: Card = quick.loads(handle.read())
        return card if card["version"] == VERSION and card["stamp"] == stamp(root) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def phase(common: str) -> str:
    """The phase that was in command when the card was drawn, whether or not it still holds; "" for none."""
    try:
        with open(os.path.join(common, "pic", NAME), "rb") as handle:
            return str(quick.loads(handle.read()).get("phase", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def draw(flow: Workflow | None, seen: list[list[object]]) -> dict[str, Any]:
    """The card of a state; `seen` is the stamp from before the state was read."""
    from pic.model.state import ACTIVE
    from pic.rules import authority

    card: dict[str, Any] = {"version": VERSION, "stamp": seen, "active": False}
    if flow is not None and flow.status == ACTIVE:
        may = authority(flow)
        card.update(active=True, phase=flow.phase, pilot=flow.pilot, tools=may.tools, paths=may.paths)
    return card


def save(card: Card, common: str) -> None:
    """Keep it; where nothing can be written, only time is lost."""
    import json

    folder = os.path.join(common, "pic")
    beside = os.path.join(folder, f".{NAME}.{os.getpid()}")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(beside, "w", encoding="utf-8") as handle:
            json.dump(card, handle)
        os.replace(beside, os.path.join(folder, NAME))
    except OSError:
        pass
