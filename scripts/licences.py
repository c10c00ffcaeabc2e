"""Writes docs/licences.md from what the base install and each extra bring, or with --check says what it lacks.

licences.py [--check] [FOLDER…]: a licence is read from the metadata of the package where it is installed, in this
environment or in one of the FOLDERs. Packages that are in neither (a lock holds some for other systems) keep the row
that was written where they were.
"""

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
LOCKS = ROOT / "requirements"
UNSAID = "not said in its metadata"

EXTRAS = {
    "signing": "What the extra `avatar-pipeline[signing]` adds (`make demo`):",
    "service": "What the extra `avatar-pipeline[service]` adds (`make serve`):",
    "neural": "What the extra `avatar-pipeline[neural]` adds (`make neural`):",
    "heic": "What the extra `avatar-pipeline[heic]` adds:",
    "align": "What the extra `avatar-pipeline[align]` adds:",
    "mcp": "What tests of `pic mcp` install in an environment of their own, and nothing that is shipped imports:",
}

# What the metadata does not say, or says less than the whole of.
NOTES = {
    "certifi": "Mozilla's list of authorities, unchanged.",
    "c2pa-python": "The wheels carry the c2pa library, written in Rust, under the same terms.",
    "psycopg": "**LGPL**: used as it is, imported only where a PostgreSQL database is named.",
    "psycopg-binary": "**LGPL**; the wheels carry libpq (PostgreSQL Licence) and OpenSSL (Apache-2.0).",
    "pi-heif": "Its own code is BSD-3-Clause; the wheels carry libheif and libde265, **LGPL-3.0**, as shared libraries "
    "that can be put in another version's place, and no encoder. Imported only to read a HEIC photo.",
    "tqdm": "MPL-2.0 is for its own files, which are used unchanged.",
    "uv": "A program that is run, not imported.",
    "av": "PyAV itself is BSD. Its wheels bundle FFmpeg built with **x264 and x265, which are GPL-2.0-or-later**.",
    "espeakng-loader": "The wheel names no licence and carries the library and data of "
    "**espeak-ng, GPL-3.0-or-later**. It is never loaded into our process: it runs in one of its own.",
    "numpy": "The wheels bundle OpenBLAS (BSD) and the GCC runtime (GPL-3.0 with the runtime exception).",
    "opencv-python-headless": "The Linux wheels bundle LGPL-2.1 FFmpeg libraries; only image functions are called.",
    "pyworld-prebuilt": "Its licence file is MIT's; WORLD, which it wraps, is modified BSD.",
    "skia-python": "Its licence file and Skia's, which it wraps, are BSD-3-Clause.",
}

HEAD = """# Licences

This project is MIT. What `pip install` brings with it, by each package's own metadata (written by `make docs`, checked
by `make check`):

"""
TABLE = "| package | licence | note |\n|---|---|---|\n"

TAIL = """
What this means for who passes the software on: the three packages here are MIT and may be used freely. A bundle that
*contains* PyAV's wheels (a container image, an installer with everything inside) contains GPL code and must be passed
on under the GPL's terms; an install that fetches them from a registry passes nothing on. The same holds for espeak-ng.
An image of the service (`deploy/`) contains all of the base and of the extra `service`, psycopg under the LGPL among
them: whoever has the image can put another version in its place, and its source is on the registry it came from.
Names of months, units and currencies come from the Unicode CLDR (Unicode-3.0; its notice lies beside the data).
The face model, fetched by `avatar models pull face`, is three networks of MediaPipe 0.10.21 (Apache-2.0; its licence is
kept beside them). Models of neural backends are fetched by their users and have licences of their own, named beside
each backend.
"""


def locked(lock: str) -> list[str]:
    """Names in a lock, in its order."""
    text = (LOCKS / f"{lock}.txt").read_text()
    return list(dict.fromkeys(re.findall(r"^([\w.-]+)==", text, re.MULTILINE)))


def tables() -> dict[str, list[str]]:
    """The packages of the base, and of each extra those that the base does not bring."""
    base = locked("base")
    return {"base": base} | {extra: [name for name in locked(extra) if name not in base] for extra in EXTRAS}


def installed(folders: list[str]) -> dict[str, Distribution]:
    """What is installed here and in these folders, by its name as locks write it; here goes first."""
    found = [*distributions(path=[*sys.path, *folders])]
    return {re.sub(r"[-_.]+", "-", package.name).lower(): package for package in reversed(found) if package.name}


def licence(package: Distribution) -> str:
    """The licence in one short phrase: the SPDX expression, else the classifiers, else the first short line."""
    said = package.metadata.get_all
    if expression := said("License-Expression"):
        return str(expression[0])
    if named := [line.rpartition(" :: ")[2] for line in said("Classifier") or [] if line.startswith("License ::")]:
        return ", ".join(named)
    first = "".join(said("License") or []).strip().partition("\n")[0]
    return first if 0 < len(first) <= 40 else UNSAID


def written() -> dict[str, str]:
    """The licence column of the page as it stands."""
    if not PAGE.exists():
        return {}
    return dict(re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|", PAGE.read_text(), re.MULTILINE))


def rows(names: list[str], packages: dict[str, Distribution]) -> dict[str, str]:
    """Each of these packages with its licence, or "" for one that is neither installed nor written."""
    before = written()
    return {name: licence(packages[name]) if name in packages else before.get(name, "") for name in names}


def page(found: dict[str, dict[str, str]]) -> str:
    """The whole page."""
    parts = []
    for table, terms in found.items():
        head = HEAD if table == "base" else f"\n{EXTRAS[table]}\n\n"
        parts.append(
            head + TABLE + "".join(f"| {name} | {said} | {NOTES.get(name, '')} |\n" for name, said in terms.items())
        )
    return "".join(parts) + TAIL


def main(arguments: list[str]) -> int:
    """Write the page, or with --check compare it; 1 when a licence is missing or the page is stale."""
    packages = installed([word for word in arguments if not word.startswith("--")])
    found = {table: rows(names, packages) for table, names in tables().items()}
    known = {name: terms for table in found.values() for name, terms in table.items()}
    bare = [name for name, terms in known.items() if not terms or (terms == UNSAID and name not in NOTES)]
    if bare:
        print(f"no licence known for {', '.join(bare)}: look, and say it in NOTES of scripts/licences.py")
        return 1
    if "--check" not in arguments:
        PAGE.write_text(page(found))
    elif not PAGE.exists() or PAGE.read_text() != page(found):
        print("docs/licences.md is not what is installed; run: make docs")
        return 1
    print(f"licences: {len(known)} packages, each with its licence")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
