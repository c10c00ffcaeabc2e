"""Single sounds, the likeness asked for, and the check by a recogniser."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from avatar.engine.speech import EmbeddedSpeech, checking, sounds, tone
from avatar.engine.speech.analysis import BANDS, analyse, band_centres
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


@pytest.mark.parametrize("likeness", [-0.1, 1.1, float("nan")])
def test_a_likeness_out_of_range_is_refused(engine: EmbeddedSpeech, peculiar: Audio, likeness: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        engine.learn("x", peculiar, TEXT, likeness=likeness)


class Ear:
    """Hears every word until it has heard enough, or none at all."""

    def __init__(self, understands: Callable[[int], bool]) -> None:
        self.heard = 0
        self.understands = understands

    def __call__(self, audio: Audio) -> list[str]:
        probe = checking.PROBES[self.heard % len(checking.PROBES)]
        voice = self.heard // len(checking.PROBES)
        self.heard += 1
        return probe.lower().rstrip(".").split() if self.understands(voice) else ["what"]


def learnt_by(ear: Ear, peculiar: Audio) -> dict[str, object]:
    with EmbeddedSpeech() as speech:
        speech.ear = ear
        return dict(speech.learn("x", peculiar, TEXT, likeness=0.8).parameters)


def test_what_is_not_understood_is_backed_off_until_it_is(peculiar: Audio) -> None:
    parameters = learnt_by(Ear(lambda voice: voice in (0, 2)), peculiar)
    check = parameters["check"]
    assert isinstance(check, dict)
    assert parameters["likeness"] == pytest.approx(0.8 * checking.STEPS[1])
    assert (check["result"], check["asked_likeness"], check["misheard"]) == ("understood", 0.8, 0)


def test_what_is_never_understood_is_said_so(peculiar: Audio) -> None:
    check = learnt_by(Ear(lambda voice: voice == 0), peculiar)["check"]
    assert isinstance(check, dict)
    assert check["result"] == "not understood"
    assert check["misheard"] > checking.MORE_ERRORS


def test_unheard_is_unchecked(peculiar: Audio) -> None:
    with EmbeddedSpeech() as speech:
        speech.ear = None
        assert speech.learn("x", peculiar, None).parameters["check"] == {"result": "unchecked"}


def test_probes_are_not_the_passage() -> None:
    assert not any(probe in PASSAGE for probe in checking.PROBES)
