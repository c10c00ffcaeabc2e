"""Ctrl-C and kill -9 at any stage: nothing half-made, and the same command goes on where it was cut."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import CONSENT, Command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

STAGES = {
    "voice": "learning the voice ...",
    "speech": "speaking ...",
    "portrait": "painting ...",
    "video": "filming ...",
}
TEXT = "This goes on for a while, so that it can be cut at any moment. " * 6


def started(avatar: Command, reference: Path, stage: str) -> subprocess.Popen[str]:
    """A run that has just begun the stage."""
    process = avatar.start(
        *avatar.films(TEXT, "--voice", reference, "--consent", CONSENT, "--seed", "5"),
        # Who runs the tests in the background has told its children to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip() == STAGES[stage]:
            time.sleep(0.3 if stage == "video" else 0.0)
            return process
    raise AssertionError("the run ended before the stage began")


def finish(avatar: Command, reference: Path) -> dict[str, bool]:
    """The same command again, to its end; which stages were there already."""
    done = avatar(*avatar.films(TEXT, "--voice", reference, "--consent", CONSENT, "--seed", "5", "--json"))
    assert done.code == 0, done.err
    return {stage["name"]: stage["cached"] for stage in done.json["stages"]}


def left_over(avatar: Command) -> list[str]:
    return [p.name for p in avatar.folder.iterdir() if p.suffix == ".mp4" or "part" in p.name]


@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c(avatar: Command, reference: Path, stage: str) -> None:
    process = started(avatar, reference, stage)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert left_over(avatar) == []
    assert list((avatar.folder / "cache" / "unfinished").glob("*")) == []


@pytest.mark.parametrize("stage", STAGES)
def test_kill_9_and_the_same_again(avatar: Command, reference: Path, stage: str) -> None:
    process = started(avatar, reference, stage)
    process.kill()
    process.communicate(timeout=30)
    assert left_over(avatar) == []
    cached = finish(avatar, reference)
    before = list(STAGES)[: list(STAGES).index(stage)]
    assert [name for name, kept in cached.items() if kept][: len(before)] == before
    assert cached["video"] is False
    assert (avatar.folder / "talk.mp4").stat().st_size > 10_000


def test_two_runs_to_one_output_at_once(avatar: Command, reference: Path) -> None:
    process = started(avatar, reference, "video")
    second = avatar(*avatar.films("Hello."))
    assert second.code == 2
    assert "another run is writing talk.mp4" in second.err
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert avatar("video", "info", "talk.mp4", "--json").json["duration"] > 10
