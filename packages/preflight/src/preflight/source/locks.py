"""Lock files, read for the versions they pin: pylock.toml (PEP 751), uv.lock, poetry.lock, pdm.lock, Pipfile.lock.

A version that is locked twice, for different cells, is left to the resolver; so is what comes from no index.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from preflight.errors import InputError

NAMES = ("pylock.toml", "uv.lock", "pdm.lock", "poetry.lock", "Pipfile.lock")
ELSEWHERE = {"git", "directory", "path", "url", "virtual", "editable", "archive", "vcs", "file", "workspace"}


@dataclass(frozen=True)
class Locked:
    """The lock file of a project, and each name it pins to one version of an index."""

    file: str
    pins: tuple[Requirement, ...]


def locked(folder: Path) -> Locked | None:
    """The first lock file of NAMES in the folder; None without one. Raises InputError for one that is damaged."""
    path = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        plain = json.loads(text) if path.name == "Pipfile.lock" else tomllib.loads(text)
        pairs = list(_pipfile(plain) if path.name == "Pipfile.lock" else _tables(plain))
    except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{path.name} cannot be read: {type(error).__name__}", "write it again, or leave it out"
        ) from error
    versions: dict[str, set[str]] = {}
    for name, version in pairs:
        versions.setdefault(canonicalize_name(name), set()).add(version)
    single = [(name, next(iter(some))) for name, some in versions.items() if len(some) == 1]
    return Locked(path.name, tuple(_pins(single, path.name)))


def _tables(plain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in plain.get("package", plain.get("packages", [])):
        source = each.get("source", {})
        apart = {str(source.get("type", ""))} | set(source) | set(each)
        if "version" in each and not apart & ELSEWHERE:
            yield each["name"], each["version"]


def _pipfile(plain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, each in plain.get("default", {}).items():
        if str(each.get("version", "")).startswith("=="):
            yield name, each["version"].removeprefix("==")


def _pins(pairs: list[tuple[str, str]], file: str) -> Iterator[Requirement]:
    for name, version in pairs:
        try:
            yield Requirement(f"{name}=={version}")
        except InvalidRequirement as error:
            raise InputError(f"{file} locks {name!r} at {version!r}, which is no version") from error
