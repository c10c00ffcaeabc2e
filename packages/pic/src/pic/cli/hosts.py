"""Commands about agents' hosts: `pic hook` and `pic mcp`, which they give, and what `init` and `doctor` do for them."""

from argparse import Namespace
from pathlib import Path

from pic.cli.answer import Answer
from pic.hook.entry import EVENTS, main
from pic.workflow.context import Context

__all__ = ["EVENTS", "examined", "hook", "installed", "mcp", "removed"]


def hook(_context: Context, options: Namespace) -> Answer:
    """`pic hook`: usually answered before any option is parsed."""
    return Answer(None, [], main([options.event]))


def mcp(_context: Context, _options: Namespace) -> Answer:
    """`pic mcp`: until stdin ends."""
    from pic.mcp import server

    return Answer(None, [], server.main())


def installed(context: Context, options: Namespace) -> list[str]:
    """What `pic init` did for agents, or with --upgrade would do: that is shown first, and done with --yes."""
    from pic.agents import install

    if options.no_agents:
        return []
    changes = install.planned(context.place, options.upgrade)
    waiting = [one for one in changes if one.state in install.WRITES]
    shown_only = options.upgrade and waiting and not options.yes
    if not shown_only:
        install.apply(context.place, changes)
    lines = list(install.lines(changes, not shown_only))
    if shown_only:
        lines.append("nothing of this is written yet: pic init --upgrade --yes")
    return ["for agents:", *lines] if lines else []


def removed(context: Context) -> list[str]:
    """What `pic init --remove` leaves because somebody has changed it."""
    from pic.agents import install

    return [f"left, because it was changed: {path}" for path in install.remove(context.place)]


def examined(folder: str) -> Answer:
    """`pic doctor --plugin`: exit code 1 when something is wrong."""
    from pic.agents import lint

    root, problems = lint.examine(Path(folder) if folder else None)
    data = {"plugin": str(root), "problems": [{"file": name, "problem": what} for name, what in problems]}
    return Answer(data, [f"{name}: {what}" for name, what in problems] or ["nothing wrong"], int(bool(problems)))
