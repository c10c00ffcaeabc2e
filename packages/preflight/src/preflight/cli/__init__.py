"""The command line: parses, calls the audit, prints. Nothing heavy is imported before a command runs."""

from preflight.cli.main import main, root, run

__all__ = ["main", "root", "run"]
