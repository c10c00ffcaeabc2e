"""The whole record for others: as one object, and as one page that loads nothing."""

import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pic.audit import timeline
from pic.audit.costs import costs
from pic.model.event import Event
from pic.model.state import Record
from pic.model.text import shown

VERSION = 1
STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem; } p { margin: .2rem 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; } td.number, th.number { text-align: right; }
td.what { overflow-wrap: anywhere; }
td.mono { font-family: ui-monospace, monospace; font-size: .85em; white-space: nowrap; } .faint { opacity: .65; }
"""
NUMBERS = {"wall_seconds", "gate_runs", "gate_seconds", "study_seconds", "tool_calls", "tool_seconds", "denied",
           "tokens", "usd", "events"}  # fmt: skip
MONO = {"time", "hash"}


def whole(name: str, record: Record, events: Sequence[Event], calls: Sequence[Event] = ()) -> dict[str, Any]:
    """Workflows, decisions, agents, tools, costs and every event; plain values, all of them from the record."""
    agents = Counter(event.actor for event in (*events, *calls))
    return {
        "version": VERSION, "repository": name, "workflows": _workflows(record), "decisions": _decisions(record),
        "costs": costs(events, calls), "tools": _tools(calls), "events": timeline.rows(timeline.joined(events, calls)),
        "agents": [{"by": by, "as": kind, "events": count} for (kind, by), count in sorted(agents.items())],
    }  # fmt: skip


def _workflows(record: Record) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "title": one.title, "size": one.size, "status": one.status, "phase": one.phase,
         "started": one.started, "revisits": one.revisits,
         "waived": {name: shown(why) for name, why in one.waivers.items()},
         "dropped": dict(one.dropped)}
        for one in record.workflows.values()
    ]  # fmt: skip


def _decisions(record: Record) -> list[dict[str, Any]]:
    return [
        {"id": name, "phase": one.phase, "title": one.title, "chosen": shown(one.chosen), "tier": one.tier,
         "superseded_by": one.superseded_by, "workflow": flow.id}
        for flow in record.workflows.values() for name, one in flow.decisions.items()
    ]  # fmt: skip


def _tools(calls: Iterable[Event]) -> list[dict[str, Any]]:
    counted = Counter((str(one.data.get("tool", "")), one.kind) for one in calls if one.data.get("tool"))
    return [{"tool": tool, "kind": kind, "events": count} for (tool, kind), count in sorted(counted.items())]


def page(found: Mapping[str, Any]) -> str:
    """The object as a page."""
    events, flows = found["events"], found["workflows"]
    last = events[-1]["time"][:19].replace("T", " ") if events else "never"
    told = any(one["tokens"] is not None or one["usd"] is not None for one in found["costs"])
    parts = [
        f"<h1>{html.escape(found['repository'])}: the record</h1>",
        f'<p class="faint">{len(events)} events, the last at {last} UTC; each was checked before this was written.</p>',
        _table("Workflows", flows, ("title", "size", "status", "phase", "started", "id")),
        _table("What each phase took", found["costs"], _cost_columns(told)),
        "" if told else '<p class="faint">No agent told how many tokens it used, so none are shown.</p>',
        _table("Decisions", found["decisions"], ("id", "phase", "title", "chosen", "tier", "superseded_by")),
        _table("Who", found["agents"], ("by", "as", "events")),
        _table("Tools", found["tools"], ("tool", "kind", "events")),
        _table("Timeline", events, ("time", "phase", "kind", "by", "as", "what", "hash")),
    ]
    title = html.escape(f"{found['repository']}: record")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _cost_columns(told: bool) -> tuple[str, ...]:
    plain = ("workflow", "phase", "wall_seconds", "gate_runs", "gate_seconds", "study_seconds", "tool_calls", "denied")
    return (*plain, "tokens", "usd") if told else plain


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th{_kind(name)}>{name.replace('_', ' ')}</th>" for name in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td{_kind(name)}>{_cell(name, row[name])}</td>" for name in columns) + "</tr>"
        for row in rows
    )
    return f'<h2>{title}</h2>\n<div class="wide"><table><tr>{head}</tr>\n{body}\n</table></div>'


def _kind(name: str) -> str:
    kind = "number" if name in NUMBERS else "mono" if name in MONO else "what" if name in ("what", "title") else ""
    return f' class="{kind}"' if kind else ""


def _cell(name: str, value: Any) -> str:
    if value is None:
        return '<span class="faint">not told</span>'
    if isinstance(value, float):
        return f"{value:,.1f}"
    text = str(value)
    if name in ("time", "started"):
        return html.escape(text[:19].replace("T", " "))
    return html.escape(text[:12] if name == "hash" else text)
