"""The words of an audit: a plan, the cells it is meant for, facts about packages, findings and verdicts."""

from preflight.model.cells import MACOS, PLATFORMS, Cell, parse_cells
from preflight.model.findings import Confidence, Evidence, Finding, Report, Severity, Unknown, Verdict
from preflight.model.graphs import Graph, Pin
from preflight.model.packages import Advisory, Facts, File, Metadata, Packed, Project, Releases, Source
from preflight.model.plan import Plan, Use

__all__ = [
    "MACOS",
    "PLATFORMS",
    "Advisory",
    "Cell",
    "Confidence",
    "Evidence",
    "Facts",
    "File",
    "Finding",
    "Graph",
    "Metadata",
    "Packed",
    "Pin",
    "Plan",
    "Project",
    "Releases",
    "Report",
    "Severity",
    "Source",
    "Unknown",
    "Use",
    "Verdict",
    "parse_cells",
]
