"""pic from its folder, with no install: what the launchers beside it and the hooks of Claude Code start.

Written so that any Python since 2.7 reads it, and one too old can say so: it must not break the host of a repository
that has nothing to do with pic, and must not wave through what it cannot judge in one that has.
"""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
NEEDS = "pic needs Python 3.11 or newer, and this is %d.%d" % sys.version_info[:2]


def too_old():
    """The exit code an old Python ends with: 2 says no to Claude Code, and is said only where pic is set up."""
    if sys.argv[1:2] != ["hook"]:
        sys.stderr.write(NEEDS + "\n")
        return 127
    folder = os.path.abspath(os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd())
    while not os.path.isdir(os.path.join(folder, ".pic", "log")):
        if folder == os.path.dirname(folder):
            return 0
        folder = os.path.dirname(folder)
    sys.stderr.write(NEEDS + "; nothing can be judged until it is found first on the PATH\n")
    return 2 if sys.argv[2:3] == ["pre-tool-use"] else 1


if sys.version_info < (3, 11):
    sys.exit(too_old())

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "src"))

from pic.cli import run  # noqa: E402  only now can it be found

run()
