"""PF108: do the chosen wheels' shared objects find what they link against?

The dynamic section of each extension module (ELF, `DT_NEEDED`) names libraries. One that no resolved wheel brings,
that is not bundled and is no part of the system, is found only where somebody installed it: CUDA libraries in a cell
without them, FFmpeg, a torch of another build.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packaging.version import Version

from preflight.checks.context import Context, in_order
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, Evidence, File, Finding, Severity, Source, Unknown
from preflight.source.elf import needed

READERS = 4
MOST_OBJECT = 3_000_000  # compressed
MOST_OBJECTS = 8
# Libraries that PEP 600's policies allow, and the loader.
SYSTEM = (
    *("libc.", "libm.", "libdl.", "librt.", "libpthread.", "libutil.", "libstdc++.", "libgcc_s.", "ld-linux", "libz."),
    *(
        "libcrypt.",
        "libnsl.",
        "libresolv.",
        "libX11.",
        "libXext.",
        "libXrender.",
        "libICE.",
        "libSM.",
        "libGL.",
        "libnuma.",
    ),
    *("libgobject-2", "libgthread-2", "libglib-2", "libexpat.", "libpython3", "libatomic.", "libanl.", "libgomp."),
)
DRIVER = ("libcuda.", "libnvidia-ml.")


@dataclass(frozen=True)
class Linked:
    """What a wheel's objects need from outside it."""

    objects: dict[str, list[str]]  # object -> the libraries from outside that it needs
    passed: int  # objects that were not read
    chosen: bool  # no extension module among them: the package loads them itself, those that suit the machine


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each planned package whose objects need libraries that nothing in a Linux cell brings.

    Of the wheels of one release for one machine, the newest Python's is read: they are built together.
    """
    planned = [((name, version), cells) for name, version, cells in context.planned()]
    looked_at = [(owner, fitting) for owner, cells in planned for fitting in _machines(context, owner, cells)]
    brought: dict[Cell, set[str]] = {}
    passed: dict[str, int] = {}
    with ThreadPoolExecutor(READERS) as pool:
        answers = pool.map(lambda each: _wanted(context, each[1][-1][1]), looked_at)
        for (owner, fitting), answer in zip(looked_at, answers, strict=True):
            if isinstance(answer, Linked) and answer.passed:
                passed[owner[0]] = passed.get(owner[0], 0) + answer.passed
            yield from _judged(context, owner, fitting, answer, brought)
    if some := ", ".join(f"{name} ({count})" for name, count in sorted(passed.items())):
        yield Unknown("PF108", "", f"shared objects that are too large or too many to read: {some}")


def _machines(context: Context, owner: tuple[str, Version], cells: list[Cell]) -> Iterator[list[tuple[Cell, File]]]:
    """For each Linux machine the cells that share it, oldest Python first, with the wheel of each."""
    for machine in dict.fromkeys(cell.platform for cell in cells if cell.platform.startswith("linux")):
        sharing = [cell for cell in in_order(cells) if cell.platform == machine]
        files = [(cell, context.file(*owner, cell)) for cell in sharing]
        if fitting := [(cell, file) for cell, file in files if file and file.fits(cell)]:
            yield fitting


def _judged(
    context: Context,
    owner: tuple[str, Version],
    fitting: list[tuple[Cell, File]],
    answer: Linked | str,
    brought: dict[Cell, set[str]],
) -> Iterator[Finding | Unknown]:
    cell, file = fitting[-1]
    if isinstance(answer, str):
        yield Unknown("PF108", owner[0], f"what its objects link against was not read: {answer}")
        return
    if cell not in brought and any(answer.objects.values()):
        brought[cell] = _brought(context, cell)
    lacking = {
        name: [each for each in some if _lacks(each, brought[cell])] for name, some in answer.objects.items() if some
    }
    missing = {library: name for name in reversed(lacking) for library in lacking[name]}
    if missing:
        chosen = answer.chosen and any(not lacking.get(name) for name in answer.objects)
        yield _finding(owner, file, [cell for cell, _ in fitting], missing, chosen=chosen)


def _lacks(library: str, brought: set[str]) -> bool:
    return library not in brought and not library.startswith(SYSTEM)


def _wanted(context: Context, file: File) -> Linked | str:
    """What the wheel links against; or why it was not read."""
    try:
        return _linked(context, context.facts.source(file))
    except CouldNotCheck as error:
        return error.message


def _linked(context: Context, source: Source) -> Linked:
    """Extension modules, and the bundled libraries that they need in turn; what else lies there may never be loaded."""
    objects = [name for name in source.members if name.endswith(".so") or ".so." in name]
    bundled = {name.rpartition("/")[2]: name for name in objects}
    modules = [name for name in objects if _is_extension(name)]
    small = [name for name in modules or objects if source.members[name] <= MOST_OBJECT]
    queue = small[:MOST_OBJECTS]
    found: dict[str, list[str]] = {}
    passed = len(modules or objects) - len(queue)
    for name in queue:
        for library in _links(context, source, name):
            inner = bundled.get(library)
            if inner is None:
                found.setdefault(name, []).append(library)
            elif inner not in queue:
                fits = source.members[inner] <= MOST_OBJECT
                queue += [inner] if fits else []
                passed += not fits
        found.setdefault(name, [])
    return Linked(found, passed, chosen=not modules)


def _is_extension(name: str) -> bool:
    """Whether Python loads it by an import, by its name: "_core.cpython-312-x86_64-linux-gnu.so", not "libcore.so"."""
    last = name.rpartition("/")[2]
    return ".cpython-" in last or ".abi3." in last or (last.endswith(".so") and not last.startswith("lib"))


def _links(context: Context, source: Source, name: str) -> list[str]:
    """What one object needs; the answer is kept, the object is not."""
    key = f"{source.file.url}#{name} NEEDED"
    found: list[str] = json.loads(context.facts.kept(key, lambda: json.dumps(needed(source.glance(name))).encode()))
    return found


def _brought(context: Context, cell: Cell) -> set[str]:
    """Names of all shared objects in the wheels of a cell."""
    found: set[str] = set()
    for pin in context.graphs[cell].pins.values():
        file = context.file(pin.name, pin.version, cell)
        if file is None or not any("linux" in tag.platform for tag in file.tags):
            continue
        try:
            members = context.facts.source(file).members
        except CouldNotCheck:
            continue
        found |= {name.rpartition("/")[2] for name in members if ".so" in name}
    return found


def _finding(
    owner: tuple[str, Version], file: File, cells: list[Cell], missing: dict[str, str], *, chosen: bool
) -> Finding:
    driver = [library for library in missing if library.startswith(DRIVER)]
    names = ", ".join(sorted(missing)[:8])
    what = "a GPU driver" if len(driver) == len(missing) else "libraries from outside Python"
    return Finding(
        id="PF108",
        severity=Severity.NOTE if chosen else Severity.YELLOW,
        package=owner[0],
        version=str(owner[1]),
        cells=in_order(cells),
        message=f"{owner[0]} {owner[1]} links against {names}, which no resolved wheel brings: "
        + ("of its libraries it loads those that suit the machine" if chosen else f"it needs {what}"),
        evidence=tuple(
            Evidence(f"{file.filename}: {by}", f"needs {library}", str(owner[1]), file.day)
            for library, by in sorted(missing.items())[:3]
        ),
        confidence=Confidence.HIGH,
        advice="see that every machine of these cells has them, and import the package there as a test",
    )
