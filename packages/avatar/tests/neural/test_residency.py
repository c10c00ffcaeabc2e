"""Who may stay in memory, on a simulated accelerator: never over the budget, nobody starves."""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatar.workers.process import OutOfMemory
from avatar.workers.residency import Need, Peaks, Residency

BUDGET = 100


class Accelerator:
    """Counts what is loaded and refuses nothing: the test does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.used, self.most = 0, 0
        self.wrongs: list[str] = []

    def start(self, size: int) -> Callable[[], "Model"]:
        return lambda: Model(self, size)


class Model:
    """Takes memory until it has ended; being used twice at once, or ended while in use, is noted."""

    def __init__(self, accelerator: Accelerator, size: int) -> None:
        self.accelerator, self.size, self.alive = accelerator, size, True
        self.work = threading.Lock()
        self.ending = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        with accelerator.lock:
            accelerator.used += size
            accelerator.most = max(accelerator.most, accelerator.used)

    def run(self, seconds: float) -> None:
        if not self.work.acquire(blocking=False):
            self.accelerator.wrongs.append("two users at once")
            return
        time.sleep(seconds)
        self.work.release()

    def close(self) -> None:
        if self.work.locked():
            self.accelerator.wrongs.append("ended while in use")
        self.ending.set()
        self.may_end.wait(10)
        with self.accelerator.lock:
            self.accelerator.used -= self.size


class Burst(Exception):
    """What a worker that fails raises."""


class Queue:
    """Threads that each use one model, and in which order they got it."""

    def __init__(self) -> None:
        self.device, self.residency = Accelerator(), Residency[Model](BUDGET, Peaks())
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def ask(self, key: str, size: int) -> None:
        """Start a thread that asks, and give it time to wait in line."""
        asked = threading.Event()
        wanted = need(key, size)

        def work() -> None:
            asked.set()
            with self.residency.use(wanted, self.device.start(size)):
                self.order.append(key)

        self.threads.append(threading.Thread(target=work, daemon=True))
        self.threads[-1].start()
        assert asked.wait(10)
        time.sleep(0.1)

    def end(self) -> list[str]:
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive(), "it never got its turn"
        assert self.device.wrongs == []
        assert self.device.most <= BUDGET
        return self.order


def need(key: str, size: int) -> Need:
    return Need(key, "512x512", size)


SIZES = {"a": 11, "b": 29, "c": 39, "d": 40, "e": 61, "f": 100}
"""c and e fill the budget to the last byte; d and e are one byte more than it."""


def after_using(resident: dict[str, int], key: str) -> dict[str, int]:
    """What should be resident then, the least recently used first, restated without the code under test."""
    kept = [each for each in resident if each != key]
    while sum(SIZES[each] for each in kept) + SIZES[key] > BUDGET:
        kept = kept[1:]
    return {each: SIZES[each] for each in (*kept, key)}


@pytest.mark.parametrize("seed", range(10))
def test_the_budget_holds_and_the_least_recently_used_goes(seed: int) -> None:
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())
    chance = random.Random(seed)
    expected: dict[str, int] = {}
    for _ in range(200):
        key, fails = chance.choice("abcdef"), chance.random() < 0.1
        expected = after_using(expected, key)
        with contextlib.suppress(Burst), residency.use(need(key, SIZES[key]), device.start(SIZES[key])):
            assert device.used <= BUDGET
            if fails:
                raise Burst
        if fails:
            del expected[key]  # a worker that failed is not trusted again
        assert list(residency.resident().items()) == list(expected.items())
        assert sum(expected.values()) == device.used
    residency.evict_all()
    assert device.used == 0


def test_one_in_use_is_not_ended_to_make_room() -> None:
    queue = Queue()
    with queue.residency.use(need("a", 60), queue.device.start(60)) as model:
        queue.ask("b", 60)
        model.run(0)
        assert queue.order == []
    assert queue.end() == ["b"]
    assert list(queue.residency.resident()) == ["b"]


def test_a_worker_has_one_user_at_a_time() -> None:
    queue = Queue()
    with queue.residency.use(need("a", 10), queue.device.start(10)):
        queue.ask("a", 10)
        assert queue.order == []
        assert queue.device.used == 10
    assert queue.end() == ["a"]


def test_small_ones_do_not_overtake_a_large_one_for_ever() -> None:
    queue = Queue()
    with queue.residency.use(need("small", 10), queue.device.start(10)):
        queue.ask("large", 95)
        queue.ask("tiny", 5)  # would fit at once
        assert queue.order == []
    assert queue.end() == ["large", "tiny"]


def test_a_worker_that_failed_counts_until_it_has_ended() -> None:
    """Its memory is not free while it is still dying."""
    queue = Queue()
    models: list[Model] = []

    def fail() -> None:
        with contextlib.suppress(Burst), queue.residency.use(need("a", 60), queue.device.start(60)) as model:
            model.may_end.clear()
            models.append(model)
            raise Burst

    failing = threading.Thread(target=fail, daemon=True)
    failing.start()
    wait_for(lambda: bool(models) and models[0].ending.is_set())
    queue.ask("b", 60)
    assert queue.device.most == 60, "both at once are more than the budget"
    models[0].may_end.set()
    failing.join(10)
    assert queue.end() == ["b"]


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to be")


def test_what_never_fits_is_refused_at_once() -> None:
    residency = Residency[Model](BUDGET, Peaks())
    with pytest.raises(OutOfMemory, match="whale needs"), residency.use(need("whale", 101), Accelerator().start(101)):
        raise AssertionError("it was lent")


@pytest.mark.parametrize("seed", range(3))
def test_many_threads_all_get_their_turn(seed: int) -> None:
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())
    sizes = {"a": 10, "b": 40, "c": 60, "d": 95}
    done: list[str] = []

    def work(key: str) -> None:
        for _ in range(25):
            with residency.use(need(key, sizes[key]), device.start(sizes[key])) as model:
                model.run(0.0002)
                done.append(key)

    order = [key for key in sizes for _ in range(3)]
    random.Random(seed).shuffle(order)
    threads = [threading.Thread(target=work, args=(key,), daemon=True) for key in order]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody starved"
    assert {key: done.count(key) for key in sizes} == dict.fromkeys(sizes, 75)
    assert device.wrongs == []
    assert device.most <= BUDGET


def test_one_that_died_while_nobody_used_it_is_started_anew() -> None:
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())
    with residency.use(need("a", 10), device.start(10)) as first:
        pass
    first.alive = False
    with residency.use(need("a", 10), device.start(10)) as second:
        assert second is not first


def test_a_start_that_fails_leaves_nothing_behind() -> None:
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())

    def broken() -> Model:
        raise RuntimeError("no driver")

    with pytest.raises(RuntimeError, match="no driver"), residency.use(need("a", 90), broken):
        raise AssertionError("it was lent")
    with residency.use(need("b", 90), device.start(90)):
        assert device.used == 90


def test_what_was_measured_is_counted_and_no_longer_what_was_estimated() -> None:
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())
    residency.peaks.record(need("a", 10), 80)
    for key in "ab":
        with residency.use(need(key, 20), device.start(20)):
            pass
    assert residency.resident() == {"b": 20}, "88 and 20 are too many"
    residency.peaks.record(need("b", 20), 95)
    with pytest.raises(OutOfMemory, match="b needs"), residency.use(need("b", 20), device.start(20)):
        raise AssertionError("it was lent")


@settings(max_examples=50)
@given(st.lists(st.integers(1, 10**9), min_size=1))
def test_a_measured_peak_replaces_the_estimate_and_only_grows(peaks: list[int]) -> None:
    known = Peaks()
    assert known.of(need("a", 7)) == 7
    for peak in peaks:
        known.record(need("a", 7), peak)
    assert known.of(need("a", 7)) == round(max(peaks) * 1.1)
    assert known.of(Need("a", "1024x1024", 7)) == 7, "another size, another peak"


def test_peaks_are_remembered(tmp_path: Path) -> None:
    Peaks(tmp_path / "peaks.json").record(need("a", 1), 50)
    assert Peaks(tmp_path / "peaks.json").of(need("a", 1)) == 55
    (tmp_path / "peaks.json").write_text("{broken")
    assert Peaks(tmp_path / "peaks.json").of(need("a", 1)) == 1
