"""Words from outside, made safe for a line, a file name and a terminal."""

import re
import unicodedata

from pic.errors import InputError

LONGEST_TITLE = 300
_JOINERS = "\u200c\u200d"  # invisible, but part of how some scripts are spelt


def shown(text: str) -> str:
    """One line without what could move a cursor or turn the reading direction."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable() or one in _JOINERS)


def title(text: str) -> str:
    """A title as it is recorded. Raises InputError when nothing is left of it or it is a page."""
    line = shown(re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text)).strip()
    if not line:
        raise InputError("a title needs words")
    if len(line) > LONGEST_TITLE:
        raise InputError(f"a title of {len(line):,} characters; {LONGEST_TITLE} is the most", "put the rest in a file")
    return line


def reason(text: str) -> str:
    """Why something is done, as it is recorded. Raises InputError when it says nothing."""
    if not shown(text).strip():
        raise InputError("a reason needs words", '--because "…"')
    return text


def block(text: str) -> str:
    """Several lines, each made safe."""
    return "\n".join(shown(line) for line in text.splitlines())


def slug(text: str, most: int = 32) -> str:
    """A piece of a file name: a-z, 0-9 and hyphens, never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:most].strip("-") or "untitled"
