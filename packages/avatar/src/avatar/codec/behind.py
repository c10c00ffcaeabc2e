"""Work that is done behind the caller's back, in order, and never more than a little behind."""

from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_PATIENCE = 0.1
"""Seconds after which who waits looks round for what may have ended the wait."""


class _End:
    """Comes after the last item."""


class Behind(Generic[T]):
    """Does `work` on each item given, in order, in a thread of its own, while the caller makes the next.

    An error of the work is raised in the caller, by the next `give` or when the block is left. When the
    block is left by an error or an interrupt, what still waits is dropped; the thread has ended in any case.
    """

    def __init__(self, work: Callable[[T], None], room: int = 2) -> None:
        self._work = work
        self._items: Queue[T | _End] = Queue(room)
        self._dropped = Event()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="behind", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def give(self, item: T) -> None:
        """Leave an item to be worked on; waits while the queue is full."""
        self._put(item)
        self._complain()

    def _put(self, item: T | _End) -> None:
        while not self._dropped.is_set():
            try:
                self._items.put(item, timeout=_PATIENCE)
                break
            except Full:
                continue

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if kind is not None:
            self._dropped.set()
        self._wait()
        if kind is None:
            self._complain()

    def _wait(self) -> None:
        """Until the thread has ended, however often one is interrupted; then the interrupt goes on."""
        interrupt: BaseException | None = None
        ended = False
        while not ended:
            try:
                self._put(_End())
                self._thread.join()
                ended = True
            except BaseException as error:  # noqa: BLE001  whatever it is, what the thread uses must not be closed yet
                interrupt = error
                self._dropped.set()
        if interrupt is not None:
            raise interrupt

    def _complain(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._dropped.is_set():
                try:
                    item = self._items.get(timeout=_PATIENCE)
                except Empty:
                    continue
                if isinstance(item, _End):
                    break
                self._work(item)
        except BaseException as error:  # noqa: BLE001  raised in the caller
            self._error = error
            self._dropped.set()
