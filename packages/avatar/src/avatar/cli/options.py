"""Commands with an example in their help, and the options that several of them share."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from avatar.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


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


class SizeType(click.ParamType[tuple[int, int]]):
    """WIDTHxHEIGHT in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """A pair of positive numbers, or a usage error."""
        width, _, height = str(value).lower().partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            self.fail(f"{value!r} is not a size; write it like 1280x720", param, ctx)
        return int(width), int(height)


SIZE = SizeType()
FILE = click.Path(path_type=Path)


def likeness_option(function: F) -> F:
    """--likeness: how far a voice is matched to a recording."""
    text = "How far to match, 0 (the base voice) to 1 (the likest, and the hardest to understand)."
    return click.option("--likeness", type=click.FloatRange(0, 1), help=text)(function)


def engine_options(function: F) -> F:
    """--speech, --painter, --lipsync: the backends of this run."""
    for name, does in (("lipsync", "makes the portrait speak"), ("painter", "makes portraits"), ("speech", "speaks")):
        function = click.option(f"--{name}", help=f"The backend that {does}; see `avatar status`.")(function)
    return function


def face_option(function: F) -> F:
    """--face: which face of a photo."""
    text = "Of a photo with several faces: its number from the left; otherwise the largest."
    return click.option("--face", type=click.IntRange(min=1), help=text)(function)


def json_option(function: F) -> F:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of prose.")(function)


def given_text(text: str) -> str:
    """The text of a TEXT argument: itself, - for standard input, @FILE for a file's content.

    Raises InputError for a file that is missing or not UTF-8.
    """
    if text == "-":
        return decoded(sys.stdin.buffer.read(), "standard input")
    if text.startswith("@"):
        path = Path(text[1:])
        try:
            return decoded(path.read_bytes(), str(path))
        except OSError as error:
            raise InputError(f"the text file {path} cannot be read: {error.strerror}") from error
    return text


def decoded(data: bytes, source: str) -> str:
    """UTF-8 text, with or without a byte order mark. Raises InputError with the position of the first wrong byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8 text: byte {error.start + 1} is 0x{data[error.start]:02x}", "save it as UTF-8"
        ) from error
