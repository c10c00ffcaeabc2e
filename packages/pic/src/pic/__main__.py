"""`python -m pic`."""

from pic.cli import run

run()
