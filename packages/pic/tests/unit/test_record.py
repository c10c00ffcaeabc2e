"""The record on disk: killed at any byte, cut, edited, written by many at once."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pic.errors import Damaged, Locked, Refused, TooNew
from pic.model.state import PHASES
from pic.store import files, lock
from pic.store import log as log_module
from pic.store.log import Store
from pic.store.place import find

ME = ("person", "ada")


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def started(folder: Path) -> Store:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".pic/log").mkdir(parents=True)
    store = Store(find(folder))
    data = {"title": "x", "size": "standard", "phases": list(PHASES), "dropped": {}, "pilots": {}, "gates": {}}
    store.append([("workflow.started", "w", data)], ME)
    return store


def note(store: Store, ref: str) -> None:
    store.append([("evidence.added", "w", {"kind": "file", "ref": ref, "sha256": ""})], ME)


def notes(store: Store) -> list[str]:
    return [one.ref for one in store.view().record.workflows["w"].evidence]


def segment(store: Store) -> Path:
    return next(store.log.glob("*.jsonl"))


def test_a_kill_at_every_byte_of_the_last_line_leaves_the_old_record(tmp_path: Path) -> None:
    store = started(tmp_path)
    note(store, "one")
    old, anchor = segment(store).read_bytes(), (store.place.private / "anchor-main.json").read_bytes()
    note(store, "two")
    new = segment(store).read_bytes()
    for size in range(len(old), len(new) + 1):
        segment(store).write_bytes(new[:size])
        (store.place.private / "anchor-main.json").write_bytes(anchor)
        fresh = Store(store.place)
        whole = size == len(new)
        assert notes(fresh) == (["one", "two"] if whole else ["one"])
        assert bool(fresh.view().torn) == (len(old) < size < len(new))
        if size % 16 == 0 or whole:
            note(fresh, "three")
            assert notes(Store(store.place))[-1] == "three"
            fresh.verify()


def test_the_same_cut_without_an_older_anchor_is_a_crime_not_a_crash(tmp_path: Path) -> None:
    store = started(tmp_path)
    note(store, "one")
    size = len(segment(store).read_bytes())
    note(store, "two")
    whole = segment(store).read_bytes()
    for cut in (size, size + 1, len(whole) - 1, 0):
        segment(store).write_bytes(whole[:cut])
        with pytest.raises(Damaged, match="was cut"):
            Store(store.place).view()
    segment(store).unlink()
    with pytest.raises(Damaged, match="was cut"):
        Store(store.place).view()


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_every_rename_leaves_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.setattr("pic.store.snapshot.WORTH", 3)
    store, done, killed = started(tmp_path), 0, 0
    for stop in range(1, 30):
        left = [stop % 3 + 1]

        def replace(old: Path, new: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Killed
            old.replace(new)
            if left[0] == 0:
                raise Killed

        monkeypatch.setattr(files, "replace", replace)
        try:
            note(store, str(stop))
        except Killed:
            killed += 1
        monkeypatch.setattr(files, "replace", os.replace)
        store = Store(store.place)
        assert len(notes(store)) in (done, done + 1)
        done = len(notes(store))
        store.verify()
    assert killed > 5


def test_a_kill_before_the_line_reaches_the_disk_leaves_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = started(tmp_path)

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(log_module.os, "fsync", die)
    with pytest.raises(Killed):
        note(store, "one")
    monkeypatch.undo()
    fresh = Store(store.place)
    assert notes(fresh) in ([], ["one"])
    note(fresh, "two")
    fresh.verify()


def edit(lines: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(lines))
    line = bytearray(lines[at])
    place = rng.randrange(len(line) - 1)
    line[place] = (line[place] + rng.randrange(1, 255)) % 256
    return [*lines[:at], bytes(line), *lines[at + 1 :]]


def delete(lines: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def swap(lines: list[bytes], rng: random.Random) -> list[bytes]:
    first, second = rng.sample(range(len(lines)), 2)
    lines = list(lines)
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def cut(lines: list[bytes], rng: random.Random) -> list[bytes]:
    content = b"".join(lines)
    return [content[: rng.randrange(len(content))]]


def insert(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """An event of the right shape, rightly hashed, in the wrong place."""
    from pic.model.event import decode, encode

    at = rng.randrange(len(lines))
    _, forged = encode(decode(lines[at].rstrip(b"\n")))
    return [*lines[:at], forged.replace(b'"ref":"', b'"ref":"x'), *lines[at:]]


def repeat(lines: list[bytes], rng: random.Random) -> list[bytes]:
    at = rng.randrange(len(lines))
    return [*lines, lines[at]]


def rewrite(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """From some event on, the whole tail, with every hash made right again."""
    from dataclasses import replace

    from pic.model.event import decode, encode

    at = rng.randrange(len(lines))
    events = [decode(line.rstrip(b"\n")) for line in lines]
    made, parents = [], events[at].parents
    for event in events[at:]:
        forged, line = encode(replace(event, parents=parents, actor=("person", "mallory")))
        parents = (forged.hash,)
        made.append(line)
    return [*lines[:at], *made]


TAMPERINGS = [edit, delete, swap, cut, insert, repeat, rewrite]


def tampered(tmp_path: Path, rounds: int) -> None:
    store, rng = started(tmp_path), random.Random(7)
    for number in range(12):
        note(store, f"note {number}")
    path = segment(store)
    good = path.read_bytes()
    for number in range(rounds):
        bad = b"".join(TAMPERINGS[number % len(TAMPERINGS)](good.splitlines(keepends=True), rng))
        assert bad != good
        path.write_bytes(bad)
        with pytest.raises(Damaged):
            Store(store.place).verify()
        with pytest.raises(Damaged):  # status sees it too: the file is not the one that was written
            Store(store.place).view()
    path.write_bytes(good)
    Store(store.place).verify()


@pytest.mark.parametrize("change", ["another", "gone", "twice"])
def test_a_rightly_hashed_lie_breaks_the_chain_where_nothing_was_anchored(tmp_path: Path, change: str) -> None:
    """Only the parents tell: each line's hash and number are right, and this clone has never looked before."""
    from dataclasses import replace

    from pic.model.event import decode, encode

    store = started(tmp_path)
    for number in range(4):
        note(store, f"note {number}")
    lines = segment(store).read_bytes().splitlines(keepends=True)
    events = [decode(line[:-1]) for line in lines]
    made = {
        "another": [*lines[:2], encode(replace(events[2], actor=("person", "mallory")))[1], *lines[3:]],
        "gone": [*lines[:2], encode(replace(events[3], number=2))[1]],
        "twice": [*lines[:3], encode(replace(events[2], number=3))[1]],
    }
    segment(store).write_bytes(b"".join(made[change]))
    (store.place.private / "anchor-main.json").unlink()
    if change == "twice":  # a second event on one parent is a fork, which merges make too: seen, and not one history
        assert len(Store(store.place).verify()[0].anchor.heads) == 2
    else:
        with pytest.raises(Damaged, match="a parent that is gone"):
            Store(store.place).verify()


def test_no_byte_of_a_line_can_be_changed(tmp_path: Path) -> None:
    store = started(tmp_path)
    good = segment(store).read_bytes()
    for place in range(len(good)):
        segment(store).write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(Damaged):
            Store(store.place).verify()


def test_every_tampering_is_found(tmp_path: Path) -> None:
    tampered(tmp_path, 140)


@pytest.mark.soak
def test_a_thousand_tamperings_are_found(tmp_path: Path) -> None:
    tampered(tmp_path, 1000)


WRITER = """
import sys
from pathlib import Path
from pic.store.log import Store
from pic.store.place import find
store = Store(find(Path(sys.argv[1])), timeout=300)
for number in range(int(sys.argv[3])):
    ref = f"{sys.argv[2]}-{number}"
    store.append([("evidence.added", "w", {"kind": "file", "ref": ref, "sha256": ""})], ("agent", "bot"))
"""


def crowded(folder: Path, writers: int, each: int) -> None:
    store = started(folder)
    command = [sys.executable, "-c", WRITER, str(folder)]
    running = [subprocess.Popen([*command, str(one), str(each)]) for one in range(writers)]
    assert [one.wait(600) for one in running] == [0] * writers
    view, events = Store(store.place).verify()
    assert len(events) == writers * each + 1
    wanted = {f"{one}-{number}" for one in range(writers) for number in range(each)}
    assert {one.ref for one in view.record.workflows["w"].evidence} == wanted


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    crowded(tmp_path / "repo", 16, 6)


@pytest.mark.soak
def test_sixteen_writers_of_a_hundred_records_lose_nothing(tmp_path: Path) -> None:
    crowded(tmp_path / "repo", 16, 100)


HOLDER = """
import sys, time
from pathlib import Path
from pic.store import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_waits_too_long_is_told_who_writes_and_a_dead_writer_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    with holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=f"process {holder.pid} on"), lock.held(path, 0.1):
            pass
        holder.kill()
        holder.wait()
    assert path.read_bytes()  # what it wrote down is still there
    begun = time.monotonic()
    with lock.held(path, 5):
        pass
    assert time.monotonic() - begun < 1


def test_a_clock_that_goes_back_is_recorded_and_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = started(tmp_path)
    before = store.view().record.time
    monkeypatch.setattr(log_module, "now", lambda: "2001-01-01T00:00:00.000000Z")
    note(store, "one")
    last = store.verify()[1][-1]
    assert (last.time, last.clock) == (before, "2001-01-01T00:00:00.000000Z")


def test_a_refused_step_writes_nothing_but_an_agents_attempt_is_kept(tmp_path: Path) -> None:
    store = started(tmp_path)
    before = segment(store).read_bytes()
    with pytest.raises(Refused):
        store.append([("phase.revisited", "w", {"to": "review", "because": ""})], ME)
    assert segment(store).read_bytes() == before
    with pytest.raises(Refused):
        store.append([("workflow.abandoned", "w", {"because": "tired"})], ("agent", "bot"))
    last = store.verify()[1][-1]
    assert (last.kind, last.data["tried"], last.actor[1]) == ("person.refused", "workflow.abandoned", "bot")


def test_a_forged_snapshot_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pic.store.snapshot.WORTH", 1)
    store = started(tmp_path)
    for number in range(4):
        note(store, str(number))
    path = store.place.private / "snapshot-main.json"
    path.write_bytes(path.read_bytes().replace(b'"title":"x"', b'"title":"y"'))
    assert Store(store.place).view().record.workflows["w"].title == "x"


def test_quick_and_full_reading_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pic.store.snapshot.WORTH", 3)
    store = started(tmp_path)
    for number in range(20):
        note(store, str(number))
        fresh = Store(store.place)
        assert fresh.view().record == fresh.read()[0].record


def test_an_event_of_a_newer_pic_is_refused_by_name(tmp_path: Path) -> None:
    import hashlib

    store = started(tmp_path)
    body = json.loads(segment(store).read_bytes())
    del body["hash"]
    raw = json.dumps({**body, "v": 99}, sort_keys=True, separators=(",", ":")).encode()
    line = b'{"hash":"' + hashlib.sha256(raw).hexdigest().encode() + b'",' + raw[1:] + b"\n"
    segment(store).write_bytes(line)
    with pytest.raises(TooNew, match="version 99"):
        Store(store.place).view()
