"""Environments of the backends' own, really built from a lock with hashes; skipped loudly without an index."""

import json
import sys
from pathlib import Path

import pytest

from avatar.errors import BackendUnavailable
from avatar.workers import environments
from avatar.workers.environments import Environments, without_cuda
from avatar.workers.manifest import Manifest
from avatar.workers.process import Worker


def test_what_was_built_holds_its_lock_and_nothing_of_ours(built: Environments, toy: Manifest) -> None:
    found = built.find(toy)
    assert found is not None
    assert set(found.record["packages"]) <= {"numpy", "packaging", "pip", "setuptools", "wheel"}
    assert (found.record["variant"], found.record["unlocked"]) == ("locked", [])
    worker = Worker("toy", found.python, str(toy.worker))
    worker.start()
    assert worker.load({}, {})["numpy"] == found.record["packages"]["numpy"]
    worker.close()


def test_it_is_built_once(built: Environments, toy: Manifest) -> None:
    before = built.find(toy)
    said: list[str] = []
    assert built.build(toy, "locked", said.append) == before
    assert said == []


def test_another_lock_is_another_environment(built: Environments, toy: Manifest, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(toy.lock.read_text() + "\n# another\n")
    assert built.find(toy.model_copy(update={"folder": tmp_path})) is None


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ("numpy==2.3.0 --hash=sha256:" + "0" * 64, "[Hh]ash"),
        ("numpy==2.3.0", "hash"),
    ],
)
def test_what_cannot_be_installed_says_why_and_leaves_nothing(
    tmp_path: Path, toy: Manifest, lock: str, words: str
) -> None:
    (tmp_path / "requirements.txt").write_text(lock + "\n")
    (tmp_path / "worker.py").write_text(toy.worker.read_text())
    mine = Environments(tmp_path / "environments")
    with pytest.raises(BackendUnavailable, match=words):
        mine.build(toy.model_copy(update={"folder": tmp_path}), "locked", print)
    assert not [path for path in (tmp_path / "environments").iterdir() if path.is_dir()]


def test_a_build_that_was_killed_does_not_count(built: Environments, toy: Manifest, tmp_path: Path) -> None:
    """Everything but the last file is there."""
    mine = Environments(tmp_path)
    folder = mine.folder(toy, "locked")
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    assert mine.find(toy) is None
    (folder / "ready.json").write_text(json.dumps({"variant": "locked"}))
    assert mine.find(toy) is not None


def test_a_python_out_of_range_is_named(toy: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "find_uv", lambda: None)
    monkeypatch.setattr(environments.shutil, "which", lambda name: None)
    never = toy.model_copy(update={"environment": toy.environment.model_copy(update={"python": ">=4.2"})})
    with pytest.raises(BackendUnavailable, match=r">=4\.2"):
        environments.python_for(never)


def test_the_cpu_variant_leaves_out_torch_and_cuda_only() -> None:
    lock = (
        "numpy==2.4.6 \\\n    --hash=sha256:aa\n"
        "nvidia-cublas==13.0 ; sys_platform == 'linux' \\\n    --hash=sha256:bb\n"
        "torch==2.13.0 \\\n    --hash=sha256:cc\n"
        "torchaudio==2.11.0 \\\n    --hash=sha256:dd\n"
        "triton==3.7 \\\n    --hash=sha256:ee\n"
        "tqdm==4.67 \\\n    --hash=sha256:ff\n"
    )
    kept = without_cuda(lock)
    assert [line.split("==")[0] for line in kept.splitlines() if not line.startswith(" ")] == [
        "numpy", "torchaudio", "tqdm",
    ]  # fmt: skip
    assert kept.count("--hash") == 3


def test_a_disk_that_is_too_full_is_said_before_anything_is_made(
    toy: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = environments.shutil.disk_usage("/")
    monkeypatch.setattr(environments.shutil, "disk_usage", lambda path: usage._replace(free=1 << 30))
    large = toy.model_copy(update={"environment": toy.environment.model_copy(update={"torch": "2.13.0"})})
    said: list[str] = []
    with pytest.raises(BackendUnavailable, match=r"may take 2\.1 GB; 1\.1 GB are free"):
        Environments(tmp_path).build(large, "cpu", said.append)
    assert said == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the published build is the one for a CPU")
def test_pytorchs_own_index_is_asked_where_pips_holds_no_build_for_a_cpu(
    toy: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    large = toy.model_copy(update={"environment": toy.environment.model_copy(update={"torch": "2.13.0"})})
    said: list[str] = []
    with pytest.raises(BackendUnavailable, match="cannot be built"):
        Environments(tmp_path / "e").build(large, "cpu", said.append)
    tried = [line.split()[0] for line in said if "torch==2.13.0+cpu" in line]
    assert tried == ["python", "uv"], said


def test_a_backend_whose_worker_does_not_start_is_made_anew(built: Environments, toy: Manifest, tmp_path: Path) -> None:
    assert not built.forget_broken(toy), "what works is left alone"
    mine = Environments(tmp_path)
    folder = mine.folder(toy, "locked")
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to("/bin/false")
    (folder / "ready.json").write_text(json.dumps({"variant": "locked"}))
    assert mine.forget_broken(toy)
    assert mine.find(toy) is None


def test_one_that_cannot_be_had_says_so(toy: Manifest, tmp_path: Path) -> None:
    never = toy.model_copy(
        update={"environment": toy.environment.model_copy(update={"unavailable": "it is on no package index"})}
    )
    with pytest.raises(BackendUnavailable, match="no package index"):
        Environments(tmp_path).build(never, "locked", print)
