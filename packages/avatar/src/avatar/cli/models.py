"""avatar models: what can be fetched beside the packages, and fetching it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from avatar.cli.options import Command, Group, json_option


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
    if as_json:
        console.print_json({"models": rows})
        return
    for row in rows:
        state = "ready " if row["ready"] else "absent"
        click.echo(f"{state}  {row['name']}: {row['purpose']} ({row['size']}, {row['licence']})")


@models.command(cls=Command, example="avatar models pull face")
@click.argument("name")
@click.option("--again", is_flag=True, help="Fetch it even where it is.")
@json_option
def pull(name: str, again: bool, as_json: bool) -> None:
    """Fetch the model NAME, held against its hash; does nothing where it is whole."""
    from avatar import settings
    from avatar.cli import console
    from avatar.errors import NotFound

    if name not in MODELS:
        raise NotFound.among("model", name, MODELS)
    folder, fetched = MODELS[name].pull(settings.load().models, again)
    facts = {"name": name, "folder": str(folder), "fetched": fetched, "licence": MODELS[name].licence}
    console.print_done(f"{name} {'fetched to' if fetched else 'is there:'} {folder}", facts, as_json)
