"""Captions and labels drawn onto frames."""

from collections.abc import Iterator

import numpy as np
import pytest

from avatar.codec.captions import cues
from avatar.engine.titles import Titles
from avatar.media import Frame, Word

SIZE = (640, 360)
FPS = 10


def grey(count: int, size: tuple[int, int] = SIZE) -> Iterator[Frame]:
    """One buffer, handed out again and again, as animators do."""
    frame = np.full((size[1], size[0], 4), 200, np.uint8)
    frame[..., 3] = 255
    for _ in range(count):
        assert (frame[..., :3] == 200).all(), "nobody drew into the animator's buffer"
        yield frame


def titled(words: list[Word], size: tuple[int, int] = SIZE, **options: object) -> list[Frame]:
    shown = cues(words, words[-1].end if words else 1.0)
    return [f.copy() for f in Titles(size, shown, **options).over(grey(20, size), FPS)]  # type: ignore[arg-type]


def changed(frame: Frame) -> np.ndarray:
    return (frame[..., :3] != 200).any(axis=2)


def test_a_caption_stands_low_in_the_middle_while_it_is_spoken() -> None:
    frames = titled([Word("Good", 0.5, 0.8), Word("morning.", 0.8, 1.2)])
    assert not changed(frames[2]).any()
    rows, columns = np.nonzero(changed(frames[7]))
    assert rows.min() > 0.75 * SIZE[1]
    assert rows.max() < 0.96 * SIZE[1]
    assert (columns.min() + columns.max()) / 2 == pytest.approx(SIZE[0] / 2, abs=3)
    assert not changed(frames[19]).any()


def test_the_letters_are_bright_on_a_dark_shade() -> None:
    frame = titled([Word("Good morning.", 0.0, 1.2)])[5]
    inside = frame[changed(frame)][:, :3]
    assert (inside.min(axis=1) > 240).mean() > 0.08
    assert (inside.max(axis=1) < 120).mean() > 0.4


def test_the_word_being_said_is_coloured() -> None:
    frames = titled([Word("Good", 0.0, 0.5), Word("morning.", 0.5, 1.2)], highlight=True)
    yellow = [(f[..., 0] > 220) & (f[..., 2] < 120) for f in (frames[2], frames[8])]
    first, second = (np.nonzero(mask)[1].mean() for mask in yellow)
    assert first < second, "it moves to the right with the speech"


@pytest.mark.parametrize(
    "text", ["Zażółć gęślą jaźń", "Съешь ещё этих", "नमस्ते दुनिया", "你好世界", "Grüße, ça va? ¿Qué?"]
)
def test_every_tested_language_has_its_letters(text: str) -> None:
    """A missing character is drawn as a box; no shipped font's box looks like any of these."""
    shown, boxes = (titled([Word(t, 0.0, 1.0)])[5] for t in (text, "".join(c if c == " " else "\ue000" for c in text)))
    assert changed(shown).any()
    assert not np.array_equal(shown, boxes)


@pytest.mark.parametrize("size", [(360, 640), (320, 180), (1280, 720)])
def test_a_full_line_fits_any_frame(size: tuple[int, int]) -> None:
    words = [
        Word(w, i * 0.1, i * 0.1 + 0.1)
        for i, w in enumerate(["MMMM", "WWWW", "MMMM", "WWWW", "MMMM", "WWWW", "MMMM", "MMM."])
    ]
    rows, columns = np.nonzero(changed(titled(words, size)[5]))
    assert columns.min() > 0
    assert columns.max() < size[0] - 1
    assert rows.min() > 0.6 * size[1]


def test_a_label_stays_in_its_corner() -> None:
    frames = titled([], label="made by a machine")
    rows, columns = np.nonzero(changed(frames[3]))
    assert rows.max() < 0.2 * SIZE[1]
    assert columns.min() > 0.5 * SIZE[0]
    assert np.array_equal(frames[3], frames[17])
