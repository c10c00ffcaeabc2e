"""The command line: parses, calls the audit, prints. Nothing heavy is imported before a command runs.

The root help page stands ready in `help.txt`, written and checked by scripts/reference.py, because importing
Click alone takes five times as long as starting Python.
"""

import sys


def run() -> None:
    """The console script."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        with open(__file__.replace("__init__.py", "help.txt"), encoding="utf-8") as page:  # noqa: PTH123  pathlib is slow
            sys.stdout.write(page.read())
        return
    from preflight.cli.main import main

    sys.exit(main())
