"""Settings whose environments are built and whose models, tiny and random, were pulled from a hub on loopback."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hub as hubs

from avatar import settings
from avatar.pipeline.workshop import open_workshop
from avatar.workers import manifest as manifests
from avatar.workers.environments import Environments
from avatar.workers.manifest import Manifest, ModelFile
from avatar.workers.models import Models
from avatar.workers.workshop import Workshop

HERE = Path(__file__).parent
_OWN_FILES = {"cloning": "languages/english/config.yaml", "stock": "languages/english/config.yaml"}
_SCRIPTS = {
    "pocket-tts": "pocket.py", "sdxl": "sdxl.py", "sdxl-turbo": "sdxl.py", "flux2-klein": "flow.py",
    "z-image-turbo": "flow.py", "musetalk": "musetalk.py", "xtts": "xtts.py", "qwen3-tts": "qwen3.py",
    "chatterbox": "resemble.py",
}  # fmt: skip


def tiny(manifest: Manifest) -> Manifest:
    """The shipped manifest for other bytes: no hashes of the real files, a small picture, the tiny configuration."""
    models = []
    for model in manifest.models:
        plain = [ModelFile(path=file.path) for file in model.files]
        own = [ModelFile(path=_OWN_FILES[model.key])] if model.key in _OWN_FILES else []
        models.append(model.model_copy(update={"files": (*plain, *own)}))
    options = manifest.options | ({"steps": 2, "native": 128} if manifest.seam == "painter" else {})
    return manifest.model_copy(update={"models": tuple(models), "options": options})


@dataclass
class Stand:
    """Environments, a hub's folder and pulled models below `root`; `manifests` are the shipped ones made tiny.

    SOAK_WORKERS names a folder of environments to keep from one run to the next.
    """

    root: Path
    more: dict[str, Any] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        folders = {name: self.root / name for name in ("library", "cache", "models", "workers")}
        folders["workers"] = Path(os.environ.get("SOAK_WORKERS") or folders["workers"])
        small = {"size": "320x256", "device": "cpu", "memory_mib": 50_000}
        self.settings = settings.load(folders | small | self.more)
        self.workshop: Workshop = open_workshop(self.settings)

    def add(self, name: str) -> Manifest:
        """Build that backend's environment, make its models there, and pull them."""
        manifest = self.manifests[name] = tiny(manifests.named(name))
        built = Environments(self.settings.workers).build(manifest, "cpu", print)
        assert built.record["unlocked"] == ["torch==2.13.0+cpu"]
        which = [manifest.models[0].repo] if manifest.seam == "painter" else []
        command = [built.python, HERE / "tiny" / _SCRIPTS[name], self.root / "hub", *which]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr[-3000:]
        with hubs.serve(self.root / "hub") as hub:
            store = Models(self.settings.models, endpoint=hub.url)
            for model in manifest.models:
                store.pull(model, lambda path, so_far, total: None)
                assert store.verify(model) == []
        return manifest
