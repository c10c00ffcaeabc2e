"""Forms a film can take, and its captions."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Command, refuses

TEXT = "Good morning. This sentence is shown while it is said."


def probed(path: Path, entries: str) -> str:
    if shutil.which("ffprobe") is None:
        pytest.skip("NOT TESTED: no ffprobe on this machine; apt-get install ffmpeg")
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def test_captions_come_as_files_and_as_a_track(avatar: Command) -> None:
    done = avatar(*avatar.films(TEXT, "--captions", "srt,vtt,track", "--json"))
    assert done.code == 0, done.err
    assert done.json["captions"] == ["talk.srt", "talk.vtt"]
    assert "\nGood morning.\n" in (avatar.folder / "talk.srt").read_text("utf-8")
    assert (avatar.folder / "talk.vtt").read_text("utf-8").startswith("WEBVTT\n")
    assert "mov_text,eng" in probed(avatar.folder / "talk.mp4", "stream=codec_name:stream_tags=language")


def test_captions_that_are_drawn_change_the_picture_and_the_cache_knows(avatar: Command) -> None:
    plain = avatar(*avatar.films(TEXT, "--json")).json
    drawn = avatar(*avatar.films(TEXT, "--captions", "highlight", "--label", "synthetic", "--json")).json
    beside = avatar(*avatar.films(TEXT, "--captions", "srt", "--json")).json
    cached = [{s["name"]: s["cached"] for s in result["stages"]}["video"] for result in (plain, drawn, beside)]
    assert cached == [False, False, True], "files beside the film change nothing in it"


def test_a_kind_of_captions_there_is_not(avatar: Command) -> None:
    refuses(avatar(*avatar.films("Hello.", "--captions", "srt,brun")), 2, "'brun'", "burn")


def test_a_webm_of_a_person_without_a_background(avatar: Command) -> None:
    arguments = avatar.films("Hello.", "--prompt", "a woman, transparent background", "--json", output="talk.webm")
    done = avatar(*arguments)
    assert done.code == 0, done.err
    assert not any("black" in warning for warning in done.json["warnings"])
    assert "vp9" in probed(avatar.folder / "talk.webm", "stream=codec_name")
    in_mp4 = avatar(*avatar.films("Hello.", "--prompt", "a woman, transparent background", "--json")).json
    assert any("cannot be seen through" in warning for warning in in_mp4["warnings"])


def test_a_gif_says_that_it_is_mute(avatar: Command) -> None:
    done = avatar(*avatar.films("Hello.", "--json", output="talk.gif"))
    assert done.code == 0, done.err
    assert "a gif has no sound" in done.json["warnings"]
    assert avatar("video", "info", "talk.gif", "--json").json["video_codec"] == "gif"


@pytest.mark.parametrize("size", ["180x320", "256x256", "256x320"])
def test_every_aspect_is_a_film(avatar: Command, size: str) -> None:
    done = avatar("pipeline", "run", "Hello.", "--size", size, "--fps", "50", "--output", "talk.mp4", "--json")
    assert done.code == 0, done.err
    assert f"{done.json['width']}x{done.json['height']}@{done.json['fps']:g}" == f"{size}@50"
