"""Making a tool's input fit to be kept: no secrets, and not much of it."""

import re
from collections.abc import Mapping
from typing import Any

LONGEST = 300
"""Characters kept of one string."""
MOST = 40
"""Entries kept of one list or mapping."""
DEEPEST = 4
_LOOKED_AT = 4_000
HIDDEN = "[redacted]"

_NAMED = (
    r"(?:api[_-]?key|access[_-]?key|private[_-]?key|secret|token|passw(?:or)?d|passphrase"
    r"|authorization|credential|cookie)"
)
_KEY = re.compile(_NAMED, re.IGNORECASE)
_SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(
        r"\b(?:gh[pousr]_|github_pat_|glpat-|hf_|npm_|pypi-|xox[abeoprs]-|AIza|sk-|rk_live_|sk_live_)[\w-]{12,}"
    ),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
)
_AFTER = (
    re.compile(r"(\b(?:bearer|basic)\s{1,9})[^\s\"']{6,}", re.IGNORECASE),
    re.compile(r"(://[^\s/:@]{1,99}:)[^\s/@]{1,200}(?=@)"),
    re.compile(rf"({_NAMED}[\w-]{{0,40}}[\"']?\s{{0,9}}[=:]\s{{0,9}}[\"']?)[^\s\"',;&|]{{2,}}", re.IGNORECASE),
    re.compile(rf"(?<![\w-])(--?[\w-]{{0,40}}{_NAMED}[\w-]{{0,40}}[\s=]{{1,9}}[\"']?)[^\s\"'|;&]{{2,}}", re.IGNORECASE),
)
"""What names a secret, which follows. Every repetition has an end: a hostile input must not hold a hook up."""


def text(value: str) -> str:
    """A string without what looks like a secret, and its end cut off when it is long."""
    kept = value[:_LOOKED_AT]
    for shape in _SHAPES:
        kept = shape.sub(HIDDEN, kept)
    for after in _AFTER:
        kept = after.sub(rf"\1{HIDDEN}", kept)
    kept = kept.encode("utf-8", "replace").decode()
    return kept if len(kept) <= LONGEST else f"{kept[:LONGEST]}… ({len(value):,} characters)"


def value(given: Any, depth: int = 0) -> Any:
    """Any JSON value, bounded in every direction and without secrets."""
    if isinstance(given, str):
        return text(given)
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, (int, float)):
        return given if abs(given) < 1e300 else str(given)
    if depth >= DEEPEST:
        return "…"
    if isinstance(given, Mapping):
        return _mapping(given, depth)
    return [value(one, depth + 1) for one in list(given)[:MOST]]


def _mapping(given: Mapping[str, Any], depth: int) -> dict[str, Any]:
    return {
        text(str(key))[:80]: HIDDEN if _KEY.search(str(key)) and isinstance(one, str) else value(one, depth + 1)
        for key, one in list(given.items())[:MOST]
    }
