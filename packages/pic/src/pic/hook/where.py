"""Finding the record of a session's project without importing anything heavy: this runs in every repository."""

import os


def record(start: str) -> tuple[str, str]:
    """The folder that holds `.pic/` and git's shared folder, or two empty strings where pic was never set up."""
    folder = os.path.abspath(start)
    while True:
        git = os.path.join(folder, ".git")
        if os.path.isdir(git):
            return (folder, git) if _kept(folder) else ("", "")
        if os.path.isfile(git):
            return _linked(folder, git)
        above = os.path.dirname(folder)
        if above == folder:
            return "", ""
        folder = above


def _linked(folder: str, git: str) -> tuple[str, str]:
    """A linked worktree keeps its record in the main one; a submodule in itself."""
    try:
        private = os.path.join(folder, _first_line(git).partition("gitdir:")[2].strip())
        if not os.path.isfile(os.path.join(private, "commondir")):
            return (folder, private) if _kept(folder) else ("", "")
        common = os.path.abspath(os.path.join(private, _first_line(os.path.join(private, "commondir"))))
    except (OSError, ValueError):
        return "", ""
    main = os.path.dirname(common)
    return (main, common) if _kept(main) else ("", "")


def _kept(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, ".pic", "log"))


def _first_line(path: str) -> str:
    with open(path, encoding="utf-8") as handle:
        return handle.readline().strip()
