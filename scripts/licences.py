"""Writes docs/licences.md from what the base install brings, or with --check says what it lacks.

A licence is read from the installed package's own metadata. Packages a lock holds for other
systems are not installed here: their row is kept as it was written where they are.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
LOCK = ROOT / "requirements/base.txt"
UNSAID = "not said in its metadata"

# What the metadata does not say, or says less than the whole of.
NOTES = {
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

| package | licence | note |
|---|---|---|
"""

TAIL = """
What this means for who passes the software on: the three packages here are MIT and may be used freely. A bundle that
*contains* PyAV's wheels (a container image, an installer with everything inside) contains GPL code and must be passed
on under the GPL's terms; an install that fetches them from a registry passes nothing on. The same holds for espeak-ng.
Names of months, units and currencies come from the Unicode CLDR (Unicode-3.0; its notice lies beside the data).
The face model, fetched by `avatar models pull face`, is three networks of MediaPipe 0.10.21 (Apache-2.0; its licence is
kept beside them). Models of neural backends are fetched by their users and have licences of their own, named beside
each backend.
"""


def locked() -> list[str]:
    """Names in the base lock, in its order."""
    return list(dict.fromkeys(re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE)))


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


def rows() -> dict[str, str]:
    """Each locked package with its licence, or "" for one that is neither installed nor written."""
    before, found = written(), {}
    for name in locked():
        try:
            found[name] = licence(distribution(name))
        except PackageNotFoundError:
            found[name] = before.get(name, "")
    return found


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"| {name} | {terms} | {NOTES.get(name, '')} |\n" for name, terms in rows().items()) + TAIL


def main(arguments: list[str]) -> int:
    """Write the page, or with --check compare it; 1 when a licence is missing or the page is stale."""
    bare = [name for name, terms in rows().items() if not terms or (terms == UNSAID and name not in NOTES)]
    if bare:
        print(f"no licence known for {', '.join(bare)}: look, and say it in NOTES of scripts/licences.py")
        return 1
    if arguments != ["--check"]:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        print("docs/licences.md is not what is installed; run: make docs")
        return 1
    print(f"licences: {len(locked())} packages, each with its licence")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
