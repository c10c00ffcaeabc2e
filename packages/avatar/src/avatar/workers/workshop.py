"""What the worker backends share: environments, models, the device, and who may stay in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from avatar.errors import BackendUnavailable
from avatar.workers import accelerator
from avatar.workers.accelerator import Accelerator
from avatar.workers.environments import Built, Environments
from avatar.workers.manifest import Manifest, Precision
from avatar.workers.models import Models
from avatar.workers.process import OutOfMemory, Worker
from avatar.workers.residency import MEBIBYTE, Need, Peaks, Residency


@dataclass(frozen=True)
class Choice:
    """How models are run here: the device asked for ("auto": the best), a precision ("auto": the device's own), the
    part of the device's memory that may be used in MiB (0: nine tenths of what is free), threads on a CPU."""

    device: str = "auto"
    precision: str = "auto"
    memory_mib: int = 0
    threads: int = 2


@dataclass
class Workshop:
    """Lends workers with their models loaded. Close it to end them all."""

    environments: Environments
    models: Models
    choice: Choice = field(default_factory=Choice)
    peaks: Path | None = None

    @cached_property
    def device(self) -> Accelerator:
        """What is computed with."""
        return accelerator.find(self.choice.device)

    @cached_property
    def residency(self) -> Residency["LoadedWorker"]:
        """Who is in memory."""
        budget = self.choice.memory_mib * MEBIBYTE or round(self.device.free * 0.9)
        return Residency(budget, Peaks(self.peaks))

    def precision(self, manifest: Manifest) -> Precision:
        """The precision asked for, or the device's own: half where the device is built for it."""
        known = {memory.precision for memory in manifest.memory}
        if self.choice.precision in known:
            return self.choice.precision
        halves: tuple[Precision, ...] = () if self.device.device == "cpu" else ("fp16", "bf16")
        return next((half for half in halves if half in known), "fp32")

    def need(self, manifest: Manifest, size: str) -> Need:
        """The memory a piece of work takes."""
        precision = self.precision(manifest)
        estimate = next((m.mebibytes for m in manifest.memory if m.precision == precision), 1024)
        return Need(f"{manifest.name}/{precision}", size, estimate * MEBIBYTE)

    def environment(self, manifest: Manifest) -> Built:
        """The backend's environment. Raises BackendUnavailable when it was not built."""
        built = self.environments.find(manifest)
        if built is not None:
            return built
        if manifest.environment.unavailable:
            raise BackendUnavailable(f"{manifest.name} cannot be installed: {manifest.environment.unavailable}")
        raise BackendUnavailable(
            f"{manifest.name} has no environment here", f"build it: avatar models pull {manifest.name}"
        )

    @contextmanager
    def lend(self, manifest: Manifest, size: str, options: Mapping[str, Any] | None = None) -> Iterator["LoadedWorker"]:
        """A worker of that backend with its models loaded, for work of that size.

        Raises BackendUnavailable, OutOfMemory (after everything else was ended), BackendFailed.
        """
        need = self.need(manifest, size)
        with self.residency.use(need, lambda: self._start(manifest, dict(options or {}))) as worker:
            try:
                yield worker
            except OutOfMemory:
                self.residency.evict_all()
                raise
            if worker.process.peak_bytes:
                self.residency.peaks.record(need, worker.process.peak_bytes)

    def close(self) -> None:
        """End every worker."""
        if "residency" in self.__dict__:
            self.residency.evict_all()

    def _start(self, manifest: Manifest, options: dict[str, Any]) -> "LoadedWorker":
        asked, device = self.choice.device, self.device
        if asked not in {"auto", device.device}:
            raise BackendUnavailable(
                f"{asked} was asked for, and is not here: {device.why}", "set device to auto or cpu"
            )
        models = self.models.need(manifest)
        worker = Worker(manifest.name, self.environment(manifest).python, str(manifest.worker))
        worker.start()
        how = {"device": device.device, "precision": self.precision(manifest), "threads": self.choice.threads}
        try:
            facts = worker.load(models, dict(manifest.options) | how | options)
        except BaseException:
            worker.kill()
            raise
        return LoadedWorker(worker, facts)


@dataclass
class LoadedWorker:
    """A worker that has its models, and the facts it gave about them."""

    process: Worker
    facts: Mapping[str, Any]

    @property
    def alive(self) -> bool:
        """Whether its process runs: it may have been killed while nobody used it."""
        return self.process.alive

    def close(self) -> None:
        """End it."""
        self.process.close()
