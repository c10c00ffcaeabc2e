"""Commands with an example in their help, and the options that several of them share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


class Command(click.Command):
    """A command whose help ends with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        write_example(self.example, formatter)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        write_example(self.example, formatter)


def write_example(example: str, formatter: click.HelpFormatter) -> None:
    """An "Example:" section, unwrapped so that it can be copied."""
    if example:
        with formatter.section("Example"):
            formatter.write("  " + example.replace("\n", "\n  ") + "\n")


def matrix_options(function: F) -> F:
    """Add --python and --platform."""
    function = click.option(
        "--platform",
        "platforms",
        default="",
        help="Platforms, with commas between; otherwise preflight.toml's, or linux-x86_64,macos-arm64,windows-x86_64.",
    )(function)
    return click.option(
        "--python",
        "pythons",
        default="",
        help="Pythons: 3.12, 3.13t, 3.10-3.14; otherwise preflight.toml's, or 3.11-3.14.",
    )(function)


def index_options(function: F) -> F:
    """Add --as-of, --offline and --index-url."""
    function = click.option("--as-of", default="", metavar="YYYY-MM-DD", help="Answer as on the evening of that day.")(
        function
    )
    function = click.option("--offline", is_flag=True, help="Ask nobody: use kept answers of any age.")(function)
    return click.option(
        "--index-url", default=None, metavar="URL", help="The index to ask instead of the one pip and uv are set to."
    )(function)


def json_option(function: F) -> F:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of prose.")(function)
