"""A real worker process: spoken to, cancelled, crashed, hung. Whatever happens, one clear error and nothing left."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avatar.errors import BackendFailed, InputError
from avatar.workers.process import Cancelled, OutOfMemory, Patience, Worker

TOY = str(Path(__file__).with_name("toy") / "worker.py")
NUMBERS = {"x": np.arange(6, dtype=np.float32).reshape(2, 3)}


def worker(target: str = TOY, **patience: float) -> Worker:
    return Worker("toy", Path(sys.executable), target, Patience(**({"grace": 1.0} | patience)))


@pytest.fixture
def toy() -> Iterator[Worker]:
    made = worker()
    made.start()
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Whether the process ended, waiting a little for the system to notice."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_it_loads_and_says_what_it_loaded(toy: Worker, tmp_path: Path) -> None:
    facts = toy.load({"unet": tmp_path}, {})
    assert (facts["models"], facts["rate"]) == (["unet"], 16000)
    toy.close()
    assert "loading unet" in toy.log(), "what it prints is kept"
    assert "file descriptor" in toy.log(), "what its libraries print too, and the protocol goes on"


def test_parts_and_progress_come_in_order(toy: Worker) -> None:
    seen: list[float] = []
    parts = list(toy.run("double", {}, NUMBERS, seen.append))
    assert [header["step"] for header, _ in parts] == [0, 1, 2]
    assert np.array_equal(parts[2][1]["x"], NUMBERS["x"] * 2)
    assert seen == [0.0, 1 / 3, 2 / 3]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [("refuse", InputError, "too blue"), ("exhaust", OutOfMemory, "14 GB"), ("break", BackendFailed, "wheel came off")],
)
def test_a_failure_is_one_line_and_the_worker_lives_on(
    toy: Worker, call: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        list(toy.run(call, {}))
    assert toy.alive
    assert len(list(toy.run("double", {}, NUMBERS))) == 3


def test_a_crash_is_named_and_the_next_start_works() -> None:
    made = worker()
    made.start()
    with pytest.raises(BackendFailed, match=r"died while running .*SIGABRT") as caught:
        list(made.run("abort", {}))
    assert "about to abort" in caught.value.hint
    assert not made.alive
    made.start()
    assert len(list(made.run("double", {}, NUMBERS))) == 3
    made.close()


def test_a_hang_is_ended() -> None:
    made = worker(run=0.5)
    made.start()
    pid = made.pid
    with pytest.raises(BackendFailed, match="no sign of life"):
        list(made.run("hang", {}))
    assert pid is not None
    assert gone(pid)


@pytest.mark.parametrize("call", ["count", "hang"])
def test_a_cancelled_call_stops_whether_it_listens_or_not(call: str) -> None:
    made = worker()
    made.start()
    pid = made.pid
    timer = threading.Timer(0.3, made.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        list(made.run(call, {}))
    assert made.alive == (call == "count"), "one that listens may stay"
    made.close()
    assert pid is not None
    assert gone(pid)


def test_a_caller_who_stops_listening_leaves_a_usable_worker(toy: Worker) -> None:
    parts = toy.run("double", {}, NUMBERS)
    next(parts)
    parts.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(toy.run("double", {}, NUMBERS))) == 3


def test_ending_a_worker_ends_what_it_started(toy: Worker) -> None:
    ((facts, _),) = toy.run("child", {})
    toy.kill()
    assert gone(facts["pid"])


def test_a_worker_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """The other end of the pipe is gone: it must not hold memory for nobody."""
    import subprocess

    code = (
        "import sys, os; from pathlib import Path; from avatar.workers.process import Worker\n"
        f"w = Worker('toy', Path(sys.executable), {TOY!r}); w.start(); print(w.pid, flush=True); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert gone(int(done.stdout))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nonesuch_package", "No module named 'nonesuch_package'"),
        ("import os; os._exit(3)", "exit code 3"),
        ("class Backend:\n    def __init__(self): raise OSError('libcuda.so.1: cannot open')", "libcuda.so.1"),
    ],
)
def test_one_that_cannot_start_says_why(tmp_path: Path, source: str, words: str) -> None:
    (tmp_path / "worker.py").write_text(source)
    with pytest.raises(BackendFailed, match=words):
        worker(str(tmp_path / "worker.py")).start()


@pytest.mark.parametrize(
    ("said", "words"),
    [("garbage that is no message", "nonsense"), ("AVW1", "no sign of life"), ("", "no sign of life")],
)
def test_a_program_that_speaks_otherwise_is_found_out(tmp_path: Path, said: str, words: str) -> None:
    """Not our child at all: some other program stands where the interpreter should."""
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nprintf '{said}'\nexec sleep 30\n")
    script.chmod(0o755)
    made = Worker("toy", script, TOY, Patience(start=2.0, grace=0.5))
    with pytest.raises(BackendFailed, match=words):
        made.start()
    assert not made.alive


def test_another_version_of_the_protocol_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "python"
    body = '{"kind": "hello", "arrays": {}, "header": {"protocol": 99}}'
    frame = b"AVW1" + len(body).to_bytes(4, "little") + body.encode()
    octal = "".join(f"\\{byte:03o}" for byte in frame)
    script.write_text(f"#!/bin/sh\nprintf '{octal}'\nexec sleep 30\n")
    script.chmod(0o755)
    with pytest.raises(BackendFailed, match="protocol 99"):
        Worker("toy", script, TOY, Patience(start=5.0, grace=0.5)).start()


def test_no_interpreter_there(tmp_path: Path) -> None:
    with pytest.raises(BackendFailed, match="cannot be started"):
        Worker("toy", tmp_path / "python", TOY).start()
