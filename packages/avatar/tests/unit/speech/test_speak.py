"""The engine with its real child process."""

import hashlib
import itertools
import re
import shutil
import subprocess

import numpy as np
import pytest

from avatar.backends import Speech
from avatar.engine.speech import EmbeddedSpeech
from avatar.engine.speech.parameters import Parameters
from avatar.errors import InputError, NotFound
from avatar.media import Utterance, Voice, join

TEXTS = {
    "en": "Hello there, how are you? One of the best things costs 3.50 dollars!",
    "es": "¿Cómo estás? El niño come pan.",
    "fr": "Bonjour, ça va ? Il est arrivé à l’heure.",
    "de": "Die Straße ist leer. Wo wohnt Frau Müller?",
    "it": "La città è bella. Buongiorno a tutti.",
    "pt": "A maçã não é minha. Olá, mundo.",
    "nl": "Goedemorgen, hoe gaat het?",
    "pl": "Dzień dobry wszystkim. To jest dom.",
    "ru": "Привет, мир. Как дела?",
    "hi": "नमस्ते दुनिया। आप कैसे हैं?",
    "zh": "你好，世界。我喜欢 Python，你呢？",
    "ja": "こんにちは。げんきですか？",
    "ar": "مرحبا بالعالم. كيف حالك؟",
}


def spoken(engine: EmbeddedSpeech, text: str, language: str = "en", voice: Voice | None = None) -> list[Utterance]:
    return list(engine.speak(text, voice or engine.default_voice(), language))


def digest(utterances: list[Utterance]) -> str:
    return hashlib.sha256(join(utterances).audio.samples.tobytes()).hexdigest()


def test_it_stands_behind_the_seam(engine: EmbeddedSpeech) -> None:
    assert isinstance(engine, Speech)


@pytest.mark.parametrize("language", TEXTS)
def test_phones_tile_and_words_are_all_there_in_order(engine: EmbeddedSpeech, language: str) -> None:
    for utterance in spoken(engine, TEXTS[language], language):
        phones, words, duration = utterance.phones, utterance.words, utterance.audio.duration
        assert phones
        assert words
        assert duration > 0.3
        assert phones[0].start == 0.0
        assert phones[-1].end == duration
        assert all(a.end == b.start for a, b in itertools.pairwise(phones))
        assert all(p.end > p.start for p in phones)
        assert all(a.symbol or b.symbol for a, b in itertools.pairwise(phones))
        assert not any(set(p.symbol) & set("ˈˌː()0123456789") for p in phones)
        assert "".join("".join(w.text for w in words).split()) == "".join(utterance.text.split())
        assert all(0 <= w.start < w.end <= duration for w in words)
        assert all(a.end <= b.start for a, b in itertools.pairwise(words))


OTHER = Voice("other", "embedded", Parameters(pitch=(180, 260), formants=112, klatt=2, rate=185).to_json())


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg, which measures by EBU R 128")
@pytest.mark.parametrize("language", [*TEXTS][:11])
@pytest.mark.parametrize("voice", [None, OTHER], ids=["base", "other"])
def test_loudness_and_true_peak_as_ffmpeg_measures_them(
    engine: EmbeddedSpeech, language: str, voice: Voice | None
) -> None:
    audio = join(spoken(engine, TEXTS[language], language, voice)).audio
    assert audio.rate == 22050
    command = ["ffmpeg", "-hide_banner", "-f", "f32le", "-ar", "22050", "-ac", "1", "-i", "-"]
    command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, input=audio.samples.tobytes(), capture_output=True, check=True).stderr.decode()
    summary = said[said.rindex("Summary:") :]
    integrated, peak = (float(re.findall(rf"{name}:\s+(-?[\d.]+)", summary)[0]) for name in ("I", "Peak"))
    assert integrated == pytest.approx(-16, abs=1.0)
    assert peak <= -1.0


def test_one_utterance_a_sentence_with_its_pause(engine: EmbeddedSpeech) -> None:
    first, second = spoken(engine, "This is one. And this is two.")
    assert (first.text, second.text) == ("This is one.", "And this is two.")
    assert first.phones is not None
    pause = first.phones[-1]
    assert pause.symbol == ""
    assert 0.25 < pause.end - pause.start < 0.5
    tail = first.audio.samples[int((pause.start + 0.1) * 22050) :]
    assert np.abs(tail).max() < 0.01


def test_a_breath_in_a_long_sentence_is_shorter_than_its_end(engine: EmbeddedSpeech) -> None:
    parts = spoken(engine, "word " * 80)
    assert len(parts) == 2
    assert all(part.phones for part in parts)
    breath, pause = ((part.phones or ())[-1] for part in parts)
    assert breath.end - breath.start < 0.1
    assert pause.end - pause.start > 0.25


def test_stress_is_told(engine: EmbeddedSpeech) -> None:
    (utterance,) = spoken(engine, "Banana.")
    assert [p.stress for p in utterance.phones or () if p.symbol == "æ"] == [2]


def test_same_text_same_samples_whatever_was_said_before(engine: EmbeddedSpeech) -> None:
    text = "Hello there, how are you?"
    first = digest(spoken(engine, text))
    spoken(engine, "Etwas ganz anderes, nämlich dies.", "de")
    assert digest(spoken(engine, text)) == first
    with EmbeddedSpeech() as another:
        assert digest(spoken(another, text)) == first


def test_language_tags(engine: EmbeddedSpeech) -> None:
    known = engine.languages()
    assert {"en", "en-US", "en-GB", "es", "fr", "de", "pt-BR", "zh", "cmn", "hi", "ar", "ja"} <= set(known)
    assert spoken(engine, "Grüß Gott", "de-AT")[0].language == "de"
    assert spoken(engine, "Hi", "EN_us")[0].language == "en-US"
    with pytest.raises(NotFound) as caught:
        engine.speak("hi", engine.default_voice(), "englisch")
    assert "englisch" in caught.value.message
    assert "en" in caught.value.hint


@pytest.mark.parametrize("text", ["", "  \n ", "...", "?!", "\x00"])
def test_nothing_to_say_is_refused_at_once(engine: EmbeddedSpeech, text: str) -> None:
    with pytest.raises(InputError, match="nothing"):
        engine.speak(text, engine.default_voice(), "en")


@pytest.mark.parametrize(
    "parameters",
    [{}, {**Parameters().to_json(), "pitch": "high"}, {**Parameters().to_json(), "gain_db": {"sonorant": [1.0]}}],
)
def test_a_damaged_voice_is_refused(engine: EmbeddedSpeech, parameters: dict[str, object]) -> None:
    with pytest.raises(InputError, match="damaged"):
        engine.speak("hi", Voice("x", "embedded", parameters), "en")


def test_a_voice_of_another_backend_is_refused(engine: EmbeddedSpeech) -> None:
    with pytest.raises(InputError, match="chatterbox"):
        engine.speak("hi", Voice("x", "chatterbox"), "en")


def test_markup_is_spoken_not_obeyed(engine: EmbeddedSpeech) -> None:
    plain = digest(spoken(engine, "hello"))
    assert digest(spoken(engine, "[[h@l'oU]] <b>hello</b>")) != plain


def test_a_stop_begins_with_its_closure(engine: EmbeddedSpeech) -> None:
    (utterance,) = spoken(engine, "A happy boat to keep.")
    lips = next(p for p in utterance.phones or () if p.symbol == "p")
    closed = utterance.audio.samples[round(lips.start * 22050) + 2 :][: round(0.03 * 22050)]
    assert np.abs(closed).max() < 1e-3
    word = next(w for w in utterance.words if w.text == "to")
    assert any(p.symbol == "t" and p.start == pytest.approx(word.start, abs=1e-6) for p in utterance.phones or ())
