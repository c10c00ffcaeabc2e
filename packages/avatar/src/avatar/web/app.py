"""The application: every route, what stands before them, and what begins and ends with the service."""

import asyncio
import contextlib
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from avatar import __version__
from avatar.backends import BACKENDS
from avatar.jobs import JobQueue
from avatar.settings import Settings
from avatar.web import did, openai, problems, routes_jobs, routes_media, routes_stream, studio
from avatar.web.bodies import Problem
from avatar.web.guard import LOOPBACK, Figures, Guard
from avatar.web.hands import Hands
from avatar.web.keys import Keys
from avatar.web.previews import Previews
from avatar.web.service import KEY_SCHEMES, Here, Reader, Service, Watcher

router = APIRouter(tags=["service"])

_SWEEP_SECONDS = 3600.0
_OPEN = frozenset({"/", "/health"})
"""What is answered without a key."""


@dataclass(frozen=True)
class Options:
    """How a service is offered: `loopback` to this machine alone, or else to whoever has a key."""

    loopback: bool = True
    keys: bool = False
    largest: int = 100 * 2**20
    per_second: float = 100.0


def create(settings: Settings, options: Options, previews: Previews) -> FastAPI:
    """The application; whoever gave `previews` closes them.

    Raises InputError when the queue's database cannot be used.
    """
    queue = JobQueue(settings)
    queue.jobs(limit=1)
    figures = Figures()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        hands = Hands(settings)
        keys = Keys(settings.jobs / "keys.json")
        service = Service(settings, queue, keys, hands, previews, figures, options.keys or not options.loopback)
        app.state.service = service
        sweeping = asyncio.create_task(_sweep(service))
        yield
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await hands.close()
        queue.close()

    app = FastAPI(
        title="avatar", version=__version__, lifespan=life, docs_url=None, redirect_slashes=False, redoc_url=None,
        summary="Text and a reference recording become a lip-synced talking-head video.",
    )  # fmt: skip
    for part in (routes_jobs.router, router, routes_stream.router, routes_media.router):  # what is asked most first
        app.include_router(part, responses=_errors(Problem, "application/problem+json"))
    app.include_router(openai.router, responses=_errors(openai.Failure, "application/json"))
    app.include_router(did.router, responses=_errors(did.Failure, "application/json"))
    app.mount("/studio", studio.files(), name="studio")
    problems.install(app)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    app.add_middleware(
        Guard, hosts=LOOPBACK if options.loopback else None, largest=options.largest,
        per_second=options.per_second, figures=figures,
    )  # fmt: skip
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """FastAPI's description, and that every route but the open ones takes a key, in any of its ways."""
    description = FastAPI.openapi(app)
    description["components"]["securitySchemes"] = KEY_SCHEMES
    for path, operations in description["paths"].items():
        for operation in operations.values():
            if path not in _OPEN:
                operation["security"] = [{name: []} for name in KEY_SCHEMES]
    return description


def _errors(model: type[BaseModel], media_type: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the answers that are errors."""
    answer = {"model": model, "description": "what is wrong", "content": {media_type: {}}}
    return {422: answer, "4XX": answer, "5XX": answer}


async def _sweep(service: Service) -> None:
    while True:
        await asyncio.to_thread(service.sweep)
        await asyncio.sleep(_SWEEP_SECONDS)


@router.get(
    "/", summary="What this is", response_model=dict[str, str],
    responses={200: {"content": {"text/html": {}}, "description": "facts as JSON, or the studio for browsers"}},
)  # fmt: skip
async def index(request: Request) -> Response:
    """Name, version, and where the description of all routes is; whoever wants a page gets the studio."""
    if not studio.wanted(request.headers.get("accept", "")):
        about = {"name": "avatar", "version": __version__, "openapi": "/openapi.json", "status": "/status"}
        return JSONResponse(about, headers={"Vary": "Accept"})
    return FileResponse(studio.FOLDER / "index.html", headers={"Vary": "Accept"})


@router.get("/health", summary="Whether it works")
def health(here: Here) -> dict[str, str]:
    """Asks the queue's database; 503 when it does not answer."""
    here.queue.jobs(limit=1)
    return {"status": "ok"}


@router.get("/status", summary="What is here")
def status(here: Here, tenant: Reader) -> dict[str, Any]:
    """Version, engines, one's own jobs, and whether videos are signed."""
    settings = here.settings
    return {
        "version": __version__,
        "python": platform.python_version(),
        "tenant": tenant,
        "engines": {
            kind: {"used": getattr(settings, kind), "known": sorted(table)}
            for kind, table in BACKENDS.items()
            if hasattr(settings, kind)
        },
        "jobs": here.queue.stats(tenant),
        "queue": "postgresql" if settings.database else "sqlite",
    }


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def metrics(here: Here, _tenant: Watcher) -> PlainTextResponse:
    """Requests by route and status, seconds, jobs by state; in Prometheus's text format."""
    return PlainTextResponse(here.figures.text(here.queue.stats()), media_type="text/plain; version=0.0.4")
