"""What was changed beyond a pilot's authority, found by comparing the tree: whoever did it, with whatever tool.

The tree as a phase found it is kept by this clone, as one hash per file. A phase that may write anywhere needs none.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pic.model.glob import chosen
from pic.model.state import ACTIVE, Workflow
from pic.rules import authority
from pic.store import files
from pic.store.place import Place
from pic.workflow.tree import content, listed

BEGINS = {"workflow.started", "phase.handed", "phase.revisited", "workflow.undone", "authority.trusted"}
"""Events after which another pilot may write elsewhere."""
UNKNOWN = "not compared: this clone did not see the phase begin"
Sheet = Mapping[str, tuple[object, str]]
"""By path: what tells that a file is untouched, and the hash of what it holds."""


def limited(flow: Workflow | None) -> bool:
    """Whether there is anything the pilot in command may not write."""
    return flow is not None and flow.status == ACTIVE and "**" not in authority(flow).paths[-1:]


def _path(place: Place, flow: Workflow) -> Path:
    key = f"{place.work}\n{flow.id}\n{flow.phase}\n{len(flow.handoffs)}\n{flow.revisits}"
    return place.private / "trees" / f"{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.json"


def begin(place: Place, flow: Workflow | None) -> None:
    """Keep the tree as this phase finds it, unless it is kept already."""
    if flow is None or not limited(flow) or (path := _path(place, flow)).exists():
        return
    text = json.dumps(_sheet(place.work, {}), separators=(",", ":"))
    with suppress(OSError):  # a clone that cannot keep it will say so at the gate
        files.write(path, text.encode(), durable=False)


def _sheet(work: Path, known: Sheet) -> dict[str, tuple[object, str]]:
    """Every file git knows or would; hashed only when its stat is not the one `known` has."""
    found: dict[str, tuple[object, str]] = {}
    for name, stat in _stats(work, listed(work)):
        same = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_mode]
        old = known.get(name)
        found[name] = (same, old[1] if old and old[0] == same else content(work / name))
    return found


def changed(place: Place, flow: Workflow) -> list[str] | None:
    """Paths that are not what the phase found, or None when nobody kept that."""
    try:
        data: dict[str, Any] = json.loads(_path(place, flow).read_bytes())
    except (OSError, ValueError):
        return None
    old = {name: (stat, digest) for name, (stat, digest) in data.items()}
    new = _sheet(place.work, old)
    gone = ("", "")
    return sorted(name for name in {*old, *new} if old.get(name, gone)[1] != new.get(name, gone)[1])


def beyond(flow: Workflow | None, paths: Iterable[str]) -> Iterator[str]:
    """Those of the paths the pilot in command may not write."""
    if flow is None or not limited(flow):
        return iter(())
    names = list(paths)
    mine = set(chosen(names, authority(flow).paths))
    return (name for name in names if name not in mine)


def trespassed(place: Place, flow: Workflow) -> tuple[list[str], str]:
    """What was changed since the phase began and not the pilot's to change; and a word when that cannot be told."""
    if not limited(flow):
        return [], ""
    paths = changed(place, flow)
    return ([], UNKNOWN) if paths is None else (list(beyond(flow, paths)), "")


def complaint(flow: Workflow, paths: list[str]) -> str:
    """One line that says what to undo."""
    shown = ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
    may = ", ".join(authority(flow).paths)
    return f"changed in {flow.phase} and not its to change: {shown} (it may write {may}); put it back"


def since(work: Path, began: int, names: Iterable[str]) -> list[str]:
    """Files whose status changed at or after `began`, in ns: a time no program can forge."""
    return [name for name, stat in _stats(work, names) if stat.st_ctime_ns >= began]


def touched(place: Place, flow: Workflow, work: Path, began: int) -> list[str]:
    """Files changed, made or taken away since `began`: of those gone, such as lay in a folder that changed since."""
    there = dict(_stats(work, listed(work)))
    found = [name for name, stat in there.items() if stat.st_ctime_ns >= began]
    try:
        known = json.loads(_path(place, flow).read_bytes())
    except (OSError, ValueError):
        return found
    gone = (name for name in known if name not in there)
    return found + [name for name in gone if since(work, began, [_above(work, name)])]


def _above(work: Path, name: str) -> str:
    """The nearest folder above that is still there."""
    return next(str(one) for one in Path(name).parents if (work / one).is_dir())


def _stats(work: Path, names: Iterable[str]) -> Iterator[tuple[str, os.stat_result]]:
    for name in names:
        with suppress(OSError):
            yield name, os.lstat(f"{work}/{name}")
