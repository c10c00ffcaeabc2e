"""Uploads, voices, portraits, and videos that are worked on while one waits."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from avatar.errors import InputError
from avatar.library import DEFAULT_VOICE, Consent
from avatar.pipeline import DubRequest
from avatar.web.bodies import JobAnswer, PortraitBody, SpeechBody, Upload
from avatar.web.problems import check_utf8, warned
from avatar.web.routes_jobs import answer
from avatar.web.service import Here, Reader, Service, Writer

router = APIRouter()

SOUNDS = {
    "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg",
    "opus": "audio/ogg", "aac": "audio/aac", "pcm": "audio/pcm",
}  # fmt: skip
_FORMS = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif"}
_Name = Annotated[str, Form(max_length=64)]


def binary(*types: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an answer that is a file."""
    return {200: {"content": {name: {} for name in types}, "description": "the file"}}


@router.post("/uploads", status_code=201, tags=["uploads"], summary="Send a file")
async def upload(here: Here, tenant: Writer, file: Annotated[UploadFile, File()]) -> Upload:
    """Send a picture, a sound or a video. It is recognised by its content, written anew, and kept for a day."""
    return Upload(**await here.receive(tenant, file))


@router.get("/uploads/{upload}", tags=["uploads"], summary="Fetch what was sent", response_class=FileResponse,
            responses=binary("image/png", "audio/wav", "video/mp4"))  # fmt: skip
def get_upload(upload: str, here: Here, tenant: Reader) -> FileResponse:
    """The file as it was written anew."""
    return FileResponse(here.upload(tenant, upload))


# voices


@router.get("/voices", tags=["voices"], summary="List voices")
def voices(here: Here, tenant: Reader) -> dict[str, list[str]]:
    """The voices one can speak with; `default` needs no recording."""
    return {"voices": [DEFAULT_VOICE, *here.library(tenant).voices()]}


@router.post("/voices", status_code=201, tags=["voices"], summary="Clone a voice")
async def clone(
    *, here: Here, tenant: Writer, file: Annotated[UploadFile, File()], name: _Name,
    consent: Annotated[str, Form(max_length=500, description="who agreed, what for: required")] = "",
    transcript: Annotated[str | None, Form(max_length=5000)] = None,
    likeness: Annotated[float | None, Form(ge=0, le=1)] = None,
) -> dict[str, Any]:  # fmt: skip
    """Learn a voice from a recording of 3 to 60 seconds, with the consent of who speaks in it."""
    Consent.parse(check_utf8(consent))
    here.library(tenant).check_new_voice(name)
    got = await here.receive(tenant, file)
    path = here.upload(tenant, got["id"])
    try:
        if got["kind"] == "image":
            raise InputError("a picture has no voice", "send a recording")
        return await here.hands.work(
            "clone", tenant, recording=str(path), name=name, consent=consent, transcript=transcript, likeness=likeness
        )
    finally:
        path.unlink(missing_ok=True)


@router.get("/voices/{name}", tags=["voices"], summary="Get a voice")
def voice(name: str, here: Here, tenant: Reader) -> dict[str, Any]:
    """What is known of a voice."""
    if here.known_voice(tenant, name) == DEFAULT_VOICE:
        return {"name": name, "consent": None, "source_sha256": None}
    record = here.library(tenant).voice(name)
    consent = record.consent
    return {
        "name": name, "backend": record.voice.backend, "created_at": record.created_at,
        "source_sha256": record.source_sha256,
        "consent": consent and {"who": consent.who, "purpose": consent.purpose, "given_at": consent.given_at},
    }  # fmt: skip


@router.delete("/voices/{name}", status_code=204, tags=["voices"], summary="Delete a voice")
def delete_voice(name: str, here: Here, tenant: Writer, revoke: bool = False) -> None:
    """Delete a voice; with `revoke` its consent is withdrawn, and its recording refused from now on."""
    here.known_voice(tenant, name)
    library = here.library(tenant)
    if revoke and name != DEFAULT_VOICE:
        library.revoke_voice(name)
    else:
        library.delete_voice(name)


@router.post("/voices/{name}/speech", tags=["voices"], summary="Speak", response_class=FileResponse,
             responses=binary(*dict.fromkeys(SOUNDS.values())))  # fmt: skip
async def speech(name: str, body: SpeechBody, here: Here, tenant: Writer) -> Response:
    """Speak a text with a voice."""
    here.known_voice(tenant, name)
    return await spoken(here, tenant, text=body.text, voice=name, language=body.language, rate=body.rate,
                        form=body.format)  # fmt: skip


async def spoken(
    here: Service, tenant: str, *, text: str, voice: str, language: str | None, rate: float, form: str
) -> Response:
    """Speech as a file that is sent and then removed."""
    folder = here.scratch()
    path = folder / f"speech.{form}"
    try:
        facts = await here.hands.work(
            "speech", tenant, text=check_utf8(text), voice=voice, language=language, rate=rate, output=str(path)
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    headers = {"X-Duration-Seconds": str(facts["duration_s"])}
    return _sent_once(path, SOUNDS[form], headers)


# portraits


@router.get("/portraits", tags=["portraits"], summary="List portraits")
def portraits(here: Here, tenant: Reader) -> dict[str, list[str]]:
    """The kept portraits."""
    return {"portraits": here.library(tenant).portraits()}


@router.post("/portraits", tags=["portraits"], summary="Make a portrait", response_class=FileResponse,
             responses=binary("image/png"))  # fmt: skip
async def portrait(body: PortraitBody, here: Here, tenant: Writer) -> Response:
    """Paint the person the prompt describes, as PNG; with a name it is kept in the library too."""
    if (body.width is None) != (body.height is None):
        raise InputError("width and height go together")
    folder = here.scratch()
    path = folder / "portrait.png"
    size = [body.width, body.height] if body.width else None
    try:
        facts = await here.hands.work("portrait", tenant, prompt=check_utf8(body.prompt), seed=body.seed, size=size,
                                      mood=body.mood, name=body.name, output=str(path))  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _sent_once(path, "image/png", warned(facts["warnings"]))


@router.post("/portraits/detect", tags=["portraits"], summary="Find faces")
async def detect(here: Here, tenant: Writer, file: Annotated[UploadFile, File()]) -> JSONResponse:
    """The faces in a photo, from left to right."""
    got = await here.receive(tenant, file)
    path = here.upload(tenant, got["id"])
    try:
        if got["kind"] != "image":
            raise InputError("faces are looked for in pictures", "send a png or jpeg")
        return JSONResponse(await here.hands.look_into("detect", tenant, path=str(path)))
    finally:
        path.unlink(missing_ok=True)


@router.get("/portraits/{name}", tags=["portraits"], summary="Get a portrait", response_class=FileResponse,
            responses=binary("image/png"))  # fmt: skip
def get_portrait(name: str, here: Here, tenant: Reader) -> FileResponse:
    """A kept portrait as PNG."""
    here.known_portrait(tenant, name)
    library = here.library(tenant)
    if name not in library.portraits():
        return FileResponse(here.upload(tenant, name, "image"))
    return FileResponse(library.root / "portraits" / name / "image.png", media_type="image/png")


@router.delete("/portraits/{name}", status_code=204, tags=["portraits"], summary="Delete a portrait")
def delete_portrait(name: str, here: Here, tenant: Writer) -> None:
    """Remove a kept portrait."""
    here.library(tenant).delete_portrait(name)


# videos


@router.post("/videos/lipsync", status_code=202, tags=["videos"], summary="Make a portrait speak a recording")
async def lipsync(
    *, here: Here, tenant: Writer, portrait: _Name, file: Annotated[UploadFile, File()],
    text: Annotated[str, Form(max_length=50_000, description="what is said in it; makes the lips exact")] = "",
    seed: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    language: Annotated[str | None, Form(max_length=35, pattern=r"^[A-Za-z0-9-]+$")] = None,
) -> JobAnswer:  # fmt: skip
    """Queue a video in which a kept portrait, or an uploaded one, speaks the recording that is sent."""
    await asyncio.to_thread(here.check_room, tenant)
    chosen = here.known_portrait(tenant, portrait)
    got = await here.receive(tenant, file)
    path = here.upload(tenant, got["id"])
    try:
        if got["kind"] == "image":
            raise InputError("a picture cannot be spoken", "send a recording")
        request = DubRequest(chosen, path, Path("video.mp4"), seed, check_utf8(text), language)
        return answer(await asyncio.to_thread(here.queue.submit, request, tenant=tenant))
    finally:
        path.unlink(missing_ok=True)


@router.post("/videos/encode", tags=["videos"], summary="Encode a video anew", response_class=FileResponse,
             responses=binary(*_FORMS.values()))  # fmt: skip
async def encode(
    here: Here, tenant: Writer, file: Annotated[UploadFile, File()],
    format: Annotated[Literal["mp4", "webm", "gif"], Query()] = "webm",  # noqa: A002  its name in the API
) -> Response:  # fmt: skip
    """The video that is sent, as mp4, webm or gif."""
    got = await here.receive(tenant, file)
    source, folder = here.upload(tenant, got["id"]), here.scratch()
    path = folder / f"video.{format}"
    try:
        _only_video(got)
        await here.hands.look_into("encode", tenant, path=str(source), output=str(path))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        source.unlink(missing_ok=True)
    return _sent_once(path, _FORMS[format], {"X-Provenance": "unsigned: this service did not make it"})


@router.post("/videos/info", tags=["videos"], summary="Read a video's facts")
async def info(here: Here, tenant: Writer, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """Length, size, frame rate and codecs of the video that is sent, once written anew."""
    got = await here.receive(tenant, file)
    source = here.upload(tenant, got["id"])
    try:
        _only_video(got)
        return await here.hands.look_into("info", tenant, path=str(source))
    finally:
        source.unlink(missing_ok=True)


def _only_video(got: dict[str, Any]) -> None:
    if got["kind"] != "video":
        raise InputError(f"this is a {'picture' if got['kind'] == 'image' else 'sound'}, not a video")


def _sent_once(path: Path, media_type: str, headers: dict[str, str] | None = None) -> FileResponse:
    gone = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, media_type=media_type, headers=headers, background=gone)
