"""Who may stay in memory, on a simulated accelerator: never over the budget, nobody starves."""

import random
import threading
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
        self.used, self.most, self.ended = 0, 0, 0

    def start(self, size: int) -> Callable[[], "Model"]:
        return lambda: Model(self, size)


class Model:
    def __init__(self, accelerator: Accelerator, size: int) -> None:
        self.accelerator, self.size, self.alive = accelerator, size, True
        with accelerator.lock:
            accelerator.used += size
            accelerator.most = max(accelerator.most, accelerator.used)

    def close(self) -> None:
        with self.accelerator.lock:
            self.accelerator.used -= self.size
            self.accelerator.ended += 1


def need(key: str, size: int) -> Need:
    return Need(key, "512x512", size)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=40))
def test_the_budget_holds_and_the_least_recently_used_goes(work: list[tuple[str, bool]]) -> None:
    sizes = dict(zip("abcdef", (10, 30, 45, 60, 80, 100), strict=True))
    device, residency = Accelerator(), Residency[Model](BUDGET, Peaks())
    recent: list[str] = []
    for key, fails in work:
        try:
            with residency.use(need(key, sizes[key]), device.start(sizes[key])):
                assert device.used <= BUDGET
                if fails:
                    raise RuntimeError
        except RuntimeError:
            assert key not in residency.resident(), "a worker that failed is not trusted again"
        recent = [k for k in recent if k != key] + ([] if fails else [key])
        here = list(residency.resident())
        assert here == [k for k in recent if k in here], "in the order of use"
        assert sum(residency.resident().values()) == device.used <= BUDGET
    residency.evict_all()
    assert device.used == 0


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
            with residency.use(need(key, sizes[key]), device.start(sizes[key])):
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
