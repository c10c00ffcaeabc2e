"""What a person gets wrong: one clear line, the right exit code, nothing lost."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from avatar import codec
from avatar.media import Audio
from avatar.testing.contracts import voiced_reference

from .conftest import CONSENT, Command, refuses


def sound(path: Path, samples: np.ndarray, rate: int = 22050) -> Path:
    codec.write_audio(Audio(samples.astype(np.float32), rate), path)
    return path


def film_with(avatar: Command, recording: Path | str, *extra: str):
    return avatar(*avatar.films("Hello.", "--voice", recording, "--consent", CONSENT, *extra))


# the text


@pytest.mark.parametrize("text", ["", "   ", "..."])
def test_nothing_to_say(avatar: Command, text: str) -> None:
    refuses(avatar(*avatar.films(text)), 2, "text")


def test_a_text_of_200_000_characters(avatar: Command) -> None:
    refuses(avatar(*avatar.films("-"), stdin=b"word " * 40_000), 2, "200,000", "split it")


def test_control_characters_are_reported(avatar: Command) -> None:
    done = avatar(*avatar.films("-", "--json"), stdin=b"Hello\x07 there\x00.")
    assert done.code == 0, done.err
    assert any("U+0000, U+0007" in warning for warning in done.json["warnings"])


def test_bytes_that_are_not_utf8(avatar: Command) -> None:
    refuses(avatar(*avatar.films("-"), stdin=b"caf\xe9"), 2, "UTF-8", "byte 4")


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are UTF-16 there")
def test_an_unpaired_surrogate_in_an_argument(avatar: Command) -> None:
    arguments = [os.fsencode(part) for part in avatar.line(*avatar.films("TEXT"))]
    arguments[arguments.index(b"TEXT")] = b"Hello \xed\xa0\xbd"
    done = subprocess.run(arguments, capture_output=True, cwd=avatar.folder, env=avatar.environment, check=False)
    assert done.returncode == 2
    assert b"surrogate" in done.stderr
    assert b"Traceback" not in done.stderr


def test_emoji_are_no_trouble(avatar: Command) -> None:
    assert avatar(*avatar.films("Well done 🎉 and goodbye 👩‍🚀!")).code == 0


def test_a_text_file_that_is_missing(avatar: Command) -> None:
    refuses(avatar(*avatar.films("@nowhere.txt")), 2, "nowhere.txt")


# the recording


def test_a_recording_that_is_missing(avatar: Command) -> None:
    refuses(film_with(avatar, "nowhere.wav"), 2, "nowhere.wav")


def test_a_recording_that_is_empty(avatar: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    refuses(film_with(avatar, "empty.wav"), 2, "empty.wav is empty")


def test_a_recording_of_a_fifth_of_a_second(avatar: Command, tmp_path: Path) -> None:
    sound(tmp_path / "short.wav", voiced_reference(0.2).samples)
    refuses(film_with(avatar, "short.wav"), 2, "0.2")


def test_a_silent_recording(avatar: Command, tmp_path: Path) -> None:
    sound(tmp_path / "silent.wav", np.zeros(22050 * 5))
    refuses(film_with(avatar, "silent.wav"), 2, "silen")


def test_a_truncated_mp3_is_used_as_far_as_it_goes_or_refused(avatar: Command, tmp_path: Path) -> None:
    whole = sound(tmp_path / "whole.mp3", voiced_reference(8.0).samples).read_bytes()
    (tmp_path / "cut.mp3").write_bytes(whole[: int(len(whole) * 0.7)])
    done = film_with(avatar, "cut.mp3", "--json")
    assert done.code == 0, done.err
    assert any("only 5." in warning for warning in done.json["warnings"]), done.json["warnings"]
    (tmp_path / "stub.mp3").write_bytes(whole[:300])
    refuses(film_with(avatar, "stub.mp3"), 2, "stub.mp3")


def test_a_jpeg_named_wav(avatar: Command, tmp_path: Path) -> None:
    jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes(2000)
    (tmp_path / "picture.wav").write_bytes(jpeg)
    refuses(film_with(avatar, "picture.wav"), 2, "picture.wav")


def test_six_channels_are_mixed_down(avatar: Command, tmp_path: Path) -> None:
    import wave

    mono = (voiced_reference().samples * 32000).astype("<i2")
    with wave.open(str(tmp_path / "six.wav"), "wb") as file:
        file.setnchannels(6)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes(np.repeat(mono, 6).tobytes())
    assert film_with(avatar, "six.wav").code == 0


def test_an_hour_of_recording(avatar: Command, tmp_path: Path) -> None:
    sound(tmp_path / "hour.flac", np.zeros(3600 * 8000), rate=8000)
    refuses(film_with(avatar, "hour.flac"), 2, "60 minutes", "cut out")


def test_no_consent(avatar: Command, reference: Path) -> None:
    refuses(avatar(*avatar.films("Hello.", "--voice", reference)), 2, "consent")
    refuses(avatar("voice", "clone", reference, "--name", "x"), 2, "consent")
    refuses(avatar("voice", "clone", reference, "--name", "x", "--consent", "yes"), 2, "who agreed and what for")
    assert avatar("voice", "list", "--json").json == {"voices": ["default"]}


# names


def test_an_unknown_voice_offers_the_nearest(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello.", "--voice", "defualt")), 2, "no voice is called 'defualt'", "default")


def test_an_unknown_language_offers_the_nearest(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello.", "--language", "engl")), 2, "language", "engl")


def test_an_unknown_language_is_refused_before_a_recording_is_learnt_from(avatar: Command, reference: Path) -> None:
    refuses(film_with(avatar, reference, "--language", "tlh"), 2, "language", "tlh")
    assert not (avatar.folder / "cache" / "voice").exists()
    assert film_with(avatar, reference, "--language", "de").code == 0
    assert (avatar.folder / "cache" / "voice").exists()


def test_a_photo_as_portrait_asks_for_the_face_model(avatar: Command, tmp_path: Path) -> None:
    codec.write_picture(np.full((8, 8, 4), 255, np.uint8), tmp_path / "me.png")
    refuses(avatar(*avatar.films("Hello.", "--portrait", "me.png")), 3, "avatar models pull face")
    refuses(avatar(*avatar.films("Hello.", "--portrait", "nobody")), 2, "no portrait is called 'nobody'")


def test_an_unknown_setting(avatar: Command) -> None:
    (avatar.folder / "avatar.toml").write_text("fsp = 25\n")
    refuses(avatar(*avatar.films("Hello.")), 2, "unknown setting 'fsp'", "fps")


def test_an_unknown_backend(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello."), AVATAR_SPEECH="embeded"), 2, "embeded", "embedded")


def test_a_backend_that_is_not_installed(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello."), AVATAR_SPEECH="no_such_package:Speech"), 3, "no_such_package")


# the output


@pytest.mark.parametrize(("output", "word"), [("nowhere/talk.mp4", "folder does not exist"), ("talk.avi", ".mp4")])
def test_an_output_that_cannot_be(avatar: Command, output: str, word: str) -> None:
    refuses(avatar(*avatar.films("Hello.", output=output)), 2, word)


def test_an_output_that_is_a_folder(avatar: Command) -> None:
    (avatar.folder / "talk.mp4").mkdir()
    refuses(avatar(*avatar.films("Hello.")), 2, "is a folder")


@pytest.mark.parametrize("size", ["321x180", "10x10", "9000x9000"])
def test_a_size_that_cannot_be(avatar: Command, size: str) -> None:
    refuses(avatar(*avatar.films("Hello.", "--size", size)), 2, size)


def test_a_seed_below_zero(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello.", "--seed", "-1")), 2, "-1")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_an_output_folder_that_is_read_only(avatar: Command) -> None:
    locked = avatar.folder / "locked"
    locked.mkdir(mode=0o500)
    # Root may write anywhere but into the kernel's own tree.
    folder = locked if os.geteuid() else Path("/sys")
    refuses(avatar(*avatar.films("Hello.", output=f"{folder}/talk.mp4")), 2, "not allowed")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
@pytest.mark.parametrize("limit", [10_000, 300_000])
def test_a_full_disk_is_said_and_leaves_the_old_video(avatar: Command, limit: int) -> None:
    """A file-size limit stands in for a full disk: the same system call fails, at a byte of our choosing."""
    (avatar.folder / "talk.mp4").write_bytes(b"the old one")
    text = "This is a rather longer text, so that its film cannot fit. " * 4
    process = avatar.start(
        *avatar.films(text), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "cannot write" in err
    assert "Traceback" not in err
    assert (avatar.folder / "talk.mp4").read_bytes() == b"the old one"
    assert sorted(p.name for p in avatar.folder.iterdir() if p.name.startswith(".")) == []


def test_errors_are_json_where_asked(avatar: Command) -> None:
    done = avatar(*avatar.films("", "--json"))
    assert done.json["exit_code"] == done.code == 2
    assert done.json["error"] == "InputError"
