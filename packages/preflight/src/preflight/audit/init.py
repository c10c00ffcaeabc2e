"""`preflight init`: the files that make a project's dependencies noticed."""

from pathlib import Path

from preflight.audit.planning import PLATFORMS, PYTHONS
from preflight.errors import InputError
from preflight.source.project import Project

_MATRIX = f'''# The environments this project is meant for; `preflight audit --project .` reads it.
python = "{PYTHONS}"
platform = "{PLATFORMS}"
'''

_TEST = '''"""Imports the real modules that the code uses: what does not install or has lost a module fails here."""

import importlib

import pytest


@pytest.mark.parametrize("module", {modules})
def test_a_real_module_imports(module: str) -> None:
    importlib.import_module(module)
'''

_HOOK = """# Put this under `repos:` of .pre-commit-config.yaml, or run its entry as a step of CI.
- repo: local
  hooks:
    - id: preflight
      name: preflight audit
      entry: preflight audit --project . --fail-on red
      language: system
      pass_filenames: false
      files: ^(pyproject\\.toml|requirements.*\\.txt|preflight\\.toml)$
"""


def init(folder: Path) -> list[Path]:
    """Write what is missing, and name what was written. Raises InputError for a folder that is none."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder")
    modules = sorted({use.name for use in Project(folder).uses() if use.name.count(".") == 0})
    files = {
        "preflight.toml": _MATRIX,
        "tests/test_smoke_imports.py": _TEST.format(modules=modules),
        "preflight-hook.yaml": _HOOK,
    }
    written = []
    for name, text in files.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written
