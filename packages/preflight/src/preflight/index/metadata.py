"""Core metadata, from a wheel's METADATA or read statically from an sdist.

An sdist of Metadata 2.2 or newer whose requirements are not "Dynamic" promises them (PEP 643). Any other's are what
setuptools wrote into requires.txt when it was packed: a good guess, marked unverified.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from preflight.errors import CouldNotCheck
from preflight.model import File, Metadata

MOST_ABOUT = 3_000
MOST_LINES = 20_000


def from_core(text: bytes, file: File, read_from: str, verified: bool = True) -> Metadata:
    """Metadata from METADATA or PKG-INFO. A requirement no standard allows is set aside in `broken`."""
    head, blank, body = text.partition(b"\n\n")
    raw, _ = parse_email(head + blank + body[: 4 * MOST_ABOUT])
    try:
        version = Version(raw.get("version", "")) if raw.get("version") else file.version
    except InvalidVersion:
        version = file.version
    good, broken = split_requirements(raw.get("requires_dist", []))
    return Metadata(
        name=raw.get("name", ""),
        version=version,
        requires_python=raw.get("requires_python", "") or file.requires_python,
        requires=good,
        licence=_licence(raw.get("license_expression"), raw.get("license"), raw.get("classifiers", [])),
        classifiers=tuple(raw.get("classifiers", [])),
        read_from=read_from,
        verified=verified,
        broken=broken,
        urls=tuple(raw.get("project_urls", {}).items()),
        about=f"{raw.get('summary', '')}. {raw.get('description', '')[:MOST_ABOUT]}",
    )


def split_requirements(lines: list[str]) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    """Those that parse, and those that do not."""
    good, broken = [], []
    for line in lines:
        try:
            good.append(_requirement(line))
        except InvalidRequirement:
            broken.append(line)
    return tuple(good), tuple(broken)


@lru_cache(MOST_LINES)
def _requirement(line: str) -> Requirement:
    """Releases of a package repeat each other's lines, and packages their neighbours'."""
    return Requirement(line)


def from_sdist(members: dict[str, bytes], file: File) -> Metadata:
    """Metadata of an sdist without building it. Raises CouldNotCheck when nothing in it says what it needs."""
    core = members.get("PKG-INFO")
    if core is None:
        raise CouldNotCheck(f"{file.filename} has no PKG-INFO, and nothing is built to find out")
    raw, _ = parse_email(core)
    newer = raw.get("metadata_version", "1.0") not in {"1.0", "1.1", "1.2", "2.0", "2.1"}
    dynamic = {name.lower() for name in raw.get("dynamic", [])}
    if newer and "requires-dist" not in dynamic:
        return from_core(core, file, f"{file.filename}: PKG-INFO")
    if raw.get("requires_dist"):
        return from_core(core, file, f"{file.filename}: PKG-INFO", verified=False)
    where, lines = _stated(members)
    said = b"".join(f"Requires-Dist: {line}\n".encode() for line in lines)
    return from_core(said + core, file, f"{file.filename}: {where}", verified=False)


def _stated(members: dict[str, bytes]) -> tuple[str, list[str]]:
    if "requires.txt" in members:
        return "requires.txt", list(_requires_txt(members["requires.txt"].decode("utf-8", "replace")))
    if "pyproject.toml" in members:
        try:
            project = tomllib.loads(members["pyproject.toml"].decode("utf-8", "replace")).get("project", {})
        except tomllib.TOMLDecodeError:
            project = {}
        if "dependencies" in project:
            return "pyproject.toml", list(project["dependencies"])
    return "PKG-INFO", []


def _requires_txt(text: str) -> Iterator[str]:
    """Requirements of setuptools' requires.txt: sections are [extra], [:marker] or [extra:marker]."""
    extra = marker = ""
    for line in (line.strip() for line in text.splitlines()):
        if section := re.fullmatch(r"\[([^:\]]*):?(.*)\]", line):
            extra, marker = section[1], section[2]
        elif line and not line.startswith("#"):
            conditions = [f"({marker})"] if marker else []
            conditions += [f'extra == "{extra}"'] if extra else []
            yield line + (" ; " + " and ".join(conditions) if conditions else "")


def _licence(expression: str | None, text: str | None, classifiers: list[str]) -> str:
    if expression:
        return expression
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    named = [name for name in named if name != "OSI Approved"]
    first = (text or "").strip().partition("\n")[0]
    return " and ".join(named) or (first if len(first) <= 60 else "")
