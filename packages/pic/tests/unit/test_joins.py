"""Histories that were apart: in whatever order they are joined, everybody ends with the same state."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pic.model.event import Event, encode
from pic.model.state import PHASES, Record
from pic.rules import replay
from pic.store.segments import Segment, heads, in_order

DATA = {"title": "x", "size": "standard", "phases": list(PHASES), "dropped": {}, "pilots": {}, "gates": {}}
WRITERS = ("aa", "bb", "cc")
KINDS = st.sampled_from(["note", "decide", "conflict", "hand", "back", "join"])
Step = tuple[int, str, int]
"""Who writes, what, and at which second by their clock: clocks of three machines agree about nothing."""


def body(kind: str, number: int) -> tuple[str, dict[str, Any]]:
    """The same names on every branch on purpose: two branches both make a DEC-001."""
    return {
        "note": ("evidence.added", {"kind": "file", "ref": f"f{number}", "sha256": ""}),
        "decide": ("decision.made", {"id": f"DEC-{number % 3}", "title": "t", "chosen": "a", "options": ["a"],
                                     "tier": "light", "evidence": [], "supersedes": ""}),
        "conflict": ("conflict.opened", {"id": f"CON-{number % 2}", "title": "c", "class": "A", "decider": "d",
                                         "deadline": ""}),
        "hand": ("phase.handed", {"phase": PHASES[number % 3], "to": PHASES[number % 3 + 1], "trees": {}}),
        "back": ("phase.revisited", {"to": "research", "because": "b"}),
        "join": ("record.joined", {}),
    }[kind]  # fmt: skip


def written(steps: list[Step]) -> dict[str, list[Event]]:
    """What three writers made of it, each seeing its own events, and everybody's after a join."""
    first, _ = encode(Event("workflow.started", "w", DATA, ("agent", "a"), "0000", "aa", 0))
    logs: dict[str, list[Event]] = {"aa": [first], "bb": [], "cc": []}
    seen: dict[str, dict[str, Event]] = {name: {first.hash: first} for name in WRITERS}
    for number, (who, kind, clock) in enumerate(steps):
        name = WRITERS[who]
        if kind == "join":
            seen[name] |= {event.hash: event for log in logs.values() for event in log}
        latest = max(event.time for event in seen[name].values())
        what, data = body(kind, number)
        parents = heads(seen[name].values())
        time = max(f"{clock:04d}", latest)
        event, _ = encode(Event(what, "w", data, ("agent", name), time, name, len(logs[name]), parents))
        logs[name].append(event)
        seen[name][event.hash] = event
    return logs


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), KINDS, st.integers(0, 30)), max_size=40), st.permutations(WRITERS))
def test_the_order_of_joining_is_irrelevant(steps: list[Step], order: list[str]) -> None:
    logs = written(steps)
    plain = in_order([Segment(name, logs[name]) for name in WRITERS])
    other = in_order([Segment(name, logs[name]) for name in order])
    assert [event.hash for event in plain] == [event.hash for event in other]
    assert replay(Record(), plain) == replay(Record(), other)
    place = {event.hash: number for number, event in enumerate(plain)}
    assert all(place[parent] < place[event.hash] for event in plain for parent in event.parents)
    assert sum(map(len, logs.values())) == len(plain) == replay(Record(), plain).events


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), KINDS, st.integers(0, 30)), min_size=1, max_size=30), st.data())
def test_a_history_is_a_beginning_of_what_it_is_joined_into(steps: list[Step], data: Any) -> None:
    """Nothing that was recorded before is lost or changed by what is joined later."""
    cut = data.draw(st.integers(0, len(steps)))
    before, after = written(steps[:cut]), written(steps)
    for name in WRITERS:
        assert after[name][: len(before[name])] == before[name]
    known = {event.hash for log in after.values() for event in log}
    assert {event.hash for log in before.values() for event in log} <= known
