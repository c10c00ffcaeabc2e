"""`pic init`: looks at the repository, picks gates for it, and writes `.pic/` and nothing else."""

import shutil

from pic.errors import InputError
from pic.model.config import parse, rewritten
from pic.model.state import ACTIVE
from pic.store import files
from pic.store.place import Place
from pic.workflow import importing, templates
from pic.workflow.context import CONFIG, Context

IGNORED = "/state.json\n/status.jsonl\n"
BYTES = "* -text\n"
"""A git that changes line endings would change what was hashed."""


def init(context: Context) -> dict[str, object]:
    """Set up `.pic/`. What is there already is kept; running it again changes nothing."""
    if importing.is_original(context.place.folder):
        raise InputError("the .pic/ here is the original's", "take it over: pic init --import")
    kind, new = _set_up(context)
    if not context.store.view().record.events:
        context.record(lambda _record: [("record.created", "", {"kind": kind, "version": 1})])
    config = context.config
    shown = {
        phase: {name: list(config.gates[name].run) for name in rule.gates} for phase, rule in config.phases.items()
    }
    return {"folder": str(context.place.folder), "kind": kind, "new": new, "gates": shown}


def _set_up(context: Context) -> tuple[str, bool]:
    """The files of `.pic/`: what the repository is, and whether there was no configuration."""
    place = context.place
    kind, gates = templates.detect(place.work)
    path, ignore, attributes = (place.folder / name for name in (CONFIG, ".gitignore", ".gitattributes"))
    new = not path.exists()
    if new:
        files.write(path, templates.text(kind, gates).encode())
    if not ignore.exists():
        files.write(ignore, IGNORED.encode())
    if not attributes.exists():
        files.write(attributes, BYTES.encode())
    context.store.log.mkdir(exist_ok=True)
    return kind, new


def take_over(context: Context, folder: str) -> dict[str, object]:
    """Import the original's `.pic/`, where there is one, and a folder of decisions, by default the usual one."""
    old = importing.is_original(context.place.folder)
    flow = None
    if old:
        _set_up(context)
        flow = importing.original(context)
    done = init(context)
    record = context.store.view().record
    begun = record.current in record.workflows and record.workflows[record.current].status == ACTIVE
    wanted = folder or next((one for one in importing.USUAL if (context.place.work / one).is_dir()), "")
    if not wanted and not old:
        raise InputError("nothing to import here", "a folder: pic init --import docs/decisions")
    made = importing.decisions(context, wanted) if wanted and begun else []
    later = [f"decisions in {wanted}: start a workflow, then import them"] if wanted and not begun else []
    return {
        **done, "workflow": flow.workflow if flow else "", "about": flow.data if flow else {}, "later": later,
        "decisions": [{"id": one.data["id"], "title": one.data["title"], "from": one.data["imported"]} for one in made],
    }  # fmt: skip


def upgrade(context: Context) -> dict[str, object]:
    """Bring an older `.pic/` up to date. A file a person edited is never overwritten, only completed."""
    if not context.store.exists:
        raise InputError("no record here", "pic init")
    path = context.place.folder / CONFIG
    if path.is_file():
        parse(path.read_text("utf-8"), f".pic/{CONFIG}")
        files.write(path, rewritten(path.read_text("utf-8")).encode())
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
