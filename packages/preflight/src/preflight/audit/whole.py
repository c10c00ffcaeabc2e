"""An audit as a person asks for it: planned, answered from the kept report when that still holds, judged."""

import hashlib
import json
import time
from collections.abc import Callable

from preflight import __version__
from preflight.audit.planning import Asked, make_plan
from preflight.audit.run import Tools, audit, describe, open_tools
from preflight.index.cache import PAGE_AGE
from preflight.model import Plan, Report, Severity, Verdict
from preflight.source.project import Project


def audited(
    asked: Asked,
    progress: Callable[[str], None],
    *,
    index_url: str | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Report:
    """The report. A kept one is given while every index answer in it is fresh; its age is in the report."""
    plan, stated = make_plan(asked)
    tools = open_tools(plan, index_url or stated, offline=offline)
    key = _key(plan, tools)
    kept = None if refresh else tools.cache.get(key, PAGE_AGE)
    if kept:
        report = Report.from_json(json.loads(kept[0]))
        if offline or time.time() - report.answers_from < PAGE_AGE:
            return report
    report = audit(plan, tools, progress)
    if not any(unknown.blocks for unknown in report.unknown):
        tools.cache.put(key, json.dumps(report.as_json()).encode())
    return report


def _key(plan: Plan, tools: Tools) -> str:
    """All that decides an audit's answer, but the index's answers."""
    project = _digest(plan) if plan.project else ""
    said = [describe(plan), [str(cell) for cell in plan.cells], str(plan.as_of), plan.licence, plan.notes, project]
    places = hashlib.sha256(" ".join(tools.facts.config.urls).encode()).hexdigest()
    return json.dumps(["report", __version__, places, said, plan.moment.date().isoformat()])


def _digest(plan: Plan) -> str:
    """The content of every file of the project that an audit reads."""
    assert plan.project is not None
    folder = Project(plan.project)
    paths = [*folder.files, *sorted(plan.project.glob("*.t*"))]
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(path.as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def exit_code(report: Report, fail_on: str) -> int:
    """0 fine, 1 findings at or over `fail_on`, 3 could not check enough to answer."""
    bad = {"red": {Severity.RED}, "yellow": {Severity.RED, Severity.YELLOW}, "never": set()}[fail_on]
    if any(found.severity in bad for found in report.findings):
        return 1
    return 3 if Verdict.UNKNOWN in report.verdicts.values() and fail_on != "never" else 0
