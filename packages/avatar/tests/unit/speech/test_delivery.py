"""Rate, lexicon, markup and foreign letters through the real engine: what is heard, and what keeps its written form."""

import itertools

import pytest

from avatar.engine.speech import EmbeddedSpeech, phonemes, writing
from avatar.engine.speech.analysis import analyse
from avatar.errors import InputError
from avatar.media import Delivery, Utterance, Voice, join

MARKED = Delivery(ssml=True)


def spoken(engine: EmbeddedSpeech, text: str, language: str = "en", delivery: Delivery | None = None) -> Utterance:
    return join(engine.speak(text, engine.default_voice(), language, delivery or Delivery()))


def phones(utterance: Utterance) -> str:
    return " ".join(phone.symbol for phone in utterance.phones or () if phone.symbol)


def marked(engine: EmbeddedSpeech, inner: str) -> Utterance:
    return spoken(engine, f"<speak>{inner}</speak>", delivery=MARKED)


@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("en", "It costs $5.50.", "ɪ t k ɔ s t s f aɪ v d ɑ l ɚ z æ n d f ɪ f t i s ɛ n t s"),
        ("en", "Run 5 km.", "ɹ ʌ n f aɪ v k ɪ l ɑ m ɪ ɾ ɚ z"),
        ("en", "Louis XIV", "l u i ð ə f ɔɹ t i n θ"),
        ("de", "5 km um 10:45 Uhr", "f ʏ n f k i l o m e t ɜ ʊ m ts e n u ɾ f ʏ n f ʊ n t f ɪ ɾ ts ɪ ç"),
        ("zh", "50%", "p ai f ə n ʈʂ ɨ w u ʂ ɨ"),
    ],
)
def test_what_is_heard(engine: EmbeddedSpeech, language: str, text: str, heard: str) -> None:
    assert phones(spoken(engine, text, language)) == heard


def test_words_stay_as_they_were_written(engine: EmbeddedSpeech) -> None:
    utterance = spoken(engine, "Pay $5.50 for 5 km at 10:45 am, ok?")
    assert [word.text for word in utterance.words] == ["Pay", "$5.50", "for", "5", "km", "at", "10:45", "am,", "ok?"]
    times = {word.text: word.end - word.start for word in utterance.words}
    assert times["$5.50"] > 4 * times["for"]
    assert times["km"] > times["5"]
    assert all(a.end <= b.start for a, b in itertools.pairwise(utterance.words))


SENTENCES = {
    "en": "The tall ship left the harbor before dawn. Nobody waved.",
    "ru": "Корабль ушёл из гавани на рассвете, и никто не махал.",
    "zh": "我喜欢喝茶，你呢？今天天气很好。",
    "fr": "Le chat dort sur la chaise, et le chien attend dehors.",
}


def test_a_sign_without_a_sound_is_refused_at_any_rate(engine: EmbeddedSpeech) -> None:
    with pytest.raises(InputError, match="nothing in the text"):
        spoken(engine, "×", "es", Delivery(0.5))


@pytest.mark.parametrize(
    ("language", "rate"), [("en", 0.8), ("en", 1.2), ("en", 2.0), ("ru", 1.2), ("ru", 2.0), ("zh", 1.5), ("fr", 1.2)]
)
def test_the_rate_is_kept_within_three_percent(engine: EmbeddedSpeech, language: str, rate: float) -> None:
    text = SENTENCES[language]
    paced = spoken(engine, text, language, Delivery(rate))
    assert spoken(engine, text, language).audio.duration / paced.audio.duration == pytest.approx(rate, rel=0.03)
    assert paced.notes == ()


def test_a_rate_that_cannot_be_reached_is_said(engine: EmbeddedSpeech) -> None:
    assert "the rate is 0.5" in spoken(engine, SENTENCES["ru"], "ru", Delivery(0.5)).notes[0]
    for wrong in (0.4, 2.1, float("nan")):
        with pytest.raises(InputError, match="rate"):
            Delivery(wrong)


def test_a_lexicon_is_obeyed_in_any_case_and_brackets_are_still_text(engine: EmbeddedSpeech) -> None:
    lexicon = Delivery(lexicon={"GIF": "ˈdʒɪf", "New York": "ˈnu"})
    utterance = spoken(engine, "A gif of new york, gifs.", delivery=lexicon)
    assert phones(utterance).startswith("ɐ dʒ ɪ f ʌ v n u")
    assert [word.text for word in utterance.words] == ["A", "gif", "of", "new", "york,", "gifs."]
    assert "b ɑ" not in phones(spoken(engine, "gif [[bA:]]", delivery=lexicon))
    with pytest.raises(InputError, match="no sound that 'en' has"):
        spoken(engine, "hello", delivery=Delivery(lexicon={"x": "ǃa"}))


@pytest.mark.parametrize(
    ("ipa", "tag", "notation"),
    [
        ("/həˈloʊ/", "en", "[[h|@|'l|oU]]"),
        ("ˈʃtʁaːsə", "de", "[['S|t|r|A:|s|@]]"),
        ("bɔ̃ʒuʁ", "fr", "[[b|O~|Z|u|r]]"),
        ("ˈpero", "es", "[['p|e|R|o]]"),
        ("ɲoˈke", "it", "[[n^|o|'k|e]]"),
        ("t͡ʃip", "en", "[[tS|i|p]]"),
    ],
)
def test_notation(ipa: str, tag: str, notation: str) -> None:
    assert phonemes.notation(ipa, tag) == notation


def test_a_break_is_as_long_as_it_says(engine: EmbeddedSpeech) -> None:
    utterance = marked(engine, '<break time="1s"/>One <break time="700ms"/> two.')
    pauses = [phone.end - phone.start for phone in utterance.phones or () if not phone.symbol]
    assert pauses[:2] == pytest.approx([1.0, 0.7], abs=0.03)
    assert [word.text for word in utterance.words] == ["One", "two."]
    assert utterance.phones is not None
    assert all(a.end == pytest.approx(b.start) for a, b in itertools.pairwise(utterance.phones))
    assert utterance.phones[-1].end == pytest.approx(utterance.audio.duration)


def test_markup_changes_what_is_heard_and_not_what_is_written(engine: EmbeddedSpeech) -> None:
    assert phones(marked(engine, '<sub alias="two">x</sub>')) == "t u"
    assert phones(marked(engine, '<phoneme alphabet="ipa" ph="tu">x</phoneme>')) == "t u"
    assert phones(marked(engine, '<say-as interpret-as="ordinal">2</say-as>')) == phones(spoken(engine, "second"))
    text = 'I &lt; you <prosody rate="x-slow">and <emphasis level="strong">me</emphasis></prosody> &amp; $5.'
    assert [word.text for word in marked(engine, text).words] == ["I", "<", "you", "and", "me", "&", "$5."]


PLAIN = "We are all on our own in the yellow room again"


@pytest.mark.parametrize("rate", ["80%", "120%", "1.5"])
def test_a_marked_rate_is_kept(engine: EmbeddedSpeech, rate: str) -> None:
    wanted = float(rate.rstrip("%")) / (100 if "%" in rate else 1)
    phones = (marked(engine, text).phones for text in (PLAIN, f'<prosody rate="{rate}">{PLAIN}</prosody>'))
    normal, paced = ((tiles or ())[-1].start for tiles in phones)
    assert normal / paced == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize("pitch", [0.7, 0.87, 1.15, 1.3, 1.6])
def test_a_marked_pitch_is_kept(engine: EmbeddedSpeech, pitch: float) -> None:
    marks = (PLAIN, f'<prosody pitch="{pitch:g}">{PLAIN}</prosody>')
    normal, moved = (analyse(marked(engine, text).audio).pitch()[0] for text in marks)
    assert moved / normal == pytest.approx(pitch, rel=0.06)


@pytest.mark.parametrize("pitch", [0.7, 1.3])
def test_a_marked_pitch_is_as_much_in_a_livelier_voice(engine: EmbeddedSpeech, pitch: float) -> None:
    melody = {"own": 101.5, "median": 170.0, "width": 2.0}
    lively = Voice("lively", engine.name, {**engine.default_voice().parameters, "melody": melody})
    marks = (PLAIN, f'<prosody pitch="{pitch:g}">{PLAIN}</prosody>')
    said = (join(engine.speak(f"<speak>{text}</speak>", lively, "en", MARKED)) for text in marks)
    normal, moved = (analyse(utterance.audio).pitch()[0] for utterance in said)
    assert moved / normal == pytest.approx(pitch, rel=0.06)


def test_what_the_language_cannot_follow_is_refused_with_its_place_at_the_call(engine: EmbeddedSpeech) -> None:
    for inner in ('<say-as interpret-as="cardinal">x</say-as>', '<phoneme ph="ǃ">x</phoneme>'):
        with pytest.raises(InputError, match="line 2, column"):
            engine.speak(f"<speak>a\n{inner}</speak>", engine.default_voice(), "en", MARKED)
    with pytest.raises(InputError, match="nothing"):
        engine.speak("<speak><break/></speak>", engine.default_voice(), "en", MARKED)


def test_letters_of_another_writing_are_refused_or_noted(engine: EmbeddedSpeech) -> None:
    for text, language in (("你好世界", "en"), ("привет мир", "de"), ("漢字", "ja")):
        with pytest.raises(InputError, match="cannot read"):
            engine.speak(text, engine.default_voice(), language)
    utterance = spoken(engine, "I said 你好 to him. Then I left.")
    assert utterance.notes == ("2 Chinese characters (你…) cannot be read in 'en': they are named, not spoken",)
    assert spoken(engine, "Hello there.").notes == ()


@pytest.mark.parametrize(
    ("text", "tag"), [("Hello", "zh"), ("你好", "zh-CN"), ("Привет", "ru"), ("नमस्ते", "en"), ("αβ", "en")]
)
def test_letters_that_can_be_read(text: str, tag: str) -> None:
    assert writing.check(text, tag) == ()


def test_a_megabyte_begins_with_its_first_sentence(engine: EmbeddedSpeech, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    say = engine._espeak.say

    def counted(text: str, *rest: object, **more: object) -> object:
        said.append(text)
        return say(text, *rest, **more)

    monkeypatch.setattr(engine._espeak, "say", counted)
    text = "It cost $5.50 on May 5, 2026. " * 34000
    first = next(engine.speak(text, engine.default_voice(), "en"))
    assert first.text == "It cost $5.50 on May 5, 2026."
    assert len(said) == 1
