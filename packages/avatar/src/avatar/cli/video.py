"""avatar video: a portrait speaks a recording; a video's facts."""

from pathlib import Path

import click

from avatar.cli.options import FILE, Command, Group, face_option, given_text, json_option


@click.group(cls=Group, example="avatar video info talk.mp4")
def video() -> None:
    """Make a portrait speak a recording; read a video's facts."""


@video.command(cls=Command, example="avatar video lipsync ada.png speech.wav -o talk.mp4")
@click.argument("portrait")
@click.argument("audio", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    help="The video to write, .mp4, .webm or .gif; a still is put beside it.",
)
@face_option
@click.option("--seed", default=0, show_default=True, help="Another seed is other habits of moving.")
@click.option("--text", default="", metavar="TEXT|@FILE", help="What is said; makes the lips exact.")
@click.option("--language", help="Language of the recording, like en, de, pt-br.")
@json_option
def lipsync(
    *, portrait: str, audio: Path, output: Path, face: int | None, seed: int, text: str, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Make PORTRAIT (a kept one, a PNG by `portrait generate`, or a photo) speak the sound in AUDIO."""
    from avatar import pipeline, settings
    from avatar.cli import console

    request = pipeline.DubRequest(portrait, audio, output, seed, given_text(text), language, face)
    with pipeline.open_studio(settings.load()) as studio, console.progress(quiet=as_json) as on_progress:
        result = pipeline.dub(request, studio, on_progress)
    if as_json:
        console.print_json(result)
    else:
        console.print_card(result)


@video.command(cls=Command, example="avatar video info talk.mp4 --json")
@click.argument("file", type=FILE)
@json_option
def info(file: Path, as_json: bool) -> None:
    """Print the facts of the video FILE."""
    from avatar.cli import console
    from avatar.codec import probe

    clip = probe(file)
    if as_json:
        console.print_json(clip)
    else:
        console.print_facts(clip.__dict__)
