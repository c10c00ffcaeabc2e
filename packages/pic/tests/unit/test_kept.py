"""Workflows that a snapshot kept behave like those that were folded."""

from pic.model.event import Event
from pic.model.state import PHASES, Record, record_from, to_json
from pic.rules import fold

DATA = {"title": "x", "size": "standard", "phases": list(PHASES), "dropped": {}, "pilots": {}, "gates": {}}


def started(record: Record, name: str) -> Record:
    return fold(record, Event("workflow.started", name, DATA, ("agent", "a"), "t"))


def noted(record: Record, name: str, ref: str) -> Record:
    data = {"kind": "file", "ref": ref, "sha256": ""}
    return fold(record, Event("evidence.added", name, data, ("agent", "a"), "t"))


def test_they_are_equal_in_each_way_of_asking() -> None:
    plain = noted(started(started(Record(), "a"), "b"), "a", "one")
    kept = record_from(to_json(plain))
    assert list(kept.workflows) == ["a", "b"]
    assert "a" in kept.workflows
    assert "c" not in kept.workflows
    assert kept.workflows.get("c") is None
    assert kept.workflows["a"] == plain.workflows["a"]
    assert kept.workflows.get("b") == plain.workflows["b"]
    assert [one.id for one in record_from(to_json(plain)).workflows.values()] == ["a", "b"]
    assert dict(record_from(to_json(plain)).workflows.items()) == plain.workflows
    assert record_from(to_json(plain)) == plain
    assert to_json(record_from(to_json(plain))) == to_json(plain)


def test_folding_goes_on_and_leaves_what_was_there_alone() -> None:
    plain = started(started(Record(), "a"), "b")
    kept, before = record_from(to_json(plain)), to_json(plain)
    after = started(noted(noted(kept, "a", "one"), "b", "two"), "c")
    assert after == started(noted(noted(plain, "a", "one"), "b", "two"), "c")
    assert to_json(plain) == to_json(kept) == before
    assert list(plain.workflows) == list(kept.workflows) == ["a", "b"]
    assert kept != after
