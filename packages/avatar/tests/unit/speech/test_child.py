"""The child process: it dies, hangs and is orphaned, and nobody is left waiting or lying about."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from avatar.engine.speech import EmbeddedSpeech, espeak
from avatar.errors import BackendFailed

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def child_of(speech: EmbeddedSpeech) -> int:
    list(speech.speak("hi", speech.default_voice(), "en"))
    pid = speech._espeak.pid
    assert pid is not None
    return pid


def home_of(speech: EmbeddedSpeech) -> Path:
    child = speech._espeak._child
    assert child is not None
    assert child.home is not None
    return child.home


def gone(pid: int, within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@posix
def test_close_leaves_no_process_and_no_folder() -> None:
    with EmbeddedSpeech() as speech:
        pid, home = child_of(speech), home_of(speech)
        assert home.is_dir()
    assert gone(pid, 0.1)
    assert not home.exists()


@posix
def test_an_engine_that_is_forgotten_takes_its_child_along() -> None:
    speech = EmbeddedSpeech()
    pid = child_of(speech)
    del speech
    assert gone(pid)


@posix
def test_a_child_that_dies_midway_is_one_clear_error_and_the_next_call_works() -> None:
    with EmbeddedSpeech() as speech:
        sentences = speech.speak("This is said. " * 50, speech.default_voice(), "en")
        next(sentences)
        home = home_of(speech)
        os.kill(speech._espeak.pid or 0, signal.SIGKILL)
        with pytest.raises(BackendFailed, match="signal 9"):
            list(sentences)
        assert not home.exists()
        assert list(speech.speak("Again.", speech.default_voice(), "en"))


@posix
def test_a_child_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "SAY_TIMEOUT", 0.3)
    with EmbeddedSpeech() as speech:
        pid = child_of(speech)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(BackendFailed, match="no answer"):
            list(speech.speak("Hello.", speech.default_voice(), "en"))
        assert gone(pid)
        assert list(speech.speak("Again.", speech.default_voice(), "en"))


@posix
def test_a_parent_killed_outright_leaves_neither_child_nor_folder() -> None:
    program = (
        "import os, signal\n"
        "from avatar.engine.speech import EmbeddedSpeech\n"
        "speech = EmbeddedSpeech()\n"
        "list(speech.speak('hi', speech.default_voice(), 'en'))\n"
        "print(speech._espeak.pid, speech._espeak._child.home, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    pid, home = result.stdout.split()
    assert gone(int(pid))
    assert not Path(home).exists()


@posix
def test_ctrl_c_in_the_parent_prints_nothing_from_the_child() -> None:
    with EmbeddedSpeech() as speech:
        pid = child_of(speech)
        os.kill(pid, signal.SIGINT)
        assert os.getpgid(pid) != os.getpgid(0)
        assert list(speech.speak("Still here.", speech.default_voice(), "en"))
        assert speech._espeak.pid == pid


def test_the_library_is_not_loaded_here() -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("only Linux shows what a process has loaded")
    with EmbeddedSpeech() as speech:
        child_of(speech)
        assert "espeak-ng.so" not in maps.read_text()


def test_a_refusal_is_told() -> None:
    with EmbeddedSpeech() as speech, pytest.raises(BackendFailed, match="refused"):
        speech._espeak.say("hi", "no/such", "klatt 4", 160)


def test_voices_without_end_are_found() -> None:
    # espeak-ng lists 350 voices: the 301st variant was not found
    with EmbeddedSpeech() as speech:
        for number in range(320):
            assert len(speech._espeak.say("a", "gmw/en-US", f"klatt 4\npitch {80 + number} 500", 450).samples)


def test_a_table_of_tunes_of_another_shape_is_left_alone() -> None:
    from avatar.engine.speech.espeak_child import rising

    assert rising(b"q1 and something else") == b"q1 and something else"
    tune = b"q2".ljust(68, b"\0")
    assert rising(tune + b"s1".ljust(68, b"\0")).count(b"\x5c") == 3
    assert len(rising(b"q1".ljust(68, b"\0"))) == 2 * 68, "one more, for Russian"
