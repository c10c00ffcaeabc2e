"""The simple API's JSON (PEP 691, 700, 714, 792) as a Project."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from packaging.tags import Tag, parse_tag
from packaging.utils import (
    InvalidSdistFilename,
    canonicalize_name,
    parse_sdist_filename,
)
from packaging.version import InvalidVersion, Version

from preflight.errors import IndexDown
from preflight.index.transport import absolute
from preflight.model import File, Project


def parse(body: bytes, page: str, fetched: float, as_of: datetime | None) -> Project:
    """The project as it stood at `as_of`. Raises IndexDown for JSON that is cut off or of another shape."""
    try:
        plain = json.loads(body)
        name = canonicalize_name(plain["name"])
        files = tuple(file for entry in plain["files"] if (file := _file(entry, page, name)) and _there(file, as_of))
        status = plain.get("project-status") or {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDown("the index answers with something that is not the simple API's JSON (PEP 691)") from error
    return Project(name, files, status.get("status"), status.get("reason", ""), fetched)


def _there(file: File, as_of: datetime | None) -> bool:
    return as_of is None or (file.uploaded is not None and file.uploaded <= as_of)


def _file(entry: dict[str, Any], page: str, project: str) -> File | None:
    """A file, or None for what is neither a wheel nor an sdist, as pip skips it too."""
    filename = entry["filename"]
    named = _parsed(filename)
    if named is None or named[0] != project:
        return None
    when = entry.get("upload-time")
    yanked = entry.get("yanked", False)
    return File(
        filename=filename,
        url=absolute(page, entry["url"]),
        version=named[1],
        tags=named[2],
        requires_python=entry.get("requires-python") or "",
        uploaded=datetime.fromisoformat(when) if when else None,
        size=entry.get("size"),
        yanked=None if yanked is False else str(yanked if isinstance(yanked, str) else ""),
        sha256=entry.get("hashes", {}).get("sha256", ""),
        has_metadata=bool(entry.get("core-metadata") or entry.get("dist-info-metadata")),
    )


def _parsed(filename: str) -> tuple[str, Version, frozenset[Tag]] | None:
    try:
        if filename.endswith(".whl"):
            name, version, *_ = filename.split("-")
            return canonicalize_name(name), _version(version), _tags("-".join(filename[:-4].rsplit("-", 3)[1:]))
        if filename.endswith((".tar.gz", ".zip")):
            return *parse_sdist_filename(filename), frozenset()
    except (InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    return None


_version = cache(Version)


@cache
def _tags(text: str) -> frozenset[Tag]:
    """Thousands of files share a few dozen tag sets."""
    return frozenset(parse_tag(text))


def names_like(name: str) -> Iterator[str]:
    """Spellings that people confuse, to ask the index for: nothing is taken from them but that they exist."""
    bare = canonicalize_name(name)
    swaps = {
        bare.replace("-", ""),
        f"py{bare}",
        f"python-{bare}",
        bare.removeprefix("python-"),
        bare.removeprefix("py"),
    }
    doubled = {bare[:at] + bare[at + 1 :] for at in range(1, len(bare)) if bare[at] == bare[at - 1]}
    yield from sorted({*swaps | doubled | {bare.rstrip("s"), f"{bare}s"}} - {bare, ""})
