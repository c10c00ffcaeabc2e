"""Text to mp4, as a person asks for it."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest

from .conftest import CONSENT, Command

TEXT = "Good morning. My name is Ada, and this is my first film."


def probed(path: Path) -> dict[str, Any]:
    if shutil.which("ffprobe") is None:
        pytest.skip("NOT TESTED: no ffprobe on this machine; apt-get install ffmpeg")
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def content(path: Path) -> str:
    """A hash of every encoded packet of the file; its signature, which names a time and a key, is beside them."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux():
            digest.update(f"{packet.stream.index} {packet.pts} ".encode() + bytes(packet))
    return digest.hexdigest()


def test_a_text_and_a_recording_become_a_video(avatar: Command, reference: Path) -> None:
    done = avatar(*avatar.films(TEXT, "--voice", reference, "--consent", CONSENT, "--json"))
    assert done.code == 0, done.err
    result = done.json
    assert [stage["name"] for stage in result["stages"]] == ["voice", "speech", "portrait", "video"]
    assert not any(stage["cached"] for stage in result["stages"])
    assert (result["width"], result["height"], result["fps"]) == (320, 180, 25)
    voice, digest = result["voice"], hashlib.sha256(reference.read_bytes()).hexdigest()
    assert (voice["requested"], voice["used"], voice["backend"]) == (str(reference), "reference", "embedded")
    assert (voice["similarity"], voice["source_sha256"]) == (None, digest)
    assert len(voice["consent"]) == 64, "the consent's id, which the file's signature names"
    assert result["lipsync"] == {"backend": "embedded", "timing": "phones"}
    assert result["real_time_factor"] > 0
    assert (avatar.folder / "talk.poster.png").stat().st_size > 1000
    consent = json.loads((avatar.folder / "library" / "consent.jsonl").read_text())
    assert consent["used_for"] == "video talk.mp4"

    facts = probed(avatar.folder / "talk.mp4")
    video, sound = facts["streams"]
    assert (video["codec_name"], video["profile"], video["pix_fmt"]) == ("h264", "High", "yuv420p")
    assert (sound["codec_name"], sound["channels"]) == ("aac", 1)
    assert float(facts["format"]["duration"]) == pytest.approx(result["duration_s"], abs=0.05)
    assert abs(float(video["duration"]) - float(sound["duration"])) <= 1 / 25
    assert int(video["nb_frames"]) == round(float(video["duration"]) * 25)


def test_the_same_again_is_there_already_and_a_change_redoes_only_what_it_must(avatar: Command) -> None:
    first = avatar(*avatar.films(TEXT, "--json")).json
    made = content(avatar.folder / "talk.mp4")
    again = avatar(*avatar.films(TEXT, "--json")).json
    assert all(stage["cached"] for stage in again["stages"])
    assert content(avatar.folder / "talk.mp4") == made
    assert first["duration_s"] == again["duration_s"]
    other = avatar(*avatar.films(TEXT, "--prompt", "a man", "--json")).json
    assert {stage["name"]: stage["cached"] for stage in other["stages"]} == {
        "speech": True, "portrait": False, "video": False
    }  # fmt: skip


def test_without_the_cache_the_film_is_the_same(avatar: Command) -> None:
    assert avatar(*avatar.films("Hello.")).code == 0
    made = content(avatar.folder / "talk.mp4")
    done = avatar(*avatar.films("Hello.", "--no-cache", "--json"))
    assert not any(stage["cached"] for stage in done.json["stages"])
    assert content(avatar.folder / "talk.mp4") == made, "deterministic, to the byte, on one machine"


def test_text_comes_from_a_file_or_standard_input(avatar: Command) -> None:
    (avatar.folder / "script.txt").write_text("\ufeffHello from a file.", "utf-8")
    assert avatar(*avatar.films("@script.txt", output="a.mp4")).code == 0
    assert avatar(*avatar.films("-", output="b.mp4"), stdin=b"Hello from a file.").code == 0
    assert content(avatar.folder / "a.mp4") == content(avatar.folder / "b.mp4")


def test_stages_are_kept_where_asked(avatar: Command) -> None:
    assert avatar(*avatar.films("Hello.", "--keep-stages")).code == 0
    kept = avatar.folder / "talk.stages"
    assert {file.name for file in kept.iterdir()} == {"speech.wav", "audio.f32", "speech.json", "portrait.png"}
    phones = json.loads((kept / "speech.json").read_text())["phones"]
    assert "l" in [phone["symbol"] for phone in phones]


def test_a_person_sees_the_stages_and_a_card(avatar: Command) -> None:
    done = avatar(*avatar.films("Hello.", output="a :key: [b].mp4"))
    assert done.code == 0, done.err
    assert "a :key: [b].mp4" in done.out, "a name is not markup"
    assert [line for line in done.err.splitlines() if line.endswith("...")] == [
        "speaking ...", "painting ...", "filming ..."
    ]  # fmt: skip
    for word in ("length", "real-time factor", "stages", "engines"):
        assert word in done.out


def test_a_portrait_file_speaks_a_recording(avatar: Command, reference: Path) -> None:
    assert (
        avatar("portrait", "generate", "a man with a beard", "--seed", "3", "-o", "bo.png", "--size", "320x180").code
        == 0
    )
    done = avatar("video", "lipsync", "bo.png", reference, "-o", "dub.mp4", "--json", AVATAR_SIZE="320x180")
    assert done.code == 0, done.err
    assert done.json["lipsync"]["timing"] == "sound"
    assert any("sound alone" in warning for warning in done.json["warnings"])
    assert done.json["duration_s"] == pytest.approx(6.0, abs=0.1)
    info = avatar("video", "info", "dub.mp4", "--json").json
    assert (info["video_codec"], info["width"]) == ("h264", 320)


def test_a_voice_is_learnt_shown_used_and_deleted(avatar: Command, reference: Path) -> None:
    done = avatar("voice", "clone", reference, "--name", "hum", "--consent", CONSENT, "--json")
    assert done.code == 0, done.err
    assert avatar("voice", "list", "--json").json == {"voices": ["default", "hum"]}
    shown = avatar("voice", "show", "hum", "--json").json
    assert shown["consent"]["who"] == "Nobody"
    assert len(shown["source_sha256"]) == 64
    assert avatar("voice", "speak", "Hello there.", "--voice", "hum", "-o", "hello.wav").code == 0
    assert (avatar.folder / "hello.wav").read_bytes()[:4] == b"RIFF"
    used = avatar(*avatar.films("Hello there.", "--voice", "hum", "--json")).json["voice"]
    assert (used["requested"], used["used"]) == ("hum", "hum")
    assert avatar("voice", "delete", "hum").code == 0
    assert avatar("voice", "list", "--json").json == {"voices": ["default"]}


def test_a_portrait_is_kept_used_and_deleted(avatar: Command) -> None:
    assert avatar("portrait", "generate", "a woman", "--name", "ada", "--size", "320x180").code == 0
    assert avatar("portrait", "list", "--json").json == {"portraits": ["ada"]}
    done = avatar(*avatar.films("Hello.", "--portrait", "ada", "--json"))
    assert done.json["portrait"]["name"] == "ada"
    assert avatar("portrait", "delete", "ada").code == 0
    assert avatar("portrait", "list", "--json").json == {"portraits": []}


def test_status_says_what_each_engine_can_do(avatar: Command) -> None:
    status = avatar("status", "--json").json
    ready = {engine["kind"]: engine["ready"] and bool(engine["can"]) for engine in status["engines"]}
    others = dict.fromkeys(("speech", "painter", "lipsync", "encoder"), True)
    assert ready == others | {"faces": False}  # their model was not pulled here
    text = avatar("status").out
    assert "languages, matches voices" in text


@pytest.mark.parametrize(
    "command",
    ["", "pipeline", "pipeline run", "voice", "voice clone", "voice speak", "voice list", "voice show", "voice delete",
     "portrait", "portrait generate", "portrait list", "portrait delete", "video", "video lipsync", "video info",
     "status", "completion"],
)  # fmt: skip
def test_every_help_page_has_an_example(avatar: Command, command: str) -> None:
    done = avatar(*command.split(), "--help")
    assert done.code == 0
    assert "Example:\n  avatar " in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_can_complete(avatar: Command, shell: str) -> None:
    assert "_AVATAR_COMPLETE" in avatar("completion", shell).out


@pytest.mark.parametrize("command", ["", "pipeline run", "voice clone", "portrait generate", "video info", "status"])
def test_help_loads_nothing_heavy(avatar: Command, command: str) -> None:
    done = subprocess.run(
        [*avatar.line()[:1], "-X", "importtime", "-m", "avatar", *command.split(), "--help"],
        capture_output=True, text=True, env=avatar.environment, check=True,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "avatar.cli" in loaded
    assert ("click" in loaded) == bool(command), "the root page stands ready in a file"
    assert not loaded & {"numpy", "av", "cv2", "skia", "rich", "pydantic", "torch"}
