"""Melody, measured by the pitch of what is heard; and where breaths are taken."""

import numpy as np
import pytest

from avatar.engine.speech import EmbeddedSpeech, prosody
from avatar.engine.speech.analysis import HOP, RATE, analyse
from avatar.media import Delivery, Utterance, join


def said(engine: EmbeddedSpeech, text: str, language: str = "en", *, ssml: bool = False) -> Utterance:
    return join(engine.speak(text, engine.default_voice(), language, Delivery(ssml=ssml)))


def melody(utterance: Utterance) -> tuple[np.ndarray, np.ndarray]:
    """Times and semitones (over 100 Hz) of the voiced frames."""
    heard = analyse(utterance.audio)
    at = np.flatnonzero(heard.voiced)
    return at * HOP / RATE, 12 * np.log2(heard.f0[at] / 100)


def ending(utterance: Utterance) -> float:
    """Semitones of the last tenth of a second that has a pitch."""
    times, tones = melody(utterance)
    return float(np.median(tones[times > times[-1] - 0.1]))


@pytest.mark.parametrize(
    ("language", "question", "statement"),
    [
        ("en", "You are coming to the harbor tomorrow?", "You are coming to the harbor tomorrow."),
        ("de", "Du kommst morgen wieder?", "Du kommst morgen wieder."),
        ("es", "¿Vienes mañana?", "Vienes mañana."),
        ("fr", "Tu viens demain ?", "Tu viens demain."),
        ("it", "Vieni domani?", "Vieni domani."),
        ("pl", "Jutro idziesz do domu?", "Jutro idziesz do domu."),
        ("pt", "Ela comprou a casa?", "Ela comprou a casa."),
        ("ru", "Он пришёл?", "Он пришёл."),
    ],
)
def test_a_question_that_wants_a_yes_ends_high(
    engine: EmbeddedSpeech, language: str, question: str, statement: str
) -> None:
    high, low = ending(said(engine, question, language)), ending(said(engine, statement, language))
    assert high > low + 1.5
    times, tones = melody(said(engine, question, language))
    assert high > tones[times > times[-1] - 0.4].min() + 1.5


def test_in_russian_the_last_stress_leaps_up_and_what_follows_falls(engine: EmbeddedSpeech) -> None:
    def word(text: str) -> tuple[float, float]:
        utterance = said(engine, text, "ru")
        times, tones = melody(utterance)
        return float(np.percentile(tones[times >= utterance.words[-1].start], 80)), ending(utterance)

    (leap, falls), (level, _) = word("Это твоя книга?"), word("Это твоя книга.")
    assert leap > level + 1.5
    assert falls < leap - 4


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Where are you going tomorrow?"),
        ("de", "Wohin gehst du morgen?"),
        ("fr", "Où vas-tu demain ?"),
        ("es", "¿Dónde está la casa?"),
        ("ru", "Что ты делаешь?"),
        ("hi", "तुम कहाँ जा रहे हो?"),
    ],
)
def test_a_question_for_a_fact_falls(engine: EmbeddedSpeech, language: str, question: str) -> None:
    utterance = said(engine, question, language)
    assert ending(utterance) < np.median(melody(utterance)[1]) - 1
    assert utterance.words[-1].text.endswith("?")


def test_the_pitch_declines_over_a_phrase_and_the_next_begins_lower(engine: EmbeddedSpeech) -> None:
    text = "The tall old ship left the harbor before dawn, the tall old ship left the harbor before dawn."
    times, tones = melody(said(engine, text))
    second = said(engine, text).words[9].start
    first_half, second_half = times < second - 0.15, times >= second
    for part in (first_half, second_half):
        assert np.polyfit(times[part], tones[part], 1)[0] < -1.0
    assert np.percentile(tones[second_half], 90) < np.percentile(tones[first_half], 90) - 0.3


def test_emphasis_is_louder_and_longer(engine: EmbeddedSpeech) -> None:
    plain = said(engine, "<speak>I saw the tall ship today.</speak>", ssml=True)
    strong = said(engine, '<speak>I saw the <emphasis level="strong">tall</emphasis> ship today.</speak>', ssml=True)

    def word(utterance: Utterance) -> tuple[float, float]:
        start, end = utterance.words[3].start, utterance.words[3].end
        others = utterance.audio.samples[: round(start * 22050)]
        samples = utterance.audio.samples[round(start * 22050) : round(end * 22050)]
        return end - start, float(10 * np.log10(np.mean(samples**2) / np.mean(others**2)))

    longer, louder = np.subtract(word(strong), word(plain))
    assert longer > 0.02
    assert louder > 2


def test_breaths_are_taken_where_a_stretch_is_long() -> None:
    long = "He opened the heavy door of the house because the room was very warm that day."
    assert _said(long) == [", "]
    assert _said("He opened the window because it was warm.") == []
    assert _said("One two three four five, six seven eight and nine ten, eleven twelve.") == []
    assert [change.spoken for change in prosody.changes("a long word", "en", complete=False)] == [","]


def _said(text: str) -> list[str]:
    return [change.spoken for change in prosody.changes(text, "en", complete=True)]


@pytest.mark.parametrize(
    ("text", "tag", "falls"),
    [
        ("Who's there?", "en", True),
        ("And where is he?", "en", True),
        ("Do you know who he is?", "en", False),
        ("If it rains, where do we go?", "en", True),
        ("Qu'est-ce que tu fais ?", "fr", True),
        ("Est-ce que tu viens ?", "fr", False),
        ("Czy wiesz, gdzie on jest?", "pl", True),
        ("क्या तुम आओगे?", "hi", False),
        ("你去哪儿？", "zh", False),
    ],
)
def test_which_questions_fall(text: str, tag: str, falls: bool) -> None:
    assert prosody.asks_for_a_fact(text, tag) is falls
