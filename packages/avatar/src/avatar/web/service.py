"""What every route works with, and who is asking."""

import base64
import binascii
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import Depends, Request, UploadFile

from avatar.errors import InputError, NotFound
from avatar.jobs import Job, JobQueue
from avatar.jobs.queue import unknown
from avatar.jobs.spec import library_of
from avatar.library import DEFAULT_VOICE, Library
from avatar.settings import Settings
from avatar.web.guard import Figures
from avatar.web.hands import Hands
from avatar.web.keys import EVERYBODY, Key, Keys
from avatar.web.looks import Looks
from avatar.web.previews import Previews
from avatar.web.problems import Refused

MOST_PENDING = 1000
"""Jobs a tenant may have waiting."""

KEPT_SECONDS = 24 * 3600.0
_CHUNK = 2**20


@dataclass
class Service:
    """One running service."""

    settings: Settings
    queue: JobQueue
    keys: Keys
    hands: Hands
    previews: Previews
    figures: Figures
    asks_for_keys: bool

    @cached_property
    def looks(self) -> Looks:
        """What asks how jobs stand."""
        return Looks(self.queue.look_at)

    def library(self, tenant: str) -> Library:
        """The tenant's voices and portraits."""
        return library_of(self.settings, tenant)

    def known_voice(self, tenant: str, name: str) -> str:
        """The name, if it is one of the tenant's voices. A path never is."""
        library = self.library(tenant)
        if name != DEFAULT_VOICE and name not in library.voices():
            library.check_not_revoked(name=name)
            raise NotFound.among("voice", name, [*library.voices(), DEFAULT_VOICE])
        return name

    def known_portrait(self, tenant: str, name: str) -> str:
        """A portrait of the tenant: by its name, or an upload's id as the path of its file."""
        library = self.library(tenant)
        if name in library.portraits():
            return name
        if name.startswith("upload-"):
            return str(self.upload(tenant, name, "image"))
        raise NotFound.among("portrait", name, library.portraits())

    async def look(self, job: str, tenant: str) -> Job:
        """How a job stands. Raises NotFound."""
        self.queue.folder(job)  # what cannot be a job's name is not asked for
        found = (await self.looks.at(job)).get(job)
        if found is None or found.tenant != tenant:
            raise unknown(job)
        return found

    def check_room(self, tenant: str) -> None:
        """Refuse another job where too many wait."""
        waiting = self.queue.stats(tenant)["pending"]
        if waiting >= MOST_PENDING:
            raise Refused(429, f"{waiting} jobs are waiting already", "wait for some to end", {"Retry-After": "30"})

    # uploads

    async def receive(self, tenant: str, file: UploadFile) -> dict[str, Any]:
        """Take a file in: looked into and written anew by a limited process, kept for a day."""
        folder = self._uploads(tenant)
        folder.mkdir(parents=True, exist_ok=True)
        id_ = "upload-" + secrets.token_hex(12)
        raw = folder / f".{id_}.raw"
        try:
            with raw.open("wb") as into:
                while block := await file.read(_CHUNK):
                    into.write(block)
            if raw.stat().st_size == 0:
                raise InputError("the upload is empty", "send a file")
            facts = await self.hands.look_into("receive", tenant, path=str(raw), folder=str(folder), stem=id_)
        finally:
            raw.unlink(missing_ok=True)
        return {"id": id_, "url": f"/uploads/{id_}", "kind": facts["kind"], "duration_s": facts.get("duration_s")}

    def upload(self, tenant: str, id_: str, *kinds: str) -> Path:
        """The file of an upload of that tenant and of one of these kinds. Raises NotFound."""
        suffixes = {"image": ".png", "audio": ".wav", "video": ".mp4"}
        token = id_.removeprefix("upload-")
        if len(token) == 24 and all(c in "0123456789abcdef" for c in token):
            for kind in kinds or tuple(suffixes):
                path = self._uploads(tenant) / f"{id_}{suffixes[kind]}"
                if path.is_file():
                    return path
        raise NotFound(f"no upload is called {id_[:60]!r}", "send it first: POST /uploads")

    def sweep(self) -> None:
        """Remove uploads, and work that was left, older than a day."""
        for path in [*(self.settings.jobs / "uploads").glob("*/*"), *self.scratch_root.glob("*")]:
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def _uploads(self, tenant: str) -> Path:
        return self.settings.jobs / "uploads" / tenant

    @property
    def scratch_root(self) -> Path:
        """Where short work puts its files until they are sent."""
        return self.settings.jobs / "scratch"

    def scratch(self) -> Path:
        """A folder for one answer."""
        folder = self.scratch_root / secrets.token_hex(12)
        folder.mkdir(parents=True)
        return folder


async def service_of(request: Request) -> Service:
    """The service that this application is. Not awaited for anything, but a plain function is sent to a thread."""
    return cast("Service", request.app.state.service)


Here = Annotated[Service, Depends(service_of)]

KEY_SCHEMES: dict[str, dict[str, str]] = {
    "HTTPBearer": {"type": "http", "scheme": "bearer", "description": "An API key: `avatar server keys add`."},
    "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key."},
    "HTTPBasic": {
        "type": "http", "scheme": "basic",
        "description": "The same key as user name or password, as D-ID's clients send it.",
    },
}  # fmt: skip
"""The ways a key may be sent, as OpenAPI has them. Each as a dependency of its own would cost every request a tenth."""


def may(scope: str) -> Callable[..., Awaitable[str]]:
    """A dependency: the tenant who asks. 401 without a key or with a wrong one, 403 when the scope is not the key's."""

    async def tenant(request: Request) -> str:
        key = _key(request, request.app.state.service)
        if scope not in key.scopes:
            raise Refused(403, f"this key may not do that: it lacks the scope {scope!r}")
        request.state.tenant = key.tenant
        return key.tenant

    return tenant


Reader = Annotated[str, Depends(may("read"))]
Writer = Annotated[str, Depends(may("write"))]
Watcher = Annotated[str, Depends(may("metrics"))]


def _key(request: Request, here: Service) -> Key:
    secret = _secret(request)
    if not secret and not here.asks_for_keys:
        return EVERYBODY
    key = here.keys.find(secret) if secret else None
    if key is None:
        if not here.asks_for_keys and not (secret or "").startswith("avk_"):
            return EVERYBODY  # clients that cannot do without a key send any
        raise Refused(401, "an API key is needed" if not secret else "the API key is not known, or was revoked",
                      "make one: avatar server keys add", {"WWW-Authenticate": "Bearer"})  # fmt: skip
    return key


def _secret(request: Request) -> str | None:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return value
        return password if password.startswith("avk_") else user
    return request.headers.get("x-api-key")


def job_of(here: Service, job: str, tenant: str) -> Job:
    """The tenant's job. Raises NotFound for anybody else's."""
    return here.queue.get(job, tenant)
