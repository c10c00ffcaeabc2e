"""The commands that write or run something: smoke, init."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from preflight.cli.options import FILE, Command, json_option


@click.command(
    cls=Command, no_args_is_help=True, example="preflight smoke soundfile --python 3.12,3.13 --import soundfile"
)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option("-r", "--requirement", "files", multiple=True, type=FILE, help="A requirements file; may be repeated.")
@click.option("--python", "pythons", default="3.12", show_default=True, help="Pythons of this machine, with commas.")
@click.option("--import", "modules", multiple=True, help="A module to import; otherwise each package's own name.")
@json_option
def smoke(
    *, packages: tuple[str, ...], files: tuple[Path, ...], pythons: str, modules: tuple[str, ...], as_json: bool
) -> int:
    """Install in throwaway environments and import: this RUNS FOREIGN CODE.

    The only command that does. What is built and imported can do whatever you can.
    """
    from preflight.audit import Asked, make_plan
    from preflight.audit.smoke import smoke as smoked

    plan, _ = make_plan(Asked(packages, files, pythons=pythons))
    names = list(modules) or [name.replace("-", "_") for name in plan.names]
    click.echo("this installs and imports foreign code in a throwaway environment", err=True)
    wanted = [str(each) for each in plan.requirements]
    results = [smoked(wanted, names, python) for python in dict.fromkeys(cell.python for cell in plan.cells)]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in results]))
    for each in [] if as_json else results:
        click.echo(f"{each.python}: " + (f"not installed: {each.installed}" if each.installed else "installed"))
        for name, said in each.imports.items():
            click.echo(f"  import {name}: {said or 'fine'}")
    return 0 if all(each.fine for each in results) else 1


@click.command(cls=Command, example="preflight init .")
@click.argument("folder", type=FILE, default=".")
def init(*, folder: Path) -> None:
    """Write preflight.toml, a smoke-import test and a pre-commit snippet, where they are missing."""
    from preflight.audit.init import init as write

    written = write(folder)
    for path in written:
        click.echo(f"wrote {path}")
    if not written:
        click.echo("everything is there already")
