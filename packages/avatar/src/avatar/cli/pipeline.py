"""avatar pipeline: text to mp4 in one command."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avatar.cli.delivery import delivery_options, given_delivery
from avatar.cli.looks import given_looks, looks_options
from avatar.cli.options import (
    FILE,
    SIZE,
    Command,
    Group,
    engine_options,
    face_option,
    given_text,
    json_option,
    likeness_option,
)

if TYPE_CHECKING:
    from avatar.pipeline import Request


NOT_OF_THE_REQUEST = {"as_json", "signer", "speech", "painter", "lipsync"}
"""Options of `pipeline run` that say how this machine works, not what is made."""


@click.group(cls=Group, example='avatar pipeline run "Hello, world." --output hello.mp4')
def pipeline() -> None:
    """Make videos: text and a voice in, mp4 out."""


@pipeline.command(
    cls=Command,
    example='avatar pipeline run @script.txt --voice me.wav --consent "Ada Lovelace, our product video" -o talk.mp4',
)
@click.argument("text", metavar="TEXT|-|@FILE", required=False)
@click.option("--audio", type=FILE, help="A recording that is the speech; TEXT is what is said in it, if known.")
@click.option("--voice", default="default", help="A voice of the library, or a recording to match (needs --consent).")
@click.option("--consent", help='Who agreed and what for: "Ada Lovelace, our product video".')
@click.option("--transcript", metavar="TEXT|@FILE", help="What is said in the recording; makes the match better.")
@likeness_option
@click.option("--prompt", default="", help="The presenter in words: 'a woman with grey hair and glasses, library'.")
@looks_options
@click.option("--portrait", help="A kept portrait, a PNG by `portrait generate`, or a photo, instead of a prompt.")
@face_option
@click.option("--seed", default=0, show_default=True, help="Another seed is another person with other habits.")
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    help="The video to write, .mp4, .webm or .gif; a still is put beside it.",
)
@click.option("--language", help="Language of the text, like en, de, pt-br.")
@delivery_options
@click.option("--size", type=SIZE, help="Width and height in pixels, both even.")
@click.option("--fps", type=click.IntRange(10, 60), help="Frames per second.")
@click.option(
    "--captions", metavar="KINDS", help="Any of srt,vtt (files), track (in the mp4), burn, highlight (drawn)."
)
@click.option("--label", default="", help="A line that stands in the corner: 'made with a synthetic voice'.")
@click.option("--no-cache", is_flag=True, help="Do every stage anew and keep none.")
@click.option("--keep-stages", is_flag=True, help="Leave sound, timings and portrait in a folder beside the video.")
@engine_options
@click.option("--signer", type=FILE, help="A folder with your key.pem and chain.pem to sign with.")
@json_option
def run(
    *, as_json: bool, signer: Path | None, speech: str | None, painter: str | None, lipsync: str | None, **given: Any
) -> None:
    """Make a video of TEXT: an illustrated presenter speaks it, in a voice matched to a recording.

    With --audio the presenter speaks that recording itself.
    """
    from avatar import pipeline as film
    from avatar import settings
    from avatar.cli import console

    request = given_request(**given)
    flags = {"signer": signer, "speech": speech, "painter": painter, "lipsync": lipsync}
    with film.open_studio(settings.load(flags)) as studio, console.progress(quiet=as_json) as on_progress:
        result = film.render(request, studio, on_progress)
    if as_json:
        console.print_json(result)
    else:
        console.print_card(result)


def given_request(
    *,
    text: str | None,
    audio: Path | None,
    voice: str,
    consent: str | None,
    transcript: str | None,
    likeness: float | None,
    prompt: str,
    spec: Path | None,
    background: Path | None,
    mood: str | None,
    portrait: str | None,
    face: int | None = None,
    seed: int,
    output: Path,
    language: str | None,
    rate: float,
    lexicon: Path | None,
    ssml: bool,
    size: tuple[int, int] | None,
    fps: int | None,
    captions: str | None,
    label: str,
    no_cache: bool,
    keep_stages: bool,
) -> "Request":
    """The request of `pipeline run`'s arguments, which `jobs submit` takes as well."""
    from avatar import pipeline as film
    from avatar.pipeline.titling import kinds_of

    _check_speech(text, audio, voice=voice, transcript=transcript, likeness=likeness)
    if portrait is not None and prompt:
        raise click.UsageError("give --prompt or --portrait, not both")
    if portrait is not None and (spec or background):
        raise click.UsageError("--spec and --background paint a new portrait: leave out --portrait")
    return film.Request(
        text=given_text(text or ""),
        audio=audio,
        output=output,
        delivery=given_delivery(rate, lexicon, ssml),
        voice=voice,
        consent=consent,
        transcript=None if transcript is None else given_text(transcript),
        likeness=likeness,
        prompt=prompt,
        portrait=portrait,
        face=face,
        given=given_looks(spec, background, mood),
        mood=mood,
        seed=seed,
        language=language,
        size=size,
        fps=fps,
        captions=kinds_of(captions),
        label=label,
        use_cache=not no_cache,
        keep_stages=keep_stages,
    )


def _check_speech(text: str | None, audio: Path | None, **voicing: object) -> None:
    """Refuse no speech at all, and options of a voice that will not speak."""
    if text is None and audio is None:
        raise click.UsageError("Missing argument 'TEXT|-|@FILE'.")
    given = [name for name, value in voicing.items() if value not in {None, "default"}]
    if audio is not None and given:
        raise click.UsageError(f"--audio is the speech itself: leave out --{given[0]}")
