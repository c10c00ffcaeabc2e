"""avatar completion: the script a shell needs to complete our commands."""

import click
from click.shell_completion import get_completion_class

from avatar.cli.options import Command


@click.command(cls=Command, example="avatar completion bash >> ~/.bash_completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL."""
    from avatar.cli.main import root

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root, {}, "avatar", "_AVATAR_COMPLETE").source())
