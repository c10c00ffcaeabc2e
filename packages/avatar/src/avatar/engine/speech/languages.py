"""Which of espeak-ng's voice files speaks a BCP 47 language tag."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from avatar.errors import NotFound

# Tags people write that espeak-ng files under another name, or with another default than the usual one.
PREFERRED = {
    "en": "en-us",
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-hans": "cmn",
    "zh-hk": "yue",
    "es-mx": "es-419",
    "pt": "pt",
    "fil": "tl",
}


def canonical(tag: str) -> str:
    """The tag in the usual case of RFC 5646 section 2.1.1: en-US, cmn-Latn-pinyin, en-GB-x-rp."""
    parts = tag.replace("_", "-").split("-")
    out = [parts[0].lower()]
    private = False
    for part in parts[1:]:
        private = private or len(part) == 1
        if not private and len(part) == 2:
            out.append(part.upper())
        elif not private and len(part) == 4 and part.isalpha():
            out.append(part.title())
        else:
            out.append(part.lower())
    return "-".join(out)


def table(voices: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Canonical tag -> voice file, the best-fitting file for each tag."""
    best: dict[str, tuple[int, str]] = {}
    for voice in voices:
        for tag, priority in voice["tags"]:
            if tag == "variant":
                continue
            candidate = (int(priority), str(voice["file"]))
            best[tag.lower()] = min(best.get(tag.lower(), candidate), candidate)
    for tag, target in PREFERRED.items():
        if target in best:
            best[tag] = best[target]
    return {canonical(tag): file for tag, (_, file) in sorted(best.items())}


def resolve(language: str, known: Collection[str]) -> str:
    """The tag of `known` that serves `language`: itself, or with subtags dropped from the right (RFC 4647 lookup).

    Raises NotFound with the nearest tags.
    """
    tag = canonical(language.strip())
    while tag:
        if tag in known:
            return tag
        tag = tag.rpartition("-")[0]
    raise NotFound.among("language", language, known)
