"""Writes docs/reference/COMMAND.md, every --help page of a command, and the root page a command keeps ready.

With --check it compares instead.

Walks a Click group or an argparse parser; a command that is not built yet has no page.
"""

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/reference"
COMMANDS = ("avatar", "preflight", "pic")
ARGPARSE = ("pic",)
WIDTH = 78  # what a person sees in a terminal of 80 columns

Page = tuple[str, str]
"""A command as it is typed, and its help."""


def click_pages(command: click.Command, typed: str, parent: click.Context | None = None) -> Iterator[Page]:
    """The help of a Click command and of all below it, in the order they are listed."""
    name = typed.rpartition(" ")[2]
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings)
    yield typed, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from click_pages(below, f"{typed} {name}", context)


def argparse_pages(parser: argparse.ArgumentParser, typed: str) -> Iterator[Page]:
    """The help of an argparse parser and of all below it."""
    yield typed, parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from argparse_pages(below, f"{typed} {name}")


def root_group(module: object) -> click.Group:
    """The one Click group of a module that stands in no other."""
    groups = {id(found): found for found in vars(module).values() if isinstance(found, click.Group)}
    below = {id(command) for group in groups.values() for command in group.commands.values()}
    roots = [group for key, group in groups.items() if key not in below]
    if len(roots) != 1:
        raise SystemExit(f"{module!r} must hold one Click group at its root, and holds {len(roots)}")
    return roots[0]


def pages(name: str) -> list[Page]:
    """All help pages of one of our commands."""
    split = importlib.util.find_spec(f"{name}.cli.main") if is_package(f"{name}.cli") else None
    module = importlib.import_module(f"{name}.cli.main" if split else f"{name}.cli")
    if hasattr(module, "build_parser"):
        return list(argparse_pages(module.build_parser(), name))
    return list(click_pages(root_group(module), name))


def is_package(name: str) -> bool:
    """Whether a module is a folder of modules."""
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def wanted(name: str) -> dict[Path, str]:
    """What this writes for a command: its reference page, and the help page it keeps ready, if it keeps one."""
    files = {FOLDER / f"{name}.md": rendered(name)}
    ready = ROOT / f"packages/{name}/src/{name}/cli/help.txt"
    if ready.exists():
        files[ready] = pages(name)[0][1] + "\n"
    return files


def rendered(name: str) -> str:
    """The reference page of one command."""
    parts = [f"# {name}\n\nEvery page of `{name} --help`, written by `make docs`.\n"]
    for typed, text in pages(name):
        body = "\n".join(line.rstrip() for line in text.strip().splitlines())
        parts.append(f"## {typed}\n\n```text\n{body}\n```\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are stale and exit 1."""
    os.environ.update(COLUMNS=str(WIDTH + 2), NO_COLOR="1", TERM="dumb")
    stale = []
    for name in COMMANDS:
        if importlib.util.find_spec(f"{name}.cli") is None:
            continue
        if name in ARGPARSE and sys.version_info >= (3, 13):
            print(f"reference: NOT COMPARED: {name}, whose help argparse lays out anew from Python 3.13 on")
            continue
        for target, text in wanted(name).items():
            if target.exists() and target.read_text("utf-8") == text:
                continue
            stale.append(target.relative_to(ROOT).as_posix())
            if arguments != ["--check"]:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    if arguments == ["--check"] and stale:
        print(f"{', '.join(stale)}: not what --help says; run: make docs")
        return 1
    print("reference: what --help says")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
