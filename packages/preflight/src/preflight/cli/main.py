"""The root command, and the one place where the command line catches errors."""

import json
import sys
import traceback
from collections.abc import Sequence
from typing import ClassVar

import click

from preflight import __version__
from preflight.cli.options import Group
from preflight.errors import InputError, NotFound, PreflightError

UNEXPECTED = 1
INTERRUPTED = 130


class LazyGroup(Group):
    """A group whose commands are imported when they are asked for by name.

    One table: command -> (module and attribute, its line in the help). So `preflight --help` loads Click alone.
    """

    commands_at: ClassVar[dict[str, tuple[str, str]]] = {
        "audit": ("preflight.cli.audit:audit", "Audit a plan: packages, requirements files or a project."),
        "api": ("preflight.cli.questions:api", "In which releases a name exists, when it went, what was said of it."),
        "closure": ("preflight.cli.questions:closure", "Every third-party module that an import really needs."),
        "cost": ("preflight.cli.questions:cost", "Candidates, builds, bytes, the knot: a budget."),
        "smoke": ("preflight.cli.hands:smoke", "Install and import in throwaway environments. Runs foreign code."),
        "init": ("preflight.cli.hands:init", "Write the matrix, a smoke test and a hook for this project."),
        "diff": ("preflight.cli.questions:diff", "What got worse since the last audit."),
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
    example="preflight audit torch TTS diffusers --python 3.11-3.13",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="preflight", message="%(prog)s %(version)s")
def root() -> None:
    """Audits dependencies while planning, before code is written.

    Exit codes: 0 fine, 1 findings at or over --fail-on, 2 usage, 3 could not check enough to answer.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code, and is the only place here that catches everything."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    wants_json = "--json" in arguments or "json" in arguments
    code = 0
    try:
        result = root.main(arguments, prog_name="preflight", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except PreflightError as error:
        code = _say(error, wants_json)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = InputError.exit_code
    except click.ClickException as error:
        code = _say(InputError(error.format_message(), _usage_hint(error)), wants_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: what was read is kept, and the same command goes on from there", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # who read our output has gone; Python would complain at exit
    except Exception as error:  # noqa: BLE001  the edge: a person gets a line and a file, never a traceback
        code = _unexpected(error, arguments, wants_json)
    return code


def _say(error: PreflightError, wants_json: bool) -> int:
    if wants_json:
        plain = {
            "error": type(error).__name__,
            "message": error.message,
            "hint": error.hint,
            "exit_code": error.exit_code,
        }
        click.echo(json.dumps(plain))
    click.echo(f"error: {_printable(error.message)}", err=True)
    if error.hint:
        click.echo(f"  {_printable(error.hint)}", err=True)
    return error.exit_code


def _printable(text: str) -> str:
    """One line, whatever a file name or an index brought along."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\n", " ")


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see: {context.command_path} --help" if context else "see: preflight --help"


def _unexpected(error: Exception, arguments: list[str], wants_json: bool) -> int:
    import platform
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="preflight-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"preflight {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        log.write(f"{[word for word in arguments if '://' not in word]!r}\n\n")  # an address may hold a password
        traceback.print_exception(error, file=log)
    unexpected = PreflightError(
        f"something unexpected went wrong: {type(error).__name__}", f"the details are in {log.name}"
    )
    _say(unexpected, wants_json)
    return UNEXPECTED
