"""Requirement lines, and the files pip reads them from: nested, possibly cyclic, possibly damaged."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from preflight.errors import InputError

MOST_LINES = 20_000
_OPTION = re.compile(r"^(-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")


@dataclass
class Listed:
    """What a requirements file asks for."""

    requirements: list[Requirement] = field(default_factory=list)
    index_url: str | None = field(default=None, repr=False)
    unread: list[str] = field(default_factory=list)  # lines that are not names with versions, and why
    reasons: dict[str, str] = field(default_factory=dict)  # requirement -> the comment that stands by it
    no_deps: bool = False


def parse(line: str) -> Requirement:
    """One requirement. Raises InputError for what no standard allows, and for bounds that exclude everything."""
    try:
        found = Requirement(line)
    except InvalidRequirement as error:
        raise InputError(
            f"{line!r} is not a requirement: {str(error).partition(chr(10))[0]}", "like torch>=2.1"
        ) from error
    if reason := impossible(found):
        raise InputError(f"{line!r} can never be met: {reason}")
    return found


def impossible(requirement: Requirement) -> str:
    """Why two bounds of a requirement exclude each other, or nothing."""
    exact = [each.version for each in requirement.specifier if each.operator == "==" and "*" not in each.version]
    for version in exact:
        wrong = [str(each) for each in requirement.specifier if not each.contains(version, prereleases=True)]
        if wrong:
            return f"=={version} and {', '.join(wrong)}"
    return _crossed(requirement)


def _crossed(requirement: Requirement) -> str:
    lows = [Version(each.version) for each in requirement.specifier if each.operator in {">=", ">"}]
    highs = [Version(each.version) for each in requirement.specifier if each.operator in {"<", "<="}]
    return f"more than {max(lows)} and less than {min(highs)}" if lows and highs and max(lows) > min(highs) else ""


def read(path: Path) -> Listed:
    """A requirements file with all it includes. Raises InputError for a file that is missing, cyclic or not text."""
    listed = Listed()
    _read(path, listed, ())
    return listed


def _read(path: Path, listed: Listed, above: tuple[Path, ...]) -> None:
    here = path.resolve()
    if here in above:
        chain = " -> ".join(each.name for each in (*above[above.index(here) :], here))
        raise InputError(f"requirement files include each other: {chain}")
    comment = ""
    for number, raw in enumerate(_lines(path), 1):
        line = raw.strip()
        if line.startswith("#"):
            comment = line.lstrip("# ")
            continue
        text, _, beside = line.partition(" #")
        if text.strip():
            _take(
                text.strip(),
                beside.strip() or comment,
                f"{path.name}:{number}",
                path,
                listed=listed,
                above=(*above, here),
            )
        comment = ""


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"the requirements file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: byte {error.start + 1}", "save it as UTF-8") from error
    lines = text.replace("\\\n", " ").splitlines()
    if len(lines) > MOST_LINES:
        raise InputError(f"{path} has {len(lines):,} lines; {MOST_LINES:,} are read at most")
    return lines


def _take(text: str, reason: str, where: str, path: Path, *, listed: Listed, above: tuple[Path, ...]) -> None:
    if option := _OPTION.match(text):
        _read(path.parent / option[2], listed, above)
    elif text.startswith(("-i", "--index-url")):
        listed.index_url = text.split(maxsplit=1)[-1].removeprefix("--index-url=")
    elif text == "--no-deps":
        listed.no_deps = True
    elif text.startswith("-") or re.match(r"^(\.{0,2}/|[\w+]+://)", text):
        listed.unread.append(
            f"{where}: {text.split(maxsplit=1)[0].partition('=')[0][:40] if text[0] == '-' else 'a path or address'}"
        )
    else:
        _add(re.split(r"\s--", text)[0].strip(), reason, where, listed)


def _add(text: str, reason: str, where: str, listed: Listed) -> None:
    try:
        requirement = parse(text)
    except InputError as error:
        raise InputError(f"{where}: {error.message}", error.hint) from error
    listed.requirements.append(requirement)
    if reason:
        listed.reasons[str(requirement)] = reason
