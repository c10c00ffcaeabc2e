"""avatar worker: makes the videos that are queued."""

import click

from avatar.cli.options import Command, Group


@click.group(cls=Group, example="avatar worker start")
def worker() -> None:
    """Make the videos that are queued."""


@worker.command(cls=Command, example="avatar worker start --concurrency 2")
@click.option("--queues", default="cpu", show_default=True, help="Which queues to take from: cpu, gpu or cpu,gpu.")
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Videos at once; the last worker to start says it for all.",
)  # fmt: skip
def start(queues: str, concurrency: int) -> None:
    """Take jobs until told to stop (Ctrl-C, SIGTERM). What was running then is taken over by another worker."""
    import signal
    import threading

    from avatar import settings
    from avatar.errors import NotFound
    from avatar.jobs import database
    from avatar.jobs.model import QUEUES

    names = tuple(dict.fromkeys(part.strip() for part in queues.split(",") if part.strip()))
    for name in names or ("",):
        if name not in QUEUES:
            raise NotFound.among("queue", name, QUEUES)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    chosen = settings.load()
    try:
        from avatar.jobs import worker as work
    except ImportError as error:
        raise database.needs_extra(error) from error
    running = work.run(chosen, names, concurrency)
    click.echo(f"worker {running.name} takes jobs from {', '.join(names)}; stop it with Ctrl-C", err=True)
    while not stop.wait(1.0):
        pass
    running.stop()
    _exit_now()


def _exit_now() -> None:
    """Without waiting for DBOS's threads, which would go on with what was just stopped."""
    import os
    import sys

    sys.stderr.flush()
    os._exit(0)
