"""The command line: parses, acts, prints. Standard library only.

The root help page stands ready in `help.txt`, written and checked by scripts/reference.py, because importing
argparse alone takes longer than starting Python.
"""

import os
import sys


def run() -> None:
    """The console script. An interrupt is 130 from the first import on."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)


def _run() -> None:
    if sys.argv[1:] in ([], ["--help"], ["-h"]):
        with open(__file__.replace("__init__.py", "help.txt"), encoding="utf-8") as page:  # noqa: PTH123  pathlib is slow
            sys.stdout.write(page.read())
        return
    if sys.argv[1:2] == ["hook"] and sys.argv[2:3] not in ([], ["--help"], ["-h"]):
        from pic.hook.entry import main as hook  # no parser: this runs at every tool call

        code = hook(sys.argv[2:])
        sys.stdout.flush()
        os._exit(code)  # nothing is left to do, and taking Python down in order takes a while
    if sys.argv[1:] == ["mcp"]:
        from pic.mcp.server import main as mcp  # even where there is no repository yet: its answers say so

        sys.exit(mcp())
    from pic.cli.main import main

    sys.exit(main())
