"""A request as JSON that any worker can carry out: its files lie in the job's folder, its settings are the asker's."""

import functools
import hashlib
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from avatar.errors import InputError, NotFound
from avatar.jobs.folder import JobFolder
from avatar.jobs.model import LOCAL
from avatar.library import DEFAULT_VOICE, Library
from avatar.pipeline import DubRequest, Request
from avatar.settings import Settings

KINDS: dict[str, type[Request] | type[DubRequest]] = {"pipeline": Request, "lipsync": DubRequest}

_SETTINGS = ("language", "size", "fps", "preset", "crf", "longest_text")
"""Which settings of the asker hold for the job. Backends are code: those are the worker's own."""


@dataclass(frozen=True)
class Spec:
    """What a worker is told: the kind of request, its fields as JSON, which of them are files, and the settings."""

    kind: str
    request: dict[str, Any]
    files: dict[str, str]
    settings: dict[str, Any]
    digest: str
    deadline: float | None = None
    webhook: str | None = None
    tenant: str = LOCAL

    @classmethod
    def load(cls, plain: dict[str, Any]) -> "Spec":
        """The spec of its JSON."""
        return cls(**{field.name: plain[field.name] for field in fields(cls) if field.name in plain})


def pack(
    request: Request | DubRequest, settings: Settings, folder: JobFolder, *,
    tenant: str = LOCAL, deadline: float | None = None, webhook: str | None = None,
) -> Spec:  # fmt: skip
    """The spec of a request, its files copied into the folder. Raises InputError for what names nothing."""
    kind = next(name for name, type_ in KINDS.items() if isinstance(request, type_))
    library = library_of(settings, tenant)
    found = files_of(request, library)
    plain = _adapter(kind).dump_python(replace(request, output=Path(request.output.name)), mode="json")
    files = {}
    for field, path in found.items():
        files[field] = folder.keep_input(path)
        plain[field] = files[field]
    chosen = {key: getattr(settings, key) for key in _SETTINGS}
    digest = hashlib.sha256(json.dumps([kind, plain, chosen], sort_keys=True).encode()).hexdigest()
    return Spec(kind, plain, files, chosen, digest, deadline, webhook, tenant)


def library_of(settings: Settings, tenant: str) -> Library:
    """The voices and portraits of a tenant: each has a library of its own."""
    return Library(settings.library if tenant == LOCAL else settings.library / "tenants" / tenant)


def unpack(spec: Spec, folder: JobFolder) -> Request | DubRequest:
    """The request as the pipeline takes it, its files and its output in the folder."""
    plain = dict(spec.request)
    for field, name in spec.files.items():
        plain[field] = str(folder.path / name)
    plain["output"] = str(folder.result / Path(plain["output"]).name)
    request: Request | DubRequest = _adapter(spec.kind).validate_python(plain)
    return request


@functools.cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    """Made once: it takes longer to make than to use a hundred times."""
    return TypeAdapter(KINDS[kind])


def files_of(request: Request | DubRequest, library: Library) -> dict[str, Path]:
    """Which fields name a file, and which file. Raises InputError for what names nothing."""
    found: dict[str, Path] = {}
    if isinstance(request, DubRequest):
        found["recording"] = request.recording
    else:
        if request.audio is not None:
            found["audio"] = request.audio
        if request.voice not in (DEFAULT_VOICE, *library.voices()):
            found["voice"] = _file("voice", request.voice, [*library.voices(), DEFAULT_VOICE])
    if request.portrait is not None and request.portrait not in library.portraits():
        found["portrait"] = _file("portrait", request.portrait, library.portraits())
    return found


def _file(kind: str, name: str, known: list[str]) -> Path:
    path = Path(name)
    if not path.is_file():
        raise NotFound.among(kind, name, known) if "/" not in name else InputError(f"there is no file {name}")
    return path
