"""Single sounds, the likeness asked for, and the check by a recogniser."""

from itertools import chain

import numpy as np
import pytest
from numpy.typing import NDArray

from avatar.engine.speech import EmbeddedSpeech, checking, sounds, tone
from avatar.engine.speech.analysis import BANDS, Analysis, analyse, band_centres
from avatar.engine.speech.matching import PASSAGE
from avatar.engine.speech.parameters import Parameters
from avatar.engine.speech.tone import Tone
from avatar.errors import InputError
from avatar.media import Audio, Phone, Voice, join

TEXT = "The tall ship left the harbor before dawn, and nobody on the pier waved goodbye. A good map shows every path."
FLAT = (0.0,) * BANDS


def bump(hz: float, height: float) -> tuple[float, ...]:
    return tuple(float(g) for g in height * np.exp(-((np.log2(band_centres() / hz)) ** 2)))


@pytest.fixture(scope="module")
def peculiar(engine: EmbeddedSpeech) -> Audio:
    """The base, but for its open vowels."""
    curve = Tone(FLAT, FLAT, {"open": bump(2500, 12)})
    voice = Voice("x", "embedded", {**Parameters().to_json(), "gain_db": curve.to_json(), "level_db": 3.0})
    return join(engine.speak(TEXT, voice, "en")).audio


def test_the_cheapest_path_keeps_order_and_finds_what_is_the_same() -> None:
    first = np.array([[0.0], [1.0], [2.0], [3.0]])
    rows, columns = sounds.warp(first, np.repeat(first, 3, axis=0))
    assert list(rows) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert list(columns) == list(range(12))


def cheapest(costs: NDArray[np.float64]) -> float:
    """What the path costs, cell by cell as in the books."""
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i, j in np.ndindex(*costs.shape):
        total[i + 1, j + 1] = costs[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return float(total[-1, -1])


def test_no_path_is_cheaper() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(size=(17, 3)), random.normal(size=(23, 3))
    costs = np.linalg.norm(first[:, None] - second[None], axis=2)
    rows, columns = sounds.warp(first, second)
    assert costs[rows, columns].sum() == pytest.approx(cheapest(costs))


def test_what_is_peculiar_to_one_kind_of_sound_is_found_there(engine: EmbeddedSpeech, peculiar: Audio) -> None:
    said = join(engine.speak(TEXT, engine.default_voice(), "en"))
    found = sounds.compare(analyse(peculiar), analyse(said.audio), said.phones or (), 11025)
    at = int(np.argmin(np.abs(band_centres() - 2500)))
    assert found["open"][at] > 3
    assert max(found[name][at] for name in ("front", "nasal", "liquid")) < found["open"][at] - 3


def test_a_sound_never_heard_takes_the_curve_of_its_kind() -> None:
    curve = Tone(FLAT, (1.0,) * BANDS, {"front": (3.0,) * BANDS, "i": (5.0,) * BANDS})
    assert [curve.curve(symbol)[0] for symbol in ("i", "y", "o", "s", "")] == [5, 3, 0, 1, 1]


def test_a_filtered_sound_is_louder_where_its_curve_says_so() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 22050).astype(np.float32)
    curve = Tone(FLAT, FLAT, {"a": (6.0,) * BANDS})
    out = tone.apply(noise, 22050, [Phone("a", 0, 0.5), Phone("i", 0.5, 1)], curve)
    levels = [20 * np.log10(part.std() / 0.1) for part in (out[2000:9000], out[13000:20000])]
    assert levels == pytest.approx([6, 0], abs=0.3)


def test_likeness_moves_from_the_base_to_the_reference(engine: EmbeddedSpeech, peculiar: Audio) -> None:
    low, high = (engine.learn("x", peculiar, TEXT, likeness=at).parameters for at in (0.0, 1.0))
    assert (low["gain_db"], low["pitch"], low["likeness"]) == (None, None, 0.0)
    assert high["likeness"] == 1.0
    assert max(np.abs(high["gain_db"]["phones"]["open"])) > 3


def test_without_words_there_is_nothing_to_say_of_single_sounds(engine: EmbeddedSpeech, peculiar: Audio) -> None:
    assert engine.learn("x", peculiar, None).parameters["gain_db"]["phones"] == {}


def test_treble_is_lowered_but_never_raised() -> None:
    """Above 4.5 kHz the synthesiser has nothing but buzz to raise."""
    rising = np.linspace(-20, 20, BANDS)
    voiced = np.full(50, True)
    plain, bright, dull = (
        Analysis(np.full(50, 120.0), np.full(50, -20.0), np.tile(-40 + curve, (50, 1)), voiced, -70.0)
        for curve in (0 * rising, rising, -rising)
    )
    high = band_centres() > 4500
    assert max(np.array(tone.compare(bright, plain, 11025).sonorant)[high]) == 0
    assert max(tone.compare(bright, plain, 11025).sonorant) > 5
    assert min(np.array(tone.compare(dull, plain, 11025).sonorant)[high]) < -5


def test_a_noisy_recording_is_not_trusted_with_single_sounds() -> None:
    assert [sounds.trust(snr) for snr in (20, 30, 40)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("likeness", [-0.1, 1.1, float("nan")])
def test_a_likeness_out_of_range_is_refused(engine: EmbeddedSpeech, peculiar: Audio, likeness: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        engine.learn("x", peculiar, TEXT, likeness=likeness)


FIRST, SECOND = range(2)


class Ear:
    """Mishears as many words as it is told of each hearing: which round of probes, and how many of it."""

    def __init__(self, *hearings: tuple[int, int]) -> None:
        self.heard = 0
        self.hearings = hearings

    def __call__(self, audio: Audio) -> list[str]:
        number, probe = divmod(self.heard, len(checking.PROBES))
        self.heard += 1
        which, misheard = self.hearings[number]
        words = checking.ROUNDS[which][probe].lower().rstrip(".").split()
        wrong = min(10, max(0, misheard - 10 * probe))
        return ["what"] * wrong + words[wrong:]


def learnt_by(ear: Ear, peculiar: Audio) -> dict[str, object]:
    with EmbeddedSpeech() as speech:
        speech.ear = ear
        parameters = dict(speech.learn("x", peculiar, TEXT, likeness=0.8).parameters)
    check = parameters["check"]
    assert isinstance(check, dict)
    assert check["sentences_heard"] == ear.heard
    return parameters | check


def test_a_voice_heard_well_is_kept_without_asking_the_base(peculiar: Audio) -> None:
    found = learnt_by(Ear((FIRST, 1)), peculiar)
    assert (found["likeness"], found["result"], found["misheard"]) == (0.8, "understood", 1)
    assert found["misheard_of_base"] is None


def test_a_voice_as_hard_to_hear_as_the_base_is_kept(peculiar: Audio) -> None:
    found = learnt_by(Ear((FIRST, 9), (FIRST, 8)), peculiar)
    assert (found["likeness"], found["misheard"], found["misheard_of_base"]) == (0.8, 9, 8)


def test_a_voice_that_fails_by_chance_is_heard_again(peculiar: Audio) -> None:
    found = learnt_by(Ear((FIRST, 9), (FIRST, 5), (SECOND, 3), (SECOND, 4)), peculiar)
    assert (found["likeness"], found["misheard"], found["misheard_of_base"]) == (0.8, 12, 9)
    assert found["probe_words"] == 68


def test_what_is_not_understood_is_backed_off_until_it_is(peculiar: Audio) -> None:
    ear = Ear((FIRST, 20), (FIRST, 2), (SECOND, 4), (SECOND, 2), (FIRST, 4), (SECOND, 9), (FIRST, 3))
    found = learnt_by(ear, peculiar)
    assert found["likeness"] == pytest.approx(0.8 * checking.STEPS[2])
    assert (found["result"], found["asked_likeness"], found["misheard"]) == ("understood", 0.8, 3)


def test_backing_off_takes_the_pitch_back_too(engine: EmbeddedSpeech) -> None:
    """It is the pitch that costs words."""
    high = join(engine.speak(TEXT, Voice("x", "embedded", {**Parameters().to_json(), "pitch": [120, 210]}), "en")).audio
    full, less, none = (analyse(_said(engine, high, at)).pitch()[0] for at in (0.6, 0.24, 0.0))
    assert none * 1.05 < less < full / 1.1


def _said(engine: EmbeddedSpeech, reference: Audio, likeness: float) -> Audio:
    return join(engine.speak(PASSAGE, engine.learn("x", reference, None, likeness=likeness), "en")).audio


def test_what_is_never_understood_is_said_so_after_four_times_both_rounds(peculiar: Audio) -> None:
    lost = ((FIRST, 25), (SECOND, 25))
    found = learnt_by(Ear((FIRST, 25), (FIRST, 2), (SECOND, 25), (SECOND, 2), *lost, *lost), peculiar)
    assert found["result"] == "not understood"
    assert found["sentences_heard"] == 4 * sum(len(probes) for probes in checking.ROUNDS)


needs_pocketsphinx = pytest.mark.skipif(checking.pocketsphinx() is None, reason="pocketsphinx is not installed")


@needs_pocketsphinx
def test_what_pocketsphinx_heard_before_changes_nothing(engine: EmbeddedSpeech, peculiar: Audio) -> None:
    probes = [join(engine.speak(text, engine.default_voice(), "en")).audio for text in checking.PROBES[:2]]
    used = checking.Pocketsphinx()
    used(Audio(peculiar.samples[: 2 * peculiar.rate], peculiar.rate))
    assert [used(audio) for audio in probes] == [checking.Pocketsphinx()(audio) for audio in probes]


@needs_pocketsphinx
def test_pocketsphinx_mishears_as_much_of_the_base_as_is_known(engine: EmbeddedSpeech) -> None:
    """With the locked versions; where others are installed nothing is known, and the base is heard."""
    ear = checking.Pocketsphinx()
    check = checking.Check(ear, lambda text: engine._finished(text, Parameters()).audio)  # as learn() does
    heard = {number: check._of_base(number) for number in range(len(checking.ROUNDS))}
    assert checking.base_misheard(ear, engine.version) == heard


def test_nothing_is_known_of_another_ear_or_engine(engine: EmbeddedSpeech) -> None:
    assert not checking.base_misheard(Ear(), engine.version)
    assert not checking.base_misheard(checking.Pocketsphinx({}), engine.version)


def test_unheard_is_unchecked(peculiar: Audio) -> None:
    with EmbeddedSpeech() as speech:
        speech.ear = None
        assert speech.learn("x", peculiar, None).parameters["check"] == {"result": "unchecked"}


def test_probes_are_not_the_passage() -> None:
    assert not any(probe in PASSAGE for probe in chain(*checking.ROUNDS))
