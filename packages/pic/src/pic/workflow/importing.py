"""`pic init --import`: what was decided and done before pic kept the record, taken in as it stands.

Decisions come from Markdown in the manner of MADR. The original's `.pic/` (state.json, decisions, conflicts, logs)
becomes one workflow that goes on under today's gates; its files are kept beside the record, with their hashes in it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pic.errors import InputError
from pic.model import text
from pic.model.event import Event
from pic.model.state import PHASES, Record, Workflow, to_json
from pic.store import files
from pic.store.log import Draft
from pic.workflow.context import Context, current, evidence_of, file_hash
from pic.workflow.records import numbered

USUAL = ("docs/decisions", "docs/adr", "doc/adr", "docs/architecture/decisions")
KEPT = "imported"
LOGS = ("status-log.jsonl", "audit-log.jsonl")
MOST = 4000
"""Characters of reasons that are taken over; the file itself stays where it is, with its hash."""


def decisions(context: Context, folder: str = "") -> list[Event]:
    """Record the decisions of a folder that the record does not hold yet. Raises InputError when there is no folder."""
    work = context.place.work
    wanted = [folder] if folder else [one for one in USUAL if (work / one).is_dir()]
    if not wanted or not (work / wanted[0]).is_dir():
        raise InputError(f"no decisions at {folder or ' or '.join(USUAL)}", "name the folder: pic init --import FOLDER")
    _, events = context.store.read()
    held = {(one["ref"], event.data["title"]) for event in events if event.kind == "decision.made"
            for one in event.data["evidence"]}  # fmt: skip
    pages = [path for one in wanted for path in sorted((work / one).glob("*.md"))]
    found = [_madr(context, path) for path in pages]
    new = [one for one in found if one and (one["evidence"][0]["ref"], one["title"]) not in held]

    ids = {event.data["imported"]: event.data["id"] for event in events if event.data.get("imported")}
    instead = dict(_superseded(work, pages))

    def draft(record: Record) -> list[Draft]:
        flow = current(record)
        first = int(numbered(record, "DEC", "decisions")[4:])
        ids.update({one["imported"]: f"DEC-{first + n:03d}" for n, one in enumerate(new)})
        known = {*flow.decisions, *(ids[one["imported"]] for one in new)}
        made: list[Draft] = []
        for one in new:
            old = ids.get(instead.get(one["imported"], ""), "")
            more = {"id": ids[one["imported"]], "phase": flow.phase, "supersedes": old if old in known else ""}
            made.append(("decision.made", flow.id, {**one, **more}))
        return made

    return context.record(draft) if new else []


def _madr(context: Context, path: Path) -> dict[str, Any] | None:
    """The data of a decision, or None for a page that decides nothing, such as a template or an index."""
    page = _read(path)
    heading = re.search(r"(?m)^# (?:\d+[.:] +)?(.+)$", page)
    outcome = _section(page, "Decision Outcome", "Decision")
    if not heading or not outcome:
        return None
    title = text.title(heading[1])[: text.LONGEST_TITLE]
    body = outcome.partition("\n### ")[0].strip()
    listed = _section(page, "Considered Options", "Options")
    options = [_item(one) for one in re.split(r"(?m)^(?:[*-]|\d+[.)]) ", listed)[1:]]
    chosen = _chosen(body, options) if options else title  # one that lists none is named after what was decided
    name = path.relative_to(context.place.work).as_posix()
    proofs = [evidence_of(context, one) for one in (name, *_links(context.place.work, path, page))]
    options = list(dict.fromkeys([*options, chosen]))
    return {
        "title": title, "options": options, "chosen": chosen, "evidence": proofs,
        "because": f"the record says: {' '.join(body.split())}"[:MOST], "supersedes": "",
        "context": _section(page, "Context and Problem Statement", "Context and Problem", "Context")[:MOST],
        "tier": "formal" if len(options) > 1 and len(proofs) > 1 else "light", "imported": name,
    }  # fmt: skip


def _superseded(work: Path, pages: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The later page and the one it replaces, as MADR's status tells it: "superseded by [ADR-0012](0012-other.md)"."""
    for old in pages:
        told = re.search(r"(?im)^status:\W*superseded by\D*(\d+)", _read(old))
        later = [one for one in pages if told and one.parent == old.parent and one.name.startswith(f"{told[1]}-")]
        for new in later:
            yield new.relative_to(work).as_posix(), old.relative_to(work).as_posix()


def _section(page: str, *headings: str) -> str:
    """What stands under the first of these headings that the page has: MADR's own, and those others use."""
    for heading in headings:
        if found := re.search(rf"(?ims)^## {re.escape(heading)}\s*\n(.*?)(?=^## |\Z)", page):
            return found[1].strip()
    return ""


def _item(entry: str) -> str:
    return text.shown(" ".join(entry.partition("\n\n")[0].split()))


def _chosen(outcome: str, options: Sequence[str]) -> str:
    """The option that the outcome names, by its number or its words; or its first sentence where it names none."""
    number = re.match(r"(?:Chosen:? )?option (\d+)\b", outcome, re.IGNORECASE)
    if number and 0 < int(number[1]) <= len(options):
        return options[int(number[1]) - 1]
    said = re.search(r'(?s)Chosen(?: option)?:\s*"?(.+?)"?(?:, because|[.;]\s|\Z)', outcome)
    words = said[1] if said else re.split(r"(?<=\.)\s", outcome, maxsplit=1)[0]
    mine = _telling(words)

    def nearness(option: str) -> float:
        theirs = _telling(option)
        return len(mine & theirs) / (min(len(theirs), len(mine)) or 1)

    best = max(options, key=nearness, default="")
    return best if best and said and nearness(best) >= 0.75 else _item(words).rstrip(".:;,")[:300]


def _telling(phrase: str) -> set[str]:
    """Its words without the short ones, which every phrase has; all of them when it has no other."""
    words = set(re.findall(r"\w+", phrase.lower()))
    return {one for one in words if len(one) > 3} or words


def _links(work: Path, path: Path, page: str) -> Iterator[str]:
    """Files of the repository that the page leans on."""
    for name in dict.fromkeys(re.findall(r"\]\(([^)#:]+)[^)]*\)", page)):
        there = (path.parent / name).resolve()
        if there.is_file() and there.is_relative_to(work):
            yield there.relative_to(work).as_posix()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path.name}: {error}", "a text file in UTF-8") from error


def is_original(folder: Path) -> bool:
    """Whether a state.json lies there that this pic did not write."""
    path = folder / "state.json"
    if not path.is_file():
        return False
    state = _state(path)
    return "currentPhase" in state or "initialized" in state


def _state(path: Path) -> Mapping[str, Any]:
    try:
        state = json.loads(_read(path))
    except ValueError as error:
        raise InputError(f".pic/{path.name}: {error}", "mend it, or move it away") from error
    if not isinstance(state, dict):
        raise InputError(f".pic/{path.name} is not an object", "mend it, or move it away")
    return state


def original(context: Context) -> Event | None:
    """Take in the original's workflow: it stands where it stood. None when there was nothing but an empty state."""
    folder = context.place.folder
    state = _state(folder / "state.json")
    if not state.get("workflow"):
        _put_aside(folder)
        (folder / "state.json").unlink()
        return None
    data = _workflow(context, state)
    name = f"{text.slug(data['title'], 24)}-{text.slug(str(state['workflow']), 24)}"

    def draft(record: Record) -> list[Draft]:
        flow: Workflow | None = record.workflows.get(record.current)
        if flow and flow.status == "active" and data["status"] == "active":
            raise InputError(f"{flow.id} is under way", "finish or abandon it before importing another")
        return [("workflow.imported", name, data)]

    _put_aside(folder)  # before state.json becomes a projection; the logs go when the record has them
    event = context.record(draft)[0]
    for log in LOGS:
        (folder / log).unlink(missing_ok=True)
    return event


def _workflow(context: Context, state: Mapping[str, Any]) -> dict[str, Any]:
    config, folder = context.config, context.place.folder
    phase = str(state.get("currentPhase") or PHASES[0])
    if phase not in PHASES and not state.get("completedAt"):
        raise InputError(f".pic/state.json: no phase is called {phase!r}", "known: " + ", ".join(PHASES))
    done = bool(state.get("completedAt"))
    rest = PHASES[PHASES.index(phase) :] if phase in PHASES and not done else PHASES[-1:]
    return {
        "title": text.title(str(state.get("problem") or state["workflow"])[: text.LONGEST_TITLE]),
        "was": str(state["workflow"]), "size": "imported", "phases": list(rest), "phase": rest[0],
        "dropped": {one: f"{state['workflow']} was through with it" for one in PHASES if one not in rest},
        "status": "finished" if done else "active", "begun": str(state.get("startedAt") or ""),
        "ended": str(state.get("completedAt") or ""), "course": dict(_items(state.get("phases"))),
        "pilots": {one: config.phases[one].pilot for one in rest},
        "authority": {one: to_json(config.phases[one].authority) for one in rest},
        "gates": {f"{one}/{gate}": config.gates[gate].spec for one in rest for gate in config.phases[one].gates},
        "decisions": _documents(folder, "decisions"), "conflicts": _documents(folder, "conflicts"),
        "logs": {name: _log(folder / name) for name in LOGS if (folder / name).is_file()},
        "sha256": file_hash(folder / "state.json"),
    }  # fmt: skip


def _items(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(str(key), one) for key, one in value.items() if isinstance(one, dict)] if isinstance(value, dict) else []


def _documents(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The original's decisions or conflicts: `# DEC-001: title` and lines of `**Name**: value`."""
    found = {}
    for path in sorted((folder / kind).glob("*.md")):
        page = _read(path)
        head = re.search(r"(?m)^# (?:Decision |Conflict )?([A-Z]+-\d+)\s*[:—-]\s*(.+)$", page)
        if not head or re.search(r"(?m)^event: [0-9a-f]{64}$", page):  # ours
            continue
        lines = re.findall(r"(?m)^\*\*([^*]+?):?\*\*:?\s*(.+)$", page)
        fields = {key.strip().lower(): value.strip() for key, value in lines}
        named = re.search(r"(?m)^(?:\*\*)?(?:Decision|Chosen)(?:\*\*)?:\s*(.+)$", page)
        made = named[1] if named else _section(page, "Decision").split("\n\n")[0]
        found[head[1]] = {
            "title": text.shown(head[2])[: text.LONGEST_TITLE], "phase": fields.get("phase", "").lower(),
            "status": fields.get("status", "").lower(), "date": fields.get("date", ""),
            "said": text.shown(made)[:300], "sha256": file_hash(path), "file": f"{kind}/{path.name}",
        }  # fmt: skip
    return found


def _log(path: Path) -> dict[str, Any]:
    """What a log of the original holds: counted, and what of it says nothing is said."""
    kinds: dict[str, int] = {}
    broken = empty = lines = 0
    for line in path.read_text("utf-8", "replace").splitlines():
        lines += 1
        try:
            entry = json.loads(line)
            kind = str(entry.get("eventType") or entry.get("event") or "unnamed")
        except (ValueError, AttributeError):
            broken += 1
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        empty += "$TOOL_INPUT" in line
    return {"lines": lines, "kinds": dict(sorted(kinds.items())), "broken": broken, "holding no input": empty,
            "sha256": file_hash(path)}  # fmt: skip


def _put_aside(folder: Path) -> None:
    """Copies of what pic will write over or take away."""
    for name in ("state.json", "config.json", *LOGS):
        if (folder / name).is_file():
            files.write(folder / KEPT / name, (folder / name).read_bytes())
