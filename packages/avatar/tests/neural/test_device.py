"""What a driver says is understood, and the profile that fits it chosen; the example files are those profiles."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from avatar import settings
from avatar.pipeline import profiles
from avatar.workers.accelerator import Accelerator, find, parse_nvidia

EXAMPLES = Path(__file__).parents[4] / "examples" / "profiles"
GIB = 1 << 30


@pytest.mark.parametrize(
    ("said", "device", "words"),
    [
        ("NVIDIA GeForce RTX 4090, 24564, 23000, 590.44\n", "cuda", "nvidia-smi"),
        ("NVIDIA A, 10240, 100, 590.44\nNVIDIA B, with a comma, 10240, 9000, 590.44\n", "cuda", "nvidia-smi"),
        ("NVIDIA GeForce GTX 1080, 8192, 8000, 470.10\n", "cpu", "470.10 is too old"),
        ("", "cpu", "no GPU"),
        ("NVIDIA X, [N/A], [N/A], 590.44\n", "cpu", "no GPU"),
    ],
)
def test_the_drivers_answer_is_understood(said: str, device: str, words: str) -> None:
    found = parse_nvidia(said)
    assert found.device == device
    assert words in found.why
    if device == "cuda":
        assert found.free >= 9000 << 20, "the GPU with most free memory"


@pytest.mark.parametrize(
    ("script", "words"), [("sleep 9", "does not answer"), ("echo 'Failed to initialize NVML' >&2; exit 9", "NVML")]
)
def test_a_driver_that_is_stuck_or_broken_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = find("auto")
    assert found.device == "cpu"
    assert words in found.why
    assert found.free > GIB, "the CPU still has its memory"


@pytest.mark.parametrize(
    ("device", "free", "profile"),
    [
        ("cuda", 23.0, "rtx4090"), ("cuda", 9.4, "rtx3080"), ("cuda", 6.0, "low_vram"), ("cuda", 2.0, "cpu"),
        ("mps", 11.0, "mps"), ("cpu", 60.0, "cpu"),
    ],
)  # fmt: skip
def test_the_profile_follows_the_measured_memory(device: str, free: float, profile: str) -> None:
    found = Accelerator(device, "x", 0, round(free * GIB), "measured")  # type: ignore[arg-type]
    name, why = profiles.fitting(found)
    assert name == profile
    assert f"{round(free * GIB) >> 20} MiB free" in why


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_each_example_file_is_its_profile_and_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = EXAMPLES / f"{name}.toml"
    assert path.read_text() == profiles.toml_of(name)
    monkeypatch.setenv("AVATAR_CONFIG", str(path))
    assert settings.load().speech == profiles.PROFILES[name].settings["speech"]


def test_status_explains_its_choice() -> None:
    avatar = Path(sys.executable).parent / "avatar"
    said = subprocess.run([avatar, "status", "--explain"], capture_output=True, text=True, check=True).stdout
    facts = json.loads(subprocess.run([avatar, "status", "--json"], capture_output=True, text=True, check=True).stdout)
    assert f"profile   {facts['profile']['name']}:" in said
    for backend in facts["neural"]:
        assert f"needs {backend['needs_mib']} MiB" in said


@pytest.mark.parametrize(("free", "profile"), [(23000, "rtx4090"), (9500, "rtx3080"), (6000, "low_vram")])
def test_what_a_profile_names_fits_the_memory_it_allows(tmp_path: Path, free: int, profile: str) -> None:
    """Nine tenths of 9500 MiB are less than SDXL needs: the profile's own figure counts."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho 'NVIDIA X, 24564, {free}, 590.44'\n")
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin", "AVATAR_CONFIG": str(tmp_path / "none.toml")}
    command = [Path(sys.executable).parent / "avatar", "status", "--explain"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert said.startswith(f"profile   {profile}: ")
    named = {profiles.PROFILES[profile].settings[kind] for kind in ("speech", "painter", "lipsync")} - {"embedded"}
    fitting = {line.split()[0] for line in said.splitlines() if line.endswith(", fits")}
    assert named <= fitting, said
