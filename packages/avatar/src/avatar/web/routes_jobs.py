"""Jobs: submit, list, count, follow, fetch."""

import asyncio
import json
import math
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from avatar import pipeline
from avatar.errors import Conflict, InputError
from avatar.jobs import Job, State, webhook
from avatar.media import Delivery
from avatar.provenance import verify
from avatar.web.bodies import Estimate, EstimateBody, FilmBody, JobAnswer, JobBody, Jobs, Stats
from avatar.web.problems import check_utf8
from avatar.web.service import Here, Reader, Service, Writer, job_of

router = APIRouter(tags=["jobs"])

_CHARACTERS_A_SECOND = 14.5
"""Of English at the engine's own pace."""

_POLL_SECONDS = 0.5
_SILENT_SECONDS = 15.0
"""After so long proxies would take a connection for dead."""

_FOR = "for so long at most: what is not told then is told to whoever asks again with Last-Event-ID"
_KEY = Header(alias="Idempotency-Key", max_length=200, description="sent again with it, it is the same job")


@router.post("/jobs", status_code=202, summary="Queue a video")
def submit(body: JobBody, here: Here, tenant: Writer, key: Annotated[str | None, _KEY] = None) -> JobAnswer:
    """Queue a video of a text, or of an uploaded recording."""
    if body.webhook is not None:
        webhook.check(here.settings, body.webhook)
    return answer(queue_it(here, tenant, body, key))


def queue_it(here: Service, tenant: str, body: JobBody, key: str | None, output: str = "video.mp4") -> Job:
    """The job of a body, which every route that makes videos comes down to."""
    here.check_room(tenant)
    return here.queue.submit(
        request_of(here, tenant, body, output), tenant=tenant, key=key, queue=body.queue, priority=body.priority,
        seconds=body.deadline_s, webhook=body.webhook,
    )  # fmt: skip


def request_of(here: Service, tenant: str, body: FilmBody, output: str = "video.mp4") -> pipeline.Request:
    """What the pipeline is asked for by a body. Raises InputError, NotFound for names that are not the tenant's."""
    if not body.text.strip() and body.audio is None:
        raise InputError("there is nothing to say", "give a text, or the id of an uploaded recording as audio")
    if (body.width is None) != (body.height is None):
        raise InputError("width and height go together")
    return pipeline.Request(
        text=check_utf8(body.text),
        output=Path(output),
        delivery=Delivery(body.rate),
        voice=here.known_voice(tenant, body.voice),
        prompt=check_utf8(body.prompt),
        portrait=None if body.portrait is None else here.known_portrait(tenant, body.portrait),
        audio=None if body.audio is None else here.upload(tenant, body.audio, "audio", "video"),
        seed=body.seed,
        language=body.language,
        size=(body.width, body.height) if body.width and body.height else None,
        fps=body.fps,
        captions=tuple(body.captions),
        label=check_utf8(body.label),
        mood=body.mood,
    )


@router.get("/jobs", summary="List jobs")
def list_jobs(
    here: Here,
    tenant: Reader,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Jobs:
    """A page of jobs, the newest first, without their results."""
    found = here.queue.jobs(tenant=tenant, state=state, limit=limit, offset=offset)
    return Jobs(jobs=[answer(job) for job in found], limit=limit, offset=offset)


@router.get("/jobs/stats", summary="Count jobs")
def stats(here: Here, tenant: Reader) -> Stats:
    """How many jobs there are, in all and in each state."""
    return Stats(**here.queue.stats(tenant))


@router.post("/jobs/estimate", summary="Estimate a video")
def estimate(body: EstimateBody, here: Here, tenant: Reader) -> Estimate:
    """How long a video of the text will be, and how long it will take as far as earlier jobs tell."""
    ended = here.queue.jobs(tenant=tenant, state="completed", limit=20, whole=True)
    factors = [factor for each in ended if (factor := _factor(each))]
    seconds = round(len(body.text) / _CHARACTERS_A_SECOND + 0.5, 1)
    work = round(seconds * statistics.median(factors), 1) if factors else None
    return Estimate(characters=len(body.text), duration_s=seconds, work_s=work, based_on_jobs=len(factors))


def _factor(job: Job) -> float:
    """Seconds of work per second of video, from first to last: the result's own factor is its last stage's."""
    if job.result is None or job.finished_at is None or job.started_at is None:
        return 0.0
    return float((job.finished_at - job.started_at) / job.result["duration_s"])


@router.get("/jobs/{job}", summary="Get a job", response_model=JobAnswer)
async def get(job: str, here: Here, tenant: Reader) -> Response:
    """The job as it stands; with its result once it is completed."""
    found = await here.look(job, tenant)
    return Response(answer(found).model_dump_json(), media_type="application/json")


@router.post("/jobs/{job}/cancel", summary="Cancel a job")
def cancel(job: str, here: Here, tenant: Writer) -> JobAnswer:
    """Stop the job. One that has ended stays as it is."""
    return answer(here.queue.cancel(job, tenant))


@router.post("/jobs/{job}/resume", summary="Resume a job")
def resume(job: str, here: Here, tenant: Writer) -> JobAnswer:
    """Go on with a cancelled or failed job where it stopped."""
    return answer(here.queue.resume(job, tenant))


@router.delete("/jobs/{job}", status_code=204, summary="Delete a job")
def delete(job: str, here: Here, tenant: Writer) -> None:
    """Stop the job, and remove it with its files."""
    here.queue.delete(job, tenant)


@router.get(
    "/jobs/{job}/events", summary="Follow a job", response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "server-sent events"}, 204: {}},
)  # fmt: skip
async def events(
    *, job: str, here: Here, tenant: Reader, request: Request,
    last: Annotated[int, Header(alias="Last-Event-ID", ge=0, le=10**9)] = 0,
    seconds: Annotated[float | None, Query(ge=0, le=86_400, description=_FOR)] = None,
) -> Response:  # fmt: skip
    """What happens to the job, as server-sent events, until it has ended. After the last of them: 204."""
    await asyncio.to_thread(job_of, here, job, tenant)
    first = await asyncio.to_thread(here.queue.events, job, last)
    if not first and (await asyncio.to_thread(here.queue.get, job)).finished_at is not None:
        return Response(status_code=204)
    end = math.inf if seconds is None else time.monotonic() + seconds

    async def told() -> AsyncIterator[str]:
        found, after, silent = first, last, 0.0
        while not await request.is_disconnected():
            for event in found:
                after = event.id
                data = json.dumps({"at": event.at, **event.data})
                yield f"id: {event.id}\nevent: {event.type}\ndata: {data}\n\n"
                if event.type == "state":
                    return
            left = end - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(_POLL_SECONDS, left))
            found = await asyncio.to_thread(here.queue.events, job, after)
            silent = 0.0 if found else silent + _POLL_SECONDS
            if silent >= _SILENT_SECONDS:
                silent = 0.0
                yield ": still there\n\n"

    return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


_VIDEO: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {}}, "description": "the video"},
    206: {"content": {"video/mp4": {}}, "description": "the range asked for"},
    416: {"content": {"text/plain": {}}, "description": "no such range"},
}


@router.get("/jobs/{job}/result", summary="Fetch the video", response_class=FileResponse, responses=_VIDEO)
def result(job: str, here: Here, tenant: Reader) -> FileResponse:
    """The video, whole or in ranges."""
    return video_of(here, job_of(here, job, tenant))


@router.get(
    "/jobs/{job}/poster", summary="Fetch the still", response_class=FileResponse,
    responses={200: {"content": {"image/png": {}}, "description": "the first frame"}},
)  # fmt: skip
def poster(job: str, here: Here, tenant: Reader) -> FileResponse:
    """The first frame as PNG."""
    return _file(here, job_of(here, job, tenant), "poster", "image/png")


@router.get("/jobs/{job}/provenance", summary="Check the video's signature")
def provenance(job: str, here: Here, tenant: Reader) -> dict[str, Any]:
    """By whom the video is signed and with whose consent; 422 when it is not as it was signed, or not signed."""
    path = Path(video_of(here, job_of(here, job, tenant)).path)
    return asdict(verify(path)) | {"file": path.name}


def video_of(here: Service, job: Job) -> FileResponse:
    """The finished video of a job. Raises Conflict for one that has none."""
    return _file(here, job, "output", "video/mp4")


def _file(here: Service, job: Job, name: str, media_type: str) -> FileResponse:
    if job.result is None:
        raise Conflict(f"the job is {job.state}: there is no video", f"follow it: GET /jobs/{job.id}/events")
    path = here.queue.folder(job.id).result / job.result[name]
    return FileResponse(
        path, media_type=media_type, filename=f"{job.id}{path.suffix}", content_disposition_type="inline"
    )


def answer(job: Job) -> JobAnswer:
    """A job as it is answered."""
    return JobAnswer(
        id=job.id, kind=job.kind, state=job.state, queue=job.queue, priority=job.priority, created_at=job.created_at,
        started_at=job.started_at, finished_at=job.finished_at, stage=job.stage, progress=job.progress,
        error=None if job.error is None else asdict(job.error), result=job.result,
    )  # fmt: skip
