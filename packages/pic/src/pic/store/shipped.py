"""Where what ships with pic lies: beside the sources in a checkout, in the package once it is installed."""

from pathlib import Path

import pic
from pic.errors import InputError


def folder() -> Path:
    """The folder that holds `skills/` and `agents/`. Raises InputError when this copy of pic came without them."""
    package = Path(pic.__file__).parent
    for place in (package / "plugin", package.parents[1]):
        if (place / "skills").is_dir() and (place / "agents").is_dir():
            return place
    raise InputError(
        "this copy of pic came without its skills and agents", "install it whole: pip install pilot-in-command"
    )


def split(text: str) -> tuple[dict[str, str], str]:
    """The front matter of a Markdown file, its first level as plain strings, and what follows it."""
    if not text.startswith("---\n"):
        return {}, text
    head, _, body = text[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in head.splitlines() if line and not line.startswith((" ", "#", "-")))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}, body.lstrip("\n")
