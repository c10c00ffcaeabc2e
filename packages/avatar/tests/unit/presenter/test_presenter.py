"""The two backends as their callers see them: pictures, frames, sizes, errors."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from avatar import backends
from avatar.engine.presenter import EmbeddedLipSync, EmbeddedPainter
from avatar.errors import InputError
from avatar.media import Audio, Frame, Phone, Portrait, Utterance, Word

SMALL = (320, 180)


def said(seconds: float = 1.0, phones: str = "mamabapa") -> Utterance:
    each = seconds / (len(phones) + 2)
    spoken = [Phone(p, (i + 1) * each, (i + 2) * each, stress=2 if p == "a" else 0) for i, p in enumerate(phones)]
    tiled = (Phone("", 0.0, each), *spoken, Phone("", (len(phones) + 1) * each, seconds))
    audio = Audio(np.zeros(round(seconds * 8000), np.float32), 8000)
    return Utterance(phones, "en", audio, tiled, (Word(phones + ".", each, seconds - each),))


def silence(seconds: float) -> Utterance:
    return Utterance("", "en", Audio(np.zeros(round(seconds * 8000), np.float32), 8000), (Phone("", 0.0, seconds),))


def frames(portrait: Portrait, utterance: Utterance, seed: int = 1, size: tuple[int, int] = SMALL) -> list[Frame]:
    return [f.copy() for f in EmbeddedLipSync().animate(portrait, utterance, fps=25, size=size, seed=seed)]


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return EmbeddedPainter().paint("a friendly woman with long brown hair, navy blazer, office", 7, SMALL)


def test_they_stand_in_the_table() -> None:
    assert backends.load("painter", "embedded") is EmbeddedPainter
    assert backends.load("lipsync", "embedded") is EmbeddedLipSync
    assert isinstance(EmbeddedPainter(), backends.Painter)
    assert isinstance(EmbeddedLipSync(), backends.LipSync)


def test_a_portrait_is_an_opaque_picture_with_a_json_spec(portrait: Portrait) -> None:
    assert portrait.image.shape == (180, 320, 4)
    assert portrait.image.dtype == np.uint8
    assert (portrait.image[..., 3] == 255).all()
    assert portrait.backend == "embedded"
    assert portrait.parameters["unknown_words"] == []
    json.dumps(portrait.parameters)


def test_the_same_seed_paints_the_same_and_others_differ(portrait: Portrait) -> None:
    again = EmbeddedPainter().paint(portrait.prompt, 7, SMALL)
    assert np.array_equal(again.image, portrait.image)
    assert again.parameters == portrait.parameters
    others = [EmbeddedPainter().paint("", seed, SMALL).image.astype(int) for seed in range(4)]
    for i, a in enumerate(others):
        for b in others[i + 1 :]:
            assert np.abs(a - b).mean() > 5


def test_a_spec_given_back_animates_the_same(portrait: Portrait) -> None:
    given_back = replace(portrait, parameters=json.loads(json.dumps(portrait.parameters)), prompt="", seed=0)
    ours, theirs = frames(portrait, said(0.2)), frames(given_back, said(0.2))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 1), (0.01, 1), (0.5, 12), (1.02, 26)])
def test_frames_are_counted_from_the_duration(portrait: Portrait, seconds: float, count: int) -> None:
    assert len(frames(portrait, silence(seconds))) == count


def test_frames_are_deterministic_by_seed(portrait: Portrait) -> None:
    a, b, c = (frames(portrait, said(0.6), seed) for seed in (3, 3, 4))
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert not np.array_equal(a[-1], c[-1])


@pytest.mark.parametrize("size", [(640, 360), (360, 360), (270, 480), (288, 360), (64, 64), (480, 120)])
def test_any_aspect_frames_the_face(size: tuple[int, int]) -> None:
    person = EmbeddedPainter().paint("woman, plain background, light skin, green background, bun, no glasses", 2, size)
    w, h = size
    picture = person.image.astype(int)
    skin = (picture[..., 0] > picture[..., 2] + 25) & (picture[..., 0] > 140)
    rows, columns = np.nonzero(skin)
    assert abs(np.median(columns) - w / 2) < 0.06 * w
    assert 0.2 * h < np.median(rows) < 0.66 * h
    assert len(rows) > 0.02 * w * h
    assert not skin[:2].any()


def mouth_opening(frame: Frame) -> int:
    """Dark red pixels where the mouth is; the closed lips' line alone makes about 13."""
    around = frame[92:124, 145:175]
    return int(((around[..., 0] < 90) & (around[..., 1] < 42)).sum())


def test_silence_keeps_the_mouth_shut_and_the_background_still(portrait: Portrait) -> None:
    still = frames(portrait, silence(3.0))
    first = still[0].astype(int)
    assert max(mouth_opening(f) for f in still) < 40
    assert all(np.array_equal(f[:120, :60], still[0][:120, :60]) for f in still)
    assert max(np.abs(f.astype(int) - first).mean() for f in still[1:]) > 0.3


def test_speech_opens_the_mouth_and_changes_smoothly(portrait: Portrait) -> None:
    spoken = frames(portrait, said(3.0, "mamapabasatakaluminofa"))
    assert max(mouth_opening(f) for f in spoken) > 80
    steps = [np.abs(b.astype(int) - a).mean() for a, b in itertools.pairwise(spoken)]
    assert max(steps) < 2.6
    assert min(steps) > 0.0


def test_a_damaged_spec_is_refused_before_the_first_frame(portrait: Portrait) -> None:
    broken = replace(portrait, parameters=dict(portrait.parameters) | {"hair_style": "mohican"})
    with pytest.raises(InputError, match="hair_style"):
        EmbeddedLipSync().animate(broken, silence(1), fps=25, size=SMALL, seed=1)


def test_other_portraits_and_impossible_sizes_are_refused(portrait: Portrait) -> None:
    with pytest.raises(InputError):
        EmbeddedLipSync().animate(replace(portrait, backend="photo"), silence(1), fps=25, size=SMALL, seed=1)
    for size in ((321, 180), (0, 0), (32, 32)):
        with pytest.raises(InputError):
            EmbeddedPainter().paint("", 1, size)
