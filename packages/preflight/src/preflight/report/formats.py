"""JSON, Markdown and SARIF 2.1.0."""

import json
from typing import Any

from preflight import __version__
from preflight.checks import CHECKS
from preflight.model import Finding, Report, Severity

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
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
    ids = sorted({found.id for found in report.findings})
    rules = [{"id": each, "shortDescription": {"text": CHECKS[each].title}} for each in ids]
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "preflight", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _unchecked(report)}],
        "results": [_result(found, ids.index(found.id)) for found in report.findings],
    }
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _unchecked(report: Report) -> list[dict[str, Any]]:
    said = [f"{each.package}: {each.reason}" if each.package else each.reason for each in report.unknown]
    return [{"level": "note", "message": {"text": text}} for text in said]


def _result(found: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": found.id,
        "ruleIndex": rule,
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
