"""`pic init` for agents: puts files where their hosts look, and on an upgrade keeps what a person changed in them.

What was installed is kept in `.pic/installed.json`; so an upgrade knows three texts: what we wrote, what is there now
and what we would write today. What a person changed stays; where both changed the same lines, theirs stay.
"""

import difflib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pic import __version__
from pic.agents import texts
from pic.errors import InputError
from pic.store import files
from pic.store.place import Place

KEPT = "installed.json"
NEW, UPDATED, MERGED, YOURS, SAME, GONE = "new", "updated", "merged", "yours kept", "same", "left out"
WRITES = {NEW, UPDATED, MERGED}


@dataclass(frozen=True, slots=True)
class Change:
    """One file, or block of one: `before` is there now, `after` is to be, `base` is what pic would write today."""

    path: str
    state: str
    before: str
    after: str
    base: str

    def shown(self) -> str:
        """The change as a diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), f"a/{self.path}", f"b/{self.path}", lineterm="", n=1
        )
        return "\n".join(lines)


def planned(place: Place, upgrade: bool) -> list[Change]:
    """What would be done. Without `upgrade` only what was never installed is put there."""
    known = _known(place)
    found = [_change(place, path, text, known.get(path), upgrade) for path, text in texts.files()]
    return found + [_block(place, path, known.get(path), upgrade) for path in texts.BLOCKS]


def apply(place: Place, changes: Sequence[Change]) -> None:
    """Do it."""
    known = dict(_known(place))
    for change in changes:
        if change.state in WRITES:
            files.write(place.main / change.path, change.after.encode(), durable=False)  # what is lost is written again
        if change.state in WRITES or (change.state == YOURS and change.path in known):
            known[change.path] = change.base
    text = json.dumps({"pic": __version__, "files": known}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path = place.folder / KEPT
    if not path.exists() or path.read_text("utf-8") != text:
        files.write(path, text.encode())


def remove(place: Place) -> list[str]:
    """Take away what was installed and never changed; gives what was left because it was."""
    left = []
    for path, base in _known(place).items():
        target, now = place.main / path, _text(place.main / path)
        if path in texts.BLOCKS and now is not None and texts.block_of(now) is not None:
            rest = now.replace(f"{texts.BEGIN}\n{texts.block_of(now)}{texts.END}", "").strip()
            files.write(target, f"{rest}\n".encode()) if rest else target.unlink()
        elif now == base:
            target.unlink()
            _tidy(target.parent, place.main)
        elif now is not None:
            left.append(path)
    return left


def _tidy(folder: Path, top: Path) -> None:
    with suppress(OSError):  # the first that is not empty
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _known(place: Place) -> Mapping[str, str]:
    try:
        found = json.loads((place.folder / KEPT).read_bytes())["files"]
        return {str(path): str(text) for path, text in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f".pic/{KEPT} cannot be read: {error}", "restore it with git, or remove it") from error


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}", "a text file, or none") from error


def _change(place: Place, path: str, fresh: str, base: str | None, upgrade: bool) -> Change:
    now = _text(place.main / path)
    state, after = _settled(now, base, fresh, upgrade)
    return Change(path, state, now or "", after, fresh)


def _block(place: Place, path: str, base: str | None, upgrade: bool) -> Change:
    page = _text(place.main / path)
    now = texts.block_of(page or "")
    state, after = _settled(now, base, texts.BLOCK, upgrade)
    return Change(path, state, page or "", texts.with_block(page or "", after) if state in WRITES else "", texts.BLOCK)


def _settled(now: str | None, base: str | None, fresh: str, upgrade: bool) -> tuple[str, str]:
    """What becomes of a text: what is there, what we wrote, what we would write."""
    if now is None:
        return (NEW, fresh) if base is None else (GONE, "")
    if now == fresh:
        return SAME, now
    if base is None or not upgrade:
        return YOURS, now
    if now == base:
        return UPDATED, fresh
    after = merged(now, base, fresh)
    return (MERGED, after) if after != now else (YOURS, now)


def merged(ours: str, base: str, theirs: str) -> str:
    """Both changes; of two to the same lines, ours. By git, which has long known how."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(text.encode())
        command = ["git", "merge-file", "-p", "--ours", *map(str, paths)]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def lines(changes: Sequence[Change], done: bool) -> Iterator[str]:
    """What a person is shown: before it is done with the difference, afterwards in short."""
    for change in changes:
        if change.state == SAME or (done and change.state == YOURS and not change.before):
            continue
        yield f"  {change.state:10} {change.path}"
        if not done and change.state in {UPDATED, MERGED}:
            yield from (f"    {line}" for line in change.shown().splitlines())
