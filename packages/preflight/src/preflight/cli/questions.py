"""The smaller questions: api, closure, cost, diff."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight.cli.options import FILE, Command, index_options, json_option, matrix_options
from preflight.errors import InputError

if TYPE_CHECKING:
    from preflight.audit import Tools
    from preflight.model import Plan, Report

ONE_CELL = "linux-x86_64"


def _opened(
    asked_packages: tuple[str, ...], *, as_of: str, python: str, offline: bool, url: str | None
) -> tuple["Plan", "Tools"]:
    from preflight.audit import Asked, make_plan, open_tools

    plan, stated = make_plan(Asked(asked_packages, pythons=python, platforms=ONE_CELL, as_of=as_of))
    return plan, open_tools(plan, url or stated, offline=offline)


@click.command(cls=Command, no_args_is_help=True, example="preflight api torchaudio.info")
@click.argument("name")
@click.option("--in", "distribution", default="", help="The package that brings it, when the names differ.")
@index_options
@json_option
def api(*, name: str, distribution: str, as_of: str, offline: bool, index_url: str | None, as_json: bool) -> None:
    """In which releases a name exists, when it went, and what its source said.

    Takes import names; looks at the first release of each of the newest two dozen minors.
    """
    from preflight.audit.api import api as look_up

    package = distribution or name.partition(".")[0]
    _, tools = _opened((package,), as_of=as_of, python="3.12", offline=offline, url=index_url)
    found = look_up(tools.facts, name, distribution)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(
        f"{found.name} of {found.distribution}: {found.status}"
        + (f" in {found.removed_in}" if found.removed_in else "")
    )
    for title, value in (
        ("present in", ", ".join(found.present_in)),
        ("set dynamically in", ", ".join(found.dynamic_in)),
        (f"announced in {found.announced_in}", found.announced),
        ("its source names instead", found.replacement),
        (
            "looked at",
            f"{len(found.looked_at)} releases, {found.looked_at[0]} to {found.looked_at[-1]}"
            if found.looked_at
            else "none",
        ),
    ):
        if value:
            click.echo(f"  {title}: {value}")


@click.command(cls=Command, no_args_is_help=True, example="preflight closure TTS.api --in TTS==0.22.0 --python 3.11")
@click.argument("module")
@click.option("--in", "requirement", required=True, metavar="REQUIREMENT", help="The package it is in: TTS==0.22.0.")
@click.option("--python", "python", default="3.12", show_default=True, help="The Python it is meant for.")
@index_options
@json_option
def closure(
    *, module: str, requirement: str, python: str, as_of: str, offline: bool, index_url: str | None, as_json: bool
) -> None:
    """Every third-party module that an import really needs, declared or not.

    Ends with the exact list for an install with --no-deps.
    """
    from preflight import settings
    from preflight.audit.closure import needed_by, one_graph
    from preflight.checks import Context
    from preflight.resolve import Resolver

    plan, tools = _opened((requirement,), as_of=as_of, python=python, offline=offline, url=index_url)
    graphs = Resolver(tools.facts, settings.environment()).graphs(plan.requirements, plan.cells, lambda _: None)
    found = needed_by(Context(plan, tools.facts, graphs), module, one_graph(plan, graphs))
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(
        f"import {found.module} of {found.distribution} {found.version} runs {found.modules_run} modules, and needs"
    )
    for need in found.needs:
        mark = "" if need.declared else "  NOT DECLARED"
        click.echo(
            f"  {need.kind:<8} {need.module:<24} {need.package or 'nothing resolved brings it'}{mark}  ({need.by})"
        )
    click.echo("\nfor --no-deps:\n  " + " \\\n  ".join(found.install))


@click.command(cls=Command, no_args_is_help=True, example='preflight cost TTS "numpy>=1.24" --python 3.10')
@click.argument("packages", nargs=-1, required=True)
@matrix_options
@index_options
@json_option
def cost(
    *,
    packages: tuple[str, ...],
    pythons: str,
    platforms: str,
    as_of: str,
    offline: bool,
    index_url: str | None,
    as_json: bool,
) -> int:
    """What resolving and installing a plan costs: a budget, not a stopwatch."""
    from preflight.audit import Asked, make_plan, open_tools
    from preflight.audit.cost import costs
    from preflight.audit.run import must_exist

    plan, stated = make_plan(Asked(packages, pythons=pythons or "3.12", platforms=platforms or ONE_CELL, as_of=as_of))
    tools = open_tools(plan, index_url or stated, offline=offline)
    must_exist(plan, tools.facts)
    found = costs(plan, tools.facts)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found]))
    for each in [] if as_json else found:
        click.echo(
            f"{each.cell}: " + (f"no resolution: {each.conflict}" if each.conflict else f"{each.packages} packages")
        )
        click.echo(f"  versions tried: {each.tried}" + (f"; the knot: {', '.join(each.knot)}" if each.knot else ""))
        click.echo(
            f"  to download: {each.bytes / 1e6:.0f} MB"
            + (f" and {each.unsized} files of unknown size" if each.unsized else "")
        )
        click.echo(f"  to build: {', '.join(each.sdists) or 'nothing'}")
        click.echo(f"  older than the newest: {', '.join(each.pushed_back) or 'none'}")
    return 1 if any(each.conflict for each in found) else 0


@click.command(cls=Command, no_args_is_help=True, example="preflight diff monday.json friday.json")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@json_option
def diff(*, old: Path, new: Path, as_json: bool) -> int:
    """What got worse between two JSON reports. Exit code 1 when something did."""
    from preflight.audit.diff import difference

    found = difference(_report(old), _report(new))
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
    for line in [] if as_json else found.worse:
        click.echo(f"worse  {line}")
    for mark, findings in () if as_json else (("new    ", found.new), ("gone   ", found.gone)):
        for each in findings:
            click.echo(f"{mark}{each.severity.upper()} {each.id} {each.message}")
    return 1 if found.worse or any(each.severity != "note" for each in found.new) else 0


def _report(path: Path) -> "Report":
    from preflight.model import Report

    try:
        return Report.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a report of preflight audit --format json: {type(error).__name__}") from error
