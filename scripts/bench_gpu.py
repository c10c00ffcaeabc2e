"""What the neural backends take on a GPU: memory of each, all under one cap, what swapping costs, frames a second.

python scripts/bench_gpu.py PAGE [--size real|tiny] [--device auto|cpu] [--workers FOLDER] [--only NAMES]

The weights are random, of the published sizes: memory and time do not depend on what they say. Where there is no
GPU the page says "not measured"; `--size tiny --device cpu` runs the same code on small ones and tells nothing of use.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from avatar.workers import accelerator
from avatar.workers import manifest as manifests
from avatar.workers.environments import Environments, best_variant
from avatar.workers.lipsync import assumed_points
from avatar.workers.manifest import Manifest
from avatar.workers.process import Worker
from avatar.workers.residency import MEBIBYTE, Need, Peaks, Residency

MAKERS = Path(__file__).resolve().parents[1] / "packages/avatar/tests/neural/tiny"
NAMES = ("xtts", "sdxl", "musetalk")
CAP_MIB = 10_000
BATCHES = (1, 2, 4, 8, 16)
SIZE = {"real": (1280, 720), "tiny": (320, 256)}
NOT = "not measured"


@dataclass
class Stand:
    """What is measured with: the device, the environments, a folder of random models, the size of all of it."""

    device: accelerator.Accelerator
    environments: Environments
    models: Path
    size: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, what: str, value: str, how: str) -> None:
        """A row of the page."""
        self.rows.append((what, value, how))
        print(f"{what}: {value} ({how})", flush=True)

    def options(self, manifest: Manifest) -> dict[str, Any]:
        """As the workshop would load it here."""
        known = {memory.precision for memory in manifest.memory}
        halves: tuple[str, ...] = ("fp16", "bf16") if self.device.device == "cuda" else ()
        precision = next((half for half in halves if half in known), "fp32")
        small = {"steps": 2, "native": 128} if self.size == "tiny" and manifest.seam == "painter" else {}
        how = {"device": self.device.device, "precision": precision, "threads": 2}
        return dict(manifest.options) | how | small


class Loaded:
    """A worker with its models; what loading took in seconds."""

    def __init__(self, stand: Stand, manifest: Manifest) -> None:
        began = time.monotonic()
        built = stand.environments.find(manifest)
        assert built is not None, "it was built before"
        self.worker = Worker(manifest.name, built.python, str(manifest.worker))
        self.worker.start()
        folders = {model.key: stand.models / model.repo for model in manifest.models}
        self.worker.load(folders, stand.options(manifest))
        self.seconds = time.monotonic() - began

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.worker.alive

    def close(self) -> None:
        """End it, and so give its memory back."""
        self.worker.close()

    def work(self, call: str, options: dict[str, Any], arrays: dict[str, Any] | None = None) -> float:
        """Seconds one call takes."""
        began = time.monotonic()
        for _ in self.worker.run(call, options, arrays):
            continue
        return time.monotonic() - began


def prepare(stand: Stand, name: str) -> Manifest:
    """Build the environment and make the random models."""
    manifest = manifests.named(name)
    built = stand.environments.build(manifest, best_variant(stand.device.device == "cuda"), print)
    which = [manifest.models[0].repo] if manifest.seam == "painter" else []
    command = [str(built.python), str(MAKERS / f"{name}.py"), str(stand.models), *which, stand.size]
    subprocess.run(command, check=True)
    return manifest


def speak(loaded: Loaded, _size: str) -> float:
    """One sentence."""
    return loaded.work("speak", {"text": "the quick brown fox jumps over it.", "language": "en", "seed": 1})


def paint(loaded: Loaded, size: str) -> float:
    """One portrait."""
    wanted = {"prompt": "a person", "negative": "", "seed": 1, "size": list(SIZE[size])}
    return loaded.work("paint", wanted)


def animate(loaded: Loaded, size: str, batch: int = 8, frames: int = 0) -> float:
    """`frames` frames of a face in the middle."""
    width, height = SIZE[size]
    frames = frames or (100 if size == "real" else 2 * batch)
    arrays = {
        "image": np.zeros((height, width, 3), np.uint8),
        "points": assumed_points((0.36, 0.14, 0.64, 0.62), (width, height)),
        "samples": np.zeros(frames * 640, np.float32),
    }
    return loaded.work("animate", {"frames": frames, "batch": batch}, arrays)


WORK: dict[str, Callable[[Loaded, str], float]] = {"xtts": speak, "sdxl": paint, "musetalk": animate}


def alone(stand: Stand, manifest: Manifest) -> int:
    """Measure one backend by itself; its peak in bytes, 0 where there is no accelerator to ask."""
    with _loaded(stand, manifest) as loaded:
        stand.note(f"{manifest.name}: start and load", f"{loaded.seconds:.1f} s", "process start to first call")
        WORK[manifest.name](loaded, stand.size)  # what is compiled and cached at first
        what = {"speech": "a sentence", "painter": "a portrait", "lipsync": "100 frames"}[manifest.seam]
        stand.note(f"{manifest.name}: {what}", f"{WORK[manifest.name](loaded, stand.size):.2f} s", "second call")
        if manifest.name == "musetalk":
            for batch in BATCHES:
                frames = 100 if stand.size == "real" else batch
                seconds = animate(loaded, stand.size, batch, frames)
                stand.note(f"musetalk: {batch} at once", f"{frames / seconds:.1f} frames/s", "sound to blended frame")
        peak = loaded.worker.peak_bytes or 0
    value = f"{peak // MEBIBYTE} MiB" if peak else NOT
    stand.note(f"{manifest.name}: peak memory", value, "reserved by PyTorch, largest call")
    return peak


def together(stand: Stand, chosen: list[Manifest], peaks: dict[str, int]) -> None:
    """Every backend twice in the pipeline's order under the cap: what is swapped, and what that takes."""
    residency: Residency[Loaded] = Residency(CAP_MIB * MEBIBYTE, Peaks())
    starts: list[float] = []

    def start(manifest: Manifest) -> Loaded:
        loaded = Loaded(stand, manifest)
        starts.append(loaded.seconds)
        return loaded

    most = 0
    for _ in range(2):
        for manifest in chosen:
            need = Need(manifest.name, stand.size, peaks[manifest.name] or MEBIBYTE)
            with residency.use(need, lambda manifest=manifest: start(manifest)) as loaded:  # type: ignore[misc]
                WORK[manifest.name](loaded, stand.size)
            most = max(most, sum(residency.resident().values()))
    residency.evict_all()
    swaps = starts[len(chosen) :]
    stand.note("pipeline under the cap: memory", f"{most // MEBIBYTE} of {CAP_MIB} MiB", "sum of peaks of the resident")
    each = f", {sum(swaps) / len(swaps):.1f} s each" if swaps else ""
    stand.note("pipeline under the cap: swaps", f"{len(swaps)}{each}", "second film, workers started anew")


@contextmanager
def _loaded(stand: Stand, manifest: Manifest) -> Iterator[Loaded]:
    loaded = Loaded(stand, manifest)
    try:
        yield loaded
    finally:
        loaded.close()


def page(device: accelerator.Accelerator, size: str, rows: list[tuple[str, str, str]]) -> str:
    """The figures as Markdown, or that there are none."""
    head = "# Neural backends on a GPU\n\nWritten by `make bench-gpu`: random weights of the published sizes.\n\n"
    if not rows:
        return (
            f"{head}**{NOT.capitalize()}**: {device.why}. None of docs/models' figures was measured by this project.\n"
        )
    lines = [f"{device.name}, {device.total // MEBIBYTE} MiB, driver {device.driver or '-'}; {size} models.\n"]
    lines += ["| what | value | how |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    return head + "\n".join(lines) + "\n"


def measured(stand: Stand, names: list[str]) -> None:
    """Fill the stand's rows."""
    chosen = [prepare(stand, name) for name in names]
    peaks = {manifest.name: alone(stand, manifest) for manifest in chosen}
    over = [name for name, peak in peaks.items() if peak > CAP_MIB * MEBIBYTE]
    if over:
        stand.note("pipeline under the cap", "impossible", f"{', '.join(over)} alone is over {CAP_MIB} MiB")
    else:
        together(stand, chosen, peaks)


def main() -> None:
    """Measure what is here, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--size", choices=sorted(SIZE), default="real")
    parser.add_argument("--device", choices=("auto", "cpu"), default="auto")
    parser.add_argument("--workers", type=Path)
    parser.add_argument("--only", default=",".join(NAMES))
    given = parser.parse_args()
    device = accelerator.find(given.device)
    rows: list[tuple[str, str, str]] = []
    if device.device == "cuda" or given.size == "tiny":
        with tempfile.TemporaryDirectory(prefix="avatar-gpu-") as scratch:
            workers = Environments(given.workers or Path(scratch) / "workers")
            stand = Stand(device, workers, Path(scratch) / "models", given.size, rows)
            measured(stand, given.only.split(","))
    given.page.write_text(page(device, given.size, rows), "utf-8")


if __name__ == "__main__":
    main()
