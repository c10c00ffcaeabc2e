"""The bench for machines with a GPU: without one it says so; its code runs on small models on a CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[4] / "scripts" / "bench_gpu.py"


def bench(page: Path, *words: str, path: str | None = None) -> str:
    environment = os.environ | ({} if path is None else {"PATH": path})
    subprocess.run([sys.executable, SCRIPT, page, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
    return page.read_text("utf-8")


def test_without_a_gpu_nothing_is_claimed(tmp_path: Path) -> None:
    said = bench(tmp_path / "page.md", path="/nowhere")
    assert "**Not measured**: no NVIDIA driver answers" in said
    assert "|" not in said


@pytest.mark.soak
def test_its_code_runs_on_small_models(tmp_path: Path) -> None:
    workers = os.environ.get("SOAK_WORKERS") or str(tmp_path / "workers")
    words = ["--size", "tiny", "--device", "cpu", "--workers", workers, "--only", "sdxl,musetalk"]
    said = bench(tmp_path / "page.md", *words)
    for what in (
        "sdxl: a portrait",
        "musetalk: 16 at once",
        "musetalk: start and load",
        "pipeline under the cap: swaps",
    ):
        assert f"| {what} |" in said
    assert said.count("| not measured |") == 2, "a CPU tells no peaks"
