"""What the engine said when it was last listened to. A change here is a change of `EmbeddedSpeech.version`."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from avatar.engine.speech import EmbeddedSpeech, loudness
from avatar.engine.speech.analysis import analyse
from avatar.media import join


@dataclass(frozen=True)
class Golden:
    """`loudness` in LUFS, `pitch` is the median in Hz."""

    language: str
    text: str
    phones: str
    duration: float
    loudness: float
    pitch: float


GOLDEN = [
    Golden(
        "en",
        "The tall ship left the harbor before dawn, and nobody waved.",
        "ð ə t ɔ l ʃ ɪ p l ɛ f t ð ə h ɑɹ b ɚ b ᵻ f ɔɹ d ɔ n _ æ n d n oʊ b ɑ d i w eɪ v d _",
        4.16,
        -15.9,
        100,
    ),
    Golden("en", "How many of the boats came back?", "h aʊ m ɛ n ɪ ə v ð ə b oʊ t s k eɪ m b æ k _", 2.20, -16.0, 105),
    Golden("de", "Die Straße ist heute leer.", "d i ʃ t ɾ ɑ s ə ɪ s t h ɔø t ə l e ɾ _", 1.88, -15.9, 99),
    Golden("fr", "Le chat dort sur la chaise.", "l ə ʃ a d ɔ ʁ s y ʁ l a ʃ ɛ z _", 1.66, -16.1, 95),
    Golden("es", "El niño come pan.", "e l n i ɲ o k o m e p a n _", 1.50, -16.2, 98),
    Golden("zh", "我喜欢喝茶。", "w o ɕ i χ ua n χ o ʈʂʰ ɑ _", 1.85, -15.8, 90),
    Golden("hi", "यह मेरा घर है।", "j ə h m e ɾ a ɡʰ ʌ ɾ h ɛ _", 1.39, -15.8, 95),
]

STARTS = [0.0, 0.21, 0.48, 0.65, 0.77, 1.18, 1.49]


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedSpeech]:
    with EmbeddedSpeech() as speech:
        yield speech


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.language}: {golden.text[:12]}")
def test_it_sounds_as_it_did(engine: EmbeddedSpeech, golden: Golden) -> None:
    (utterance,) = engine.speak(golden.text, engine.default_voice(), golden.language)
    audio = utterance.audio
    assert " ".join(phone.symbol or "_" for phone in utterance.phones or ()) == golden.phones
    assert audio.duration == pytest.approx(golden.duration, abs=0.05)
    assert loudness.integrated(audio.samples, audio.rate) == pytest.approx(golden.loudness, abs=0.5)
    assert analyse(audio).pitch()[0] == pytest.approx(golden.pitch, rel=0.03)


def test_the_words_of_a_sentence_are_where_they_were(engine: EmbeddedSpeech) -> None:
    utterance = join(engine.speak(GOLDEN[1].text, engine.default_voice(), "en"))
    found = [(word.text, round(word.start, 2)) for word in utterance.words]
    assert [text for text, _ in found] == ["How", "many", "of", "the", "boats", "came", "back?"]
    assert [start for _, start in found] == pytest.approx(STARTS, abs=0.02)
