"""The root command, and the one place where the command line catches errors."""

import json
import sys
import traceback
from collections.abc import Sequence
from typing import ClassVar

import click

from avatar import __version__
from avatar.cli.options import Group
from avatar.errors import AvatarError, BackendUnavailable, InputError, NotFound

UNEXPECTED = 1
INTERRUPTED = 130


class LazyGroup(Group):
    """A group whose commands are imported when they are asked for by name.

    One table: command -> (module and attribute, its line in the help). So `avatar --help` loads Click alone.
    """

    commands_at: ClassVar[dict[str, tuple[str, str]]] = {
        "pipeline": ("avatar.cli.pipeline:pipeline", "Make videos: text and a voice in, mp4 out."),
        "voice": ("avatar.cli.voice:voice", "Learn voices from recordings, speak with them, list and delete them."),
        "portrait": ("avatar.cli.portrait:portrait", "Make portraits from words, list and delete them."),
        "video": ("avatar.cli.video:video", "Make a portrait speak a recording; read a video's facts."),
        "jobs": ("avatar.cli.jobs:jobs", "Queue videos for workers to make; list, watch, cancel and resume them."),
        "worker": ("avatar.cli.worker:worker", "Make the videos that are queued."),
        "models": ("avatar.cli.models:models", "List and fetch models; nothing is fetched unasked."),
        "server": ("avatar.cli.server:server", "Offer all of this over HTTP; make and revoke its keys."),
        "verify": ("avatar.cli.verify:verify", "Say whether a file is as it was signed, by whom, with whose consent."),
        "status": ("avatar.cli.status:status", "What is installed, what each engine can do here, what is missing."),
        "completion": ("avatar.cli.completion:completion", "Print the completion script for your shell."),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order a person meets them."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name, or None."""
        if cmd_name not in self.commands_at:
            return None
        import importlib

        module, _, attribute = self.commands_at[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click does, with the nearest names when there is no such command."""
        if args and not args[0].startswith("-") and args[0] not in self.commands_at:
            raise NotFound.among("command", args[0], self.commands_at)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.commands_at.items()])


@click.command(
    cls=LazyGroup,
    example='avatar pipeline run "Hello, world." --output hello.mp4',
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="avatar")
def root() -> None:
    """Text and a reference recording become a lip-synced talking-head video in that voice."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code, and is the only place here that catches everything.

    0 done, 2 bad input, 3 not available here, 4 engine failed, 130 interrupted, 1 unexpected.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    wants_json = "--json" in arguments
    code = 0
    try:
        root.main(arguments, prog_name="avatar", standalone_mode=False)
    except AvatarError as error:
        code = _say(error, wants_json)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = InputError.exit_code
    except click.ClickException as error:
        code = _say(InputError(error.format_message(), _usage_hint(error)), wants_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: nothing half-made was left; the same command goes on where it stopped", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # who read our output has gone; Python would complain at exit
    except ImportError as error:
        code = _say(_lacking(error), wants_json) if _OPENED in str(error) else _unexpected(error, arguments, wants_json)
    except Exception as error:  # noqa: BLE001  the edge: a person gets a line and a file, never a traceback
        code = _unexpected(error, arguments, wants_json)
    return code


def _say(error: AvatarError, wants_json: bool) -> int:
    if wants_json:
        click.echo(
            json.dumps(
                {
                    "error": type(error).__name__,
                    "message": error.message,
                    "hint": error.hint,
                    "exit_code": error.exit_code,
                }
            )
        )
    click.echo(f"error: {_printable(error.message)}", err=True)
    if error.hint:
        click.echo(f"  {_printable(error.hint)}", err=True)
    return error.exit_code


def _printable(text: str) -> str:
    """One line, whatever a file name or a text brought along."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\n", " ")


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see: {context.command_path} --help" if context else "see: avatar --help"


_OPENED = "cannot open shared object file"


def _lacking(error: ImportError) -> BackendUnavailable:
    """A library that wheels expect of the system: those for drawing are absent from the smallest of them."""
    return BackendUnavailable(
        f"this system lacks the library {str(error).partition(':')[0]}",
        "Debian and Ubuntu have it in: apt install libegl1 libgl1; Fedora: dnf install libglvnd-egl libglvnd-glx",
    )


def _unexpected(error: Exception, arguments: list[str], wants_json: bool) -> int:
    import platform
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="avatar-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"avatar {__version__}, Python {platform.python_version()}, {platform.platform()}\n{arguments!r}\n\n")
        traceback.print_exception(error, file=log)
    unexpected = AvatarError(
        f"something unexpected went wrong: {type(error).__name__}: {error}", f"the details are in {log.name}"
    )
    _say(unexpected, wants_json)
    return UNEXPECTED
