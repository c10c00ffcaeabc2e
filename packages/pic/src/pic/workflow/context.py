"""What every action is given: the record, the configuration, who acts, and where they stand."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pic.errors import ConfigError, InputError, NotFound, Refused
from pic.model.config import Config, parse
from pic.model.event import Event
from pic.model.state import ACTIVE, Record, Workflow, to_json
from pic.store import files
from pic.store.log import Actor, Draft, Store
from pic.store.place import Place
from pic.workflow import documents, scope

CONFIG = "config.toml"


@dataclass(frozen=True)
class Context:
    """One person or agent at work in one repository. An empty `actor` name means the pilot in command."""

    place: Place
    actor: Actor

    @cached_property
    def store(self) -> Store:
        """The record."""
        return Store(self.place)

    @cached_property
    def config(self) -> Config:
        """The configuration as it is on disk."""
        path = self.place.folder / CONFIG
        try:
            return parse(path.read_text("utf-8"), f".pic/{CONFIG}")
        except FileNotFoundError:
            raise NotFound("no configuration here", "pic init") from None
        except UnicodeDecodeError as error:
            raise ConfigError(f".pic/{CONFIG} is not UTF-8: {error.reason} at byte {error.start}") from error

    @property
    def flow(self) -> Workflow:
        """The current workflow. Raises Refused when none has started."""
        return current(self.store.view().record)

    def record(self, draft: Callable[[Record], Sequence[Draft]]) -> list[Event]:
        """Append, and redraw what is drawn from events."""
        actor = self.actor
        if not actor[1]:
            record = self.store.view().record
            flow = record.workflows.get(record.current)
            actor = (actor[0], flow.pilot if flow and flow.status == ACTIVE else "orchestrator")
        events = self.store.append(draft, actor)
        try:
            self.publish(events)
        except OSError as error:
            what = files.refusal(error).message
            raise InputError(f"recorded as {events[0].kind}, but {what}", "then: pic doctor") from error
        return events

    def step(self, kind: str, make: Callable[[Workflow, Record], dict[str, object]]) -> Event:
        """Append one event to the current workflow; `make` gives its data under the lock."""

        def draft(record: Record) -> list[Draft]:
            flow = current(record)
            return [(kind, flow.id, make(flow, record))]

        return self.record(draft)[0]

    def publish(self, events: Sequence[Event]) -> None:
        """Write the documents of these events, and the projections other tools read."""
        for event in events:
            if name := documents.path_of(event):
                files.write(self.place.folder / name, documents.render(event).encode())
        self.project()
        if any(event.kind in scope.BEGINS for event in events):
            scope.begin(self.place, self.flow)
        lines = "".join(
            json.dumps({"time": one.time, "kind": one.kind, "workflow": one.workflow, "by": one.actor[1]}) + "\n"
            for one in events
        )
        with (self.place.folder / "status.jsonl").open("a", encoding="utf-8", newline="\n") as handle:
            handle.write(lines)

    def project(self) -> None:
        """Rewrite `.pic/state.json` from the state."""
        record = self.store.view().record
        flow = record.workflows.get(record.current)
        state = {"version": 1, "events": record.events, "workflow": to_json(flow) if flow else None}
        text = json.dumps(state, indent=1, ensure_ascii=False) + "\n"
        files.write(self.place.folder / "state.json", text.encode("utf-8", "replace"), durable=False)


def current(record: Record) -> Workflow:
    """The workflow that is worked on."""
    if record.current not in record.workflows:
        raise Refused("no workflow has started", 'pic start "What is to be built"')
    return record.workflows[record.current]


def evidence_of(context: Context, ref: str) -> dict[str, str]:
    """A piece of evidence: an address, a file of the repository with its hash, or a command to be repeated."""
    if "://" in ref:
        return {"kind": "url", "ref": ref, "sha256": ""}
    path = (context.place.work / ref).resolve()
    if path.is_file() and path.is_relative_to(context.place.work):
        return {"kind": "file", "ref": ref, "sha256": file_hash(path)}
    if " " in ref.strip():
        return {"kind": "command", "ref": ref, "sha256": ""}
    raise InputError(f"{ref!r} is no file of this repository, no address and no command", "evidence must be there")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
