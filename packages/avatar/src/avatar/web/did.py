"""Routes that clients of D-ID know: talks. Only pictures and sounds that were sent to `POST /uploads` are taken."""

import datetime
import re
import urllib.parse
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from avatar.errors import InputError, NotFound
from avatar.jobs import Job, webhook
from avatar.web.bodies import JobBody
from avatar.web.routes_jobs import queue_it
from avatar.web.service import Here, Reader, Writer

router = APIRouter(prefix="/talks", tags=["as D-ID"])

_STATES = {"pending": "created", "running": "started", "completed": "done", "failed": "error", "cancelled": "rejected"}
_UPLOAD = re.compile(r"/uploads/(upload-[0-9a-f]{24})")


class Failure(BaseModel):
    """An error as D-ID's clients read it."""

    kind: str
    description: str
    details: dict[str, Any]


class Provider(BaseModel):
    """Who speaks; `voice_id` is a voice of the library."""

    type: str | None = None
    voice_id: str = Field("default", max_length=64)


class TextScript(BaseModel):
    """A text to speak."""

    type: Literal["text"]
    input: str = Field(min_length=1, max_length=40_000)
    provider: Provider = Field(default_factory=lambda: Provider.model_validate({}))


class AudioScript(BaseModel):
    """A recording to speak."""

    type: Literal["audio"]
    audio_url: str = Field(max_length=2000)


class Talk(BaseModel):
    """As D-ID's `POST /talks`; what it knows besides is ignored."""

    source_url: str = Field(max_length=2000)
    script: Annotated[TextScript | AudioScript, Field(discriminator="type")]
    webhook: str | None = Field(None, max_length=2000)
    name: str | None = Field(None, max_length=200)


@router.post("", status_code=201, summary="Make a talk")
def create(body: Talk, here: Here, tenant: Writer, request: Request) -> dict[str, Any]:
    """Queue a video in which the picture speaks."""
    if body.webhook is not None:
        webhook.check(here.settings, body.webhook)
    made: dict[str, Any] = {"portrait": _uploaded(request, body.source_url, "source_url"), "webhook": body.webhook}
    if isinstance(body.script, TextScript):
        made |= {"text": body.script.input, "voice": body.script.provider.voice_id}
    else:
        made["audio"] = _uploaded(request, body.script.audio_url, "script.audio_url")
    job = queue_it(here, tenant, JobBody(**made), None)
    return {
        "id": f"tlk_{job.id}", "object": "talk", "status": "created", "created_at": _when(job.created_at),
        "created_by": tenant,
    }  # fmt: skip


@router.get("/{talk}", summary="Get a talk")
def get(talk: str, here: Here, tenant: Reader, request: Request) -> dict[str, Any]:
    """The talk as it stands; `result_url` is there once it is done."""
    return _talk(here.queue.get(_job(talk), tenant), tenant, request)


@router.delete("/{talk}", summary="Delete a talk")
def delete(talk: str, here: Here, tenant: Writer, request: Request) -> dict[str, Any]:
    """Stop it if it is being made, and remove it."""
    job = here.queue.get(_job(talk), tenant)
    here.queue.delete(job.id, tenant)
    return _talk(job, tenant, request)


def _job(talk: str) -> str:
    if not talk.startswith("tlk_"):
        raise NotFound(f"no talk is called {talk[:60]!r}")
    return talk.removeprefix("tlk_")


def _uploaded(request: Request, address: str, field: str) -> str:
    """The upload an address of ours stands for. Nothing is ever fetched from anywhere."""
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:
        parts = urllib.parse.urlsplit("")
    found = _UPLOAD.fullmatch(parts.path)
    if found is None or parts.netloc not in {"", request.headers.get("host")}:
        raise InputError(f"{field} is no address of this service", "send the file first: POST /uploads gives its url")
    return found[1]


def _talk(job: Job, tenant: str, request: Request) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    about: dict[str, Any] = {
        "id": f"tlk_{job.id}", "object": "talk", "status": _STATES[job.state], "created_by": tenant,
        "created_at": _when(job.created_at), "modified_at": _when(job.finished_at or job.started_at or job.created_at),
    }  # fmt: skip
    if job.started_at:
        about["started_at"] = _when(job.started_at)
    if job.result:
        about |= {"result_url": f"{base}/jobs/{job.id}/result", "duration": job.result["duration_s"]}
    if job.error:
        about["error"] = {"kind": job.error.type, "description": job.error.message}
    return about


def _when(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")
