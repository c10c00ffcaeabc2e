"""avatar verify: whether a file is as it was signed."""

from pathlib import Path

import click

from avatar.cli.options import FILE, Command, json_option


@click.command(cls=Command, example="avatar verify talk.mp4")
@click.argument("file", type=FILE)
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Say whether FILE is as it was signed, by whom, and by which consent. Exit code 5: it is not; 6: unsigned."""
    from avatar import provenance
    from avatar.cli import console

    report = provenance.verify(file)
    if as_json:
        console.print_json(report)
        return
    trust = "" if report.trusted else "  (a name it gave itself: its certificate is on no list of trusted signers)"
    if report.expired:
        trust = "  (whose certificate is not valid today)"
    click.echo(f"{file} is as it was signed\nby       {report.by}{trust}")
    click.echo(f"source   {report.source}\nconsent  {report.consent or 'none was needed'}")
    for ingredient in report.making.get("ingredients", []):
        click.echo(f"from     {ingredient['role']} {ingredient['sha256']}")
