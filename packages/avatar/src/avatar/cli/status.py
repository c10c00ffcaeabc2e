"""avatar status: what is here, what it can do, what is missing and how to get it."""

import click

from avatar.cli.options import Command, json_option


@click.command(cls=Command, example="avatar status --json")
@json_option
def status(as_json: bool) -> None:
    """Say what is installed, what each engine can do here, what is missing and the command that gets it."""
    from avatar.cli import console
    from avatar.cli.facts import gather

    facts = gather()
    if as_json:
        console.print_json(facts)
        return
    click.echo(f"avatar {facts['version']}, Python {facts['python']}, {facts['platform']}")
    click.echo(f"settings  {facts['settings']}\nlibrary   {facts['library']}\ncache     {facts['cache']}")
    for engine in facts["engines"]:
        mark = "ready  " if engine["ready"] else "missing"
        click.echo(f"{mark}  {engine['kind']}/{engine['name']}: {engine['can'] or engine['why']}")
        if not engine["ready"]:
            click.echo(f"         get it with: {engine['get_it']}")
    click.echo("packages  " + ", ".join(f"{name} {version}" for name, version in facts["packages"].items()))
