"""`preflight audit`."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from preflight.cli.options import FILE, Command, index_options, matrix_options


@click.command(
    cls=Command,
    no_args_is_help=True,
    example="preflight audit TTS==0.22.0 torchaudio --python 3.10-3.14 \\\n"
    "    --uses torchaudio.info,torchaudio.load --as-of 2026-02-05",
)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option("-r", "--requirement", "files", multiple=True, type=FILE, help="A requirements file; may be repeated.")
@click.option("--project", type=FILE, help="A folder: its requirements, and the imports and calls in its code.")
@matrix_options
@click.option("--uses", default="", metavar="NAMES", help="Dotted names the plan will import or call, with commas.")
@click.option("--no-deps", is_flag=True, help="The plan installs with --no-deps: find what will be missing.")
@index_options
@click.option("--fail-on", type=click.Choice(["red", "yellow", "never"]), default="red", show_default=True)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown", "sarif"]), default="text", show_default=True
)
@click.option("--every", is_flag=True, help="Show every note.")
@click.option("--refresh", is_flag=True, help="Do the audit again, even if its answer is kept.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing while working.")
def audit(
    *,
    packages: tuple[str, ...],
    files: tuple[Path, ...],
    project: Path | None,
    pythons: str,
    platforms: str,
    uses: str,
    no_deps: bool,
    as_of: str,
    offline: bool,
    index_url: str | None,
    fail_on: str,
    form: str,
    every: bool,
    refresh: bool,
    quiet: bool,
) -> int:
    """Audit a plan before it is built.

    Says for every Python and platform whether the packages resolve, install and have what the plan calls.
    Nothing of an audited package is built or run.
    """
    from preflight.audit import Asked, audited, exit_code

    asked = Asked(packages, files, project, pythons, platforms, uses, as_of, no_deps)
    report = audited(asked, _progress(quiet), index_url=index_url, offline=offline, refresh=refresh)
    if form == "text":
        from rich.console import Console

        from preflight.report.text import print_report

        print_report(report, Console(highlight=False, soft_wrap=not sys.stdout.isatty()), every=every)
    else:
        from preflight.report import FORMATS

        click.echo(FORMATS[form](report))
    return exit_code(report, fail_on)


def _progress(quiet: bool) -> Callable[[str], None]:
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda step: click.echo(f"\r\033[K{step} ...", err=True, nl=False)
