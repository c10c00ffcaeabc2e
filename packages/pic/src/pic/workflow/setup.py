"""`pic init`: looks at the repository, picks gates for it, and writes `.pic/` and nothing else."""

import shutil

from pic.errors import InputError
from pic.model.config import parse
from pic.store import files
from pic.store.place import Place
from pic.workflow import templates
from pic.workflow.context import CONFIG, Context

IGNORED = "/state.json\n/status.jsonl\n"


def init(context: Context) -> dict[str, object]:
    """Set up `.pic/`. What is there already is kept; running it again changes nothing."""
    place = context.place
    kind, gates = templates.detect(place.work)
    path, ignore = place.folder / CONFIG, place.folder / ".gitignore"
    new = not path.exists()
    if new:
        files.write(path, templates.text(kind, gates).encode())
    if not ignore.exists():
        files.write(ignore, IGNORED.encode())
    context.store.log.mkdir(exist_ok=True)
    if not context.store.view().record.events:
        context.record(lambda _record: [("record.created", "", {"kind": kind, "version": 1})])
    config = parse(path.read_text("utf-8"), f".pic/{CONFIG}")
    shown = {
        phase: {name: list(config.gates[name].run) for name in rule.gates} for phase, rule in config.phases.items()
    }
    return {"folder": str(place.folder), "kind": kind, "new": new, "gates": shown}


def upgrade(context: Context) -> dict[str, object]:
    """Bring an older `.pic/` up to date. A file a person edited is never overwritten, only completed."""
    if not context.store.exists:
        raise InputError("no record here", "pic init")
    done = init(context)
    config = context.config
    missing = [one.name for one in templates.RECORD if one.name not in config.gates]
    return {**done, "missing": missing}


def remove(context: Context, sure: bool) -> dict[str, object]:
    """Take `.pic/` away, record and all."""
    if not sure:
        raise InputError("this removes the whole record", "pic init --remove --yes")
    place: Place = context.place
    for folder in (place.folder, place.private):
        shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None
    return {"removed": [str(place.folder), str(place.private)]}
