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
from preflight.model import File, Metadata, Packed, Project, Releases

_KEPT = ("filename", "url", "requires-python", "upload-time", "size", "yanked", "core-metadata")
MOST_TURNED = 16  # letters of a name that are looked at for two that changed places
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
    kept = {key: value for key in _KEPT if (value := entry.get(key)) is not None and value is not False}
    served = entry.get("core-metadata") or entry.get("dist-info-metadata")  # true, or a table of hashes (PEP 714)
    return kept | {"url": _bare(entry, page)} | ({"core-metadata": True} if served else {})


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
        every = [(version, entry) for entry in plain["files"] if (version := _version_of(entry["filename"], name))]
        times = [when for _, entry in every if (when := entry.get("upload-time"))]
        if as_of and every and not times:
            raise IndexDown("the index gives no upload times (PEP 700), so that a past day cannot be told")
        releases: dict[Version, list[dict[str, Any]]] = {}
        for version, entry in every:
            if as_of is None or ((when := _moment(entry)) is not None and when <= as_of):
                releases.setdefault(version, []).append(entry)
        packed = {version: _packed(releases[version]) for version in sorted(releases)}
        status = plain.get("project-status") or {}
        status = status.get("status"), status.get("reason", "")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDown("the index answers with something that is not the simple API's JSON (PEP 691)") from error
    return Project(name, Releases(packed, lambda version, text: _files(version, text, page)), *status, fetched)


def _packed(entries: list[dict[str, Any]]) -> Packed:
    times = [when for entry in entries if (when := _moment(entry))]
    return Packed(
        uploaded=min(times, default=None),
        touched=max(times, default=None),
        built=any(entry["filename"].endswith(".whl") for entry in entries),
        standing=any(entry.get("yanked") in (None, False) for entry in entries),
        files=json.dumps([[entry.get(key) for key in _KEPT] for entry in entries]).encode(),
    )


def _moment(entry: dict[str, Any]) -> datetime | None:
    when = entry.get("upload-time")
    return datetime.fromisoformat(when) if when else None


def _files(version: Version, text: bytes, page: str) -> tuple[File, ...]:
    return tuple(_file(version, dict(zip(_KEPT, values, strict=True)), page) for values in json.loads(text))


def _file(version: Version, entry: dict[str, Any], page: str) -> File:
    yanked = entry["yanked"]
    return File(
        filename=entry["filename"],
        url=absolute(page, entry["url"]),
        version=version,
        tags=_tags(_tag_text(entry["filename"])),
        requires_python=sys.intern(entry["requires-python"] or ""),
        uploaded=_moment(entry),
        size=entry["size"],
        yanked=None if yanked is None or yanked is False else str(yanked if isinstance(yanked, str) else ""),
        has_metadata=bool(entry["core-metadata"]),
    )


def _version_of(filename: str, project: str) -> Version | None:
    """The version that a file of the project bears; None for what is neither a wheel nor an sdist, as pip skips it."""
    named = _parsed(filename)
    return named[1] if named and named[0] == project else None


def _parsed(filename: str) -> tuple[str, Version] | None:
    try:
        if filename.endswith(".whl"):
            name, version, *_ = filename.split("-")
            _tags(_tag_text(filename))  # pip passes over a wheel whose tags are none, too
            return _canonical(name), _version(version)
        if filename.endswith((".tar.gz", ".zip")):
            return parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidVersion, ValueError):
        return None
    return None


def _tag_text(filename: str) -> str:
    return "-".join(filename[:-4].rsplit("-", 3)[1:]) if filename.endswith(".whl") else ""


def must_match(found: Metadata, file: File) -> Metadata:
    """The metadata, if it is that of the release its file's name says. Raises UnsafeArchive, as pip refuses it too."""
    named = _parsed(file.filename)
    if named and found.name and (canonicalize_name(found.name), found.version) != named:
        raise UnsafeArchive(f"{file.filename} holds the metadata of {found.name} {found.version}")
    return found


_version = cache(Version)
_canonical = cache(canonicalize_name)


@cache
def _tags(text: str) -> frozenset[Tag]:
    """Thousands of files share a few dozen tag sets; an sdist has none."""
    return frozenset(parse_tag(text)) if text else frozenset()


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
    turned = {bare[: at - 1] + bare[at] + bare[at - 1] + bare[at + 1 :] for at in range(1, min(len(bare), MOST_TURNED))}
    yield from sorted({*swaps | doubled | turned | {bare.rstrip("s"), f"{bare}s"}} - {bare, ""})
