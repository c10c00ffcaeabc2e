"""What is here and what it can do, found by starting it: importable is not the same as working."""

import importlib.metadata
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

from avatar import __version__, backends, codec, settings
from avatar.engine.faces.pull import GET_IT, ready
from avatar.errors import AvatarError
from avatar.pipeline import neural, profiles
from avatar.pipeline.workshop import open_workshop

_PACKAGES = ("av", "numpy", "opencv-python-headless", "skia-python", "espeakng-loader", "pyworld-prebuilt")


def gather() -> dict[str, Any]:
    """The facts of this installation, as JSON."""
    chosen = settings.load()
    workshop = open_workshop(chosen)
    device, budget_mib = workshop.device, workshop.residency.budget >> 20
    profile, why = profiles.fitting(device)
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "settings": str(settings.config_path()),
        "library": str(chosen.library),
        "cache": str(chosen.cache),
        "engines": [
            _engine(kind, name, entry)
            for kind, table in backends.BACKENDS.items()
            for name, entry in table.items()
            if not entry.worker
        ]
        + [_faces(chosen.models), _encoder()],
        "neural": [standing.to_json() for standing in neural.standings(chosen)],
        "device": asdict(device),
        "profile": {
            "name": profile,
            "why": why,
            "settings": profiles.toml_of(profile),
            "memory_mib": profiles.PROFILES[profile].settings.get("memory_mib") or budget_mib,
        },
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _engine(kind: str, name: str, entry: backends.Entry) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": kind, "name": name, "get_it": entry.get_it, "ready": True, "can": "", "why": ""}
    try:
        backend = backends.load(kind, name)()
        facts["can"] = _abilities(kind, backend)
        if hasattr(backend, "close"):
            backend.close()
    except AvatarError as error:
        facts |= {"ready": False, "why": error.message, "get_it": error.hint or entry.get_it}
    return facts


def _abilities(kind: str, backend: Any) -> str:
    """What the backend says it can do, which takes starting it: importable is not the same as working."""
    if kind == "speech":
        return f"{len(backend.languages())} languages, matches voices"
    if kind == "lipsync":
        return "animates portraits by " + ", ".join(backend.accepts)
    return f"version {backend.version}"


def _faces(models: Path) -> dict[str, Any]:
    """What reads photos; importable without its model, and useless."""
    facts: dict[str, Any] = {
        "kind": "faces",
        "name": "mediapipe",
        "get_it": GET_IT,
        "ready": True,
        "can": "",
        "why": "",
    }
    try:
        ready(models)
        facts["can"] = "finds and measures faces in photos"
    except AvatarError as error:
        facts |= {"ready": False, "why": error.message}
    return facts


def _encoder() -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": "encoder", "name": "h264", "get_it": "", "ready": True, "can": "", "why": ""}
    try:
        codec.encoder_works()
        facts["can"] = "H.264 and AAC in mp4"
    except AvatarError as error:
        facts |= {"ready": False, "why": error.message, "get_it": error.hint}
    return facts


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
