"""The reference pages are what a person sees who types --help."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs/reference").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_holds_what_the_command_prints(page: Path) -> None:
    written = re.findall(r"^## ([^\n]+)\n\n```text\n(.*?)\n```$", page.read_text(), re.MULTILINE | re.DOTALL)
    longest = max(written, key=lambda pair: len(pair[1]))
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    for typed, text in {written[0], longest}:  # `make check` compares them all, in one process
        name, *below = typed.split()
        command = [Path(sys.executable).with_name(name), *below, "--help"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
        assert [line.rstrip() for line in printed.strip().splitlines()] == text.splitlines(), typed
