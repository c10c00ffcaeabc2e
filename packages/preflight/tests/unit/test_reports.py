"""One report in every format. SARIF is held against the structure that its specification (OASIS, 2.1.0) demands."""

import io
import json
from typing import Any

import pytest
from rich.console import Console

from preflight.model import Cell, Confidence, Evidence, Finding, Report, Severity, Unknown, Verdict
from preflight.report import FORMATS
from preflight.report.text import print_report

LINUX, WINDOWS = Cell("3.11", "linux-x86_64"), Cell("3.11", "windows-x86_64")


@pytest.fixture
def report() -> Report:
    evidence = (
        Evidence("src/app.py:12", "plans lib.info"),
        Evidence("lib-2.0-py3-none-any.whl", "", "2.0", "2026-10-01"),
    )
    red = Finding(
        "PF104", Severity.RED, "lib", "2.0", (WINDOWS,), "lib.info does not exist", evidence, advice="plan without"
    )
    note = Finding("PF111", Severity.NOTE, "other", "", (), "one | owner", (), Confidence.LOW)
    return Report(
        plan={"packages": ["lib", "other"], "requirements": ["lib", "other"], "uses": [], "no_deps": False},
        as_of="2026-11-01",
        cells=(LINUX, WINDOWS),
        findings=[red, note],
        unknown=[Unknown("PF108", "lib", "its objects were not read")],
        verdicts={"lib": Verdict.RED, "other": Verdict.GREEN},
        resolved={str(LINUX): {"lib": "2.0"}, str(WINDOWS): {"lib": "2.0"}},
    )


def test_json_comes_back_as_the_same_report(report: Report) -> None:
    assert Report.from_json(json.loads(FORMATS["json"](report))) == report


def test_json_has_the_keys_that_are_promised(report: Report) -> None:
    plain = json.loads(FORMATS["json"](report))
    assert {"plan", "as_of", "cells", "findings", "verdicts", "unknown"} <= set(plain)
    assert {"id", "severity", "package", "version", "cells", "message", "evidence", "confidence"} <= set(
        plain["findings"][0]
    )


def test_sarif_has_the_structure_of_2_1_0(report: Report) -> None:
    plain: dict[str, Any] = json.loads(FORMATS["sarif"](report))
    assert plain["version"] == "2.1.0"
    assert plain["$schema"].endswith("sarif-schema-2.1.0.json")
    run = plain["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        for location in result.get("locations", []):
            place = location["physicalLocation"]
            assert not place["artifactLocation"]["uri"].startswith("/")
            assert place.get("region", {"startLine": 1})["startLine"] >= 1
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}


def test_sarif_counts_what_was_not_checked(report: Report) -> None:
    run = json.loads(FORMATS["sarif"](report))["runs"][0]
    said = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["message"]["text"] for each in said] == ["lib: its objects were not read"]
    assert run["invocations"][0]["executionSuccessful"] is True


def test_markdown_keeps_its_tables_whole(report: Report) -> None:
    text = FORMATS["markdown"](report)
    assert "| lib | RED |" in text
    assert "**RED PF104** lib.info does not exist" in text
    assert "- PF108 lib: its objects were not read" in text


def test_text_shows_the_matrix_by_harm_and_says_why(report: Report) -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    print_report(report, console)
    text = console.export_text()
    row = next(line for line in text.splitlines() if line.startswith("3.11"))
    assert row.split() == ["3.11", "GREEN", "RED", "PF104"]
    assert text.index("RED PF104") < text.index("NOTE PF111") < text.index("not checked") < text.index("verdict")
    assert "its objects were not read" in text
