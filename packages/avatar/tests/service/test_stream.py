"""stream.mp4 on a real server: it plays before it is rendered, in step, labelled; who hangs up stops the rendering."""

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from avatar.errors import Unsigned
from avatar.provenance import verify
from avatar.settings import Settings

from .conftest import eventually, stage_processes
from .server import Server

FAKES = "avatar.testing.fakes:"
LONG = "Hello there, my friend. " * 200


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("stream")
    settings = Settings(library=root / "library", cache=root / "cache", jobs=root / "jobs", size="128x72", fps=10)
    server = Server(settings)
    server.start()
    yield server
    assert server.stop() == 0
    assert stage_processes(settings) == []


def boxes(data: bytes) -> list[str]:
    """The kinds of the top boxes, in order."""
    found, at = [], 0
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4])
    return found


def begun(server: Server, body: dict[str, object]) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """A preview of which the head and the first bytes have come."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/videos/stream.mp4", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.read(8)[4:] == b"ftyp"
    return connection, answer


def test_a_preview_is_fragmented_mp4_that_says_what_it_is(service: Server, tmp_path: Path) -> None:
    body = {"text": "One. Two words. Three short words.", "prompt": "a man, quxly", "width": 1920, "height": 1080}
    answer = service.ask("POST", "/videos/stream.mp4", body)
    assert (answer.status, answer.headers["content-type"]) == (200, "video/mp4"), answer.body
    assert answer.headers["x-provenance"].startswith("unsigned")
    assert answer.headers["x-video"].startswith("854x480")
    assert "quxly" in answer.headers["x-warnings"]
    kinds = boxes(answer.body)
    assert kinds[:4] == ["ftyp", "moov", "moof", "mdat"]
    assert kinds.count("moof") > 4
    path = tmp_path / "a.mp4"
    path.write_bytes(answer.body)
    with pytest.raises(Unsigned):
        verify(path)
    with av.open(str(path)) as film:
        assert "Not signed" in film.metadata["comment"]
        pictures = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    corner = np.mean([picture[24:60, 650:830] for picture in pictures], axis=0)
    assert corner.min() < 60  # white words on a dark ground, throughout
    assert corner.max() > 200


def test_ffprobe_takes_a_preview(service: Server, tmp_path: Path) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("NOT TESTED: ffprobe is not here (Debian: apt install ffmpeg)")
    (tmp_path / "a.mp4").write_bytes(service.ask("POST", "/videos/stream.mp4", {"text": "One. Two words."}).body)
    line = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(tmp_path / "a.mp4")]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    streams = {stream["codec_type"]: stream for stream in json.loads(done.stdout)["streams"]}
    assert (done.stderr, streams["video"]["codec_name"], streams["audio"]["codec_name"]) == ("", "h264", "aac")
    assert float(streams["video"]["duration"]) == pytest.approx(float(streams["audio"]["duration"]), abs=0.2)


def test_sound_and_picture_are_in_step_over_many_shots(tmp_path: Path) -> None:
    """With backends whose mouth is open exactly while a tone is heard: no shot shifts one against the other."""
    settings = Settings(
        library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs", size="128x72", fps=25,
        speech=FAKES + "ToneSpeech", painter=FAKES + "PlainPainter", lipsync=FAKES + "PlainLipSync",
    )  # fmt: skip
    server = Server(settings)
    server.start()
    try:
        answer = server.ask("POST", "/videos/stream.mp4", {"text": "a b c d e f g. " * 12})
    finally:
        server.stop()
    (tmp_path / "a.mp4").write_bytes(answer.body)
    moved, loud = moving(tmp_path / "a.mp4")
    lags = range(-6, 7)
    best = max(lags, key=lambda lag: float(np.corrcoef(moved[10:-10], np.roll(loud, lag)[10:-10])[0, 1]))
    late = len(moved) * 3 // 4
    last = max(lags, key=lambda lag: float(np.corrcoef(moved[late:-10], np.roll(loud, lag)[late:-10])[0, 1]))
    assert (abs(best) <= 1, abs(last) <= 1) == (True, True), (best, last)


def moving(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """For each frame: how far its middle is from its usual look, and how loud it is then."""
    with av.open(str(path)) as film:
        frames = [(frame.time, frame.to_ndarray(format="gray").astype(float)) for frame in film.decode(video=0)]
    with av.open(str(path)) as film:
        pieces = [(piece.time, piece.to_ndarray()[0]) for piece in film.decode(audio=0)]
    rate = 48000
    sound = np.zeros(int((frames[-1][0] + 1) * rate))
    for at, samples in pieces:
        start = round(at * rate)
        sound[start : start + len(samples)] = samples[: len(sound) - start]
    usual = np.median([picture for _, picture in frames], axis=0)
    seen = np.array([np.abs(picture - usual).mean() for _, picture in frames])
    heard = np.array([np.abs(sound[round(at * rate) : round((at + 0.04) * rate)]).mean() for at, _ in frames])
    if np.corrcoef(seen, heard)[0, 1] < 0:
        seen = -seen
    return seen, heard


def test_it_plays_before_it_is_rendered_and_hanging_up_ends_the_rendering(service: Server) -> None:
    connection, answer = begun(service, {"text": LONG})
    before = set(stage_processes(service.settings))
    scratch = service.settings.jobs / "scratch"
    assert any(scratch.iterdir())
    answer.close()
    connection.close()
    eventually(lambda: not before <= set(stage_processes(service.settings)))
    eventually(lambda: not any(scratch.iterdir()))
    assert service.ask("POST", "/videos/stream.mp4", {"text": "Hi."}).status == 200


def test_the_first_preview_of_a_new_server_finds_a_process_that_began_before_it(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs", size="128x72")
    server = Server(settings)
    server.start()
    try:
        begun_before = stage_processes(settings)
        assert len(begun_before) == 1
        niceness = [os.getpriority(os.PRIO_PROCESS, process) for process in (os.getpid(), *begun_before)]
        assert niceness[1] == min(19, niceness[0] + 10), "it lets those go first who answer"
        connection, answer = begun(server, {"text": "Hi."})
        answer.read()
        connection.close()
        assert stage_processes(settings) == begun_before
    finally:
        assert server.stop() == 0
    assert stage_processes(settings) == []


def test_as_many_as_there_is_room_for(service: Server) -> None:
    watched = [begun(service, {"text": LONG, "seed": seed}) for seed in (1, 2)]
    try:
        refused = service.ask("POST", "/videos/stream.mp4", {"text": "Hi."})
        assert (refused.status, refused.headers["retry-after"]) == (503, "2")
        assert refused.json["type"] == "urn:avatar:problem:backend-unavailable"
    finally:
        for connection, answer in watched:
            answer.close()
            connection.close()
    eventually(lambda: service.ask("POST", "/videos/stream.mp4", {"text": "Hi."}).status == 200)


def test_a_job_is_watched_before_it_is_made(service: Server) -> None:
    job = service.ask("POST", "/jobs", {"text": "One. Two words.", "seed": 3, "width": 64, "height": 64}).json["id"]
    answer = service.ask("GET", f"/jobs/{job}/stream.mp4")
    assert (answer.status, boxes(answer.body)[0], answer.headers["x-video"][:5]) == (200, "ftyp", "64x64")
    assert service.ask("GET", f"/jobs/{job}").json["state"] == "pending"
    assert service.ask("GET", "/jobs/job-none-such/stream.mp4").status == 404


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [({"text": " "}, 400, "input-error"), ({"text": "Hi.", "voice": "nobody"}, 404, "not-found"),
     ({"text": "Hi.", "portrait": "/etc/passwd"}, 404, "not-found"),
     ({"text": "Hi.", "width": 128}, 400, "input-error"),
     ({"text": "...", "prompt": "x"}, 400, "input-error"), ({"text": "Hi.", "language": "tlh-x"}, 404, "not-found")],
)  # fmt: skip
def test_what_cannot_be_shown_is_a_problem_in_a_line(
    service: Server, body: dict[str, object], status: int, kind: str
) -> None:
    answer = service.ask("POST", "/videos/stream.mp4", body)
    assert (answer.status, answer.json["type"]) == (status, f"urn:avatar:problem:{kind}"), answer.body
    assert answer.headers["content-type"] == "application/problem+json"
