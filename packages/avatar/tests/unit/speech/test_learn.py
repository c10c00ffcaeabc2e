"""Learning a voice from sound: what is refused, and what a learnt voice has of its reference.

The reference is the engine itself in disguise: other pitch, vocal tract and tone, so what should be found is known.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avatar.engine.speech import EmbeddedSpeech, gate, loudness, matching, tone
from avatar.engine.speech.analysis import BANDS, analyse, resampled
from avatar.engine.speech.matching import PASSAGE
from avatar.engine.speech.parameters import Parameters
from avatar.engine.speech.tone import Tone
from avatar.errors import InputError
from avatar.media import Audio, Voice, join

TEXT = "The tall ship left the harbor before dawn, and nobody on the pier waved goodbye. A good map shows every path."
NEW_TEXT = "We measured the garden twice, then planted seven rows of beans along the fence."
EXAMPLE = Path(__file__).parents[5] / "examples" / "reference.txt"

Samples = NDArray[np.float32]


def said(engine: EmbeddedSpeech, voice: Voice, text: str = NEW_TEXT) -> Audio:
    return join(engine.speak(text, voice, "en")).audio


def disguised(**changes: object) -> Voice:
    return Voice("stranger", "embedded", {**Parameters().to_json(), **changes})


@pytest.fixture(scope="module")
def stranger(engine: EmbeddedSpeech) -> Audio:
    """A higher, smaller, duller speaker."""
    curve = Tone(tuple(np.linspace(6, -9, BANDS)), tuple(np.linspace(3, -5, BANDS)))
    voice = disguised(pitch=[120, 200], formants=112, gain_db=curve.to_json(), level_db=3.0)
    return said(engine, voice, TEXT)


@pytest.fixture(scope="module")
def learnt(engine: EmbeddedSpeech, stranger: Audio) -> Voice:
    return engine.learn("stranger", stranger, TEXT)


def test_pitch_moves_to_the_reference(engine: EmbeddedSpeech, stranger: Audio, learnt: Voice) -> None:
    wanted, _ = analyse(stranger).pitch()
    unmatched, _ = analyse(said(engine, engine.default_voice())).pitch()
    matched, _ = analyse(said(engine, learnt)).pitch()
    assert abs(matched / wanted - 1) < 0.08 < abs(unmatched / wanted - 1)


def test_the_synthesiser_speaks_as_it_does_and_the_melody_is_given_behind_it(
    engine: EmbeddedSpeech, learnt: Voice
) -> None:
    own, _ = analyse(said(engine, engine.default_voice())).pitch()
    bare, _ = analyse(said(engine, disguised(**{**learnt.parameters, "melody": None}))).pitch()
    assert learnt.parameters["pitch"] is None
    assert bare == pytest.approx(own, rel=0.06)


def test_a_voice_of_version_9_speaks_as_it_did(engine: EmbeddedSpeech) -> None:
    """It had a factor in place of a melody."""
    old = disguised(pitch=[80, 130], lift=1.5)
    low, high = (analyse(said(engine, voice)).pitch() for voice in (disguised(pitch=[80, 130]), old))
    assert high[0] == pytest.approx(1.5 * low[0], rel=0.03)
    assert high[1] == pytest.approx(low[1], abs=0.02)


def test_a_deep_voice_is_matched_too(engine: EmbeddedSpeech) -> None:
    reference = said(engine, disguised(pitch=[60, 90]), TEXT)
    wanted, _ = analyse(reference).pitch()
    matched, _ = analyse(said(engine, engine.learn("deep", reference, None))).pitch()
    assert wanted < 85
    assert matched == pytest.approx(wanted, rel=0.08)


def test_a_shout_is_not_followed_to_where_vowels_are_lost(engine: EmbeddedSpeech) -> None:
    reference = said(engine, disguised(pitch=[190, 320]), TEXT)
    assert analyse(reference).pitch()[0] > 230
    median, spread = analyse(said(engine, engine.learn("loud", reference, None))).pitch()
    assert 150 < median < 1.08 * matching.HIGHEST_PITCH * np.exp(-spread)


def test_one_hearing_tells_the_pitch_range() -> None:
    """The contour runs between the ends in proportion: heard at one range, it is known at any other."""
    places = np.random.default_rng(0).beta(2, 3, 4000)
    ends = matching.pitch_range(80 + 40 * places, (80, 120), 150.0, 0.2)
    heard = np.percentile(np.log(ends[0] + (ends[1] - ends[0]) * places), [16, 50, 84])
    assert np.exp(heard[1]) == pytest.approx(150, rel=0.02)
    assert (heard[2] - heard[0]) / 2 == pytest.approx(0.2, rel=0.05)


def test_tone_moves_to_the_reference(engine: EmbeddedSpeech, stranger: Audio, learnt: Voice) -> None:
    reference = analyse(stranger)
    unmatched = tone.distance(reference, analyse(said(engine, engine.default_voice())))
    matched = tone.distance(reference, analyse(said(engine, learnt)))
    assert matched < 0.6 * unmatched


def test_a_shorter_vocal_tract_is_found_and_kept_in_part(learnt: Voice) -> None:
    assert learnt.parameters["reference"]["formants_percent"] in (108, 112, 116)
    assert 103 <= learnt.parameters["formants"] <= 112


def test_a_wrong_transcript_is_said_so_and_not_used(engine: EmbeddedSpeech, stranger: Audio, learnt: Voice) -> None:
    """As many words, so that the pace alone does not betray it."""
    wrong = engine.learn("stranger", stranger, " ".join(reversed(TEXT.replace(".", "").split())))
    assert "the transcript does not fit the recording, and is not used" in wrong.parameters["warnings"]
    assert not any("transcript" in warning for warning in learnt.parameters["warnings"])
    assert learnt.parameters["gain_db"]["phones"]
    unknown = engine.learn("stranger", stranger, None)
    assert wrong.parameters["gain_db"] == unknown.parameters["gain_db"]
    assert wrong.parameters["melody"] == unknown.parameters["melody"]


def test_the_levels_are_those_of_every_voice(engine: EmbeddedSpeech, learnt: Voice) -> None:
    audio = said(engine, learnt, PASSAGE)
    assert np.abs(audio.samples).max() <= 0.9
    assert loudness.integrated(audio.samples, audio.rate) == pytest.approx(-16, abs=0.7)


def test_parameters_are_small_json_with_their_figures(learnt: Voice) -> None:
    text = json.dumps(dict(learnt.parameters))
    assert len(text) < 8192
    spoken_with = {key: value for key, value in learnt.parameters.items() if key != "warnings"}
    assert Parameters.from_json(json.loads(text)).to_json() == spoken_with
    assert learnt.parameters["warnings"], "six seconds are few, and a person is told"
    assert learnt.parameters["similarity"] is None
    assert learnt.parameters["reference"]["f0_median_hz"] > 150
    assert learnt.parameters["reference"]["rate_from"] == "transcript"


def test_learning_is_deterministic(engine: EmbeddedSpeech, stranger: Audio, learnt: Voice) -> None:
    assert engine.learn("stranger", stranger, TEXT).parameters == learnt.parameters


def test_level_and_sample_rate_of_the_reference_do_not_matter(
    engine: EmbeddedSpeech, stranger: Audio, learnt: Voice
) -> None:
    quiet = Audio((0.1 * resampled(stranger.samples, 22050, 48000)).astype(np.float32), 48000)
    other = engine.learn("stranger", quiet, TEXT).parameters
    assert other["melody"]["median"] == pytest.approx(learnt.parameters["melody"]["median"], rel=0.04)
    assert other["formants"] == pytest.approx(learnt.parameters["formants"], abs=2)
    gap = np.subtract(other["gain_db"]["sonorant"], learnt.parameters["gain_db"]["sonorant"])
    assert np.abs(gap).max() < 1


def test_pace_is_followed_within_bounds_with_and_without_words(engine: EmbeddedSpeech) -> None:
    fast, slow = (said(engine, disguised(rate=rate), TEXT) for rate in (185, 130))
    for transcript in (TEXT, None):
        rates = [engine.learn("x", reference, transcript).parameters["rate"] for reference in (fast, slow)]
        assert rates == [160, 155], "faster or slower, the synthesiser is understood less"


def test_a_transcript_that_does_not_fit_is_told(engine: EmbeddedSpeech, stranger: Audio) -> None:
    voice = engine.learn("x", stranger, "Yes.")
    assert "does not fit" in voice.parameters["reference"]["rate_from"]
    assert voice.parameters["rate"] == 160


def test_the_example_recording_has_its_words_beside_it() -> None:
    assert EXAMPLE.read_text(encoding="utf-8").startswith("Good morning")


def noise(seconds: float, level: float) -> Samples:
    return np.random.default_rng(1).normal(0, level, int(seconds * 22050)).astype(np.float32)


def refused(engine: EmbeddedSpeech, samples: Samples) -> str:
    with pytest.raises(InputError, match="cannot carry a voice") as caught:
        engine.learn("x", Audio(samples.astype(np.float32), 22050), None)
    assert caught.value.hint
    return caught.value.message


def test_what_is_too_short_is_refused_with_its_length(engine: EmbeddedSpeech, stranger: Audio) -> None:
    assert "2.0 s" in refused(engine, stranger.samples[: 2 * 22050])
    padded = np.concatenate([stranger.samples[: 2 * 22050], np.zeros(6 * 22050, np.float32)])
    assert "s of it is speech" in refused(engine, padded)
    assert "0.0 s" in refused(engine, np.zeros(0))


def test_silence_tones_and_noise_are_refused(engine: EmbeddedSpeech) -> None:
    time = np.arange(6 * 22050) / 22050
    assert "silent" in refused(engine, np.zeros(6 * 22050))
    assert "silent" in refused(engine, noise(6, 1e-5))
    assert "voiced" in refused(engine, noise(6, 0.1))
    hum = sum(0.2 / k * np.sin(2 * np.pi * 150 * k * time + k) for k in range(1, 6))
    assert "tone" in refused(engine, np.asarray(hum))
    assert "not numbers" in refused(engine, np.full(6 * 22050, np.nan))


def test_clipped_and_noisy_speech_is_refused(engine: EmbeddedSpeech, stranger: Audio) -> None:
    assert "clipped" in refused(engine, np.clip(stranger.samples * 6, -0.95, 0.95))
    rms = float(np.sqrt(np.mean(stranger.samples**2)))
    hiss = noise(stranger.duration + 1, rms)[: len(stranger.samples)]
    assert "nois" in refused(engine, 0.4 * (stranger.samples + hiss))


def test_clipping_is_a_share() -> None:
    assert gate.clipped(np.array([0.1, -1.0, 1.0, 0.2], np.float32)) == 0.5
