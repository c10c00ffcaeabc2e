"""Values and joining them."""

import numpy as np
import pytest

from avatar.media import Audio, Phone, Utterance, Word, join


def part(text: str, seconds: float, phones: bool = True, rate: int = 16000) -> Utterance:
    audio = Audio(np.full(round(seconds * rate), 0.1, np.float32), rate)
    return Utterance(text, "en", audio, (Phone("a", 0, seconds),) if phones else None, (Word(text, 0, seconds),))


def test_joined_times_are_shifted() -> None:
    whole = join([part("one", 1.0), part("two", 0.5)])
    assert whole.audio.duration == 1.5
    assert [(p.start, p.end) for p in whole.phones or ()] == [(0, 1.0), (1.0, 1.5)]
    assert [(w.text, w.start) for w in whole.words] == [("one", 0), ("two", 1.0)]
    assert whole.text == "one two"


def test_phones_survive_only_where_all_know_them() -> None:
    assert join([part("one", 1.0), part("two", 0.5, phones=False)]).phones is None


@pytest.mark.parametrize("parts", [[], [part("a", 1), part("b", 1, rate=8000)]])
def test_nothing_and_mixed_rates_are_refused(parts: list[Utterance]) -> None:
    with pytest.raises(ValueError, match="join wants"):
        join(parts)


@pytest.mark.parametrize("samples", [np.zeros(4), np.zeros((2, 2), np.float32), np.zeros(4, np.int16)])
def test_audio_is_mono_float32(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="float32"):
        Audio(samples, 16000)
