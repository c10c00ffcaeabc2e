"""avatar status: what is here, what it can do, what is missing and how to get it."""

from typing import Any

import click

from avatar.cli.options import Command, json_option


@click.command(cls=Command, example="avatar status --json")
@click.option("--explain", is_flag=True, help="Say which profile of settings fits this machine, and why.")
@json_option
def status(as_json: bool, explain: bool) -> None:
    """Say what is installed, what each engine can do here, what is missing and the command that gets it."""
    from avatar.cli import console
    from avatar.cli.facts import gather

    facts = gather()
    if as_json:
        console.print_json(facts)
        return
    if explain:
        click.echo(_explanation(facts))
        return
    click.echo(f"avatar {facts['version']}, Python {facts['python']}, {facts['platform']}")
    click.echo(f"settings  {facts['settings']}\nlibrary   {facts['library']}\ncache     {facts['cache']}")
    for engine in facts["engines"]:
        mark = "ready  " if engine["ready"] else "missing"
        click.echo(f"{mark}  {engine['kind']}/{engine['name']}: {engine['can'] or engine['why']}")
        if not engine["ready"]:
            click.echo(f"         get it with: {engine['get_it']}")
    device = facts["device"]
    click.echo(f"device    {device['device']}: {device['free'] >> 20} MiB may be used ({device['why']})")
    for backend in facts["neural"]:
        use = {True: "commercial use allowed", False: "NO commercial use", None: "commercial use unknown"}
        mark = "ready  " if backend["ready"] else "absent "
        click.echo(f"{mark}  {backend['seam']}/{backend['name']}: {backend['summary']}")
        clones = {True: "; can clone", False: "; cannot clone", None: ""}[backend["can_clone"]]
        click.echo(
            f"         {backend['why'] or 'weights here'}; environment {backend['environment']}"
            f"{clones}; {use[backend['commercial']]}"
        )
    click.echo("packages  " + ", ".join(f"{name} {version}" for name, version in facts["packages"].items()))


def _explanation(facts: dict[str, Any]) -> str:
    """The fitting profile, and each neural backend against the memory it allows."""
    profile = facts["profile"]
    lines = [
        f"profile   {profile['name']}: {profile['why']}",
        profile["settings"].rstrip().replace("\n", "\n          "),
    ]
    lines[1] = "          " + lines[1]
    for backend in facts["neural"]:
        fits = "fits" if backend["needs_mib"] <= profile["memory_mib"] else "does not fit"
        lines.append(f"{backend['name']:<14}needs {backend['needs_mib']} MiB of {profile['memory_mib']}, {fits}")
    return "\n".join(lines)
