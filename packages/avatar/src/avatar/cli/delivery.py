"""How a text is spoken: the options of every command that speaks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from avatar.cli.options import FILE

F = TypeVar("F", bound=Callable[..., Any])


def delivery_options(function: F) -> F:
    """Add --rate, --lexicon and --ssml."""
    for option in (
        click.option("--ssml", is_flag=True, help="The text is SSML; seen by itself where it begins with <speak>."),
        click.option(
            "--lexicon", type=FILE, help="Pronunciations: a file of lines WORD<tab>IPA, or TOML: WORD = 'IPA'."
        ),
        click.option(
            "--rate",
            type=click.FloatRange(0.5, 2.0),
            default=1.0,
            show_default=True,
            help="Pace: 1 is the voice's own.",
        ),
    ):
        function = option(function)
    return function


def given_delivery(rate: float, lexicon: Path | None, ssml: bool) -> Any:
    """The `Delivery` of these options. Raises InputError for a lexicon that is wrong, with its line."""
    from avatar.media import Delivery
    from avatar.pipeline.lexicon import read_lexicon

    return Delivery(rate, {} if lexicon is None else read_lexicon(lexicon), ssml)
