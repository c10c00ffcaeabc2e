"""avatar portrait detect and add: photos."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avatar.cli.options import FILE, Command, face_option, json_option

if TYPE_CHECKING:
    from avatar.engine.faces import Face


@click.command(cls=Command, example="avatar portrait detect photo.jpg -o faces.png")
@click.argument("image", type=FILE)
@click.option("-o", "--output", type=FILE, help="A PNG to write: the photo with the faces drawn into it.")
@json_option
def detect(image: Path, output: Path | None, as_json: bool) -> None:
    """Say which faces IMAGE shows, how they are turned, and whether they could speak."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.codec import write_picture
    from avatar.errors import InputError

    with pipeline.open_studio(settings.load()) as studio:
        seen = pipeline.look(image, studio)
    if output is not None:
        from avatar.engine.faces.drawing import drawn

        write_picture(drawn(seen.image, seen.faces), output)
    height, width = seen.image.shape[:2]
    if as_json:
        faces = [{"number": i} | face.to_json() for i, face in enumerate(seen.faces, 1)]
        console.print_json({"image": str(image), "width": width, "height": height, "notes": seen.notes, "faces": faces})
    else:
        for i, face in enumerate(seen.faces, 1):
            click.echo(f"face {i}: {_line(face)}")
        console.print_warnings(seen.notes)
    if not seen.faces:
        raise InputError(f"no human face is found in {image}", "give a photo in which a face looks at the viewer")


def _line(face: "Face") -> str:
    x, y, w, h = (round(v) for v in face.box)
    facts = [
        f"{w}x{h} at {x},{y}",
        f"turned {face.yaw:+.0f}, {face.pitch:+.0f}, {face.roll:+.0f} degrees (yaw, pitch, roll)",
        f"sharpness {face.sharpness:.2f}",
        "mouth " + ("open" if face.is_open else "closed"),
        *([f"perhaps {', '.join(face.hints)}"] if face.hints else []),
    ]
    verdict = f"cannot speak: {face.refused}" if face.refused else "fit to speak"
    return "; ".join([*facts, verdict, *face.doubts])


@click.command(cls=Command, example='avatar portrait add ada photo.jpg --consent "Ada Lovelace, our product videos"')
@click.argument("name")
@click.argument("image", type=FILE)
@click.option("--consent", help='Who is in the photo and what they agreed to: "Ada Lovelace, our product video".')
@face_option
@json_option
def add(name: str, image: Path, consent: str | None, face: int | None, as_json: bool) -> None:
    """Keep the photo IMAGE as the portrait NAME, to be made to speak."""
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio:
        kept = pipeline.add_photo(studio, name, image, consent, face)
    notes = tuple(kept.parameters["notes"])
    height, width = kept.image.shape[:2]
    facts: dict[str, Any] = {"name": name, "image": str(image), "width": width, "height": height, "notes": notes}
    console.print_done(f"kept {image} as {name}", facts, as_json)
    if not as_json:
        console.print_warnings(notes)
