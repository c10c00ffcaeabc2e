"""Work done behind the caller's back: in order, not far behind, errors brought back, the thread ended in any case."""

import threading
import time

import pytest

from avatar.codec.behind import Behind


def threads() -> int:
    return sum(thread.name == "behind" for thread in threading.enumerate())


def test_everything_is_done_in_order_before_the_block_is_left() -> None:
    done: list[int] = []

    def slowly(item: int) -> None:
        time.sleep(0.002)
        done.append(item)

    with Behind(slowly, room=2) as behind:
        for number in range(30):
            behind.give(number)
            assert number - len(done) <= 4
    assert done == list(range(30))
    assert threads() == 0


def test_an_error_of_the_work_is_raised_in_the_caller() -> None:
    def fails(item: int) -> None:
        raise OSError(28, f"no room for {item}")

    given: list[int] = []

    def give_many() -> None:
        with Behind(fails) as behind:
            for number in range(100):
                behind.give(number)
                given.append(number)
                time.sleep(0.001)

    with pytest.raises(OSError, match="no room for 0"):
        give_many()
    assert len(given) < 100
    assert threads() == 0


def test_an_error_of_the_last_item_is_not_lost() -> None:
    def fails(item: int) -> None:
        time.sleep(0.02)
        raise ValueError(item)

    with pytest.raises(ValueError, match="7"), Behind(fails) as behind:
        behind.give(7)


def test_an_interrupt_drops_what_waits_and_ends_the_thread() -> None:
    done: list[int] = []

    def slowly(item: int) -> None:
        time.sleep(0.05)
        done.append(item)

    def interrupted() -> None:
        with Behind(slowly, room=10) as behind:
            for number in range(8):
                behind.give(number)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(done) <= 2
    assert threads() == 0
