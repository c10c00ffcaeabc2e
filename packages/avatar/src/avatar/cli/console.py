"""What a person sees: a progress bar while work goes on, a card when it is done, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from avatar import pipeline
from avatar.provenance.signing import Signed

_TITLES = {
    "voice": "learning the voice",
    "speech": "speaking",
    "alignment": "listening",
    "portrait": "painting",
    "video": "filming",
}


def print_json(value: Any) -> None:
    """One JSON object on standard output. Dataclasses become objects, paths strings."""
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    click.echo(json.dumps(plain, ensure_ascii=True, default=str))


def print_warnings(warnings: tuple[str, ...]) -> None:
    """Each warning as a line on standard error."""
    for warning in warnings:
        click.echo(f"note: {warning}", err=True)


def _console(*, stderr: bool = False) -> Console:
    """Prints what it is given: a file's name or a hint with brackets or colons in it is neither markup nor an emoji."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


class Bar:
    """Shows each stage of a run as a line with a bar, on a terminal."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, fraction: float) -> None:
        """Move the stage's bar to that fraction."""
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(_TITLES.get(stage, stage), total=1.0)
        self._bars.update(self._tasks[stage], completed=fraction)


class Lines:
    """Says each stage once, for logs and pipes."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, stage: str, fraction: float) -> None:
        """Say the stage when it begins."""
        if stage not in self._said:
            self._said.add(stage)
            click.echo(_TITLES.get(stage, stage) + " ...", err=True)


@contextmanager
def progress(quiet: bool) -> Iterator[pipeline.Progress]:
    """What to give the pipeline as its Progress: nothing, lines, or bars, as standard error can show them."""
    if quiet:
        yield pipeline.Silent()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        columns = TextColumn("{task.description:<19}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%")
        with Progress(*columns, TimeElapsedColumn(), console=_console(stderr=True)) as bars:
            yield Bar(bars)


def can_ask() -> bool:
    """Whether a person sits before it: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


@contextmanager
def fetching(quiet: bool) -> Iterator[tuple[Callable[[str], None], Callable[[str, int, int], None]]]:
    """Where lines and bytes of a long set-up go: nowhere, to lines, or to a bar for each file."""
    if quiet:
        yield lambda _line: None, lambda _path, _so_far, _total: None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=_console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, TaskID] = {}

        def on_bytes(path: str, so_far: int, total: int) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(path, total=total)
            bars.update(tasks[path], completed=so_far)

        yield lambda line: bars.console.print(line, soft_wrap=True), on_bytes


def print_card(result: pipeline.Result) -> None:
    """The short card at the end of a run."""
    console = _console()
    card = Table(title=None, show_header=False, box=None, padding=(0, 2, 0, 0))
    card.add_column(style="bold")
    card.add_column()
    card.add_row("video", f"{result.output}  ({result.width}x{result.height}, {result.fps:g} fps)")
    card.add_row("length", f"{result.duration_s:.1f} s")
    speed = 1 / max(result.real_time_factor, 1e-6)
    card.add_row("real-time factor", f"{result.real_time_factor:.2f}  ({speed:.1f} times as fast as it plays)")
    seconds = ", ".join(
        f"{record.name} {record.seconds:.1f} s" + (" (kept)" if record.cached else "") for record in result.stages
    )
    card.add_row("stages", seconds)
    card.add_row("engines", _engines(result))
    if result.voice is not None:
        card.add_row("voice", _voice(result.voice))
    card.add_row("signed", signature(result.provenance))
    console.print(card)
    print_warnings(result.warnings)


def signature(signed: Signed) -> str:
    """Who signed, or why nobody did."""
    return f"by {signed.by}" if signed.signed else f"unsigned: {signed.why}"


def _engines(result: pipeline.Result) -> str:
    speech = f"speech {result.voice.backend}, " if result.voice else ""
    return f"{speech}portrait {result.portrait['backend']}, lips {result.lipsync.backend} by {result.lipsync.timing}"


def _voice(voice: pipeline.VoiceUse) -> str:
    if voice.requested == voice.used:
        return voice.used
    likeness = "likeness not measured" if voice.similarity is None else f"likeness {voice.similarity:.2f}"
    return f"matched to {voice.requested} ({likeness})"


def print_facts(facts: dict[str, Any]) -> None:
    """Name and value of each fact, a line each; what is nested is indented."""
    for name, value in facts.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for inner, detail in value.items():
                click.echo(f"  {inner}: {detail}")
        else:
            click.echo(f"{name}: {value}")


def print_done(line: str, facts: dict[str, Any], as_json: bool) -> None:
    """The end of a command that has little to say."""
    if as_json:
        print_json(facts)
    else:
        click.echo(line)
