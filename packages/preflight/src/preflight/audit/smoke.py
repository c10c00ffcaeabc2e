"""`preflight smoke`: install in throwaway environments and import. The only part that runs foreign code."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from preflight.errors import ToolMissing
from preflight.resolve import find_uv, tidy

SECONDS = 600


@dataclass(frozen=True)
class Smoked:
    """One Python: whether it installed, and what each import said ("" is fine)."""

    python: str
    installed: str
    imports: dict[str, str]

    @property
    def fine(self) -> bool:
        """Nothing failed."""
        return not self.installed and not any(self.imports.values())


def smoke(requirements: list[str], modules: list[str], python: str) -> Smoked:
    """Install the requirements with the user's own uv configuration, and import each module in a fresh process."""
    uv = find_uv()
    if uv is None:
        raise ToolMissing("uv is not installed, and makes the environments", "pip install 'preflight-audit[uv]'")
    with TemporaryDirectory(prefix="preflight-smoke-") as folder:
        venv = Path(folder) / "venv"
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        made = _run(
            [uv, "venv", "--quiet", "--python", sys.executable if python == here else python, str(venv)], folder
        )
        if made:
            return Smoked(python, made, {})
        program = next(path for path in (venv / "bin/python", venv / "Scripts/python.exe") if path.exists())
        failed = _run([uv, "pip", "install", "--quiet", "--python", str(program), *requirements], folder)
        if failed:
            return Smoked(python, failed, {})
        return Smoked(
            python, "", {name: _run([str(program), "-I", "-c", f"import {name}"], folder) for name in modules}
        )


def _run(command: list[str], folder: str) -> str:
    """What it says when it fails: uv's explanation, an import's last line; or nothing."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"no end after {SECONDS} s"
    if done.returncode == 0:
        return ""
    if command[0] == find_uv():
        return tidy(done.stderr)[:600] or f"exit code {done.returncode}"
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
