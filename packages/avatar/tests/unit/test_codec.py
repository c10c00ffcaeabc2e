"""Media files, written and read with the real libraries."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avatar import codec
from avatar.codec.captions import cues
from avatar.errors import BackendFailed, InputError
from avatar.media import Audio, Frame, Word

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (230, 170, 140), (30, 60, 90), (255, 255, 255), (0, 0, 0)]


def tone(seconds: float, rate: int = 22050) -> Audio:
    return Audio((0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32), rate)


def bars(count: int, width: int = 224, height: int = 128) -> Iterator[Frame]:
    frame = np.full((height, width, 4), 255, np.uint8)
    for i, colour in enumerate(COLOURS):
        frame[:, i * 32 : (i + 1) * 32, :3] = colour
    for _ in range(count):
        yield frame


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "m4a", "ogg", "opus"])
def test_sound_survives_every_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"tone.{ending}"
    codec.write_audio(tone(3.0), path)
    back = codec.read_recording(path)
    assert back.audio.duration == pytest.approx(3.0, abs=0.1)
    assert back.notes == ()
    middle = back.audio.samples[back.audio.rate : 2 * back.audio.rate]
    assert np.argmax(np.abs(np.fft.rfft(middle))) == pytest.approx(220, abs=1)
    assert np.abs(middle).max() == pytest.approx(0.3, abs=0.03)


def test_an_unknown_sound_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="known format"):
        codec.write_audio(tone(0.1), tmp_path / "tone.xyz")


def test_six_channels_are_mixed_down(tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "six.wav"), "wb") as file:
        file.setnchannels(6)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.repeat((tone(1.0, 16000).samples * 20000).astype("<i2"), 6).tobytes())
    audio = codec.read_recording(tmp_path / "six.wav").audio
    assert audio.duration == pytest.approx(1.0)
    assert np.abs(audio.samples).max() > 0.1


def test_a_video_plays_anywhere(tmp_path: Path) -> None:
    clip = codec.write_mp4(
        bars(50), tone(2.0), tmp_path / "v.mp4", fps=25, size=(224, 128), settings=codec.EncoderSettings()
    )
    assert (clip.duration, clip.fps, clip.frames) == (2.0, 25, 50)
    assert (clip.width, clip.height, clip.video_codec, clip.audio_codec) == (224, 128, "h264", "aac")
    data = (tmp_path / "v.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "faststart: the index comes first"


def test_colours_come_back_as_they_were(tmp_path: Path) -> None:
    """Read by FFmpeg's own command, which believes the matrix the file states."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("NOT TESTED: no ffmpeg on this machine; apt-get install ffmpeg")
    settings = codec.EncoderSettings(crf=1)
    codec.write_mp4(bars(5), tone(0.2), tmp_path / "v.mp4", fps=25, size=(224, 128), settings=settings)
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "v.mp4"), "-frames:v", "1", str(tmp_path / "f.png")]
    subprocess.run(command, check=True)
    seen = codec.read_picture(tmp_path / "f.png")[64, 16::32, :3]
    assert np.abs(seen.astype(int) - COLOURS).max() <= 6


def test_a_frame_of_another_size_is_the_engines_fault(tmp_path: Path) -> None:
    with pytest.raises(BackendFailed, match="frame 0 is 224x128"):
        codec.write_mp4(
            bars(3), tone(1.0), tmp_path / "v.mp4", fps=25, size=(320, 180), settings=codec.EncoderSettings()
        )
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"old")

    def breaks() -> Iterator[Frame]:
        yield from bars(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        codec.write_mp4(breaks(), tone(2.0), path, fps=25, size=(224, 128), settings=codec.EncoderSettings())
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]


def test_a_picture_carries_its_words(tmp_path: Path) -> None:
    image = next(bars(1))
    codec.write_picture(image, tmp_path / "p.png", {"avatar-portrait": '{"naïve": "✓"}'})
    assert codec.read_picture_text(tmp_path / "p.png") == {"avatar-portrait": '{"naïve": "✓"}'}
    assert np.array_equal(codec.read_picture(tmp_path / "p.png"), image)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    assert codec.read_picture_text(tmp_path / "p.png") == {}
    with pytest.raises(InputError):
        codec.read_picture(tmp_path / "p.png")


@pytest.mark.parametrize("content", [b"", b"nonsense" * 100])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(InputError):
        codec.probe(tmp_path / "v.mp4")


def test_captions_become_a_track_that_players_read(tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("NOT TESTED: no ffmpeg on this machine; apt-get install ffmpeg")
    shown = cues([Word("Grüße,", 0.2, 0.6), Word("世界!", 0.6, 0.9), Word("Bye.", 1.2, 1.5)], 2.0)
    options = {"fps": 25, "size": (224, 128), "settings": codec.EncoderSettings()}
    codec.write_mp4(bars(50), tone(2.0), tmp_path / "v.mp4", **options, captions=shown, language="de-AT")  # type: ignore[arg-type]
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "v.mp4"), "-map", "0:s:m:language:deu", "-f", "srt", "-"]
    read = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert "Grüße, 世界!" in read
    assert "00:00:01,200 --> " in read
    assert (tmp_path / "v.mp4").read_bytes().index(b"moov") < 10_000


def test_a_webm_can_be_seen_through(tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("NOT TESTED: no ffmpeg on this machine; apt-get install ffmpeg")
    frame = np.zeros((128, 224, 4), np.uint8)
    frame[32:96, 60:160] = (200, 100, 50, 255)
    frame[100:120, 60:160] = (100, 50, 25, 128)  # half there, premultiplied
    clip = codec.write_webm([frame] * 25, tone(1.0), tmp_path / "v.webm", fps=25, size=(224, 128), crf=10)
    assert (clip.video_codec, clip.audio_codec, clip.frames) == ("vp9", "opus", 25)
    command = ["ffmpeg", "-v", "error", "-c:v", "libvpx-vp9", "-i", str(tmp_path / "v.webm"), "-frames:v", "1"]
    subprocess.run([*command, "-pix_fmt", "rgba", str(tmp_path / "f.png")], check=True)
    seen = codec.read_picture(tmp_path / "f.png").astype(int)
    assert seen[10, 10, 3] < 8
    assert np.abs(seen[64, 110] - (200, 100, 50, 255)).max() <= 12
    assert np.abs(seen[110, 110] - (100, 50, 25, 128)).max() <= 12


def test_a_gif_plays_at_the_speed_asked_for(tmp_path: Path) -> None:
    clip = codec.write_gif(bars(20), tmp_path / "v.gif", fps=10, size=(224, 128))
    assert (clip.video_codec, clip.duration) == ("gif", pytest.approx(2.0, abs=0.02))
    assert (clip.width, clip.height, clip.audio_codec) == (224, 128, None)
    with pytest.raises(InputError, match="60 frames"):
        codec.write_gif(bars(20), tmp_path / "v.gif", fps=60, size=(224, 128))
