"""Anything at all is spoken or refused with one line; nothing hangs, and no traceback of another kind comes out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avatar.engine.speech import EmbeddedSpeech, ssml
from avatar.engine.speech.words.reading import read
from avatar.errors import InputError
from avatar.media import Delivery

TAGS = ("en", "es", "fr", "de", "it", "pt", "nl", "pl", "ru", "hi", "zh")
FIGURES = "0123456789.,:;/-–%€$£¥₽zł°ºª½хx× \n\tIVXMCivx№#@&<>[]()'\"?!aeiouсдг年点个в"
TEXTS = st.one_of(st.text(max_size=80), st.text(FIGURES, max_size=60))


@given(text=TEXTS, tag=st.sampled_from(TAGS))
def test_any_text_can_be_read_in_words(text: str, tag: str) -> None:
    reading = read(text, tag)
    assert len(reading.at) == len(reading.text)
    assert list(reading.at) == sorted(reading.at)


@given(inner=st.one_of(TEXTS, st.from_regex(r"(<(/?(p|s|break|prosody|sub|emphasis)[^<>]{0,12})>|[a&;]){0,12}")))
def test_any_markup_is_read_or_refused(inner: str) -> None:
    message, script = "", ssml.Script("")
    try:
        script = ssml.parse(f"<speak>{inner}</speak>")
    except InputError as error:
        message = error.message
    assert "\n" not in message
    assert all(0 <= span.start < span.end <= len(script.text) for span in script.spans)


def test_a_bomb_is_refused_before_it_grows() -> None:
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    with pytest.raises(InputError, match="not read"):
        ssml.parse(f'<!DOCTYPE speak [<!ENTITY a0 "ha">{entities}]><speak>&a11;</speak>')
    with pytest.raises(InputError, match="deep"):
        ssml.parse("<speak>" + "<emphasis>" * 5000 + "a" + "</emphasis>" * 5000 + "</speak>")


@pytest.mark.soak
@settings(deadline=None, max_examples=400)
@given(text=TEXTS, tag=st.sampled_from(TAGS), rate=st.sampled_from((0.5, 1.0, 1.7)))
def test_any_text_is_spoken_or_refused(engine: EmbeddedSpeech, text: str, tag: str, rate: float) -> None:
    message = ""
    try:
        for utterance in engine.speak(text, engine.default_voice(), tag, Delivery(rate)):
            assert abs(utterance.audio.samples).max(initial=0.0) <= 0.9
            assert utterance.phones is not None
            assert all(a.end <= b.start + 1e-9 for a, b in zip(utterance.words, utterance.words[1:], strict=False))
    except InputError as error:
        message = error.message
    assert "\n" not in message
