"""avatar jobs: queue videos, and see what becomes of them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avatar.cli.options import FILE, Command, Group, json_option
from avatar.cli.pipeline import NOT_OF_THE_REQUEST, given_request
from avatar.cli.pipeline import run as pipeline_run

if TYPE_CHECKING:
    from avatar.jobs import Job, JobQueue

STATES = ("pending", "running", "completed", "failed", "cancelled")


@click.group(cls=Group, example='avatar jobs submit "Hello, world." --output hello.mp4')
def jobs() -> None:
    """Queue videos for workers to make; list, watch, cancel and resume them."""


def _queue_options(command: Any) -> Any:
    for option in (
        click.option("--webhook", help="Where to tell of the job's end; its host must be allowed (webhook_hosts)."),
        click.option("--deadline", type=float, help="Seconds from now after which the job has failed."),
        click.option("--priority", type=click.IntRange(1, 100), default=50, show_default=True, help="1 is done first."),
        click.option("--queue", default="cpu", show_default=True, help="cpu or gpu: which workers take it."),
        click.option("--key", help="Idempotency key: sent again with the same key it is the same job."),
    ):
        command = option(command)
    return command


@_queue_options
@json_option
def submit(*, as_json: bool, key: str | None, queue: str, priority: int, deadline: float | None, webhook: str | None,
           **given: Any) -> None:  # fmt: skip
    """Queue a video of TEXT. The arguments are those of `avatar pipeline run`; files are copied into the job.

    The video is put into the job's folder under the name of --output; `jobs status` says where.
    """
    from avatar.cli import console
    from avatar.jobs import webhook as hooks

    with _opened() as all_jobs:
        if webhook is not None:
            hooks.check(all_jobs.settings, webhook)
        job = all_jobs.submit(
            given_request(**given), key=key, queue=queue, priority=priority, seconds=deadline, webhook=webhook
        )
    console.print_done(f"{job.id}; see it made: avatar jobs watch {job.id}", asdict(job), as_json)


def _submit_command() -> click.Command:
    own = click.command(cls=Command, example='avatar jobs submit "Hello, world." --output hello.mp4')(submit)
    given = [param for param in pipeline_run.params if param.name not in NOT_OF_THE_REQUEST]
    own.params = [*given, *own.params]
    return own


jobs.add_command(_submit_command(), "submit")


@jobs.command(cls=Command, example="avatar jobs batch talks.csv")
@click.argument("file", type=FILE)
@click.option("--queue", default="cpu", show_default=True, help="cpu or gpu: which workers take them.")
@click.option("--priority", type=click.IntRange(1, 100), default=50, show_default=True, help="1 is done first.")
@json_option
def batch(file: Path, queue: str, priority: int, as_json: bool) -> None:
    """Queue a video for each row of FILE: .csv with a header, or .jsonl.

    Columns: text, output, and any of voice, consent, prompt, portrait, seed, language, size, fps, captions, label, key.
    Nothing is queued unless every row can be.
    """
    from avatar.cli import console
    from avatar.jobs.batch import check, read

    rows = read(file)
    with _opened() as all_jobs:
        check(rows, all_jobs)
        made = [all_jobs.submit(row.request, key=row.key, queue=queue, priority=priority) for row in rows]
    console.print_done(f"{len(made)} jobs are queued", {"jobs": [job.id for job in made]}, as_json)


@jobs.command("list", cls=Command, example="avatar jobs list --state running")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@click.option("--offset", type=click.IntRange(0), default=0, show_default=True, help="After how many newer ones.")
@json_option
def list_(state: Any, limit: int, offset: int, as_json: bool) -> None:
    """List jobs, the newest first."""
    from avatar.cli import console

    with _opened() as all_jobs:
        found = all_jobs.jobs(state=state, limit=limit, offset=offset)
    if as_json:
        console.print_json({"jobs": [asdict(job) for job in found]})
        return
    for job in found:
        click.echo(_line(job))
    if not found:
        click.echo("none; queue one: avatar jobs submit 'Hello, world.' --output hello.mp4")


@jobs.command(cls=Command, example="avatar jobs status job-019ab3")
@click.argument("job")
@json_option
def status(job: str, as_json: bool) -> None:
    """Say how far JOB is, and where its video is."""
    from avatar.cli import console

    with _opened() as all_jobs:
        found = all_jobs.get(job)
        folder = all_jobs.folder(job).result
    if as_json:
        console.print_json(asdict(found) | {"folder": str(folder)})
        return
    click.echo(_line(found))
    if found.result:
        click.echo(f"video  {folder / found.result['output']}")
    if found.error:
        click.echo(f"error  {found.error.message}\n       {found.error.hint}")


@jobs.command(cls=Command, example="avatar jobs watch job-019ab3")
@click.argument("job")
@json_option
def watch(job: str, as_json: bool) -> None:
    """Follow JOB to its end, a line for each event. Exit code 0 where it was completed, else that of its error."""
    from avatar.cli import console

    with _opened() as all_jobs:
        for event in all_jobs.watch(job):
            if as_json:
                console.print_json(event)
            else:
                click.echo(" ".join([event.type, *(f"{value}" for value in event.data.values())]))
        ended = all_jobs.get(job)
    if ended.state != "completed":
        raise SystemExit(ended.error.exit_code if ended.error else 1)


@jobs.command(cls=Command, example="avatar jobs cancel job-019ab3")
@click.argument("job")
@json_option
def cancel(job: str, as_json: bool) -> None:
    """Stop JOB. What it has finished is kept: `jobs resume` goes on from there."""
    with _opened() as all_jobs:
        _say(all_jobs.cancel(job), as_json)


@jobs.command(cls=Command, example="avatar jobs resume job-019ab3")
@click.argument("job")
@json_option
def resume(job: str, as_json: bool) -> None:
    """Go on with JOB, cancelled or failed, where it stopped."""
    with _opened() as all_jobs:
        _say(all_jobs.resume(job), as_json)


@jobs.command(cls=Command, example="avatar jobs stats --json")
@json_option
def stats(as_json: bool) -> None:
    """Count the jobs in each state."""
    from avatar.cli import console

    with _opened() as all_jobs:
        counts = all_jobs.stats()
    if as_json:
        console.print_json(counts)
    else:
        console.print_facts(dict(counts))


@jobs.command(cls=Command, example="avatar jobs prune --keep-days 7")
@click.option("--keep-days", type=float, help="Remove what ended longer ago.  [default: the setting jobs_keep_days]")
@click.option("--limit-mb", type=int, help="Then the oldest, until the rest fits.  [default: jobs_limit_mb]")
@json_option
def prune(keep_days: float | None, limit_mb: int | None, as_json: bool) -> None:
    """Remove jobs that have ended, with their videos, by age and by size."""
    from avatar.cli import console

    with _opened() as all_jobs:
        gone = all_jobs.prune(keep_days, limit_mb)
    console.print_done(f"removed {len(gone)} jobs", {"removed": gone}, as_json)


def _opened() -> "JobQueue":
    from avatar import settings
    from avatar.jobs import JobQueue

    return JobQueue(settings.load())


def _line(job: "Job") -> str:
    from datetime import datetime

    when = datetime.fromtimestamp(job.created_at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    stage = f"  {job.stage} {job.progress:.0%}" if job.state == "running" and job.stage else ""
    return f"{job.id}  {job.state:<9}  {when}  {job.kind}{stage}"


def _say(job: "Job", as_json: bool) -> None:
    from avatar.cli import console

    console.print_done(_line(job), asdict(job), as_json)
