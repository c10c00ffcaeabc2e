"""Which languages can be spoken here, asked before a video is begun."""

from avatar.errors import BackendUnavailable, NotFound
from avatar.pipeline.request import DubRequest, Request
from avatar.pipeline.studio import open_studio
from avatar.settings import Settings


def languages(settings: Settings) -> tuple[str, ...]:
    """BCP 47 tags that the settings' speech backend speaks; none where it is not installed here, and so not known."""
    with open_studio(settings) as studio:
        try:
            return studio.speech.languages()
        except BackendUnavailable:
            return ()


def asked(request: Request | DubRequest, settings: Settings) -> str | None:
    """The language that is to be spoken; None where a recording is the speech, or where it is English.

    Of a recording it only says how its words are read, and English every backend speaks: its contract holds it to that.
    """
    if isinstance(request, DubRequest) or request.audio is not None:
        return None
    tag = request.language or settings.language
    return None if tag.replace("_", "-").partition("-")[0].lower() == "en" else tag


def check(tag: str, known: tuple[str, ...], backend: str = "") -> None:
    """Raises NotFound with the nearest for a tag that none of the known, the backend's where it is named, serves."""
    from avatar.engine.speech.languages import resolve  # noqa: PLC0415  numpy, and hardly ever asked for

    try:
        resolve(tag, dict.fromkeys(known, ""))
    except NotFound as error:
        raise NotFound.among(f"language of {backend}" if backend else "language", tag, known) from error
