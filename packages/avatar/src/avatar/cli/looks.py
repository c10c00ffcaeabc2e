"""What may be said of a presenter besides the prompt, read from files for several commands."""

import json
from pathlib import Path
from typing import Any

import click

from avatar.cli.options import FILE, F

MOODS = ("neutral", "warm", "serious", "excited")


def looks_options(command: F) -> F:
    """--spec, --background and --mood."""
    command = click.option("--mood", type=click.Choice(MOODS), help="How the presenter moves and smiles.")(command)
    command = click.option("--background", type=FILE, help="A picture of your own behind the presenter.")(command)
    return click.option("--spec", type=FILE, help="Looks to keep, as JSON by `portrait generate --spec-out`.")(command)


def given_looks(spec: Path | None, background: Path | None, mood: str | None) -> dict[str, Any]:
    """Portrait parameters that are settled, as a painter takes them."""
    given = {} if spec is None else _read(spec)
    if background is not None:
        given |= {"background": "picture", "background_picture": _packed(background)}
    return given if mood is None else given | {"mood": mood}


def _read(path: Path) -> dict[str, Any]:
    from avatar.errors import InputError

    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} holds no portrait's looks", "write one: avatar portrait generate --spec-out FILE")
    return dict(found)


def _packed(path: Path) -> str:
    """The picture as base64 of a JPEG, no larger than a full HD frame needs."""
    import base64

    import cv2

    from avatar.codec import read_picture

    picture = read_picture(path)
    k = min(1.0, max(1920 / picture.shape[1], 1080 / picture.shape[0]))
    if k < 1:
        picture = cv2.resize(picture, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    return base64.b64encode(jpeg.tobytes()).decode()
