"""Findings, what could not be checked, and the verdicts that follow."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from preflight.model.cells import Cell


class Severity(StrEnum):
    """How much harm: red stops the plan in its cells, yellow needs a decision, note is good to know."""

    RED = "red"
    YELLOW = "yellow"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """High: read from the files. Medium: follows from them by a rule. Low: a sign, to be looked at."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(StrEnum):
    """What the findings of a package come to. UNKNOWN is never a pass."""

    RED = "RED"
    YELLOW = "YELLOW"
    UNKNOWN = "UNKNOWN"
    GREEN = "GREEN"


@dataclass(frozen=True)
class Evidence:
    """Where a person can look it up: a file of the index and its version, or a line of the project."""

    file: str
    detail: str = ""
    version: str = ""
    uploaded: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing wrong, in some cells, with evidence and what to do."""

    id: str
    severity: Severity
    package: str
    version: str
    cells: tuple[Cell, ...]
    message: str
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = Confidence.HIGH
    advice: str = ""


@dataclass(frozen=True)
class Unknown:
    """What could not be checked, and why. `blocks` when a verdict without it would be a guess."""

    id: str
    package: str
    reason: str
    blocks: bool = False


@dataclass
class Report:
    """All an audit found."""

    plan: dict[str, Any]
    as_of: str
    cells: tuple[Cell, ...]
    findings: list[Finding] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    resolved: dict[str, dict[str, str]] = field(default_factory=dict)  # cell -> package -> version
    answers_from: float = 0.0  # the oldest index answer used, in seconds since the epoch

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; cells are their labels."""
        findings = [{**asdict(finding), "cells": [str(cell) for cell in finding.cells]} for finding in self.findings]
        return {
            "plan": self.plan,
            "as_of": self.as_of,
            "cells": [str(cell) for cell in self.cells],
            "findings": findings,
            "verdicts": dict(self.verdicts),
            "unknown": [asdict(unknown) for unknown in self.unknown],
            "resolved": self.resolved,
            "answers_from": self.answers_from,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Report":
        """A report read back from what `as_json` wrote."""
        return cls(
            plan=plain["plan"],
            as_of=plain["as_of"],
            cells=tuple(_cell(label) for label in plain["cells"]),
            findings=[_finding(found) for found in plain["findings"]],
            unknown=[Unknown(**unknown) for unknown in plain["unknown"]],
            verdicts={name: Verdict(colour) for name, colour in plain["verdicts"].items()},
            resolved=plain["resolved"],
            answers_from=plain["answers_from"],
        )


def _cell(label: str) -> Cell:
    python, _, platform = label.partition(" ")
    return Cell(python, platform)


def _finding(plain: dict[str, Any]) -> Finding:
    return Finding(
        **{
            **plain,
            "severity": Severity(plain["severity"]),
            "confidence": Confidence(plain["confidence"]),
            "cells": tuple(_cell(label) for label in plain["cells"]),
            "evidence": tuple(Evidence(**evidence) for evidence in plain["evidence"]),
        }
    )


def worst(severities: Iterable[Severity]) -> Severity | None:
    """The most harmful of them."""
    return min(severities, key=lambda severity: severity.rank, default=None)
