"""Environments of the backends' own, built once from their locks and left alone.

An environment is a folder named by everything it was built from; it counts only once its ``ready.json`` is
there, which is written last. uv builds it where uv is at hand, because it shares files between environments.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from packaging.specifiers import SpecifierSet

from avatar.errors import BackendFailed, BackendUnavailable, InputError
from avatar.workers.manifest import Manifest
from avatar.workers.process import Worker

Variant = Literal["locked", "cpu"]
"""`locked`: every package as published, with its hash. `cpu`: PyTorch's CPU build instead of the one in the lock,
which no package index but PyTorch's own publishes: so torch alone is unlocked, and the record says so."""

_ROOM: dict[Variant, int] = {"cpu": 2 << 30, "locked": 8 << 30}
"""What an environment with PyTorch may take on disk: 0.8 to 1.6 GB on a CPU; with CUDA an estimate."""

OnLine = Callable[[str], None]
_CUDA_ONLY = re.compile(r"^(torch|triton|nvidia-[\w-]+|cuda-[\w-]+|pytorch-triton[\w-]*)==")
_FULL = "No space left"  # the system's words, in pip's
_PYTHONS = ("3.12", "3.13", "3.11", "3.14", "3.10")


@dataclass(frozen=True)
class Built:
    """An environment that works: its interpreter, and the record of how it was built."""

    python: Path
    record: dict[str, Any]


class Environments:
    """The environments below `root`."""

    def __init__(self, root: Path, torch_index: str = "") -> None:
        self.root = root
        self._torch_index = torch_index

    def find(self, manifest: Manifest) -> Built | None:
        """The backend's environment, whichever variant was built; None when there is none of this lock."""
        for variant in ("locked", "cpu"):
            folder = self.folder(manifest, variant)
            record = folder / "ready.json"
            if record.is_file() and _python_in(folder).exists():
                return Built(_python_in(folder), json.loads(record.read_text("utf-8")))
        return None

    def folder(self, manifest: Manifest, variant: Variant) -> Path:
        """Where the environment stands, built or not."""
        inputs = [manifest.lock.read_text("utf-8"), manifest.environment.model_dump_json(), variant]
        return self.root / f"{manifest.folder.name}-{hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:12]}"

    def build(self, manifest: Manifest, variant: Variant, on_line: OnLine) -> Built:
        """Build it, or return what stands. Only one process builds at a time.

        Raises BackendUnavailable with the line that explains the failure: no fitting Python, no disk, a
        package that cannot be had, or a worker that does not start in what was built.
        """
        if manifest.environment.unavailable:
            raise BackendUnavailable(f"{manifest.name} cannot be installed: {manifest.environment.unavailable}")
        folder = self.folder(manifest, variant)
        self._check_room(manifest, variant)
        try:
            with FileLock(self.root / f"{folder.name}.lock", timeout=3600):
                return self._find_or_make(manifest, variant, folder, on_line)
        except Timeout as error:
            raise BackendUnavailable(f"another process has been building {manifest.name} for an hour") from error

    def remove(self, manifest: Manifest) -> int:
        """Delete every environment made for this backend's packages; how many there were."""
        folders = [folder for folder in self.root.glob(f"{manifest.folder.name}-*") if folder.is_dir()]
        for folder in folders:
            (folder / "ready.json").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
        return len(folders)

    def forget_broken(self, manifest: Manifest) -> bool:
        """Delete the backend's environment if its worker does not start in it; whether that was so."""
        built = self.find(manifest)
        if built is None:
            return False
        try:
            _greet(manifest, built.python)
        except BackendFailed:
            self.remove(manifest)
            return True
        return False

    def _check_room(self, manifest: Manifest, variant: Variant) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise InputError(
                f"environments cannot be kept in {self.root}: {error.strerror}", "set AVATAR_WORKERS to another folder"
            ) from error
        if manifest.environment.torch and not self.find(manifest) and free < _ROOM[variant]:
            raise BackendUnavailable(
                f"the environment of {manifest.name} may take {_ROOM[variant] / 1e9:.1f} GB; "
                f"{free / 1e9:.1f} GB are free in {self.root}",
                "free some, or set AVATAR_WORKERS to a folder on a larger disk",
            )

    def _find_or_make(self, manifest: Manifest, variant: Variant, folder: Path, on_line: OnLine) -> Built:
        record = folder / "ready.json"
        if record.is_file():
            return Built(_python_in(folder), json.loads(record.read_text("utf-8")))
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        try:
            facts = self._make(manifest, variant, folder, on_line)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise BackendUnavailable(f"the environment of {manifest.name} cannot be built: {_line(error)}") from error
        facts["seconds"] = round(time.monotonic() - began, 1)
        beside = record.with_suffix(".new")
        beside.write_text(json.dumps(facts, indent=1), "utf-8")
        beside.replace(record)
        return Built(_python_in(folder), facts)

    def _make(self, manifest: Manifest, variant: Variant, folder: Path, on_line: OnLine) -> dict[str, Any]:
        python = python_for(manifest)
        on_line(f"making an environment for {manifest.name} with {python}")
        installer = _Installer(folder, python, on_line)
        unlocked = []
        lock = manifest.lock
        if variant == "cpu":
            lock = folder / "requirements-cpu.txt"
            lock.write_text(without_cuda(manifest.lock.read_text("utf-8")), "utf-8")
            if manifest.environment.torch:
                unlocked = [installer.torch_for_cpu(manifest.environment.torch, self._torch_index)]
        installer.install("--no-deps", "--require-hashes", "-r", str(lock))
        if variant == "cpu":
            _drop(folder, manifest.environment.drop)
        _greet(manifest, _python_in(folder))
        return {
            "name": manifest.name, "variant": variant, "unlocked": unlocked, "installer": installer.name,
            "packages": installer.packages(), "python": _version(_python_in(folder)),
        }  # fmt: skip


class _Installer:
    """uv, or else the venv and pip every Python has."""

    def __init__(self, folder: Path, python: str, on_line: OnLine) -> None:
        self._folder, self._on_line = folder, on_line
        self._uv = find_uv()
        self.name = "uv" if self._uv else "pip"
        if self._uv:
            self._call([self._uv, "venv", "--quiet", "--seed", "--python", python, str(folder)])
        else:
            self._call([python, "-m", "venv", str(folder)])

    def install(self, *arguments: str) -> None:
        """Install into the environment."""
        if self._uv:
            where = ["--python", str(_python_in(self._folder))]
            self._call([self._uv, "pip", "install", "--quiet", *where, *arguments])
        else:
            self._pip(*arguments)

    def torch_for_cpu(self, version: str, index: str) -> str:
        """Install PyTorch's CPU build of that version; what was installed, as `torch==…`.

        By the user's own index setting, else by pip's configuration, else from PyTorch's own index, which uv knows.
        On macOS and Windows the published build is the CPU build.
        """
        if sys.platform != "linux":
            self._pip("--no-deps", f"torch=={version}")
            return f"torch=={version}"
        wanted = f"torch=={version}+cpu"
        where = ["--index-url", index] if index else []
        try:
            self._pip("--no-deps", *where, wanted)
        except subprocess.SubprocessError as error:
            if index or not self._uv or _FULL in str(error):
                raise  # a full disk is no reason to look elsewhere
            python = ["--python", str(_python_in(self._folder))]
            self._call([self._uv, "pip", "install", "--quiet", *python, "--no-deps", "--torch-backend", "cpu", wanted])
        return wanted

    def packages(self) -> dict[str, str]:
        """What is installed."""
        done = self._run([str(_python_in(self._folder)), "-m", "pip", "list", "--format", "json"])
        return {each["name"]: each["version"] for each in json.loads(done)}

    def _pip(self, *arguments: str) -> None:
        self._call([str(_python_in(self._folder)), "-m", "pip", "install", "--quiet", "--no-input", *arguments])

    def _call(self, command: Sequence[str]) -> None:
        self._on_line(" ".join(Path(word).name if os.sep in word else word for word in command))
        self._run(command)

    @staticmethod
    def _run(command: Sequence[str]) -> str:
        environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}}  # noqa: TID251
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise subprocess.SubprocessError(_telling(done.stderr) or f"{command[0]} ended with {done.returncode}")
        return done.stdout


def without_cuda(lock: str) -> str:
    """The lock without torch and the CUDA packages that only its published Linux build needs."""
    kept, dropping = [], False
    for line in lock.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            dropping = bool(_CUDA_ONLY.match(line))
        if not dropping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def python_for(manifest: Manifest) -> str:
    """A Python in the manifest's range: this one, or one that stands beside it. Raises BackendUnavailable."""
    wanted = SpecifierSet(manifest.environment.python)
    if platform.python_version() in wanted:
        return sys.executable
    for minor in _PYTHONS:
        found = shutil.which(f"python{minor}")
        if found and _version(Path(found)) in wanted:
            return found
    if find_uv():
        return manifest.environment.python
    raise BackendUnavailable(
        f"{manifest.name} needs a Python {manifest.environment.python}; this one is {platform.python_version()}",
        "install one, or uv, which brings its own: pip install uv",
    )


def find_uv() -> str | None:
    """uv's program: of its wheel in this environment, or on the PATH."""
    try:
        import uv  # noqa: PLC0415  an optional package

        return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


def best_variant(cuda: bool) -> Variant:
    """What fits this machine: PyTorch's published Linux build needs CUDA's libraries, 3 GB of them."""
    return "cpu" if sys.platform == "linux" and not cuda else "locked"


def _greet(manifest: Manifest, python: Path) -> None:
    """Start the worker once: resolving is not importing."""
    worker = Worker(manifest.name, python, str(manifest.worker))
    try:
        worker.start()
    finally:
        worker.close()


def _drop(folder: Path, globs: Iterable[str]) -> None:
    for site in [*folder.glob("lib/python3.*/site-packages"), *folder.glob("Lib/site-packages")]:
        for glob in globs:
            for file in site.glob(glob):
                file.unlink()


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sysconfig.get_platform().startswith("win") else "bin/python")


def _version(python: Path) -> str:
    code = "import platform; print(platform.python_version())"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "0"


def _telling(output: str) -> str:
    """The line of an installer's output that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "cause", "×", "╰"))]
    return " ".join((errors or lines[-1:])[:2])[:400]


def _line(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).splitlines()[0]
