"""What a worker backend says of itself: seam, environment, models, memory, licences. Read from TOML, checked whole."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from avatar.errors import InputError, NotFound

BUILTIN = Path(__file__).resolve().parents[1] / "neural"
"""Folder of the manifests shipped with avatar: NAME.toml beside the worker.py and the lock it uses."""

Precision = Literal["fp32", "fp16", "bf16"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelFile(_Strict):
    """One file of a model. `sha256` None: compared with the hub's own hash and remembered at the first pull."""

    path: str
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or "\\" in path or not all(parts):
            raise ValueError("a path inside the repository")
        return path


class Model(_Strict):
    """A model of the hub: `revision` is a commit, so that the same bytes come tomorrow.

    `commercial` None: the licence's text could not be read where this was written. `gated`: the hub wants
    a signed-in account that accepted the terms. `needed_for` says what is lost without it, empty: everything.
    """

    key: str
    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = Field(pattern="^[0-9a-f]{40}$")
    files: tuple[ModelFile, ...]
    megabytes: int = Field(ge=0, description="about; the hub's own figures are shown before a download")
    licence: str
    commercial: bool | None
    gated: bool = False
    needed_for: str = ""


class Memory(_Strict):
    """Peak accelerator memory in MiB at a precision, before any was measured here, and what the figure rests on."""

    precision: Precision
    mebibytes: int
    basis: str


class Environment(_Strict):
    """The backend's own packages.

    `torch`: the version pinned, "" for none. `drop`: files removed after the install on a machine without CUDA,
    as globs below site-packages. `unavailable`: why it cannot be built from the registries.
    """

    python: str
    torch: str = ""
    drop: tuple[str, ...] = ()
    unavailable: str = ""

    @field_validator("python")
    @classmethod
    def _a_range(cls, text: str) -> str:
        try:
            SpecifierSet(text)
        except InvalidSpecifier as error:
            raise ValueError(str(error)) from error
        return text


class Manifest(_Strict):
    """One backend. `folder` holds its worker.py and its lock, requirements.txt."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]*$")
    seam: Literal["speech", "painter", "lipsync"]
    version: str
    summary: str
    languages: tuple[str, ...] = ()
    clones_voices: bool = False
    longest_chunk: int = Field(0, description="characters the model takes at once; 0: no limit of its own")
    longest_chunks: dict[str, int] = Field(default_factory=dict, description="the same, where a language differs")
    accepts: tuple[str, ...] = ()
    devices: tuple[Literal["cpu", "cuda", "mps"], ...]
    licence: str
    options: dict[str, Any] = Field(default_factory=dict)
    environment: Environment
    models: tuple[Model, ...] = ()
    memory: tuple[Memory, ...] = ()
    folder: Path

    @cached_property
    def lock(self) -> Path:
        """The locked requirements, with hashes and no addresses."""
        return self.folder / "requirements.txt"

    @cached_property
    def worker(self) -> Path:
        """The file that runs inside the environment."""
        return self.folder / "worker.py"

    def model(self, key: str) -> Model:
        """The model of that key. Raises NotFound."""
        for model in self.models:
            if model.key == key:
                return model
        raise NotFound.among(f"model of {self.name}", key, [model.key for model in self.models])

    def longest(self, language: str) -> int:
        """Characters of that language the model takes at once; 0: no limit of its own."""
        return self.longest_chunks.get(language, self.longest_chunk)

    def commercial(self) -> bool | None:
        """Whether every model it cannot do without may be used commercially; None when that is unknown."""
        said = [model.commercial for model in self.models if not model.needed_for]
        return False if False in said else None if None in said else True

    def restriction(self) -> str:
        """What whoever uses its works must know, "" for nothing: no commercial use is theirs to keep."""
        return f"made by {self.name!r}: no commercial use ({self.licence})" if self.commercial() is False else ""


def read(path: Path) -> Manifest:
    """The manifest in that file. Raises InputError that names the file and what is wrong in it."""
    try:
        with path.open("rb") as file:
            return Manifest(**tomllib.load(file), folder=path.parent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg']}") from error
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def shipped() -> dict[str, Manifest]:
    """The backends shipped with avatar, by name; several may share a folder, and so an environment."""
    found = [read(path) for path in sorted(BUILTIN.glob("*/*.toml"))]
    return {manifest.name: manifest for manifest in found}


def named(name: str) -> Manifest:
    """The shipped backend of that name. Raises NotFound with the nearest."""
    known = shipped()
    if name not in known:
        raise NotFound.among("worker backend", name, known)
    return known[name]
