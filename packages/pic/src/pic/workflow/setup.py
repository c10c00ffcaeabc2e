"""`pic init`: looks at the repository, picks gates for it, and writes `.pic/` and nothing else."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pic.errors import InputError
from pic.model.config import parse
from pic.store import files
from pic.store.place import Place
from pic.workflow.context import CONFIG, Context

IGNORED = "/state.json\n/status.jsonl\n"
Gates = Mapping[str, tuple[str, ...]]

KINDS: dict[str, tuple[str, Gates]] = {
    "Makefile": ("make", {"build": ("make",), "tests": ("make", "test")}),
    "pyproject.toml": (
        "Python",
        {"build": ("python", "-m", "compileall", "-q", "."), "tests": ("python", "-m", "pytest", "-q")},
    ),
    "package.json": ("Node", {"build": ("npm", "run", "build", "--if-present"), "tests": ("npm", "test")}),
    "Cargo.toml": ("Rust", {"build": ("cargo", "build"), "tests": ("cargo", "test")}),
    "go.mod": ("Go", {"build": ("go", "build", "./..."), "tests": ("go", "test", "./...")}),
}
"""The file that gives a repository away, what it is, and the commands that prove it. A Makefile is asked last."""

RECORD_GATES = {
    "sources": ("research", "what was read is on record"),
    "milestones": ("planning", "what the plan leans on is on record"),
    "decisions": ("design", "the design's choices are formal decisions"),
    "study": ("testing", "the parts ran together at least once, not only mocks of them"),
    "complete": ("review", "the record is whole and every conflict resolved"),
}


def detect(work: Path) -> tuple[str, Gates]:
    """What the repository is, and its gates. Unknown is said, not guessed."""
    order = [*[name for name in KINDS if name != "Makefile"], "setup.py"]
    for name in order:
        if (work / name).is_file():
            return KINDS.get(name, KINDS["pyproject.toml"])
    if (work / "Makefile").is_file():
        return KINDS["Makefile"]
    return "unknown", {}


def config_text(kind: str, commands: Gates) -> str:
    """The configuration for such a repository."""
    own = {"implementation": ["build"], "testing": ["tests"]} if commands else {}
    lines = [f"# What must be true before a phase ends. This repository looks like: {kind}.", "version = 1", ""]
    pilots = ("research", "planning", "design", "implementation", "testing", "review")
    for phase in pilots:
        names = own.get(phase, []) + [name for name, (where, _) in RECORD_GATES.items() if where == phase]
        quoted = ", ".join(f'"{name}"' for name in names)
        lines += [f"[phases.{phase}]", f'pilot = "{phase}"', f"gates = [{quoted}]", ""]
    for name, argv in commands.items():
        quoted = ", ".join(f'"{word}"' for word in argv)
        lines += [f"[gates.{name}]", f"run = [{quoted}]", 'covers = ["**"]', "timeout = 600", ""]
    for name, (_, why) in RECORD_GATES.items():
        lines += [f"[gates.{name}]", f'run = ["pic", "audit", "check", "{name}"]', "covers = []", f'why = "{why}"', ""]
    lines += ["[conflicts]  # who decides: A technical, B scope, C priority, D process"]
    lines += ['A = "design"', 'B = "planning"', 'C = "orchestrator"', 'D = "orchestrator"']
    return "\n".join(lines) + "\n"


def init(context: Context) -> dict[str, object]:
    """Set up `.pic/`. What is there already is kept; running it again changes nothing."""
    place = context.place
    kind, commands = detect(place.work)
    path, ignore = place.folder / CONFIG, place.folder / ".gitignore"
    new = not path.exists()
    if new:
        files.write(path, config_text(kind, commands).encode())
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
    missing = [name for name in RECORD_GATES if name not in config.gates]
    return {**done, "missing": missing}


def remove(context: Context, sure: bool) -> dict[str, object]:
    """Take `.pic/` away, record and all."""
    if not sure:
        raise InputError("this removes the whole record", "pic init --remove --yes")
    place: Place = context.place
    for folder in (place.folder, place.private):
        shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None
    return {"removed": [str(place.folder), str(place.private)]}
