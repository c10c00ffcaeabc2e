"""The program that runs espeak-ng. It is started as a process of its own and never imported by the rest.

espeak-ng is GPL-3, so nothing of it is loaded where the MIT code runs: text goes in through stdin, samples and
events come out through stdout. It needs only the standard library, and is run with ``python -I -S`` for a quick start.

A frame is a 4-byte big-endian length of the JSON header, a 4-byte length of the body, the header, the body.
Requests: {"op": "voices"} or {"op": "say", "voice": file under lang/, "variant": text of a voice variant,
"text": str, "rate": words per minute, "phonemes": whether [[...]] is obeyed, "tags": whether SSML is}.
Replies: {"ok": true, ...} with int16 little-endian samples as the body of "say",
or {"ok": false, "error": str}. The first frame is sent unasked: {"ok": true, "home": private folder}.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import queue
import re
import shutil
import signal
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

HEADER = struct.Struct(">II")
DATA = "espeak-ng-data"

# speak_lib.h, espeak-ng 1.52
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_PHONEME_EVENTS, INITIALIZE_PHONEME_IPA, INITIALIZE_DONT_EXIT = 0x1, 0x2, 0x8000
POS_CHARACTER, CHARS_UTF8, SSML, PHONEMES, ENDPAUSE = 1, 0x1, 0x10, 0x100, 0x1000
PARAMETER_RATE, PARAMETER_VOLUME = 1, 2
VOLUME = 70  # of 100, at which the loudest vowels would clip
EVENT_LIST_TERMINATED, EVENT_PHONEME = 0, 7
KEPT_VARIANTS = 20
TUNE_SIZE, NUCLEUS = 68, 42
# (envelope 2: rising, highest, lowest) of a stressed last syllable; the same and (from, to) where others follow
RISE = bytes([2, 92, 30, 2, 60, 25, 64, 92, 2, 60, 25, 64, 92])
# the same in Russian: a question for a yes leaps up on the stressed syllable and falls at once (Bryzgunova, IK-3)
LEAP = bytes([2, 92, 30, 2, 96, 34, 26, 8, 2, 96, 34, 26, 8])
LEAPS, LEAPING = "leap", (Path("lang", "zle", "ru"),)
KEPT_EVENTS = {1: "word", 5: "end", EVENT_PHONEME: "phone"}


class Event(ctypes.Structure):
    """espeak_EVENT; `id` is a union of which only the 8-byte phoneme string is read."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_uint64),
    )


class VoiceRecord(ctypes.Structure):
    """espeak_VOICE."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Home:
    """A private view of espeak-ng's data, in which voice variants can be written.

    espeak-ng finds variants only below its data folder and cuts long paths off, so the process moves into
    this folder and names it ".".
    """

    def __init__(self, source: Path) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="avatar-espeak-"))
        self.data = self.root / DATA
        self.leaving = threading.Lock()
        self.source = source
        self.variants: list[str] = []

    def fill(self) -> None:
        """Put everything but the voices there, and move in."""
        own = shutil.ignore_patterns("voices", "intonations")
        shutil.copytree(self.source, self.data, copy_function=share, ignore=own)
        (self.data / "voices" / "!v").mkdir(parents=True)
        tunes = (self.source / "intonations").read_bytes()
        (self.data / "intonations").write_bytes(rising(tunes))
        for file in LEAPING:
            voice = (self.source / file).read_text(encoding="utf-8")
            (self.data / file).unlink()  # not through the link
            (self.data / file).write_text(f"{voice}\ntunes s1 c1 {LEAPS} e1\n", encoding="utf-8")
        os.chdir(self.root)

    def leave(self, *_: object) -> None:
        """Delete the folder and end the process; only the first of several callers (threads, SIGTERM) does."""
        if self.leaving.acquire(blocking=False):
            os.chdir(tempfile.gettempdir())  # Windows deletes no folder that a process stands in
            shutil.rmtree(self.root, ignore_errors=True)
            os._exit(0)  # a thread may still be inside espeak-ng

    def variant(self, text: str) -> str:
        """Write the variant once; its name. Only the last ones stay: espeak-ng finds none of more than 350 voices."""
        name = "v" + hashlib.sha256(text.encode()).hexdigest()[:12]
        path = self.data / "voices" / "!v" / name
        if name not in self.variants:
            self.variants.append(name)
            if len(self.variants) > KEPT_VARIANTS:
                (path.parent / self.variants.pop(0)).unlink(missing_ok=True)
            path.write_text(f"name {name}\nlanguage variant\n{text}\n", encoding="utf-8")
        return name

    def has_dictionary(self, voice: str) -> bool:
        """Whether the words of a voice file's language can be read; a few files stand without their dictionary."""
        lines = (self.data / "lang" / voice).read_text(encoding="utf-8", errors="replace").splitlines()
        words = [line.split() for line in lines]
        named = {w[1] for w in words if len(w) > 1 and w[0] in {"language", "dictionary"}}
        named |= {name.split("-")[0] for name in named}
        return any((self.data / f"{name}_dict").exists() for name in named)


def rising(tunes: bytes) -> bytes:
    """espeak-ng's table of tunes, its questions rising to the end instead of falling and rising a little; and one more.

    A tune is 68 bytes: its name, and from byte 42 the pitch of the last stressed syllable and of what follows it
    (TUNE in voice.h of espeak-ng 1.52). A table of another shape is left as it is.
    """
    if len(tunes) % TUNE_SIZE:
        return tunes
    out = b""
    for start in range(0, len(tunes), TUNE_SIZE):
        tune = tunes[start : start + TUNE_SIZE]
        question = re.fullmatch(rb"q\d\0+", tune[:12])
        out += ending(tune, RISE) if question else tune
        if tune.startswith(b"q1\0"):
            out += LEAPS.encode().ljust(12, b"\0") + ending(tune, LEAP)[12:]
    return out


def ending(tune: bytes, nucleus: bytes) -> bytes:
    """The tune with another pitch on its last stressed syllable and behind it."""
    return tune[:NUCLEUS] + nucleus + tune[NUCLEUS + len(nucleus) :]


def share(source: str, target: str) -> None:
    """A link where the system gives one without asking, else a copy (19 MB in all)."""
    try:
        Path(target).symlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


class Engine:
    """espeak-ng itself."""

    def __init__(self, library: str) -> None:
        self.library_path = library
        self.library: Any = None
        self.samples: list[bytes] = []
        self.events: list[tuple[str, int, int, int, str]] = []
        self.callback = Callback(self._collect)

    def load(self) -> int:
        """Load the library afresh; its sample rate in Hz.

        The phase of the pitch flutter and of the noise live in statics that no call resets, and the same text must
        give the same samples: so the library is unloaded and loaded again before each piece of speech (under 1 ms).
        """
        if self.library is not None:
            self.library.espeak_Terminate()
            unload(self.library)
        library: Any = ctypes.CDLL(self.library_path)
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(VoiceRecord))
        library.espeak_ListVoices.argtypes = [ctypes.c_void_p]
        options = INITIALIZE_PHONEME_EVENTS | INITIALIZE_PHONEME_IPA | INITIALIZE_DONT_EXIT
        rate = int(library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, b".", options))
        if rate <= 0:
            raise RuntimeError(f"espeak_Initialize returned {rate}")
        library.espeak_SetSynthCallback(self.callback)
        self.library = library
        return rate

    def voices(self) -> list[dict[str, Any]]:
        """Every voice file with the language tags it serves, best first: {"file", "tags": [[tag, priority], ...]}."""
        found = self.library.espeak_ListVoices(None)
        out = []
        for i in range(1000):
            if not found[i]:
                break
            record = found[i].contents
            out.append({"file": record.identifier.decode("utf-8"), "tags": tags(record.languages)})
        return out

    def say(self, voice: str, text: str, rate: int, obeyed: int) -> None:
        """Fill `samples` and `events`. `voice` is "file+variant", `obeyed` SSML or PHONEMES or both."""
        self.samples, self.events = [], []
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"espeak-ng has no voice {voice!r}")
        self.library.espeak_SetParameter(PARAMETER_RATE, rate, 0)
        self.library.espeak_SetParameter(PARAMETER_VOLUME, VOLUME, 0)
        data = text.encode("utf-8") + b"\0"
        flags = CHARS_UTF8 | ENDPAUSE | obeyed
        status = self.library.espeak_Synth(data, len(data), 0, POS_CHARACTER, 0, flags, None, None)
        if status != 0:
            raise RuntimeError(f"espeak_Synth returned {status}")
        self.library.espeak_Synchronize()

    def _collect(self, wave: Any, count: int, events: Any) -> int:
        """espeak-ng's callback: keep the samples and the events that carry time."""
        if wave and count > 0:
            self.samples.append(ctypes.string_at(wave, count * 2))
        i = 0
        while events[i].type != EVENT_LIST_TERMINATED:
            event = events[i]
            if event.type in KEPT_EVENTS:
                self.events.append(entry(event))
            i += 1
        return 0


def entry(event: Any) -> tuple[str, int, int, int, str]:
    """(kind, sample, first character counted from 0, characters, phone in IPA)."""
    name = ""
    if event.type == EVENT_PHONEME:
        address = ctypes.addressof(event) + Event.id.offset
        # eight bytes with or without a terminator: the last letter may be cut in two
        name = ctypes.string_at(address, 8).split(b"\0")[0].decode("utf-8", errors="ignore")
    return KEPT_EVENTS[event.type], event.sample, event.text_position - 1, event.length, name


def tags(address: int) -> list[list[Any]]:
    """Read espeak's list of (priority byte, NUL-ended tag), ended by a zero priority."""
    out: list[list[Any]] = []
    while True:
        priority = ctypes.string_at(address, 1)[0]
        if priority == 0:
            return out
        tag = ctypes.string_at(address + 1)
        out.append([tag.decode("utf-8"), priority])
        address += len(tag) + 2


def unload(library: Any) -> None:
    """Give the library back to the system, so that the next load starts with fresh statics."""
    import _ctypes  # noqa: PLC0415  the two names below exist each on its own system

    release = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary", None)
    if release is not None:
        release(library._handle)  # noqa: SLF001  ctypes has no public way to unload


class Server:
    """Answers requests one after the other."""

    def __init__(self, library: str, home: Home, out: BinaryIO) -> None:
        self.home, self.out = home, out
        self.engine = Engine(library)
        self.requests: queue.Queue[dict[str, Any]] = queue.Queue()

    def run(self) -> None:
        """Take requests until the process ends."""
        self.send({"ok": True, "home": str(self.home.root)})
        while True:
            request = self.requests.get()
            try:
                header, body = self.answer(request)
            except (RuntimeError, OSError, ValueError, KeyError) as error:
                header, body = {"ok": False, "error": f"{type(error).__name__}: {error}"}, b""
            self.send(header, body)

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Do what was asked."""
        rate = self.engine.load()
        if request["op"] == "voices":
            voices = [voice for voice in self.engine.voices() if self.home.has_dictionary(voice["file"])]
            return {"ok": True, "voices": voices}, b""
        variant = self.home.variant(request["variant"])
        obeyed = (PHONEMES if request["phonemes"] else 0) | (SSML if request["tags"] else 0)
        self.engine.say(f"{request['voice']}+{variant}", request["text"], request["rate"], obeyed)
        return {"ok": True, "rate": rate, "events": self.engine.events}, b"".join(self.engine.samples)

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Write one frame; a reader that has gone away ends this process through stdin."""
        data = json.dumps(header).encode()
        with contextlib.suppress(BrokenPipeError):
            self.out.write(HEADER.pack(len(data), len(body)) + data + body)
            self.out.flush()


def watch_parent(parent: int, home: Home) -> None:
    """End when the parent is gone though its end of the pipe lives on in another of its children.

    Linux's parent-death signal is no help: it is sent when the *thread* that started this process ends.
    """
    while os.getppid() == parent:
        time.sleep(1.0)
    home.leave()


def take_stdout() -> BinaryIO:
    """A private copy of stdout; what the library prints goes nowhere."""
    private = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return private


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next request; None at the end of input."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    header_size, body_size = HEADER.unpack(head)
    data = stream.read(header_size + body_size)
    return json.loads(data[:header_size]) if len(data) == header_size + body_size else None


def main() -> None:
    """Arguments: path of the library, path of its data."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parent = os.getppid()
    out = take_stdout()
    home = Home(Path(sys.argv[2]))
    signal.signal(signal.SIGTERM, home.leave)
    try:
        home.fill()
        server = Server(sys.argv[1], home, out)
        threading.Thread(target=server.run, daemon=True).start()
        if os.name == "posix":
            threading.Thread(target=watch_parent, args=(parent, home), daemon=True).start()
        # the main thread only reads: the end of input is seen even while espeak-ng is stuck
        while (request := read_frame(sys.stdin.buffer)) is not None:
            server.requests.put(request)
    finally:
        home.leave()
        time.sleep(60)  # another thread is leaving and will end the process


if __name__ == "__main__":
    main()
