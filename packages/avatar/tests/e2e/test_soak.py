"""Long proofs, run by `make soak`: many kills at random moments, and texts nobody would write."""

import random
import signal
import sys
import time
from pathlib import Path

import pytest

from .conftest import CONSENT, Command

pytestmark = [pytest.mark.soak, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

KILLS = 40


def test_kills_at_random_moments_lose_nothing(avatar: Command, reference: Path) -> None:
    """Whatever is killed, what stands under a final name is whole, and the work ends in the same film."""
    arguments = avatar.films("Cut me anywhere. " * 20, "--voice", reference, "--consent", CONSENT)
    dice = random.Random(2026)
    for number in range(KILLS):
        process = avatar.start(*arguments)
        time.sleep(dice.uniform(0.1, 6.0))
        process.send_signal(dice.choice([signal.SIGKILL, signal.SIGINT, signal.SIGTERM]))
        process.communicate(timeout=60)
        assert process.returncode != 1, f"kill {number} ended in an unexpected error"
        if (avatar.folder / "talk.mp4").exists():
            assert avatar("video", "info", "talk.mp4").code == 0
            (avatar.folder / "talk.mp4").unlink()
    assert avatar(*arguments).code == 0
    made = (avatar.folder / "talk.mp4").read_bytes()
    assert avatar(*arguments, "--no-cache").code == 0
    assert (avatar.folder / "talk.mp4").read_bytes() == made


@pytest.mark.parametrize("seed", range(12))
def test_any_text_ends_in_a_film_or_one_clear_line(avatar: Command, seed: int) -> None:
    dice = random.Random(seed)
    planes = [(0x20, 0x7F), (0, 0x20), (0xA0, 0x250), (0x300, 0x370), (0x400, 0x600), (0x900, 0x980), (0x2000, 0x2070),
              (0x3040, 0x3100), (0x4E00, 0x4F00), (0xFE00, 0xFE10), (0x1F300, 0x1F6FF), (0xE0000, 0xE0080)]  # fmt: skip
    text = "".join(chr(dice.randrange(*dice.choice(planes))) for _ in range(dice.randrange(1, 120)))
    done = avatar(*avatar.films("-"), stdin=text.encode())
    assert done.code in {0, 2}, (text, done.err)
    assert "Traceback" not in done.err


def test_ten_minutes_stay_in_step(avatar: Command) -> None:
    """Sound and picture of a long film are equally long: nothing drifts."""
    done = avatar(
        *avatar.films("This sentence is spoken again and again, until the ten minutes are over. " * 150, "--json")
    )
    assert done.code == 0, done.err
    assert done.json["duration_s"] > 500
    info = avatar("video", "info", "talk.mp4", "--json").json
    assert abs(info["frames"] / info["fps"] - info["duration"]) < 0.05
