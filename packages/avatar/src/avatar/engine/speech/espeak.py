"""The parent's side of espeak-ng: starts the child process, asks it, and answers for its failures."""

import contextlib
import json
import queue
import shutil
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from avatar.errors import BackendFailed

HEADER = struct.Struct(">II")
"""Lengths of header and body, as in espeak_child.py."""

START_TIMEOUT = 30.0
"""Seconds a child may take to say hello; a slow disk and a virus scanner fit in."""

SAY_TIMEOUT = 30.0
"""Seconds one piece of text (at most a few hundred characters, normally 20 ms) may take."""

AGAIN = "try again; if the same text fails twice, report it with the text"


@dataclass(frozen=True)
class Event:
    """What happens at `sample`: kind "word", "phone" or "end" (of a clause).

    `position` and `length` are characters (code points) in the text; `symbol` is the phone as espeak-ng writes it.
    """

    kind: str
    sample: int
    position: int
    length: int
    symbol: str


@dataclass(frozen=True)
class Markup:
    """What in a text is obeyed, not spoken: [[phonemes]], and SSML's tags."""

    phonemes: bool = False
    tags: bool = False


PLAIN = Markup()


@dataclass(frozen=True, eq=False)
class Spoken:
    """One piece of text as espeak-ng says it: (n,) float32, |x| < 1, and its events in order."""

    samples: NDArray[np.float32]
    rate: int
    events: tuple[Event, ...]


class Espeak:
    """A handle on the child process, which is started when first needed and again after it was lost.

    Calls from several threads are answered one after the other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._end: Callable[[], object] = lambda: None

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._child.process.pid if self._child else None

    def voices(self) -> list[dict[str, Any]]:
        """Every voice file: {"file": str, "tags": [[tag, priority], ...]}; a lower priority is a better fit."""
        found: list[dict[str, Any]] = self._ask({"op": "voices"})[0]["voices"]
        return found

    def say(self, text: str, voice: str, variant: str, rate: int, markup: Markup = PLAIN) -> Spoken:
        """`text` as the voice file `voice` says it, with the lines of a voice variant, at `rate` words a minute.

        Raises BackendFailed when the child dies, hangs or refuses.
        """
        request = {"op": "say", "voice": voice, "variant": variant, "text": text, "rate": rate} | asdict(markup)
        header, body = self._ask(request)
        samples = np.frombuffer(body, "<i2").astype(np.float32) / np.float32(32768)
        return Spoken(samples, header["rate"], tuple(Event(*event) for event in header["events"]))

    def close(self) -> None:
        """End the child; a later call starts another."""
        with self._lock:
            self._drop()

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """One request, one reply; a child that failed is dropped."""
        with self._lock:
            try:
                if self._child is None:
                    self._child = _Child()
                    self._end = weakref.finalize(self, self._child.end)  # also when nobody calls close()
                header, body = self._child.ask(request)
            except BaseException:  # also Ctrl-C: an answer that comes too late must not be taken for the next one
                self._drop()
                raise
        if not header["ok"]:
            raise BackendFailed(f"espeak-ng refused: {header['error']}", AGAIN)
        return header, body

    def _drop(self) -> None:
        self._child = None
        self._end()


class _Child:
    """One running child process."""

    def __init__(self) -> None:
        self.home: Path | None = None
        self.process = _start()
        self.replies: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            header, _ = self._reply(START_TIMEOUT)
        except BaseException:
            self.end()
            raise
        self.home = Path(header["home"])

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Send a request and wait for its reply; BackendFailed when none comes."""
        data = json.dumps(request).encode()
        stdin = self.process.stdin
        assert stdin is not None
        try:
            stdin.write(HEADER.pack(len(data), 0) + data)
            stdin.flush()
        except OSError as error:
            raise BackendFailed(self._death(), AGAIN) from error
        return self._reply(SAY_TIMEOUT)

    def end(self) -> None:
        """Let it clean up and leave; kill it when it does not."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(2.0)
        if self.process.stdout is not None:
            self.process.stdout.close()
        if self.home is not None:  # left behind only by a child that was killed
            shutil.rmtree(self.home, ignore_errors=True)

    def _reply(self, timeout: float) -> tuple[dict[str, Any], bytes]:
        try:
            reply = self.replies.get(timeout=timeout)
        except queue.Empty as error:
            raise BackendFailed(f"the espeak-ng process gave no answer within {timeout:.0f} s", AGAIN) from error
        if reply is None:
            raise BackendFailed(self._death(), AGAIN)
        return reply

    def _death(self) -> str:
        """One line on how it ended."""
        try:
            code = self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            return "the espeak-ng process closed its output"
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return f"the espeak-ng process {how}"

    def _read(self) -> None:
        """Queue every reply; None when there will be no more."""
        stdout = self.process.stdout
        assert stdout is not None
        while (frame := _read_frame(stdout)) is not None:
            self.replies.put(frame)
        self.replies.put(None)


def _read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    header_size, body_size = HEADER.unpack(head)
    header, body = stream.read(header_size), stream.read(body_size)
    return (json.loads(header), body) if len(body) == body_size else None


def _start() -> subprocess.Popen[bytes]:
    """Start the child outside the terminal's process group, so that Ctrl-C reaches only the parent."""
    script = Path(__file__).with_name("espeak_child.py")
    paths = [espeakng_loader.get_library_path(), espeakng_loader.get_data_path()]
    windows = sys.platform == "win32"
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the library's complaints are not for the user
            start_new_session=not windows,
            creationflags=0x08000200 if windows else 0,  # CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP
        )
    except OSError as error:
        raise BackendFailed(f"the espeak-ng process could not start: {error}", AGAIN) from error
