"""Lips and sound in step, measured on the finished mp4 by what a viewer sees and hears."""

from pathlib import Path

import av
import numpy as np
import pytest

from avatar.codec import read_recording
from avatar.codec.speech import read_speech
from avatar.engine.visemes import INDEX, track

from .conftest import Command

TEXT = "Papa may buy a bar of soap. Mama bought a map, above all. Bob hops by. Ah! Maybe a boat?"
FPS = 25


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    avatar = Command(tmp_path_factory.mktemp("sync"))
    done = avatar(
        "pipeline", "run", TEXT, "--seed", "2",
        "--prompt", "a young woman with fair skin and blonde hair, no glasses, plain background",
        "--size", "640x360", "--output", "talk.mp4", "--keep-stages",
    )  # fmt: skip
    assert done.code == 0, done.err
    return avatar.folder


def opening_seen(path: Path) -> np.ndarray:
    """How much dark mouth each frame shows: pixels far below the skin's red, in the lower middle of the picture."""
    areas = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            mouth = frame.to_ndarray(format="rgb24")[188:240, 285:360]
            areas.append((mouth[..., 0] < 110).sum())
    return np.array(areas, float)


def lag_of_best_match(one: np.ndarray, other: np.ndarray, reach: int) -> tuple[int, float]:
    """By how many steps `one` runs behind `other`, and the correlation there."""
    lags = range(-reach, reach + 1)
    n = min(len(one), len(other))
    one, other = one[:n], other[:n]
    scores = [
        np.corrcoef(one[max(0, lag) : n + min(0, lag)], other[max(0, -lag) : n - max(0, lag)])[0, 1] for lag in lags
    ]
    best = int(np.argmax(scores))
    return lags[best], float(scores[best])


def test_the_mouth_seen_follows_the_phones_spoken(folder: Path) -> None:
    rows = track(read_speech(folder / "talk.stages"), FPS)
    driven = rows[:, INDEX["aa"]] + 0.6 * rows[:, INDEX["oh"]] + 0.4 * rows[:, INDEX["E"]]
    lag, score = lag_of_best_match(opening_seen(folder / "talk.mp4"), driven, reach=5)
    assert abs(lag) <= 1, lag
    assert score > 0.7, score


def test_the_lips_meet_in_every_bilabial(folder: Path) -> None:
    seen = opening_seen(folder / "talk.mp4")
    closed = track(read_speech(folder / "talk.stages"), FPS)[:, INDEX["PP"]] > 0.9
    assert closed.sum() >= 15
    assert (seen[: len(closed)][closed] <= 0.1 * seen.max()).mean() > 0.95


def test_the_sound_in_the_file_starts_where_it_was_spoken(folder: Path) -> None:
    """The AAC encoder's delay is taken back by the file's edit list."""
    made, spoken = (read_recording(folder / name).audio for name in ("talk.mp4", "talk.stages/speech.wav"))

    def envelope(samples: np.ndarray, rate: int) -> np.ndarray:
        every_5_ms = np.arange(int(len(samples) / rate * 200)) * rate // 200
        return np.add.reduceat(np.abs(samples), every_5_ms)

    lag, score = lag_of_best_match(envelope(made.samples, made.rate), envelope(spoken.samples, spoken.rate), reach=20)
    assert abs(lag) <= 2, f"{lag * 5} ms"
    assert score > 0.95
