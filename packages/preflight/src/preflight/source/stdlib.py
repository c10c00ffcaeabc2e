"""Modules that left the standard library, with the Python that no longer has them."""

import sys

# PEP 632 and the 3.12 changelog; PEP 594 for 3.13 (with lib2to3, whose removal the 3.13 changelog lists).
REMOVED: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), (3, 12)),
    **dict.fromkeys(
        (
            *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap", "msilib", "nis"),
            *("nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
        ),
        (3, 13),
    ),
}
SUCCESSORS = {
    "distutils": "setuptools, sysconfig or shutil",
    "imp": "importlib",
    "pkg_resources": "importlib.metadata and importlib.resources",
    "audioop": "the package audioop-lts",
    "cgi": "the package legacy-cgi, or email.message",
    "pipes": "subprocess and shlex",
    "imghdr": "the package filetype",
}
# Of Pythons newer than the one that reads this (PEPs 649 and 784, in 3.14).
ADDED = {"annotationlib", "compression"}
STANDARD = frozenset(sys.stdlib_module_names) | frozenset(REMOVED) | ADDED | {"__main__", "__future__"}


def gone(module: str, minor: tuple[int, int]) -> tuple[int, int] | None:
    """The Python that removed the module, if this minor no longer has it."""
    removed = REMOVED.get(module.partition(".")[0])
    return removed if removed and minor >= removed else None
