"""One event as one line of canonical JSON that carries its own hash and its parents' hashes.

A line is ``{"hash":"<64 hex>",`` followed by the rest of the canonical body, and the hash is that of the body's
bytes: so a line is checked without being encoded again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pic.errors import Damaged, TooNew

VERSION = 1
_HEAD = b'{"hash":"'
_BODY = len(_HEAD) + 64 + len(b'",')

_parse = json.JSONDecoder().raw_decode

PERSON, AGENT, TOOL = "person", "agent", "tool"


@dataclass(frozen=True)
class Event:
    """Something that happened.

    `number` counts from 0 in the segment; `clock` is what a clock said that was not believed.
    """

    kind: str
    workflow: str
    data: Mapping[str, Any]
    actor: tuple[str, str]
    time: str
    writer: str = ""
    number: int = 0
    parents: tuple[str, ...] = ()
    clock: str = ""
    hash: str = ""

    @property
    def by_person(self) -> bool:
        """Whether a person did this."""
        return self.actor[0] == PERSON


def canonical(value: object) -> bytes:
    """JSON with one spelling only: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def encode(event: Event) -> tuple[Event, bytes]:
    """The event with its hash, and its line with the newline."""
    body = {
        "actor": event.actor,
        "data": event.data,
        "kind": event.kind,
        "n": event.number,
        "parents": event.parents,
        "time": event.time,
        "v": VERSION,
        "workflow": event.workflow,
        "writer": event.writer,
    }
    if event.clock:
        body["clock"] = event.clock
    raw = canonical(body)
    digest = hashlib.sha256(raw).hexdigest()
    return replace(event, hash=digest), _HEAD + digest.encode() + b'",' + raw[1:] + b"\n"


def decode(line: bytes) -> Event:
    """The event of a line without its newline. Raises Damaged when its bytes are not those that were hashed."""
    raw = b"{" + line[_BODY:]
    digest = hashlib.sha256(raw).hexdigest()
    if line[:_BODY] != b'{"hash":"%b",' % digest.encode():
        raise Damaged("a line of the record is not what was written")
    text = raw.decode("ascii")
    body, end = _parse(text)  # what json.loads ends up doing, without what it does before
    if end != len(text):
        raise Damaged("a line of the record goes on behind its end")
    if body["v"] > VERSION:
        raise TooNew(f"the record speaks version {body['v']}, this pic speaks {VERSION}", "upgrade pic")
    kind, name = body["actor"]
    event = object.__new__(Event)  # a frozen class's own way costs more than hashing the line
    fields = {
        "kind": body["kind"], "workflow": body["workflow"], "data": body["data"], "actor": (kind, name),
        "time": body["time"], "writer": body["writer"], "number": body["n"], "parents": tuple(body["parents"]),
        "clock": body.get("clock", ""), "hash": digest,
    }  # fmt: skip
    object.__setattr__(event, "__dict__", fields)
    return event
