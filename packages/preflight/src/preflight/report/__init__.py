"""Reports for people and programs: one function per format, a Report in, text out."""

from collections.abc import Callable

from preflight.model import Report
from preflight.report.formats import as_json, as_markdown, as_sarif

FORMATS: dict[str, Callable[[Report], str]] = {"json": as_json, "markdown": as_markdown, "sarif": as_sarif}

__all__ = ["FORMATS", "as_json", "as_markdown", "as_sarif"]
