"""What this machine computes with: asked of its driver, without importing a framework."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from avatar.workers.residency import MEBIBYTE

Device = Literal["cpu", "cuda", "mps"]
OLDEST_DRIVER = 580
"""NVIDIA's first driver branch for CUDA 13, which the locked builds of PyTorch are made for."""
_SECONDS = 1.5


@dataclass(frozen=True)
class Accelerator:
    """A device with `total` and `free` bytes; `why` says how it was found, or what keeps it from being used."""

    device: Device
    name: str
    total: int
    free: int
    why: str
    driver: str = ""


def find(wanted: str = "auto") -> Accelerator:
    """The device to use: the one asked for, or the best there is. What is asked for and not there is said in `why`."""
    gpu = _nvidia()
    if wanted in {"auto", "cuda"} and gpu is not None and gpu.device == "cuda":
        return gpu
    if wanted in {"auto", "mps"} and sys.platform == "darwin" and platform.machine() == "arm64":
        total = _memory()
        return Accelerator("mps", "Apple silicon", total, round(total * 0.7), "unified memory; seven tenths are used")
    reason = "no NVIDIA driver answers and this is no Apple silicon" if gpu is None else gpu.why
    if wanted == "cpu":
        reason = "asked for"
    total = _memory()
    return Accelerator("cpu", platform.machine(), total, round(total * 0.8), reason)


def _nvidia() -> Accelerator | None:
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = ["--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run([program, *query], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Accelerator("cpu", "", 0, 0, "nvidia-smi does not answer: the driver is missing or stuck")
    return parse_nvidia(done.stdout) if done.returncode == 0 else Accelerator("cpu", "", 0, 0, _reason(done))


def parse_nvidia(text: str) -> Accelerator:
    """The GPU with most free memory in nvidia-smi's CSV; device "cpu" with the reason when none can be used."""
    found = []
    for line in text.strip().splitlines():
        name, total, free, driver = (part.strip() for part in line.rsplit(",", 3))
        if total.isdigit() and free.isdigit():
            found.append(Accelerator("cuda", name, int(total) * MEBIBYTE, int(free) * MEBIBYTE, "nvidia-smi", driver))
    if not found:
        return Accelerator("cpu", "", 0, 0, "nvidia-smi lists no GPU")
    best = max(found, key=lambda gpu: gpu.free)
    major = best.driver.partition(".")[0]
    if major.isdigit() and int(major) < OLDEST_DRIVER:
        return Accelerator(
            "cpu",
            best.name,
            0,
            0,
            f"the driver {best.driver} is too old: {OLDEST_DRIVER} or newer is needed for CUDA 13",
        )
    return best


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"nvidia-smi says: {said[0][:120]}" if said else f"nvidia-smi ended with {done.returncode}"


def _memory() -> int:
    """Bytes of main memory, the limit of this process's group counted."""
    import os  # noqa: PLC0415

    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 << 30  # Windows tells this through its own interface only; enough for one CPU model
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("utf-8").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total
