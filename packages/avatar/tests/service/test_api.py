"""The service as its clients see it: one real server with its worker, and the unmodified client of OpenAI."""

import base64
import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatar.codec import probe, read_recording
from avatar.provenance import verify
from avatar.settings import Settings

from .conftest import eventually
from .server import Answer, Server

REFERENCE = Path(__file__).parents[4] / "examples/reference.flac"
SMALL = {"width": 64, "height": 64, "fps": 10}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("service")
    settings = Settings(library=root / "library", cache=root / "cache", jobs=root / "jobs", webhook_hosts="127.0.0.1",
                        size="128x72", fps=10)  # fmt: skip
    server = Server(settings)
    server.start("--with-worker")
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_what_it_is(service: Server) -> None:
    assert service.ask("GET", "/").json["name"] == "avatar"
    assert service.ask("GET", "/status").json["tenant"] == "local"
    assert service.ask("GET", "/openapi.json").json["openapi"].startswith("3.1")
    figures = service.ask("GET", "/metrics").body.decode()
    assert 'avatar_requests_total{route="/status",method="GET",status="200"} 1' in figures


def test_a_voice_from_a_recording_with_consent(service: Server, tmp_path: Path) -> None:
    refused = service.send("/voices", REFERENCE, name="me")
    assert (refused.status, refused.json["type"]) == (403, "urn:avatar:problem:consent-missing")
    made = service.send("/voices", REFERENCE, name="me", consent="Nobody, a test")
    assert made.status == 201, made.body
    assert "me" in service.ask("GET", "/voices").json["voices"]
    assert service.ask("GET", "/voices/me").json["consent"]["who"] == "Nobody"
    spoken = service.ask("POST", "/voices/me/speech", {"text": "Good morning."})
    (tmp_path / "a.wav").write_bytes(spoken.body)
    assert verify(tmp_path / "a.wav").consent
    assert read_recording(tmp_path / "a.wav").audio.duration == pytest.approx(
        float(spoken.headers["x-duration-seconds"]), abs=0.01
    )
    assert service.ask("DELETE", "/voices/me?revoke=true").status == 204
    assert service.ask("POST", "/voices/me/speech", {"text": "Hi."}).status == 403
    again = service.send("/voices", REFERENCE, name="other", consent="Nobody, a test")
    assert (again.status, "withdrawn" in again.json["detail"]) == (403, True)


def test_a_portrait(service: Server, tmp_path: Path) -> None:
    made = service.ask("POST", "/portraits", {"prompt": "a man", "name": "bo", "width": 128, "height": 128})
    assert made.body.startswith(b"\x89PNG")
    assert service.ask("GET", "/portraits").json == {"portraits": ["bo"]}
    (tmp_path / "bo.png").write_bytes(made.body)
    assert verify(tmp_path / "bo.png").source
    assert service.ask("GET", "/portraits/bo").headers["content-type"] == "image/png"
    spoken = service.send("/videos/lipsync", REFERENCE, portrait="bo")
    assert service.finished(spoken.json["id"])["state"] == "completed"
    assert service.ask("DELETE", "/portraits/bo").status == 204
    assert service.ask("GET", "/portraits/bo").status == 404


def test_a_job_from_submit_to_result(service: Server, tmp_path: Path) -> None:
    made = service.ask("POST", "/jobs", {"text": "One.", **SMALL}, Idempotency_Key="k")
    assert made.status == 202, made.body
    job = made.json["id"]
    assert service.ask("POST", "/jobs", {"text": "One.", **SMALL}, Idempotency_Key="k").json["id"] == job
    other = service.ask("POST", "/jobs", {"text": "Two.", **SMALL}, Idempotency_Key="k")
    assert (other.status, other.json["type"]) == (409, "urn:avatar:problem:conflict")
    told = service.ask("GET", f"/jobs/{job}/events").body.decode()
    numbers = [int(line[4:]) for line in told.splitlines() if line.startswith("id: ")]
    assert told.rstrip().endswith('"state": "completed"}')
    assert numbers == list(range(1, len(numbers) + 1))
    rest = service.ask("GET", f"/jobs/{job}/events", Last_Event_ID=str(numbers[-2])).body.decode()
    assert rest.startswith(f"id: {numbers[-1]}\n")
    assert service.ask("GET", f"/jobs/{job}/events", Last_Event_ID=str(numbers[-1])).status == 204
    whole = service.ask("GET", f"/jobs/{job}/result")
    (tmp_path / "a.mp4").write_bytes(whole.body)
    assert verify(tmp_path / "a.mp4").source
    part = service.ask("GET", f"/jobs/{job}/result", Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert service.ask("GET", f"/jobs/{job}/result", Range="bytes=99999999-").status == 416
    assert service.ask("GET", f"/jobs/{job}/poster").body.startswith(b"\x89PNG")
    head = service.ask("HEAD", f"/jobs/{job}/result")
    assert (head.status, head.body, int(head.headers["content-length"])) == (200, b"", len(whole.body))
    assert service.ask("HEAD", f"/jobs/{job}/result", Range="bytes=100-199").status == 206
    assert service.ask("HEAD", "/jobs/none").status == 404
    assert service.ask("POST", "/jobs/estimate", {"text": "Hello."}).json["based_on_jobs"] >= 1
    facts = service.send("/videos/info", tmp_path / "a.mp4")
    assert (facts.json["width"], facts.json["video_codec"]) == (64, "h264")
    assert service.send("/videos/encode?format=gif", tmp_path / "a.mp4").body.startswith(b"GIF8")
    assert service.ask("DELETE", f"/jobs/{job}").status == 204
    assert service.ask("GET", f"/jobs/{job}").status == 404


def test_events_of_a_job_that_nobody_takes(service: Server) -> None:
    """For as long as was asked for, and from where one stopped."""
    long = {"text": "Hello there, my friend. " * 100, **SMALL}
    first, waits = (service.ask("POST", "/jobs", long | {"priority": priority}).json["id"] for priority in (1, 100))
    eventually(lambda: service.ask("GET", f"/jobs/{first}").json["stage"] is not None)
    began = time.monotonic()
    told = service.ask("GET", f"/jobs/{waits}/events?seconds=0.7")
    assert (told.status, told.headers["content-type"], told.body) == (200, "text/event-stream; charset=utf-8", b"")
    assert 0.7 <= time.monotonic() - began < 8
    assert service.ask("GET", f"/jobs/{first}/events?seconds=0").body.startswith(b"id: 1\n")
    assert service.ask("GET", f"/jobs/{first}/events?seconds=-1").status == 422
    began = time.monotonic()
    head = service.ask("HEAD", f"/jobs/{waits}/events?seconds=40")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert time.monotonic() - began < 8, "whoever wants no body waits for none"
    for job in (first, waits):
        service.ask("POST", f"/jobs/{job}/cancel")
    assert b'"cancelled"' in service.ask("GET", f"/jobs/{waits}/events?seconds=0").body


def test_cancelling(service: Server) -> None:
    job = service.ask("POST", "/jobs", {"text": "Hello there, my friend. " * 100, **SMALL}).json["id"]
    assert service.ask("GET", f"/jobs/{job}/result").status == 409
    assert service.ask("POST", f"/jobs/{job}/cancel").json["state"] == "cancelled"
    assert service.finished(job)["state"] == "cancelled"
    listed = service.ask("GET", "/jobs?state=cancelled&limit=1").json["jobs"]
    assert [each["id"] for each in listed] == [job]


@pytest.mark.parametrize(
    "content",
    [b"", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
     b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"RIFF\x00\x00\x00\x00WAVE", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
     b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 60000, 60000) + b"\x08\x06\0\0\0\0\0\0\0"],
    ids=["empty", "playlist", "concat", "cut png", "cut wav", "svg", "bomb"],
)  # fmt: skip
def test_a_hostile_upload_is_refused_in_a_line(service: Server, content: bytes) -> None:
    answer = service.send("/uploads", content, filename="../../etc/cron.d/x.png")
    assert answer.status == 400, answer.body
    assert "/" not in answer.json["detail"].replace("image/", "")


def test_what_is_wrong_is_said_in_words_of_the_api(service: Server, tmp_path: Path) -> None:
    def said(answer: Answer) -> tuple[int, str, str | None]:
        return answer.status, answer.json["detail"], answer.json.get("hint")

    as_json = {"Content_Type": "application/json"}
    assert said(service.ask("POST", "/jobs", b"{", **as_json)) == (
        422, "the body is not JSON: Expecting property name enclosed in double quotes at character 1", None,
    )  # fmt: skip
    assert said(service.ask("POST", "/jobs", b"x", Content_Type="application/x-www-form-urlencoded")) == (
        422, "the body was sent as application/x-www-form-urlencoded", "send Content-Type: application/json",
    )  # fmt: skip
    assert said(service.ask("GET", "/jobs/job-00000000")) == (404, "no job is called 'job-00000000'", "see: GET /jobs")
    assert said(service.ask("GET", "/job"))[2] == "every route is described at /openapi.json"
    body = {"prompt": "a man", "name": "taken", "width": 64, "height": 64}
    picture = service.ask("POST", "/portraits", body)
    taken = "there is a portrait called 'taken' already"
    assert said(service.ask("POST", "/portraits", body)) == (409, taken, "delete it first: DELETE /portraits/taken")
    sent = service.send("/voices", picture.body, name="x", consent="Nobody, a test")
    assert said(sent) == (400, "a picture has no voice", "send a recording")
    assert said(service.send("/voices", REFERENCE, name="x", consent="yes"))[2].startswith("say it: consent=Ada")  # type: ignore[union-attr]
    assert said(service.send("/videos/info", picture.body))[1] == "this is a picture, not a video"


def test_an_upload_is_written_anew(service: Server) -> None:
    got = service.send("/uploads", REFERENCE, filename="x.exe").json
    assert (got["kind"], got["duration_s"] > 10) == ("audio", True)
    assert service.ask("GET", got["url"]).body.startswith(b"RIFF")
    job = service.ask("POST", "/jobs", {"audio": got["id"], **SMALL})
    assert job.status == 202
    service.ask("POST", f"/jobs/{job.json['id']}/cancel")
    for wrong in ("upload-../../x", "upload-" + "0" * 24, "/etc/passwd"):
        assert service.ask("POST", "/jobs", {"audio": wrong, **SMALL}).status == 404
        assert service.ask("POST", "/jobs", {"text": "Hi.", "voice": wrong}).status == 404
        assert service.ask("POST", "/jobs", {"text": "Hi.", "portrait": wrong}).status == 404


# the unmodified client of OpenAI


@pytest.fixture
def client(service: Server) -> object:
    openai = pytest.importorskip("openai")
    return openai.OpenAI(base_url=f"{service.url}/v1", api_key="any", max_retries=0)


FIRST_BYTES = {
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3"), "opus": (b"OggS",), "aac": (b"\xff\xf1", b"\xff\xf9"),
    "flac": (b"fLaC",), "wav": (b"RIFF",), "pcm": (b"",),
}  # fmt: skip


@pytest.mark.parametrize("form", FIRST_BYTES)
def test_openais_client_speaks_in_every_format(client: object, form: str, tmp_path: Path) -> None:
    with client.audio.speech.with_streaming_response.create(  # type: ignore[attr-defined]
        model="builtin", voice="default", input="Hello there.", response_format=form
    ) as answer:
        answer.stream_to_file(tmp_path / f"a.{form}")
    data = (tmp_path / f"a.{form}").read_bytes()
    assert data.startswith(FIRST_BYTES[form])
    if form == "pcm":
        assert 24000 < len(data) < 96000
    else:
        assert 0.5 < read_recording(tmp_path / f"a.{form}").audio.duration < 2.0


def test_openais_client_streams_speech(service: Server) -> None:
    body = {"model": "builtin", "input": "Hi.", "voice": {"id": "default"}, "stream_format": "sse"}
    told = service.ask("POST", "/v1/audio/speech", body | {"response_format": "wav"}).body.decode()
    events = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: ")]
    assert events[-1]["type"] == "speech.audio.done"
    assert b"".join(base64.b64decode(event["audio"]) for event in events[:-1]).startswith(b"RIFF")


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_openais_client_makes_a_video(client, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    import openai

    assert [model.id for model in client.models.list()] == ["builtin"]
    video = client.videos.create(prompt="One.", model="builtin", seconds="4", size="128x72")
    assert (video.object, video.status, video.size) == ("video", "queued", "128x72")
    while video.status in {"queued", "in_progress"}:
        time.sleep(0.2)
        video = client.videos.retrieve(video.id)
    assert video.status == "completed", video.error
    client.videos.download_content(video.id).write_to_file(tmp_path / "a.mp4")
    assert probe(tmp_path / "a.mp4").duration == pytest.approx(float(video.seconds), abs=0.1)
    assert video.id in [each.id for each in client.videos.list(limit=5)]
    assert client.videos.delete(video.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)
    with pytest.raises(openai.NotFoundError, match="no model"):
        client.audio.speech.create(model="tts-1", voice="default", input="Hi.")


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_openais_client_sends_who_speaks(client, service: Server) -> None:  # type: ignore[no-untyped-def]
    made = service.ask("POST", "/portraits", {"prompt": "a man", "width": 128, "height": 128})
    video = client.videos.create(prompt="One.", model="builtin", input_reference=("a.png", made.body, "image/png"))
    assert service.ask("POST", f"/jobs/{video.id}/cancel").status == 200


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_openais_client_turns_pages(client, service: Server) -> None:  # type: ignore[no-untyped-def]
    import openai

    made = [client.videos.create(prompt="One.", model="builtin").id for _ in range(3)]
    for video in made:
        service.ask("POST", f"/jobs/{video}/cancel")
    for order, expected in (("desc", made[::-1]), ("asc", made)):
        listed = [video.id for video in client.videos.list(limit=2, order=order)]
        assert len(listed) == len(set(listed))
        assert [video for video in listed if video in made] == expected
    assert client.videos.list(limit=1).data[0].prompt == "One."
    for video in made:
        client.videos.delete(video)
    with pytest.raises(openai.NotFoundError):
        client.videos.list(after=made[0])


# a language nobody speaks


def test_a_language_that_nobody_speaks_is_refused_before_anything_is_queued(service: Server) -> None:
    refused = service.ask("POST", "/jobs", {"text": "Hello.", "language": "xx"})
    assert (refused.status, refused.json["detail"]) == (404, "no language is called 'xx'")
    made = service.ask("POST", "/jobs", {"text": "Hallo.", "language": "de-CH"})
    assert made.status == 202, made.body
    assert service.ask("POST", f"/jobs/{made.json['id']}/cancel").status == 200


def test_nor_is_anything_queued_in_the_services_own_language_where_nobody_speaks_it(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", cache=tmp_path / "cache", jobs=tmp_path / "jobs", language="xx")
    server = Server(settings)
    server.start()
    try:
        made = server.ask("POST", "/portraits", {"prompt": "a man", "width": 128, "height": 128})
        picture = server.send("/uploads", made.body).json["url"]
        script = {"type": "text", "input": "One."}
        asked = {
            "/jobs": ({"text": "One."}, "detail"),
            "/v1/videos": ({"prompt": "One."}, "error"),
            "/talks": ({"source_url": picture, "script": script}, "description"),
        }
        for route, (body, told) in asked.items():
            refused = server.ask("POST", route, body)
            assert refused.status == 404, refused.body
            assert "no language is called 'xx'" in str(refused.json[told])
        assert server.ask("GET", "/jobs/stats").json["total"] == 0
    finally:
        server.stop()


# as D-ID


def test_a_talk(service: Server) -> None:
    made = service.ask("POST", "/portraits", {"prompt": "a man", "width": 128, "height": 128})
    picture = service.send("/uploads", made.body).json["url"]
    script = {"type": "text", "input": "One.", "provider": {"type": "any", "voice_id": "default"}}
    talk = service.ask("POST", "/talks", {"source_url": service.url + picture, "script": script, "config": {"x": 1}})
    assert (talk.status, talk.json["status"]) == (201, "created"), talk.body
    service.finished(talk.json["id"].removeprefix("tlk_"))
    done = service.ask("GET", f"/talks/{talk.json['id']}").json
    assert done["status"] == "done", done
    assert service.ask("GET", done["result_url"].removeprefix(service.url)).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("address", ["https://example.com/a.png", "file:///etc/passwd", "http://[", "/etc/passwd"])
def test_a_talk_of_anybody_elses_picture_is_refused_as_d_id_does(service: Server, address: str) -> None:
    answer = service.ask("POST", "/talks", {"source_url": address, "script": {"type": "text", "input": "Hi."}})
    assert (answer.status, sorted(answer.json)) == (400, ["description", "details", "kind"])
