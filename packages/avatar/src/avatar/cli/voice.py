"""avatar voice: learn, speak, list, show, delete."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from avatar.cli.delivery import delivery_options, given_delivery
from avatar.cli.options import FILE, Command, Group, given_text, json_option, likeness_option


@click.group(cls=Group, example='avatar voice clone me.wav --name me --consent "Ada Lovelace, our product video"')
def voice() -> None:
    """Learn voices from recordings, speak with them, list and delete them."""


@voice.command(
    cls=Command, example='avatar voice clone me.wav --name me --consent "Ada Lovelace, narrating our videos"'
)
@click.argument("recording", type=FILE)
@click.option("--name", required=True, help="What to call the voice: a-z, 0-9, - and _.")
@click.option("--consent", help='Who agreed and what for: "Ada Lovelace, narrating our videos". Required.')
@click.option("--transcript", metavar="TEXT|@FILE", help="What is said in the recording; makes the match better.")
@likeness_option
@json_option
def clone(
    *, recording: Path, name: str, consent: str | None, transcript: str | None, likeness: float | None, as_json: bool
) -> None:
    """Learn a voice from RECORDING: 3 to 60 seconds of one person speaking."""
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio, console.progress(quiet=as_json) as on_progress:
        learnt, warnings = pipeline.learn_voice(
            studio,
            recording,
            name,
            consent=consent,
            transcript=None if transcript is None else given_text(transcript),
            likeness=likeness,
            on_progress=on_progress,
        )
    if as_json:
        console.print_json(
            {"name": name, "backend": learnt.backend, "parameters": learnt.parameters, "warnings": warnings}
        )
        return
    click.echo(f'kept as {name}; hear it: avatar voice speak "Hello." --voice {name} -o hello.wav')
    console.print_warnings(warnings)


@voice.command(cls=Command, example="avatar voice check me.wav")
@click.argument("recording", type=FILE)
@json_option
def check(recording: Path, as_json: bool) -> None:
    """Say whether a voice can be learnt from RECORDING, with figures and what to do. Exit code 1 where not."""
    from avatar.cli import console
    from avatar.codec import read_recording
    from avatar.engine.speech import gate

    sound = read_recording(recording)
    report = gate.examine(sound.audio, sound.notes)
    if as_json:
        console.print_json(report)
    else:
        click.echo(f"{recording}: {report.verdict}")
        for line in report.warnings:
            click.echo(f"  {line}")
        console.print_facts(dict(report.figures))
    if report.verdict == "refused":
        raise SystemExit(1)


@voice.command(cls=Command, example='avatar voice speak "Hello, world." --voice me -o hello.wav')
@click.argument("text", metavar="TEXT|-|@FILE")
@click.option("--voice", "name", default="default", show_default=True, help="A voice of the library.")
@click.option("-o", "--output", type=FILE, required=True, help="The sound file: wav, flac, mp3, m4a, ogg or opus.")
@click.option("--language", help="Language of the text, like en, de, pt-br.")
@delivery_options
@json_option
def speak(
    *,
    text: str,
    name: str,
    output: Path,
    language: str | None,
    rate: float,
    lexicon: Path | None,
    ssml: bool,
    as_json: bool,
) -> None:
    """Speak TEXT into a sound file."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.codec import write_audio
    from avatar.pipeline import sealing

    with pipeline.open_studio(settings.load()) as studio, console.progress(quiet=as_json) as on_progress:
        utterance, warnings = pipeline.speak(
            studio,
            given_text(text),
            name,
            language=language,
            delivery=given_delivery(rate, lexicon, ssml),
            on_progress=on_progress,
        )
        write_audio(utterance.audio, output)
        signed = sealing.sealing(studio, sealing.spoken(studio, name, studio.speech.name))(output, output.name)
    if as_json:
        facts = {"output": str(output), "duration_s": round(utterance.audio.duration, 3), "rate": utterance.audio.rate}
        facts["provenance"] = asdict(signed)
        console.print_json(facts | {"voice": name, "language": utterance.language, "warnings": warnings})
        return
    click.echo(f"{output}: {utterance.audio.duration:.1f} s, {console.signature(signed)}")
    console.print_warnings(warnings)


@voice.command("list", cls=Command, example="avatar voice list")
@json_option
def list_(as_json: bool) -> None:
    """List the voices that can be spoken with."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.library import DEFAULT_VOICE

    with pipeline.open_studio(settings.load()) as studio:
        names = [DEFAULT_VOICE, *studio.library.voices()]
    if as_json:
        console.print_json({"voices": names})
    else:
        click.echo("\n".join(names))


@voice.command(cls=Command, example="avatar voice show me")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show what is known of the voice NAME: its source, its consent, what was measured and kept."""
    from avatar import pipeline, settings
    from avatar.cli import console
    from avatar.library import DEFAULT_VOICE

    with pipeline.open_studio(settings.load()) as studio:
        if name == DEFAULT_VOICE:
            default = studio.speech.default_voice()
            facts: dict[str, Any] = {"name": name, "backend": default.backend, "parameters": dict(default.parameters)}
        else:
            record = studio.library.voice(name)
            facts = {
                "name": name,
                "backend": record.voice.backend,
                "created_at": record.created_at,
                "source_sha256": record.source_sha256,
                "consent": asdict(record.consent) if record.consent else None,
                "parameters": dict(record.voice.parameters),
            }
    if as_json:
        console.print_json(facts)
    else:
        console.print_facts(facts)


@voice.command(cls=Command, example="avatar voice delete me")
@click.argument("name")
@json_option
def delete(name: str, as_json: bool) -> None:
    """Delete the voice NAME. What was consented to stays on record."""
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio:
        studio.library.delete_voice(name)
    console.print_done(f"deleted {name}", {"deleted": name}, as_json)


@voice.command(cls=Command, example="avatar voice revoke me")
@click.argument("name")
@json_option
def revoke(name: str, as_json: bool) -> None:
    """Withdraw the consent for the voice NAME: delete it with all that is cached, and refuse its recording from now on.

    Videos that were made with it are not ours to find; `avatar verify` tells which consent each was made with.
    """
    from avatar import pipeline, settings
    from avatar.cli import console

    with pipeline.open_studio(settings.load()) as studio:
        studio.library.revoke_voice(name)
        studio.cache.forget("voice", "speech", "video")
    console.print_done(f"revoked {name}: it is deleted, and its recording is refused", {"revoked": name}, as_json)
