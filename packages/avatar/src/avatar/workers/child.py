"""What runs inside a worker's own environment: ``python -I child.py MODULE|FILE.py``.

The module holds a class ``Backend`` with ``load(models, options) -> facts`` and
``run(call, options, arrays, tell) -> iterator of (header, arrays)``; `tell` takes the part done, 0 to 1, and
raises when the call was cancelled. ValueError from it means the caller asked for something impossible.

Only this package's own source is made importable here, never the packages beside it.
"""

import importlib
import importlib.util
import os
import platform
import queue
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO


def main() -> None:
    """Serve until the pipe closes."""
    requests, answers = _take_pipes()
    sys.stdout = sys.stderr  # what backends print belongs into the log, line by line
    # a package without its __init__ and without its neighbours in site-packages
    package = ModuleType("avatar")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["avatar"] = package
    _serve(sys.argv[1], requests, answers)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's own ends; whatever prints from here on goes to the log."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, answers


class _Cancelled(Exception):
    """The caller no longer wants the answer."""


class _Inbox:
    """Reads requests in a thread, so that a cancel is heard while work goes on, and the caller's end ends us."""

    def __init__(self, pipe: BinaryIO) -> None:
        from avatar.workers import wire  # noqa: PLC0415  importable once main() has made the package

        self._wire, self._pipe = wire, pipe
        self.messages: queue.Queue[Any] = queue.Queue()
        self.cancelled: set[int] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                message = self._wire.receive(self._pipe)
            except (self._wire.WireError, OSError):
                os._exit(0)  # whoever started us is gone, or talks nonsense: hold no memory for them
            if message.kind == "cancel":
                self.cancelled.add(message.header["id"])
            else:
                self.messages.put(message)


def _serve(target: str, requests: BinaryIO, answers: BinaryIO) -> None:
    from avatar.workers import wire  # noqa: PLC0415

    inbox = _Inbox(requests)
    try:
        backend = _module(target).Backend()
    except BaseException as error:  # the reason must reach the caller, whatever it is
        wire.send(answers, wire.Message("failed", _reason(error)))
        raise
    wire.send(answers, wire.Message("hello", {"protocol": wire.PROTOCOL, "python": platform.python_version()}))
    while True:
        message = inbox.messages.get()
        if message.kind == "bye":
            return
        for answer in _answers(backend, message, inbox, answers):
            wire.send(answers, answer)


def _answers(backend: Any, message: Any, inbox: _Inbox, pipe: BinaryIO) -> Iterator[Any]:
    """The messages that answer one: parts, and at last "done" or "failed"."""
    from avatar.workers import wire  # noqa: PLC0415

    number = message.header["id"]

    def tell(fraction: float) -> None:
        if number in inbox.cancelled:
            raise _Cancelled
        wire.send(pipe, wire.Message("progress", {"id": number, "fraction": float(fraction)}))

    try:
        with _inference():
            facts: dict[str, Any] = {}
            if message.kind == "load":
                facts = backend.load(message.header["models"], message.header["options"])
            else:
                arrays = {name: array.copy() for name, array in message.arrays.items()}
                for header, parts in backend.run(message.header["call"], message.header["options"], arrays, tell):
                    yield wire.Message("part", {"id": number, "header": header}, parts)
                    tell(-1.0)
            yield wire.Message("done", {"id": number, "facts": facts} | _memory())
    except _Cancelled:
        yield wire.Message("cancelled", {"id": number})
    except Exception as error:  # noqa: BLE001  every failure is answered; the caller decides
        traceback.print_exc()
        yield wire.Message("failed", {"id": number} | _reason(error) | _memory())


def _inference() -> AbstractContextManager[Any]:
    """No gradients are kept: without this the memory of a lip-sync model grows fivefold (MuseTalk issue 349)."""
    torch = sys.modules.get("torch")
    return nullcontext() if torch is None else torch.inference_mode()


def _memory() -> dict[str, Any]:
    """Whether gradients were kept, and the accelerator's peak since the last message, in bytes."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {"gradients": None, "peak_bytes": None}
    facts = {"gradients": torch.is_grad_enabled(), "peak_bytes": None}
    if torch.cuda.is_available():
        facts["peak_bytes"] = torch.cuda.max_memory_reserved()
        torch.cuda.reset_peak_memory_stats()
    return facts


def _reason(error: BaseException) -> dict[str, Any]:
    """The failure's class as the caller must treat it, and one line."""
    names = {kind.__name__ for kind in type(error).__mro__}
    out_of_memory = isinstance(error, MemoryError) or "OutOfMemoryError" in names
    kind = "memory" if out_of_memory else "input" if isinstance(error, ValueError) else "crash"
    line = str(error).strip().splitlines()
    return {"reason": kind, "message": f"{type(error).__name__}: {line[0] if line else 'no more is known'}"}


def _module(target: str) -> ModuleType:
    if not target.endswith(".py"):
        return importlib.import_module(target)
    spec = importlib.util.spec_from_file_location("avatar_worker", target)
    if spec is None or spec.loader is None:
        raise ImportError(f"{target} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
