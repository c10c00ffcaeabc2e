"""The simple API as a Project: JSON (PEP 691, 700, 714, 792), or HTML (PEP 503) where there is nothing newer."""

import html
import json
import re
import sys
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

from preflight.errors import IndexDown, UnsafeArchive
from preflight.index.transport import absolute, without_login
from preflight.model import File, Metadata, Project

_KEPT = ("filename", "requires-python", "upload-time", "size", "yanked", "core-metadata")
_ANCHOR = re.compile(r"<a\s+((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(.*?)</a", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"([\w:-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_META = re.compile(r"<meta\s+((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_BASE = re.compile(r"<base\s+((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)


def compact(body: bytes, page: str, name: str) -> bytes:
    """What is kept of a page: PEP 691's JSON, with only what is read of it. Raises IndexDown for what is no page.

    A login in the page's address is not kept: whoever reads the files' addresses knows it from the configuration.
    """
    page = without_login(page)
    start = body.lstrip()[:1]
    if start == b"{":
        plain = _json(body)
    elif b"<" in body[:400]:
        plain = _html(body.decode("utf-8", "replace"), name)
        page = urls[0] if (urls := plain.pop("base")) else page
    else:
        raise IndexDown("the index answers with something that is neither JSON (PEP 691) nor HTML (PEP 503)")
    try:
        files = [_slim(entry, page) for entry in plain["files"]]
        return json.dumps({"name": plain["name"], "files": files, **_status(plain)}).encode()
    except (KeyError, TypeError, AttributeError) as error:
        raise IndexDown("the index answers with something that is not the simple API's JSON (PEP 691)") from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IndexDown("the index answers with something that is not JSON, or is cut off") from error
    return plain


def _slim(entry: dict[str, Any], page: str) -> dict[str, Any]:
    kept = {key: entry[key] for key in _KEPT if entry.get(key) not in {None, False}} | {"url": _bare(entry, page)}
    return kept | ({"core-metadata": True} if entry.get("dist-info-metadata") else {})


def _bare(entry: dict[str, Any], page: str) -> str:
    return absolute(page, entry["url"]).partition("#")[0]


def _status(plain: dict[str, Any]) -> dict[str, Any]:
    return {"project-status": plain["project-status"]} if plain.get("project-status") else {}


def _html(text: str, name: str) -> dict[str, Any]:
    """An HTML page in the shape of PEP 691. `data-upload-time` is no standard, and some indexes give it."""
    if re.search(r"<html", text[:2000], re.IGNORECASE) and not re.search(r"</html", text[-2000:], re.IGNORECASE):
        raise IndexDown("the index answers with HTML that is cut off")
    files = [_anchor(_attributes(found[1]), html.unescape(found[2]).strip()) for found in _ANCHOR.finditer(text)]
    bases = [_attributes(found[1]).get("href", "") for found in _BASE.finditer(text)]
    metas = [_attributes(found[1]) for found in _META.finditer(text)]
    said = {each["name"]: each.get("content", "") for each in metas if "name" in each}
    status = {"status": said["pypi:project-status"]} if "pypi:project-status" in said else {}
    if status and "pypi:project-status-reason" in said:
        status["reason"] = said["pypi:project-status-reason"]
    return {"name": name, "files": [each for each in files if each["url"]], "project-status": status, "base": bases[:1]}


def _attributes(text: str) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(text)
    return {each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "") for each in found}


def _anchor(attributes: dict[str, str], text: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"filename": text, "url": attributes.get("href", "")}
    for key in ("requires-python", "upload-time"):
        if attributes.get(f"data-{key}"):
            entry[key] = attributes[f"data-{key}"]
    if "data-yanked" in attributes:
        entry["yanked"] = attributes["data-yanked"] or True
    if {"data-core-metadata", "data-dist-info-metadata"} & attributes.keys():
        entry["core-metadata"] = True
    return entry


def parse(body: bytes, page: str, fetched: float, as_of: datetime | None) -> Project:
    """The project as it stood at `as_of`. Raises IndexDown for another shape, and when a past day cannot be told."""
    plain = _json(body)
    try:
        name = canonicalize_name(plain["name"])
        every = [file for entry in plain["files"] if (file := _file(entry, page, name))]
        status = plain.get("project-status") or {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDown("the index answers with something that is not the simple API's JSON (PEP 691)") from error
    if as_of and every and not any(file.uploaded for file in every):
        raise IndexDown("the index gives no upload times (PEP 700), so that a past day cannot be told")
    files = tuple(file for file in every if _there(file, as_of))
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
        url=entry["url"] if entry["url"].startswith("http") else absolute(page, entry["url"]),
        version=named[1],
        tags=named[2],
        requires_python=sys.intern(entry.get("requires-python") or ""),
        uploaded=datetime.fromisoformat(when) if when else None,
        size=entry.get("size"),
        yanked=None if yanked is False else str(yanked if isinstance(yanked, str) else ""),
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


def must_match(found: Metadata, file: File) -> Metadata:
    """The metadata, if it is that of the release its file's name says. Raises UnsafeArchive, as pip refuses it too."""
    named = _parsed(file.filename)
    if named and found.name and (canonicalize_name(found.name), found.version) != named[:2]:
        raise UnsafeArchive(f"{file.filename} holds the metadata of {found.name} {found.version}")
    return found


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
