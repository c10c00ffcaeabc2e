"""The locks fit what the packages ask for: checked without a network, and without guessing.

Every requirement of every package and of requirements/*.in is pinned in its lock, at a version it
allows, with hashes; and no lock holds an address or a path.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECTS = sorted(ROOT.glob("packages/*/pyproject.toml"))
LOCKS = tuple(ROOT / f"requirements/{name}.txt" for name in ("base", "signing", "service", "heic", "dev"))
BASE, SIGNING, SERVICE, HEIC, DEV = LOCKS
ADDRESS = re.compile(r"https?:|file:|--(extra-)?index-url|--find-links|^-f |(?<![\w.])/\w+/", re.MULTILINE)

Pins = dict[str, set[str]]


def pins(lock: Path) -> Pins:
    """Each locked name with its versions; several where Pythons or platforms differ."""
    found: Pins = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def asked_by_package(pyproject: Path) -> list[Requirement]:
    """What a package needs to run and to be built."""
    table = tomllib.loads(pyproject.read_text())
    return [Requirement(line) for line in [*table["project"]["dependencies"], *table["build-system"]["requires"]]]


def asked_by_extra(extra: str) -> list[Requirement]:
    """What an extra of avatar adds, and the extras that it names."""
    project = tomllib.loads((ROOT / "packages/avatar/pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in project["optional-dependencies"][extra]]
    own = [inner for each in asked if each.name == project["name"] for inner in each.extras]
    return [each for each in asked if each.name != project["name"]] + [r for one in own for r in asked_by_extra(one)]


def asked_by_list(source: Path) -> list[Requirement]:
    """What a requirements/*.in file names itself."""
    lines = (line.partition("#")[0].strip() for line in source.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r ")]


def unmet(asked: list[Requirement], locked: Pins, who: str, lock: str) -> Iterator[str]:
    """One line for each requirement that the lock does not hold at a version it allows."""
    for requirement in asked:
        versions = locked.get(canonicalize_name(requirement.name))
        if versions is None:
            yield f"{who} asks for {requirement.name}, which {lock} does not hold"
        elif not all(requirement.specifier.contains(version, prereleases=True) for version in versions):
            yield f"{who} asks for {requirement}, and {lock} holds {', '.join(sorted(versions))}"


def differing(lower: Path, upper: Path) -> Iterator[str]:
    """One line for each name that both hold, at other versions: they are installed one upon the other."""
    below, above = pins(lower), pins(upper)
    for name in sorted(below.keys() & above.keys()):
        if above[name] != below[name]:
            yield f"{name} differs between {lower.name} and {upper.name}"


def malformed(lock: Path) -> Iterator[str]:
    """Addresses, and pins without a hash."""
    text = lock.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if ADDRESS.search(line) and not line.lstrip().startswith("#   "):
            yield f"{lock.name}:{number} holds an address or a path: {line.strip()}"
    for block in re.findall(r"^[\w.-]+==.*(?:\n .*)*", text, re.MULTILINE):
        if "--hash=sha256:" not in block:
            yield f"{lock.name} pins {block.split()[0]} without a hash"


def problems() -> Iterator[str]:
    """Everything wrong, one line each."""
    base, dev = pins(BASE), pins(DEV)
    for pyproject in PYPROJECTS:
        yield from unmet(asked_by_package(pyproject), base, pyproject.parent.name, BASE.name)
    yield from unmet(asked_by_list(ROOT / "requirements/build.in"), base, "build.in", BASE.name)
    for lock in (SIGNING, SERVICE, HEIC):
        extra = lock.stem
        yield from unmet(asked_by_extra(extra), pins(lock), f"avatar[{extra}]", lock.name)
        yield from unmet(asked_by_list(ROOT / f"requirements/{extra}.in"), pins(lock), f"{extra}.in", lock.name)
    yield from unmet(asked_by_list(ROOT / "requirements/dev.in"), dev, "dev.in", DEV.name)
    for lower, upper in combinations(LOCKS, 2):
        yield from differing(lower, upper)
    for lock in LOCKS:
        yield from malformed(lock)


if __name__ == "__main__":
    wrong = list(problems())
    print("\n".join([*wrong, "run: make lock"] if wrong else ["locks: they hold what the packages ask for"]))
    sys.exit(bool(wrong))
