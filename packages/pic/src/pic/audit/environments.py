"""Whether a repository says where its work must run, each language in its own words."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

WANTED = "plan/preflight.toml (preflight init plan), engines in package.json, rust-version, go, or plan/environments.md"


def missing(work: Path) -> Iterator[str]:
    """One reason when no file says it, or one that should is unreadable or says half of it."""
    reasons, said = [], False
    for name, read in READERS.items():
        path = work / name
        if not path.is_file():
            continue
        try:
            lacks = read(path.read_text("utf-8"))
        except (ValueError, OSError) as error:
            lacks = f"cannot be read: {error}"
        said = said or not lacks
        reasons += [f"{name} {lacks}"] if lacks else []
    if not said:
        yield "nothing says where this must run: " + ("; ".join(reasons) or f"write {WANTED}")


def _matrix(text: str) -> str:
    lacks = {"python", "platform"} - tomllib.loads(text).keys()
    return f"names no {' and no '.join(sorted(lacks))}" if lacks else ""


def _node(text: str) -> str:
    found = json.loads(text)
    engines = found.get("engines") if isinstance(found, dict) else None
    return "" if isinstance(engines, dict) and engines.get("node") else "has no engines.node"


def _rust(text: str) -> str:
    found = tomllib.loads(text)
    tables = (_table(found, "package"), _table(_table(found, "workspace"), "package"))
    return "" if any("rust-version" in table for table in tables) else "has no rust-version"


def _table(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return found if isinstance(found, dict) else {}


def _go(text: str) -> str:
    return "" if re.search(r"(?m)^go \d", text) else "names no version of Go"


def _prose(text: str) -> str:
    return "" if text.strip() else "is empty"


READERS: dict[str, Callable[[str], str]] = {
    "plan/preflight.toml": _matrix,
    "preflight.toml": _matrix,
    "package.json": _node,
    "Cargo.toml": _rust,
    "go.mod": _go,
    "plan/environments.md": _prose,
}
"""Files that may say it, and what each lacks."""
