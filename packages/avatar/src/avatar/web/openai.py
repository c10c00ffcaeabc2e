"""Routes that clients of OpenAI know: speech, videos, models. Fields as the SDK of November 2026 has them.

The service of OpenAI's that made videos was switched off on 24 September 2026; its clients live on.
"""

import asyncio
import base64
import json
import shutil
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import UploadFile as Sent

from avatar.errors import Conflict, InputError, NotFound
from avatar.jobs import Job
from avatar.web.bodies import JobBody
from avatar.web.routes_jobs import queue_it, video_of
from avatar.web.routes_media import SOUNDS, binary, spoken
from avatar.web.service import Here, Reader, Service, Writer

router = APIRouter(prefix="/v1", tags=["as OpenAI"])

MODEL = "builtin"
_STATES = {
    "pending": "queued", "running": "in_progress", "completed": "completed", "failed": "failed", "cancelled": "failed",
}  # fmt: skip
_CHUNK = 16_384


class _Wrong(BaseModel):
    message: str
    type: str
    param: str | None
    code: str


class Failure(BaseModel):
    """An error as OpenAI's clients read it."""

    error: _Wrong


class VoiceId(BaseModel):
    """A voice as newer clients name it."""

    id: str = Field(max_length=64)


class SpeechRequest(BaseModel):
    """As `POST /v1/audio/speech`."""

    model: str
    input: str = Field(min_length=1, max_length=4096)
    voice: str | VoiceId = "default"
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] = "audio"


class VideoRequest(BaseModel):
    """As `POST /v1/videos`: the prompt is the script; `seconds` is as long as the script takes, and is ignored."""

    prompt: str = Field(min_length=1, max_length=32_000)
    model: str = MODEL
    size: str = Field("1280x720", pattern=r"^\d{2,4}x\d{2,4}$")
    seconds: str | int | None = None


@router.get("/models", summary="List models")
def models(_tenant: Reader) -> dict[str, Any]:
    """The models there are: one."""
    return {"object": "list", "data": [_model()]}


@router.get("/models/{model}", summary="Get a model")
def model(model: str, _tenant: Reader) -> dict[str, Any]:
    """The model, if there is one of that name."""
    _known(model)
    return _model()


@router.post("/audio/speech", summary="Speak", response_class=Response,
             responses=binary(*dict.fromkeys(SOUNDS.values()), "text/event-stream"))  # fmt: skip
async def speech(body: SpeechRequest, here: Here, tenant: Writer) -> Response:
    """Speech of a text, in any of OpenAI's formats."""
    _known(body.model)
    voice = here.known_voice(tenant, body.voice if isinstance(body.voice, str) else body.voice.id)
    if not 0.5 <= body.speed <= 2.0:
        raise InputError(f"a speed of {body.speed:g} is out of reach", "from 0.5 to 2; 1 is normal")
    form = body.response_format
    sent = await spoken(here, tenant, text=body.input, voice=voice, language=None, rate=body.speed, form=form)
    assert isinstance(sent, FileResponse)
    if body.stream_format == "audio":
        return sent
    sound = open(sent.path, "rb").read()  # noqa: PTH123, SIM115  small, and on a local disk
    shutil.rmtree(sent.path.parent if hasattr(sent.path, "parent") else "", ignore_errors=True)
    return StreamingResponse(_told(sound, len(body.input)), media_type="text/event-stream")


def _told(sound: bytes, characters: int) -> Iterator[str]:
    for start in range(0, len(sound), _CHUNK):
        piece = base64.b64encode(sound[start : start + _CHUNK]).decode()
        yield f"data: {json.dumps({'type': 'speech.audio.delta', 'audio': piece})}\n\n"
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    yield f"data: {json.dumps({'type': 'speech.audio.done', 'usage': usage})}\n\n"


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": VideoRequest.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    **VideoRequest.model_json_schema(),
                    "properties": VideoRequest.model_json_schema()["properties"]
                    | {"input_reference": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


@router.post("/videos", summary="Make a video", openapi_extra=_BODY)
async def create(request: Request, here: Here, tenant: Writer) -> dict[str, Any]:
    """Queue a video in which somebody speaks the prompt; `input_reference` is who."""
    body, picture = await _video_request(request)
    _known(body.model)
    width, height = (int(side) for side in body.size.split("x"))
    portrait = None
    if picture is not None:
        portrait = (await here.receive(tenant, UploadFile(picture.file, filename=picture.filename)))["id"]
    try:
        wanted = JobBody.model_validate({"text": body.prompt, "width": width, "height": height, "portrait": portrait})
    except ValidationError as error:
        raise InputError(f"a video of {body.size} cannot be made: {error.errors()[0]['msg']}") from error
    job = await asyncio.to_thread(queue_it, here, tenant, wanted, request.headers.get("idempotency-key"))
    return _video(here, job)


@router.get("/videos", summary="List videos")
def list_videos(
    here: Here, tenant: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 20, after: str | None = None,
    order: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:  # fmt: skip
    """A page of videos, the newest first; `after` a video, those behind it."""
    found = here.queue.jobs(tenant=tenant, limit=limit + 1, after=after, oldest_first=order == "asc", whole=True)
    page = found[:limit]
    ends = {"first_id": page[0].id if page else None, "last_id": page[-1].id if page else None}
    data = [_video(here, job) for job in page]
    return {"object": "list", "data": data, "has_more": len(found) > limit} | ends


@router.get("/videos/{video}", summary="Get a video")
def get(video: str, here: Here, tenant: Reader) -> dict[str, Any]:
    """The video as it stands."""
    return _video(here, here.queue.get(video, tenant))


@router.get("/videos/{video}/content", summary="Fetch a video", response_class=FileResponse,
            responses=binary("video/mp4", "image/png"))  # fmt: skip
def content(
    video: str, here: Here, tenant: Reader, variant: Literal["video", "thumbnail", "spritesheet"] = "video"
) -> FileResponse:
    """The mp4, or as its thumbnail the first frame."""
    job = here.queue.get(video, tenant)
    if variant == "spritesheet":
        raise NotFound("there are no sprite sheets", "ask for the video or the thumbnail")
    if variant == "thumbnail" and job.result:
        return FileResponse(here.queue.folder(job.id).result / job.result["poster"], media_type="image/png")
    return video_of(here, job)


@router.delete("/videos/{video}", summary="Delete a video")
def delete(video: str, here: Here, tenant: Writer) -> dict[str, Any]:
    """Stop it if it is being made, and remove it."""
    here.queue.delete(video, tenant)
    return {"id": video, "object": "video.deleted", "deleted": True}


@router.post("/videos/{video}/remix", summary="Remix a video (not offered)")
def remix(video: str, here: Here, tenant: Writer) -> dict[str, Any]:
    """Nothing is remixed here: make a new one with another prompt."""
    here.queue.get(video, tenant)
    raise Conflict("videos are not remixed here", "create a new one with another prompt")


async def _video_request(request: Request) -> tuple[VideoRequest, Sent | None]:
    kind = request.headers.get("content-type", "")
    picture = None
    try:
        if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
            form = await request.form()
            given: Any = {key: value for key, value in form.items() if isinstance(value, str)}
            picture = next((value for key, value in form.items() if isinstance(value, Sent)), None)
        else:
            given = json.loads(await request.body())
        return VideoRequest.model_validate(given), picture
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise InputError("the body is neither JSON nor a form") from error


def _video(here: Service, job: Job) -> dict[str, Any]:
    asked = job.request or {}
    size = asked.get("size") or here.settings.frame_size
    ended = job.finished_at and int(job.finished_at)
    seconds = job.result["duration_s"] if job.result else round(len(asked.get("text", "")) / 14.5 + 0.5, 1)
    error = None
    if job.state in {"failed", "cancelled"}:
        error = {
            "code": job.error.type if job.error else "cancelled",
            "message": job.error.message if job.error else "it was cancelled",
        }
    return {
        "id": job.id, "object": "video", "model": MODEL, "status": _STATES[job.state],
        "progress": round(100 * job.progress), "created_at": int(job.created_at), "completed_at": ended,
        "expires_at": ended and int(ended + here.settings.jobs_keep_days * 86400), "seconds": f"{seconds:g}",
        "size": f"{size[0]}x{size[1]}", "prompt": asked.get("text"), "remixed_from_video_id": None, "error": error,
    }  # fmt: skip


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _BEGAN, "owned_by": "avatar-pipeline"}


_BEGAN = int(time.time())


def _known(model: str) -> None:
    if model != MODEL:
        raise NotFound.among("model", model, [MODEL])
