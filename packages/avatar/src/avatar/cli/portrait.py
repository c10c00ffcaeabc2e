"""avatar portrait: generate, sheet, list, delete; photos: `cli.photos`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from avatar.cli.looks import given_looks, looks_options
from avatar.cli.options import FILE, SIZE, Command, Group, json_option
from avatar.cli.photos import add, detect


@click.group(cls=Group, example="avatar portrait generate 'a woman with grey hair and glasses' -o ada.png")
def portrait() -> None:
    """Make portraits from words or photos, list and delete them."""


portrait.add_command(detect)
portrait.add_command(add)


@portrait.command(cls=Command, example="avatar portrait generate 'a man with a beard, library' --seed 7 -o man.png")
@click.argument("prompt", default="")
@click.option("--seed", default=0, show_default=True, help="Another seed is another person.")
@click.option("-o", "--output", type=FILE, help="The PNG to write; it can be animated as it is.")
@click.option("--name", help="Keep it in the library under this name.")
@click.option("--size", type=SIZE, help="Width and height in pixels.")
@looks_options
@click.option("--spec-out", type=FILE, help="Write all that was chosen here, as JSON to change and give back.")
@json_option
def generate(
    *,
    prompt: str,
    seed: int,
    output: Path | None,
    name: str | None,
    size: tuple[int, int] | None,
    spec: Path | None,
    background: Path | None,
    mood: str | None,
    spec_out: Path | None,
    as_json: bool,
) -> None:
    """Paint the person PROMPT describes."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.codec import write_picture
    from avatar.pipeline import sealing

    if output is None and name is None and spec_out is None:
        raise click.UsageError("say where it goes: -o FILE.png, --name NAME, --spec-out FILE.json")
    given = given_looks(spec, background, mood)
    with pipeline.open_studio(settings.load()) as studio:
        if name is not None:
            studio.library.check_new_portrait(name)
        painted, warnings = pipeline.paint(studio, prompt, seed, size, pipeline.Silent(), given=given)
        kept = replace(painted, name=name or "")
        if output is not None:
            write_picture(kept.image, output, pipeline.picture_text(kept))
            sealing.sealing(studio, sealing.painted(kept.backend))(output, output.name)
        if name is not None:
            studio.library.add_portrait(kept)
    if spec_out is not None:
        _write_spec(kept.parameters, spec_out)
    if as_json:
        facts = {"output": str(output) if output else None, "name": name, "prompt": prompt, "seed": seed}
        console.print_json(facts | {"parameters": dict(kept.parameters), "warnings": warnings})
        return
    written = [str(path) for path in (output, spec_out) if path is not None]
    click.echo(" and ".join([*written, *([f"kept as {name}"] if name else [])]))
    console.print_warnings(warnings)


def _write_spec(parameters: Mapping[str, Any], path: Path) -> None:
    import json

    from avatar.codec.publish import publish

    looks = {key: value for key, value in parameters.items() if key not in ("unknown_words", "notes")}
    with publish(path) as part:
        part.write_text(json.dumps(looks, indent=2) + "\n", "utf-8")


@portrait.command(cls=Command, example="avatar portrait sheet 'a woman in a blazer' --seeds 24 -o sheet.png")
@click.argument("prompt", default="")
@click.option("--seeds", type=click.IntRange(1, 200), default=24, show_default=True, help="How many people.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("-o", "--output", type=FILE, required=True, help="The PNG to write.")
@click.option("--columns", type=click.IntRange(1, 20), default=6, show_default=True, help="Pictures in a row.")
@looks_options
@json_option
def sheet(
    *,
    prompt: str,
    seeds: int,
    first: int,
    output: Path,
    columns: int,
    spec: Path | None,
    background: Path | None,
    mood: str | None,
    as_json: bool,
) -> None:
    """Paint PROMPT with many seeds, side by side, to choose from."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.codec import write_picture
    from avatar.pipeline import sealing

    given = given_looks(spec, background, mood)
    with pipeline.open_studio(settings.load()) as studio:
        picture, warnings = pipeline.sheet(studio, prompt, range(first, first + seeds), columns, given)
        write_picture(picture, output)
        sealing.sealing(studio, sealing.painted(studio.painter.name))(output, output.name)
    if as_json:
        console.print_json({"output": str(output), "seeds": list(range(first, first + seeds)), "warnings": warnings})
        return
    click.echo(str(output))
    console.print_warnings(warnings)


@portrait.command("list", cls=Command, example="avatar portrait list")
@json_option
def list_(as_json: bool) -> None:
    """List the kept portraits."""
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio:
        names = studio.library.portraits()
    if as_json:
        console.print_json({"portraits": names})
    else:
        click.echo("\n".join(names) or "none yet; keep one: avatar portrait generate 'a friendly man' --name bo")


@portrait.command(cls=Command, example="avatar portrait delete ada")
@click.argument("name")
@json_option
def delete(name: str, as_json: bool) -> None:
    """Delete the portrait NAME."""
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio:
        studio.library.delete_portrait(name)
    console.print_done(f"deleted {name}", {"deleted": name}, as_json)
