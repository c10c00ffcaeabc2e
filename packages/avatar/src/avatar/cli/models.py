"""avatar models: what can be fetched beside the packages, and fetching it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from avatar.cli.options import Command, Group, json_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from avatar.pipeline.neural import Standing


@dataclass(frozen=True)
class Model:
    """One line of the table: what it is for, how large, its licence, and how to find and fetch it below a folder.

    `find` returns the model's folder or raises BackendUnavailable; `pull` returns it and whether it came just now.
    """

    purpose: str
    size: str
    licence: str
    find: Callable[[Path], Path]
    pull: Callable[[Path, bool], tuple[Path, bool]]


def _face_ready(root: Path) -> Path:
    from avatar.engine.faces.pull import ready

    return ready(root)


def _face_pull(root: Path, again: bool) -> tuple[Path, bool]:
    from avatar.engine.faces.pull import pull

    return pull(root, again=again)


MODELS: dict[str, Model] = {
    "face": Model(
        "faces in photos: portrait detect, portrait add, --portrait photo.jpg", "36 MB to fetch, 4 MB to keep",
        "Apache-2.0", _face_ready, _face_pull,
    ),
}  # fmt: skip


@click.group(cls=Group, example="avatar models pull face")
def models() -> None:
    """List and fetch models; nothing is fetched unasked."""


@models.command("list", cls=Command, example="avatar models list --json")
@json_option
def list_(as_json: bool) -> None:
    """List the models: what each is for, and whether it is here."""
    from avatar import settings
    from avatar.cli import console
    from avatar.errors import AvatarError

    root, rows = settings.load().models, []
    for name, model in MODELS.items():
        row: dict[str, object] = {
            "name": name,
            "purpose": model.purpose,
            "size": model.size,
            "licence": model.licence,
            "why": "",
        }
        try:
            rows.append(row | {"ready": True, "folder": str(model.find(root))})
        except AvatarError as error:
            rows.append(row | {"ready": False, "folder": None, "why": error.message})
    neural = [standing.to_json() for standing in _standings()]
    if as_json:
        console.print_json({"models": rows, "backends": neural})
        return
    for row in rows:
        state = "ready " if row["ready"] else "absent"
        click.echo(f"{state}  {row['name']}: {row['purpose']} ({row['size']}, {row['licence']})")
    for each in neural:
        state = "ready " if each["ready"] else "absent"
        click.echo(f"{state}  {each['name']}: {each['summary']} ({each['megabytes']} MB, {each['licence']})")


@models.command(cls=Command, example="avatar models pull face")
@click.argument("name")
@click.option("--again", is_flag=True, help="Hold what is here against its hashes and fetch anew what differs.")
@click.option("--accept-licence", is_flag=True, help="Take weights that forbid commercial use.")
@json_option
def pull(name: str, again: bool, accept_licence: bool, as_json: bool) -> None:
    """Fetch the model NAME, or set up the neural backend NAME; does nothing where it is whole.

    A backend gets an environment of its own, built from its lock, and its weights, held against their hashes.
    """
    from avatar import settings
    from avatar.cli import console

    if name not in MODELS:
        _set_up(name, again=again, accept=accept_licence, as_json=as_json)
        return
    folder, fetched = MODELS[name].pull(settings.load().models, again)
    facts = {"name": name, "folder": str(folder), "fetched": fetched, "licence": MODELS[name].licence}
    console.print_done(f"{name} {'fetched to' if fetched else 'is there:'} {folder}", facts, as_json)


@models.command(cls=Command, example="avatar models verify musetalk")
@click.argument("name")
@json_option
def verify(name: str, as_json: bool) -> None:
    """Hold every file of the backend NAME against the hash it was pulled with."""
    from avatar import settings
    from avatar.cli import console
    from avatar.errors import AvatarError
    from avatar.pipeline import neural

    _check_backend(name)
    wrong = neural.verify(name, settings.load())
    if wrong:
        raise AvatarError("; ".join(wrong), f"fetch it again: avatar models pull {name} --again")
    console.print_done(f"{name} is whole", {"name": name, "wrong": []}, as_json)


@models.command(cls=Command, example="avatar models remove sdxl")
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Delete the environment and the weights of the backend NAME, but for those another backend uses."""
    from avatar import settings
    from avatar.cli import console
    from avatar.pipeline import neural

    _check_backend(name)
    freed = neural.remove(name, settings.load())
    console.print_done(f"{name} removed, {freed / 1e9:.2f} GB freed", {"name": name, "freed_bytes": freed}, as_json)


def _standings() -> list[Standing]:
    from avatar import settings
    from avatar.pipeline import neural

    return neural.standings(settings.load())


def _check_backend(name: str) -> None:
    """Raise NotFound with the nearest of everything that can be pulled."""
    from avatar.errors import NotFound
    from avatar.workers.manifest import shipped

    known = shipped()
    if name not in known:
        raise NotFound.among("model", name, [*MODELS, *known])


def _set_up(name: str, *, again: bool, accept: bool, as_json: bool) -> None:
    from avatar import settings
    from avatar.cli import console
    from avatar.pipeline import neural

    _check_backend(name)
    chosen = settings.load()
    if not accept and not as_json and neural.must_be_accepted(name) and console.can_ask():
        click.echo("\n".join(neural.licences(name)), err=True)
        accept = click.confirm("Accept this licence?", err=True)
    for line in neural.forget_wrong(name, chosen) if again else ():
        click.echo(line, err=True)
    with console.fetching(quiet=as_json) as (on_line, on_bytes):
        standing = neural.set_up(name, chosen, accept=accept, on_line=on_line, on_bytes=on_bytes)
    state = "is ready" if standing.ready else f"is not ready: {standing.why}"
    console.print_done(f"{name} {state}", standing.to_json(), as_json)
