"""Phones become mouth shapes."""

from itertools import pairwise

import numpy as np
import pytest

from avatar.engine.listening import listen
from avatar.engine.visemes import INDEX, LEAD, VISEMES, spell, track
from avatar.media import Audio, Phone, Utterance

FPS = 25


def said(*sounds: tuple[str, float]) -> Utterance:
    phones, at = [], 0.0
    for symbol, seconds in sounds:
        phones.append(Phone(symbol, at, at + seconds))
        at += seconds
    return Utterance("", "en", Audio(np.zeros(round(at * 16000), np.float32), 16000), tuple(phones))


def strongest(row: np.ndarray) -> str:
    return VISEMES[int(np.argmax(row))]


@pytest.mark.parametrize(
    ("symbol", "sounds"),
    [
        ("aɪ", ["a", "ɪ"]),
        ("tʃ", ["tʃ"]),
        ("oː", ["o"]),
        ("ts", ["ts"]),
        ("n̩", ["n"]),
        ("ɑ̃", ["ɑ"]),
        ("", []),
        ("5", []),
    ],
)
def test_a_phone_is_spelt_as_the_mouth_makes_it(symbol: str, sounds: list[str]) -> None:
    assert spell(symbol) == sounds


def test_every_row_is_a_mixture() -> None:
    rows = track(said(("", 0.2), ("h", 0.05), ("ɛ", 0.1), ("l", 0.05), ("oʊ", 0.2), ("", 0.3)), FPS)
    assert rows.shape == (round(0.9 * FPS), 15)
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert (rows >= 0).all()


@pytest.mark.parametrize(
    ("sound", "viseme"), [("f", "FF"), ("θ", "TH"), ("s", "SS"), ("ʃ", "CH"), ("ɑ", "aa"), ("u", "ou")]
)
def test_a_held_sound_reaches_its_shape(sound: str, viseme: str) -> None:
    rows = track(said(("", 0.3), (sound, 0.3), ("", 0.3)), FPS)
    assert strongest(rows[int(0.45 * FPS)]) == viseme


@pytest.mark.parametrize("seconds", [0.02, 0.04, 0.08])
@pytest.mark.parametrize("phase", [0.0, 0.01, 0.02, 0.03])
def test_a_bilabial_always_closes(seconds: float, phase: float) -> None:
    rows = track(said(("ɑ", 0.3 + phase), ("m", seconds), ("ɑ", 0.3)), FPS)
    assert rows[:, INDEX["PP"]].max() > 0.9


def test_fast_bilabials_all_close() -> None:
    rows = track(said(*[("b", 0.04), ("a", 0.08)] * 20), FPS)
    closed = rows[:, INDEX["PP"]] > 0.9
    assert closed.sum() >= 18


def test_the_mouth_leads_the_sound() -> None:
    fine = 500  # frames a second, to see the lead
    rows = track(said(("", 0.5), ("ɑ", 0.4), ("", 0.5)), fine)
    above = np.flatnonzero(rows[:, INDEX["aa"]] > 0.5) / fine
    assert (above[0] + above[-1]) / 2 == pytest.approx(0.7 - LEAD, abs=0.005)


def test_silence_shuts_the_mouth_within_a_fifth_of_a_second() -> None:
    rows = track(said(("ɑ", 0.4), ("", 0.6)), FPS)
    assert rows[int(0.6 * FPS) :, INDEX["sil"]].min() > 0.9


def test_a_vowel_colours_the_weak_consonant_before_it() -> None:
    rows = track(said(("k", 0.08), ("u", 0.15), ("", 0.2)), 100)
    assert rows[6, INDEX["ou"]] > 0.25


def test_an_hour_is_quick_enough_to_be_linear() -> None:
    rows = track(said(*[("a", 0.1), ("b", 0.1)] * 3000), FPS)
    assert rows.shape == (600 * FPS, 15)


def test_sound_without_phones_is_listened_to() -> None:
    times = np.arange(16000 * 2) / 16000
    buzz = sum(np.sin(2 * np.pi * 120 * k * times) * np.exp(-(((120 * k - 800) / 400) ** 2)) for k in range(1, 40))
    sound = (0.2 * buzz * (times % 1 < 0.5)).astype(np.float32)
    phones = listen(Audio(sound, 16000))
    assert phones[0].start == 0
    assert phones[-1].end == pytest.approx(2.0)
    assert all(a.end == b.start for a, b in pairwise(phones))
    vowels = sum(p.end - p.start for p in phones if p.symbol in "aɛiou" and p.symbol)
    assert vowels == pytest.approx(1.0, abs=0.15)
    rows = track(Utterance("", "en", Audio(sound, 16000)), FPS)
    assert rows[int(0.25 * FPS), INDEX["sil"]] < 0.3
    assert rows[int(0.8 * FPS), INDEX["sil"]] > 0.8


def test_hiss_is_heard_as_a_sibilant() -> None:
    noise = np.diff(np.random.default_rng(0).normal(0, 0.1, 16001)).astype(np.float32)
    assert {p.symbol for p in listen(Audio(noise, 16000))} <= {"s", "ʃ"}
