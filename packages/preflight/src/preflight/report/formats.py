"""JSON, Markdown and SARIF 2.1.0."""

import json
from typing import Any

from preflight.model import Finding, Report, Severity

_LEVELS = {Severity.RED: "error", Severity.YELLOW: "warning", Severity.NOTE: "note"}


def as_json(report: Report) -> str:
    """One object, with the keys that docs/preflight describes."""
    return json.dumps(report.as_json(), ensure_ascii=True, indent=2)


def as_markdown(report: Report) -> str:
    """A page to keep beside a plan: verdicts, findings, and what was not checked."""
    lines = [f"# Dependency audit as of {report.as_of}", "", "| package | verdict |", "|---|---|"]
    lines += [f"| {_cell(name)} | {colour} |" for name, colour in report.verdicts.items()]
    lines += ["", "## Findings", ""]
    lines += [line for found in report.findings for line in _finding(found)] or ["None.", ""]
    lines += ["## Not checked", ""]
    lines += [f"- {unknown.id} {unknown.package}: {unknown.reason}".replace("  ", " ") for unknown in report.unknown]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _finding(found: Finding) -> list[str]:
    where = ", ".join(str(cell) for cell in found.cells) or "every cell"
    lines = [f"- **{found.severity.upper()} {found.id}** {found.message}", f"  - cells: {where}"]
    lines += [f"  - evidence: `{each.file}` {each.detail} {each.uploaded}".rstrip() for each in found.evidence]
    return [*lines, f"  - confidence {found.confidence}; {found.advice}", ""]


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, for code scanning. A finding points at the first line of evidence that is a file of the project."""
    run: dict[str, Any] = {
        "tool": {
            "driver": {"name": "preflight", "rules": [{"id": each} for each in sorted({f.id for f in report.findings})]}
        },
        "results": [_result(found) for found in report.findings],
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=2)


def _result(found: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": found.id,
        "level": _LEVELS[found.severity],
        "message": {"text": f"{found.message}. {found.advice}".strip()},
        "properties": {"cells": [str(cell) for cell in found.cells], "confidence": found.confidence},
    }
    for each in found.evidence:
        path, _, line = each.file.rpartition(":")
        if line.isdecimal() and path.endswith((".py", ".txt", ".toml")) and " " not in path:
            place = {"artifactLocation": {"uri": path}, "region": {"startLine": int(line)}}
            result["locations"] = [{"physicalLocation": place}]
            break
    return result
