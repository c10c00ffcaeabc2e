"""A photo brought to speak, by the command, with the pulled face model."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avatar.codec import probe, read_picture, write_picture
from avatar.engine.presenter import EmbeddedPainter

TEXT = "Mama may be home by Monday."
SIDE = 384


@pytest.fixture(scope="session")
def sitter() -> np.ndarray:
    """A portrait drawn by ourselves, as a picture that carries no word of where it comes from."""
    return (
        EmbeddedPainter()
        .paint("a woman, light skin, hair in a bun, no glasses, plain background", 4, (SIDE, SIDE))
        .image
    )


@pytest.fixture
def photo(sitter: np.ndarray, tmp_path: Path) -> Path:
    return saved(sitter, tmp_path / "photo.jpg")


def saved(frame: np.ndarray, path: Path) -> Path:
    assert cv2.imwrite(str(path), cv2.cvtColor(frame, cv2.COLOR_RGBA2BGRA)[..., : 3 + (path.suffix == ".png")])
    return path


@pytest.fixture
def run(avatar: Any, face_models: Path) -> Callable[..., Any]:
    """The command, with the pulled models."""
    return lambda *arguments: avatar(*arguments, AVATAR_MODELS=str(face_models))


def refused(done: Any, *words: str, code: int = 2) -> None:
    """One line that says so, one that says what to do, and no traceback."""
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    lines = [line for line in done.err.splitlines() if not line.endswith("...")]
    assert lines[0].startswith("error: "), done.err
    assert len(lines) <= 2, done.err
    for word in words:
        assert word in done.err


def test_a_face_is_found_and_described(run: Any, photo: Path, tmp_path: Path) -> None:
    done = run("portrait", "detect", photo, "--json", "-o", tmp_path / "faces.png")
    assert done.code == 0, done.err
    (face,) = done.json["faces"]
    assert face["fit"]
    assert face["mouth"] == "closed"
    assert face["hints"] == []
    assert len(face["mesh"]) == 478
    assert max(abs(angle) for angle in face["pose"].values()) < 12
    x, _, w, _ = face["box"]
    assert abs(x + w / 2 - SIDE / 2) < 0.1 * SIDE
    drawn, plain = read_picture(tmp_path / "faces.png"), read_picture(photo)
    assert 200 < (np.abs(drawn.astype(int) - plain).max(2) > 60).sum() < 0.3 * SIDE**2


def test_the_same_in_a_line_for_people(run: Any, photo: Path) -> None:
    done = run("portrait", "detect", photo)
    assert done.out.startswith("face 1: ")
    assert "fit to speak" in done.out


def test_a_photo_speaks(run: Any, photo: Path, tmp_path: Path) -> None:
    done = run("pipeline", "run", TEXT, "--portrait", photo, "-o", "talk.mp4", "--json")
    assert done.code == 0, done.err
    clip = probe(tmp_path / "talk.mp4")
    assert (clip.width, clip.height) == (SIDE, SIDE)
    assert done.json["portrait"]["backend"] == "photo"
    assert done.json["lipsync"]["backend"] == "photo"


def test_a_kept_photo_speaks_a_recording_in_another_shape(
    run: Any, photo: Path, reference: Path, tmp_path: Path
) -> None:
    done = run("portrait", "add", "ada", photo, "--consent", "Nobody, a drawing for a test")
    assert done.code == 0, done.err
    consent = (tmp_path / "library" / "consent.jsonl").read_text()
    assert '"portrait ada"' in consent
    assert run("portrait", "list").out.split() == ["ada"]
    done = run("video", "lipsync", "ada", reference, "-o", "talk.mp4")
    assert done.code == 0, done.err
    assert "photo" in done.out


@pytest.mark.parametrize("consent", [(), ("--consent", "Ada"), ("--consent", "")])
def test_keeping_a_photo_needs_consent(run: Any, photo: Path, tmp_path: Path, consent: tuple[str, ...]) -> None:
    refused(run("portrait", "add", "ada", photo, *consent), "--consent")
    assert not (tmp_path / "library" / "portraits" / "ada").exists()


def test_without_the_model_it_is_said_what_to_type(avatar: Any, photo: Path, tmp_path: Path) -> None:
    for line in (["portrait", "detect", photo], ["pipeline", "run", TEXT, "--portrait", photo, "-o", "talk.mp4"]):
        refused(avatar(*line, AVATAR_MODELS=str(tmp_path / "none")), "avatar models pull face", code=3)
    assert not (tmp_path / "talk.mp4").exists()


def test_without_an_index_the_model_is_not_pulled_and_nothing_is_left(avatar: Any, tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null"}
    nowhere |= {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_NO_INDEX": ""}
    refused(avatar("models", "pull", "face", AVATAR_MODELS=str(tmp_path / "models"), **nowhere), "pip", code=3)
    assert not (tmp_path / "models" / "face").exists()
    listed = avatar("models", "list", "--json", AVATAR_MODELS=str(tmp_path / "models")).json["models"]
    assert {row["name"]: row["ready"] for row in listed}["face"] is False


def test_a_model_that_is_not_known_is_refused(avatar: Any) -> None:
    refused(avatar("models", "pull", "fcae"), "did you mean face")


def beside(*frames: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.hstack(frames))


def test_of_two_faces_one_must_be_chosen(run: Any, sitter: np.ndarray, tmp_path: Path) -> None:
    two = saved(beside(sitter, sitter[:, ::-1]), tmp_path / "two.png")
    assert len(run("portrait", "detect", two, "--json").json["faces"]) == 2
    refused(run("portrait", "add", "ada", two, "--consent", "Nobody, a test"), "2 faces of about one size", "--face")
    assert run("portrait", "add", "ada", two, "--consent", "Nobody, a test", "--face", "2").code == 0
    refused(run("portrait", "add", "bo", two, "--consent", "Nobody, a test", "--face", "3"), "no face 3")


def test_the_largest_of_several_is_taken(run: Any, sitter: np.ndarray, tmp_path: Path) -> None:
    small = np.zeros_like(sitter)
    small[:] = sitter[0, 0]
    half = cv2.resize(sitter, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    small[: half.shape[0], : half.shape[1]] = half
    both = saved(beside(small, sitter), tmp_path / "both.png")
    done = run("portrait", "add", "ada", both, "--consent", "Nobody, a test", "--json")
    assert done.code == 0, done.err
    faces = run("portrait", "detect", both, "--json").json["faces"]
    assert len(faces) == 2
    assert faces[1]["width"] > 1.4 * faces[0]["width"]


def noise(side: int = 300) -> np.ndarray:
    return np.dstack([np.random.default_rng(2).integers(0, 255, (side, side, 3), np.uint8), np.full((side, side), 255)])


def no_face(sitter: np.ndarray) -> np.ndarray:
    return noise().astype(np.uint8)


def upside_down_animal(sitter: np.ndarray) -> np.ndarray:
    """Two eyes and a snout on fur: a face, but nobody's."""
    out = np.full((300, 300, 4), (150, 110, 70, 255), np.uint8)
    for x in (105, 195):
        cv2.circle(out, (x, 120), 16, (20, 20, 20, 255), -1)
    cv2.ellipse(out, (150, 190), (50, 34), 0, 0, 360, (225, 205, 180, 255), -1)
    cv2.circle(out, (150, 175), 14, (20, 20, 20, 255), -1)
    return out


def tiny(sitter: np.ndarray) -> np.ndarray:
    """A face of about 40 pixels in a larger picture."""
    out = np.zeros_like(sitter)
    out[:] = sitter[0, 0]
    k = 0.30
    part = cv2.resize(sitter, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
    out[100 : 100 + part.shape[0], 100 : 100 + part.shape[1]] = part
    return out


def covered(sitter: np.ndarray) -> np.ndarray:
    """A hand, as far as a mouth can tell: skin from the nose to the chin."""
    out = sitter.copy()
    y, x = round(0.565 * SIDE), round(0.5 * SIDE)
    skin = np.median(out[round(0.38 * SIDE) : round(0.42 * SIDE), x - 6 : x + 6], (0, 1))
    cv2.ellipse(out, (x, y), (round(0.16 * SIDE), round(0.085 * SIDE)), 0, 0, 360, skin.tolist(), -1)
    return out


@pytest.mark.parametrize(
    ("make", "says"),
    [(no_face, "no human face"), (upside_down_animal, "no human face"), (tiny, "pixels wide"), (covered, "covered")],
)
def test_what_cannot_speak_is_refused_and_why(
    run: Any, sitter: np.ndarray, tmp_path: Path, make: Callable[[np.ndarray], np.ndarray], says: str
) -> None:
    path = saved(make(sitter), tmp_path / "x.png")
    refused(run("pipeline", "run", TEXT, "--portrait", path, "-o", "talk.mp4"), says)
    assert not (tmp_path / "talk.mp4").exists()


def test_eyes_behind_sunglasses_are_noticed(run: Any, sitter: np.ndarray, tmp_path: Path) -> None:
    faces = run("portrait", "detect", saved(sitter, tmp_path / "a.png"), "--json").json["faces"]
    mesh, dark = np.array(faces[0]["mesh"]), sitter.copy()
    for ids in ((33, 133), (263, 362)):
        middle = mesh[list(ids), :2].mean(0)
        size = np.hypot(*(mesh[ids[0]] - mesh[ids[1]])[:2])
        centre, axes = tuple(np.round(middle).astype(int).tolist()), (round(0.95 * size), round(0.75 * size))
        cv2.ellipse(dark, centre, axes, 0, 0, 360, (14, 14, 18, 255), -1)
    (face,) = run("portrait", "detect", saved(dark, tmp_path / "b.png"), "--json").json["faces"]
    assert "sunglasses" in face["hints"]
    assert any("will not blink" in doubt for doubt in face["doubts"])


def bomb() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(90_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "says"), [(b"", "0 bytes"), (b"words, not a picture", "not a picture"), (bomb(), "20000 x 20000")]
)
def test_bad_files_are_refused_in_one_line(run: Any, tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "x.jpg").write_bytes(data)
    refused(run("portrait", "detect", tmp_path / "x.jpg"), says)


def test_a_clear_background_stays_clear_in_a_webm(run: Any, sitter: np.ndarray, tmp_path: Path) -> None:
    cut = sitter.copy()
    cut[:, :40] = 0
    write_picture(cut, tmp_path / "cut.png")
    done = run("pipeline", "run", "Oh.", "--portrait", tmp_path / "cut.png", "-o", "talk.mp4", "--json")
    assert done.code == 0, done.err
    assert any(".webm" in warning for warning in done.json["warnings"])
