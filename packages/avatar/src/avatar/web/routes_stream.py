"""stream.mp4: a video that plays while it is rendered. A preview: labelled, not signed, kept nowhere."""

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from avatar.jobs import Job
from avatar.jobs.spec import Spec, unpack
from avatar.pipeline import DubRequest, Request
from avatar.web.bodies import FilmBody
from avatar.web.routes_jobs import request_of
from avatar.web.service import Here, Reader, Service, Writer, job_of

router = APIRouter(tags=["previews"])

_INPUTS = "inputs/"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"video/mp4": {}},
        "description": "fragmented mp4 (H.264, AAC), the first fragment as soon as it is rendered",
        "headers": {
            "X-Provenance": {"schema": {"type": "string"}, "description": "that it is not signed"},
            "X-Video": {"schema": {"type": "string"}, "description": "its size and frame rate"},
            "X-Warnings": {"schema": {"type": "string"}, "description": "what could not be as asked; percent-encoded"},
        },
    }
}


@router.post("/videos/stream.mp4", summary="Watch a video at once", response_class=Response, responses=_STREAM)
async def preview(body: FilmBody, here: Here, tenant: Writer) -> Response:
    """Render a preview, and send it while it is rendered: smaller, labelled as a preview, not signed, not kept.

    It ends after five minutes. Hanging up ends the rendering. Captions that stand beside a film are left out.
    """
    request = await asyncio.to_thread(request_of, here, tenant, body)
    return await here.previews.begin(tenant, request)


@router.get("/jobs/{job}/stream.mp4", summary="Watch a job's video at once", response_class=Response, responses=_STREAM)
async def watch(job: str, here: Here, tenant: Reader) -> Response:
    """The same of what a job is to make, whether or not it has begun; the job goes on as it would."""
    found = await asyncio.to_thread(job_of, here, job, tenant)
    return await here.previews.begin(tenant, _request(here, found))


def _request(here: Service, job: Job) -> Request:
    """What the job was asked for, with its files where they are."""
    plain = job.request or {}
    files = {
        name: value
        for name in ("audio", "voice", "portrait", "recording")
        if isinstance(value := plain.get(name), str) and value.startswith(_INPUTS)
    }
    asked = unpack(Spec(job.kind, plain, files, {}, ""), here.queue.folder(job.id))
    if isinstance(asked, DubRequest):
        return Request(
            asked.text, asked.output, portrait=asked.portrait, audio=asked.recording, seed=asked.seed,
            language=asked.language, face=asked.face,
        )  # fmt: skip
    return asked
