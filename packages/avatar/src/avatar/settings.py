"""Settings: defaults < avatar.toml < AVATAR_* in the environment < flags, merged once at the edge.

The only place that reads the environment. Nothing below `pipeline` sees a Settings.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from avatar.errors import InputError, nearest

PREFIX = "AVATAR_"


class Settings(BaseModel):
    """Everything a person can set once instead of on every command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    library: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("avatar"),
        description="folder that keeps voices, portraits and the consent record",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("avatar"),
        description="folder of finished stages; safe to delete at any time",
    )
    jobs: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("avatar") / "jobs",
        description="folder of the jobs: their inputs, events, results, and the queue where no database is named",
    )
    database: str = Field(
        "", description="postgresql://... of the queue for workers on many machines; empty: SQLite below `jobs`"
    )
    jobs_limit_mb: int = Field(10_000, ge=1, description="results of jobs are kept to this size, the oldest go first")
    jobs_keep_days: int = Field(30, ge=0, description="days for which a job that has ended is kept")
    webhook_hosts: str = Field("", description="hosts that webhooks may be sent to, with commas between; empty: none")
    signer: Path | None = Field(
        None, description="folder with key.pem and chain.pem that sign what is made; unset: a key made on first use"
    )
    models: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("avatar") / "models",
        description="folder of pulled model files",
    )
    workers: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("avatar") / "workers",
        description="folder of the neural backends' own environments",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="what neural backends compute with")
    precision: Literal["auto", "fp32", "fp16", "bf16"] = Field(
        "auto", description="precision of neural backends; auto: half on an accelerator, full on a CPU"
    )
    memory_mib: int = Field(
        0, ge=0, description="accelerator memory neural backends may fill, in MiB; 0: nine tenths of what is free"
    )
    threads: int = Field(2, ge=1, description="threads of a neural backend on a CPU")
    torch_index: str = Field(
        "", description="package index of PyTorch's CPU builds; empty: as pip is configured, then PyTorch's own"
    )
    cache_limit_mb: int = Field(2048, ge=0, description="the cache is trimmed to this size, oldest use first")
    speech: str = Field("embedded", description="backend that learns voices and speaks")
    painter: str = Field("embedded", description="backend that makes portraits from words")
    lipsync: str = Field("embedded", description="backend that makes a portrait speak")
    language: str = Field("en", description="language of the text, as a BCP 47 tag")
    size: str = Field("1280x720", pattern=r"^\d+x\d+$", description="width x height of the video in pixels")
    fps: int = Field(25, ge=10, le=60, description="frames per second")
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"] = (
        Field("veryfast", description="x264's preset: slower makes smaller files")
    )
    crf: int = Field(20, ge=0, le=51, description="x264's quality: 0 lossless, 51 worst")
    longest_text: int = Field(50_000, ge=1, description="characters of text taken in one run (50,000 is about an hour)")

    @property
    def frame_size(self) -> tuple[int, int]:
        """`size` as (width, height)."""
        width, _, height = self.size.partition("x")
        return int(width), int(height)


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """Merge all sources. `flags` that are None count as not given.

    Raises InputError naming the source, the key and the nearest known key or the reason a value is refused.
    """
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    path = config_path()
    for source, values in ((str(path), _from_file(path)), ("the environment", _from_environment()), ("a flag", given)):
        for key, value in values.items():
            if key not in Settings.model_fields:
                raise InputError(f"unknown setting {key!r} in {source}", nearest(key, Settings.model_fields))
            merged[key] = value
            origin[key] = source
    try:
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        raise InputError(f"the setting {key} in {origin[key]} is refused: {first['msg']}") from error


def config_path() -> Path:
    """The settings file: AVATAR_CONFIG, or avatar.toml in the user's configuration folder."""
    named = os.environ.get(PREFIX + "CONFIG")  # noqa: TID251  this module is the one place
    return Path(named) if named else platformdirs.user_config_path("avatar") / "avatar.toml"


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"the settings file {path} cannot be read: {error}") from error


def _from_environment() -> dict[str, str]:
    return {
        key.removeprefix(PREFIX).lower(): value
        for key, value in os.environ.items()  # noqa: TID251  this module is the one place
        if key.startswith(PREFIX) and key != PREFIX + "CONFIG"
    }
