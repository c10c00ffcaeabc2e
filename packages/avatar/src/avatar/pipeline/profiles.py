"""Settings that go together on a kind of machine, and which of them fits this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avatar.workers.accelerator import Accelerator
from avatar.workers.residency import MEBIBYTE


@dataclass(frozen=True)
class Profile:
    """`least_mib`: the free accelerator memory it is made for; `settings`: values for avatar.toml."""

    device: str
    least_mib: int
    why: str
    settings: Mapping[str, Any]


_ALL_NEURAL = {"speech": "pocket-tts", "painter": "sdxl", "lipsync": "musetalk"}

PROFILES: dict[str, Profile] = {
    "rtx4090": Profile(
        "cuda", 20_000, "every model stays in memory together",
        {"device": "cuda", "precision": "fp16", "memory_mib": 20_000} | _ALL_NEURAL,
    ),
    "rtx3080": Profile(
        "cuda", 9_200, "painting and lip sync take turns: the least recently used is ended",
        {"device": "cuda", "precision": "fp16", "memory_mib": 9_200} | _ALL_NEURAL,
    ),
    "low_vram": Profile(
        "cuda", 5_200, "lip sync fits, SDXL does not: portraits are drawn",
        {"device": "cuda", "precision": "fp16", "memory_mib": 5_200} | _ALL_NEURAL | {"painter": "embedded"},
    ),
    "mps": Profile(
        "mps", 0, "Apple silicon, where none of this was tried: only speech is neural, on the CPU",
        {"device": "cpu", "precision": "fp32", "speech": "pocket-tts", "painter": "embedded", "lipsync": "embedded"},
    ),
    "cpu": Profile(
        "cpu", 0, "the embedded engines: nothing to fetch, faster than it plays",
        {"device": "cpu", "speech": "embedded", "painter": "embedded", "lipsync": "embedded"},
    ),
}  # fmt: skip
"""In the order they are tried; the last fits everywhere."""


def fitting(found: Accelerator) -> tuple[str, str]:
    """The first profile this machine's device and free memory allow, and why."""
    free = found.free // MEBIBYTE
    for name, profile in PROFILES.items():
        if profile.device == found.device and free >= profile.least_mib:
            return name, f"{found.device} with {free} MiB free ({found.why}): {profile.why}"
    profile = PROFILES["cpu"]
    return "cpu", f"{found.device} with {free} MiB free is too little for a neural profile: {profile.why}"


def toml_of(name: str) -> str:
    """The profile as a settings file."""
    profile = PROFILES[name]
    lines = [f"# {name}: {profile.why}"]
    lines += [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in profile.settings.items()
    ]
    return "\n".join(lines) + "\n"
