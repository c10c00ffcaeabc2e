"""Who is at the keyboard: the one place that reads the environment."""

import hashlib
import os
import sys
from pathlib import Path

from pic.errors import NeedsPerson
from pic.model.event import AGENT, PERSON
from pic.model.text import shown
from pic.store import files
from pic.store.log import Actor
from pic.store.place import Place

AGENT_MARKS = ("PIC_AGENT", "CLAUDECODE", "CODEX_SANDBOX", "GEMINI_CLI", "OPENCODE")
"""What agents' shells carry: a terminal that an agent opened is not a person."""


def actor(place: Place, name: str, token: str) -> Actor:
    """Who acts. Raises NeedsPerson for a token that is not this repository's."""
    environment = os.environ  # noqa: TID251  this is the settings place of pic
    token = token or environment.get("PIC_PERSON_TOKEN", "")
    name = shown(name or environment.get("PIC_ACTOR", ""))[:80]
    if token:
        if not _right(place, token):
            raise NeedsPerson("that is not the person token of this repository", "pic person token, at a terminal")
        return PERSON, name or "person"
    if at_terminal():
        return PERSON, name or environment.get("USER") or environment.get("USERNAME") or "person"
    return AGENT, name


def at_terminal() -> bool:
    """Whether a person types here."""
    marked = any(os.environ.get(mark) for mark in AGENT_MARKS)  # noqa: TID251  this is the settings place of pic
    return sys.stdin is not None and sys.stdin.isatty() and not marked


def _file(place: Place) -> Path:
    return place.private / "person"


def _right(place: Place, token: str) -> bool:
    import hmac

    digest = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
    path = _file(place)
    return path.is_file() and hmac.compare_digest(path.read_text("utf-8").strip(), digest)


def new_token(place: Place) -> str:
    """A token that stands for the person at this terminal; only its hash is kept, and the one before is void."""
    import secrets

    if not at_terminal():
        raise NeedsPerson("a token is given to a person at a terminal only", "run this in a terminal yourself")
    token = secrets.token_hex(24)  # hexadecimal: urlsafe may begin with "-", which a command line reads as an option
    files.write(_file(place), hashlib.sha256(token.encode()).hexdigest().encode())
    return token
