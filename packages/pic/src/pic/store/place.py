"""Where a repository keeps things, read from its files without starting git."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pic.errors import InputError

FOLDER = ".pic"


@dataclass(frozen=True, slots=True)
class Place:
    """`work` is the worktree one stands in, `main` the one that holds .pic/, `common` git's shared folder."""

    work: Path
    main: Path
    common: Path
    branch: str

    @property
    def folder(self) -> Path:
        """The record that is shared through git."""
        return self.main / FOLDER

    @property
    def private(self) -> Path:
        """What belongs to this clone alone: anchors, lock, snapshot, the person's token."""
        return self.common / "pic"


def find(start: Path) -> Place:
    """The repository around `start`. Raises InputError when there is none that has files."""
    start = start.resolve()
    for folder in (start, *start.parents):
        dot = folder / ".git"
        if dot.is_dir():
            return Place(folder, folder, dot, branch(dot))
        if dot.is_file():
            return _elsewhere(folder, dot)
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            raise InputError(f"{folder} is a bare repository", "clone it and work in the clone")
    raise InputError(f"{start} is not in a git repository", "git init")


def _elsewhere(folder: Path, dot: Path) -> Place:
    """A linked worktree or a submodule: `.git` is a file that names git's folder."""
    name, _, target = dot.read_text("utf-8").partition(":")
    git = (folder / target.strip()).resolve()
    if name != "gitdir" or not (git / "HEAD").is_file():
        raise InputError(f"{dot} names no git folder that is there", "git worktree repair")
    shared = git / "commondir"
    if not shared.is_file():  # a submodule: a repository of its own
        return Place(folder, folder, git, branch(git))
    common = (git / shared.read_text("utf-8").strip()).resolve()
    if common.name != ".git" or not common.parent.is_dir():
        raise InputError(f"the main worktree of {folder} is bare", "pic keeps its record in the main worktree")
    return Place(folder, common.parent, common, branch(common))


def branch(git: Path) -> str:
    """What HEAD points to, fit for a file name. Detached, it is named by its commit."""
    head = (git / "HEAD").read_text("utf-8").strip()
    name = head.removeprefix("ref: refs/heads/") if head.startswith("ref:") else f"detached-{head[:12]}"
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return plain if plain == name else f"{plain or 'branch'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
