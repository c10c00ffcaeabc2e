"""Recordings that are good, bad and in between, each told apart by its figure."""

import shutil
import subprocess
from functools import cache

import numpy as np
import pytest

from avatar import codec
from avatar.engine.speech import EmbeddedSpeech, gate, quality
from avatar.engine.speech.analysis import analyse, resampled
from avatar.media import Audio, join

RATE = 22050
TEXT = (
    "Each of us saw the weather change before noon. The birch canoe slid on the smooth planks. "
    "Please help me find a quiet place to think about the problem. We were away a year ago."
)
RANDOM = np.random.default_rng


@cache
def speech(pitch: tuple[int, int] = (90, 140)) -> np.ndarray:
    with EmbeddedSpeech() as engine:
        voice = engine.default_voice()
        parameters = dict(voice.parameters) | {"pitch": list(pitch)}
        said = join(engine.speak(TEXT, type(voice)("v", voice.backend, parameters), "en")).audio
    assert said.rate == RATE
    return said.samples * 0.5 + RANDOM(9).normal(0, 2e-4, len(said.samples)).astype(np.float32)


def noisy(db: float) -> np.ndarray:
    clean = speech()
    return clean + RANDOM(1).normal(0, np.sqrt((clean**2).mean()) * 10 ** (-db / 20), len(clean))


def music(seconds: float) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    notes = [220 * 2 ** ((int(beat) * 5 % 12) / 12) for beat in times[:: RATE // 2] * 2]
    pitch = np.repeat(notes, RATE // 2)[: len(times)]
    return 0.1 * sum(np.sin(2 * np.pi * k * pitch * times) / k for k in (1, 1.26, 1.5, 2, 3))


def ringing(seconds: float) -> np.ndarray:
    tail = RANDOM(2).normal(0, 1, round(seconds * RATE)) * 10 ** (-3 * np.linspace(0, 1, round(seconds * RATE)))
    tail /= np.sqrt((tail**2).sum())
    tail[0] += 0.7
    size = 1 << 20
    wet = np.fft.irfft(np.fft.rfft(speech(), size) * np.fft.rfft(tail, size), size)
    return wet[: len(speech())] * 0.5


def examined(samples: np.ndarray, rate: int = RATE) -> gate.Report:
    return gate.examine(Audio(samples.astype(np.float32), rate))


def test_clean_speech_passes() -> None:
    report = examined(speech())
    assert report.verdict == "ok", report.warnings
    assert report.figures["snr_db"] > 25


@pytest.mark.parametrize("db", [20, 10])
def test_noise_is_measured(db: float) -> None:
    assert quality.snr_db(analyse(Audio(noisy(db).astype(np.float32), RATE))) == pytest.approx(db + 1, abs=2.5)


@pytest.mark.parametrize(
    ("name", "samples", "verdict", "words"),
    [
        ("10 dB", lambda: noisy(10), "usable with warnings", "noise"),
        ("5 dB", lambda: noisy(5), "refused", "too noisy"),
        ("clipped", lambda: np.clip(speech() * 20, -0.9, 0.9), "refused", "clipped"),
        ("noise", lambda: RANDOM(3).normal(0, 0.1, 5 * RATE), "refused", "voiced"),
        ("tone", lambda: 0.3 * np.sin(2 * np.pi * 200 * np.arange(5 * RATE) / RATE), "refused", "tone"),
        ("music", lambda: music(6), "refused", "music"),
        ("speech over music", lambda: speech() + music(len(speech()) / RATE), "refused", "music"),
        ("echo", lambda: ringing(0.8), "usable with warnings", "echo"),
        ("two", lambda: np.append(speech(), speech((190, 280))), "usable with warnings", "two speakers"),
        ("short", lambda: speech()[: 5 * RATE], "usable with warnings", "10 s or more"),
        ("too short", lambda: speech()[:RATE], "refused", "1.0 s long"),
        ("gap", lambda: np.concatenate([speech(), np.full(5 * RATE, 1e-5), speech()]), "usable", "silence of 5"),
        ("not numbers", lambda: np.append(speech(), np.nan), "refused", "not numbers"),
    ],
)
def test_each_fault_is_named(name: str, samples, verdict: str, words: str) -> None:
    report = examined(samples())
    assert report.verdict.startswith(verdict), (report.verdict, report.warnings, report.figures)
    assert any(words in line for line in report.warnings), report.warnings
    assert all(finding.advice for finding in report.findings)


def test_a_telephone_is_heard_at_8_khz_and_after_resampling() -> None:
    narrow = resampled(speech(), RATE, 8000)
    for samples, rate in ((narrow, 8000), (resampled(narrow, 8000, 48000), 48000)):
        report = examined(samples, rate)
        assert any("telephone" in line for line in report.warnings), report.figures


def test_lost_frames_leave_gaps() -> None:
    samples = speech().copy()
    loud = np.flatnonzero(np.abs(samples) > 0.2 * np.abs(samples).max())
    for at in loud[[len(loud) // 4, len(loud) // 2]]:
        samples[at + 1 : at + 1 + RATE // 40] = 0
    assert any("lost frames" in line for line in examined(samples).warnings)


def test_the_best_minute_of_a_long_recording_is_used() -> None:
    quiet = RANDOM(4).normal(0, 2e-4, 70 * RATE)
    samples = np.concatenate([quiet, *[speech()] * 5, quiet])
    report = examined(samples)
    start = report.used[0]
    assert report.used[1] - start == pytest.approx(60)
    assert 55 < start < 85
    assert any("is heard" in line for line in report.warnings)


def test_what_the_gate_says_goes_with_the_voice() -> None:
    with EmbeddedSpeech() as engine:
        engine.ear = None
        learnt = engine.learn("mine", Audio(noisy(11).astype(np.float32), RATE), None)
    assert any("noise" in line for line in learnt.parameters["warnings"])


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("wav", ["-c:a", "pcm_s24le", "-ar", "192000"]),
        ("mp3", ["-c:a", "libmp3lame", "-q:a", "5"]),
        ("mp4", ["-f", "lavfi", "-i", "color=c=red:s=64x64:r=5", "-shortest", "-c:v", "mpeg4", "-c:a", "aac"]),
    ],
)
def test_real_files_pass_the_gate(tmp_path, ending: str, options: list[str]) -> None:
    codec.write_audio(Audio(speech(), RATE), tmp_path / "in.wav")
    out = tmp_path / f"out.{ending}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "in.wav", *options, out], check=True)
    sound = codec.read_recording(out)
    report = gate.examine(sound.audio, sound.notes)
    assert report.verdict == "ok", report.warnings


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_damaged_pieces_are_left_out_and_said(tmp_path) -> None:
    codec.write_audio(Audio(speech(), RATE), tmp_path / "in.mp3")
    data = bytearray((tmp_path / "in.mp3").read_bytes())
    for at in (len(data) // 3, len(data) // 2):
        data[at : at + 600] = b"\x55" * 600
    (tmp_path / "damaged.mp3").write_bytes(data)
    sound = codec.read_recording(tmp_path / "damaged.mp3")
    assert sound.audio.duration > 0.9 * len(speech()) / RATE
    assert any("damaged" in line for line in gate.examine(sound.audio, sound.notes).warnings)
