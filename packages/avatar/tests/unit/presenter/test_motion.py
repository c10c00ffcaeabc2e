"""The body's tracks: human blink rates, no pops, cues followed, nothing repeated."""

import numpy as np
import pytest

from avatar.engine.presenter.moods import MOODS
from avatar.engine.presenter.motion import Cues, Motion, blink_times, cues, move
from avatar.media import Audio, Phone, Utterance, Word

FPS = 25


def speech(seconds: float = 60.0, question: bool = False) -> Utterance:
    """A syllable every quarter second, a pause every three seconds."""
    phones, words, at, i = [], [], 0.0, 0
    while at < seconds - 1e-6:
        if i % 12 == 11:
            phones.append(Phone("", at, at + 0.25))
        else:
            phones += [Phone("b", at, at + 0.08), Phone("a", at + 0.08, at + 0.25, stress=2 if i % 3 == 0 else 0)]
            words.append(Word("ba", at, at + 0.25))
        at, i = at + 0.25, i + 1
    if question:
        words[-1] = Word("ba?", words[-1].start, words[-1].end)
    return Utterance("ba", "en", Audio(np.zeros(int(seconds * 8000), np.float32), 8000), tuple(phones), tuple(words))


def moved(utterance: Utterance, seed: int = 1, fps: int = FPS) -> Motion:
    return move(cues(utterance), round(utterance.audio.duration * fps), fps, seed, 0.4)


@pytest.mark.parametrize("seed", range(8))
def test_blinks_come_at_a_human_rate_and_irregularly(seed: int) -> None:
    lids = moved(speech(), seed).blink
    closings = int(((lids[1:] > 0.8) & (lids[:-1] <= 0.8)).sum())
    assert 9 <= closings <= 28
    gaps = np.diff(blink_times(np.random.default_rng(seed), Cues(60.0, (), (), (), ())))
    assert gaps.std() > 0.5


def test_lids_close_faster_than_they_open() -> None:
    lids = moved(speech(), fps=100).blink
    steps = np.diff(lids)
    assert steps.max() > 1.4 * -steps.min()


# The largest step from one frame to the next at 25 fps, in the track's own unit.
STEPS = {
    "yaw": 2.0, "pitch": 1.8, "roll": 0.5, "shift_x": 1.2, "shift_y": 1.2, "brow": 0.35, "smile": 0.06, "breath": 0.15,
    "lean": 0.4, "squint": 0.1, "brow_inner": 0.15,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("track", STEPS)
def test_nothing_jumps(track: str, seed: int) -> None:
    assert np.abs(np.diff(getattr(moved(speech(question=True), seed), track))).max() < STEPS[track]


def test_turns_stay_within_what_the_warp_can_draw() -> None:
    for seed in range(8):
        motion = moved(speech(), seed)
        assert 7 < np.abs(motion.yaw).max() <= 12
        assert np.abs(motion.pitch).max() <= 10
        assert np.abs(motion.roll).max() < 7


def test_a_question_raises_the_brows_at_its_end() -> None:
    asked, told = moved(speech(12, question=True)), moved(speech(12))
    tail = slice(-20, -8)
    assert asked.brow[tail].mean() > told.brow[tail].mean() + 0.3


def test_the_head_bows_at_phrase_ends() -> None:
    utterance = speech()
    motion = moved(utterance)
    ends = [round(t * FPS) for t in cues(utterance).phrase_ends]
    around = np.mean([motion.pitch[i] for i in ends if i < len(motion.pitch)])
    assert around < motion.pitch.mean() - 0.8


def test_silence_is_alive_and_never_repeats() -> None:
    quiet = Utterance("", "en", Audio(np.zeros(60 * 8000, np.float32), 8000), (Phone("", 0.0, 60.0),))
    yaw = moved(quiet).yaw
    assert yaw.std() > 0.5
    yaw = yaw - yaw.mean()
    spectrum = np.abs(np.fft.rfft(yaw, 4 * len(yaw))) ** 2
    echo = np.fft.irfft(spectrum)[: len(yaw)]
    overlap = 1 - np.arange(len(yaw)) / len(yaw)
    assert (echo / echo[0] / np.maximum(overlap, 0.2))[5 * FPS : 45 * FPS].max() < 0.8


def test_the_same_seed_moves_the_same_and_another_differently() -> None:
    a, b, c = moved(speech(5), 1), moved(speech(5), 1), moved(speech(5), 2)
    assert np.array_equal(a.yaw, b.yaw)
    assert not np.allclose(a.yaw, c.yaw)


def in_mood(mood: str) -> Motion:
    return move(cues(speech()), 60 * FPS, FPS, 1, 0.4, mood=MOODS[mood])


def test_moods_move_and_smile_as_they_are_called() -> None:
    neutral, warm, serious, excited = (in_mood(mood) for mood in ("neutral", "warm", "serious", "excited"))
    assert serious.smile.max() <= 0.06 < neutral.smile.mean() < warm.smile.mean() < excited.smile.mean()
    assert serious.yaw.std() < 0.8 * neutral.yaw.std() < neutral.yaw.std() < excited.yaw.std()
    assert serious.brow.mean() < neutral.brow.mean() - 0.1 < neutral.brow.mean() + 0.1 < excited.brow.mean()
    assert np.array_equal(neutral.blink, serious.blink)


@pytest.mark.parametrize("mood", MOODS)
def test_no_mood_jumps_or_turns_too_far(mood: str) -> None:
    motion = in_mood(mood)
    assert np.abs(np.diff(motion.yaw)).max() < 2.2
    assert np.abs(np.diff(motion.brow)).max() < 0.5
    assert np.abs(motion.yaw).max() <= 12


def test_an_utterance_without_phones_still_moves() -> None:
    unknown = Utterance("", "en", Audio(np.zeros(8000, np.float32), 8000))
    assert len(moved(unknown).yaw) == FPS
