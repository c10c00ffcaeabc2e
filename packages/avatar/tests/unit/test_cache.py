"""Finished stages by the hash of their inputs."""

import os
import threading
import time
from pathlib import Path

import pytest

from avatar.cache import StageCache
from avatar.errors import InputError


def put(cache: StageCache, key: str, content: bytes = b"x") -> Path:
    with cache.publish("stage", key) as folder:
        (folder / "result").write_bytes(content)
    entry = cache.find("stage", key)
    assert entry is not None
    return entry


def test_the_key_changes_with_stage_and_inputs_and_not_with_their_order() -> None:
    keys = {
        StageCache.key("a", {"x": 1, "y": 2}),
        StageCache.key("b", {"x": 1, "y": 2}),
        StageCache.key("a", {"x": 1, "y": 3}),
    }
    assert len(keys) == 3
    assert StageCache.key("a", {"y": 2, "x": 1}) in keys


def test_what_was_published_is_found(tmp_path: Path) -> None:
    cache = StageCache(tmp_path)
    assert cache.find("stage", "k" * 64) is None
    assert (put(cache, "k" * 64, b"hello") / "result").read_bytes() == b"hello"


def test_a_failure_publishes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    cache = StageCache(tmp_path)

    def fail() -> None:
        with cache.publish("stage", "k" * 64) as folder:
            (folder / "result").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert cache.find("stage", "k" * 64) is None
    assert list((tmp_path / "unfinished").iterdir()) == []


@pytest.mark.parametrize("damage", ["truncate", "remove", "manifest"])
def test_a_damaged_entry_counts_as_absent_and_is_replaced(tmp_path: Path, damage: str) -> None:
    cache = StageCache(tmp_path)
    entry = put(cache, "k" * 64, b"hello")
    if damage == "truncate":
        (entry / "result").write_bytes(b"he")
    elif damage == "remove":
        (entry / "result").unlink()
    else:
        (entry / "manifest.json").write_text("{")
    assert cache.find("stage", "k" * 64) is None
    assert (put(cache, "k" * 64, b"again") / "result").read_bytes() == b"again"


def test_two_at_once_both_end_well(tmp_path: Path) -> None:
    cache, gate = StageCache(tmp_path), threading.Barrier(2)

    def make() -> None:
        with cache.publish("stage", "k" * 64) as folder:
            (folder / "result").write_bytes(b"same")
            gate.wait()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.find("stage", "k" * 64) is not None
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_trim_removes_the_least_recently_used_first(tmp_path: Path) -> None:
    cache = StageCache(tmp_path)
    for age, name in enumerate("abc"):
        entry = put(cache, name * 64, b"x" * 1000)
        os.utime(entry / "manifest.json", (1000 - age, 1000 - age))
    cache.find("stage", "c" * 64)  # a use
    cache.trim(2300)
    assert [name for name in "abc" if cache.find("stage", name * 64)] == ["a", "c"]


def test_trim_sweeps_what_a_kill_left_a_day_ago(tmp_path: Path) -> None:
    old, fresh = tmp_path / "unfinished" / "speech-old", tmp_path / "unfinished" / "speech-new"
    old.mkdir(parents=True)
    fresh.mkdir()
    os.utime(old, (0, 0))
    StageCache(tmp_path).trim(10**9)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_place_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"), StageCache(tmp_path / "file").publish("stage", "k" * 64):
        pass


def test_trim_leaves_what_is_being_made_however_far_the_clock_has_jumped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = StageCache(tmp_path)
    with cache.publish("speech", "k" * 64) as folder:
        (folder / "a").write_bytes(b"a")
        with monkeypatch.context() as later:
            later.setattr(time, "time", lambda: 2e9 + 4e8)
            StageCache(tmp_path, "other").trim(10**9)
    assert cache.find("speech", "k" * 64)
    assert list((tmp_path / "unfinished").iterdir()) == []
