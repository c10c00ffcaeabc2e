"""PF102: is there a wheel for each cell, and what installing means where there is none.

By the tags of PEP 425, 600 and 656. A release without a wheel is built on the user's machine: that runs its code, and a
release with extension modules needs a compiler.
"""

from collections.abc import Iterator
from dataclasses import replace

from packaging.version import Version

from preflight.checks.context import Context, in_order, via
from preflight.errors import CouldNotCheck
from preflight.model import Cell, Confidence, File, Finding, Severity, Unknown

COMPILES = (b"ext_modules", b"Extension(", b"cythonize", b"CMakeExtension", b"CppExtension", b"CUDAExtension")


def check(context: Context) -> Iterator[Finding | Unknown]:
    """A finding for each release without a wheel in cells it is resolved for."""
    pure: list[Finding] = []
    for (name, version), cells in context.resolved().items():
        bare = [cell for cell in cells if not _wheel(context, name, version, cell)]
        found = _finding(context, name, version, bare) if bare else None
        if found and found.severity is Severity.NOTE:
            pure.append(found)
        elif found:
            yield found
    yield from _together(pure)


def _together(notes: list[Finding]) -> Iterator[Finding]:
    """Sdists without extension modules that the plan brings along: one note for those of the same cells."""
    groups: dict[tuple[tuple[Cell, ...], str], list[Finding]] = {}
    for each in notes:
        groups.setdefault((each.cells, each.message.partition("; ")[2].partition(" (brought")[0]), []).append(each)
    for (_, sign), some in groups.items():
        if len(some) == 1:
            yield some[0]
            continue
        named = ", ".join(f"{each.package} {each.version}" for each in some)
        evidence = tuple(one for each in some for one in each.evidence)
        message = f"{len(some)} releases brought along are sdists only: installing them runs their build code; {sign}"
        yield replace(some[0], message=f"{message}: {named}", evidence=evidence)


def _wheel(context: Context, name: str, version: Version, cell: Cell) -> File | None:
    project = context.facts.project(name)
    return project.wheel_for(version, cell) if project else None


def _finding(context: Context, name: str, version: Version, cells: list[Cell]) -> Finding:
    project = context.facts.project(name)
    files = project.releases.get(version, ()) if project else ()
    sdist = next((file for file in files if not file.is_wheel), None)
    wheels = [file for file in files if file.is_wheel]
    has = _described(wheels)
    root = name in context.plan.names
    if sdist is None:
        return _made(
            context, name, version, cells, severity=Severity.RED, means=f"no wheel and no sdist to build; it has {has}"
        )
    compiled, sign = _compiled(context, sdist, wheels)
    if not compiled:
        severity = Severity.YELLOW if root else Severity.NOTE
        return _made(
            context,
            name,
            version,
            cells,
            severity=severity,
            means=f"sdist only: installing it runs its build code; {sign}",
        )
    means = f"no wheel here ({has}): it is compiled on the machine, which needs a compiler ({sign})"
    return _made(context, name, version, cells, severity=Severity.YELLOW, means=means)


def _made(
    context: Context, name: str, version: Version, cells: list[Cell], *, severity: Severity, means: str
) -> Finding:
    return Finding(
        id="PF102",
        severity=severity,
        package=name,
        version=str(version),
        cells=in_order(cells),
        message=f"{name} {version}: {means}{via(context.graphs[cells[0]], name)}",
        evidence=(context.evidence(name, version),),
        confidence=Confidence.HIGH if severity is Severity.RED else Confidence.MEDIUM,
        advice="choose cells that have a wheel, build a wheel once and keep it, or plan for the compiler",
    )


def _described(wheels: list[File]) -> str:
    tags = sorted({f"{tag.interpreter} {tag.platform}" for file in wheels for tag in file.tags})
    shown = ", ".join(tags[:3]) + (f" and {len(tags) - 3} more" if len(tags) > 3 else "")
    return f"wheels for {shown}" if tags else "no wheels at all"


def _compiled(context: Context, sdist: File, wheels: list[File]) -> tuple[bool, str]:
    """Whether building needs a compiler, and by what sign."""
    if any(tag.platform != "any" for file in wheels for tag in file.tags):
        return True, "its wheels hold extension modules"
    try:
        texts = context.facts.sdist_texts(sdist)
    except CouldNotCheck as error:
        return False, f"whether it needs a compiler is not known: {error.message}"
    found = next((word.decode() for word in COMPILES for text in texts.values() if word in text), None)
    return bool(found), f"setup names {found}" if found else "no extension modules are named in its setup"
