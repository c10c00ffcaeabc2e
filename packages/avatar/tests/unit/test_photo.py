"""Photos as people bring them, and what else they bring."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatar.codec import write_gif
from avatar.codec.photo import LONGEST, read_photo
from avatar.errors import InputError

RED, BLUE = (255, 0, 0), (0, 0, 255)


def halves(width: int = 64, height: int = 48) -> np.ndarray:
    """Red on the left, blue on the right, as OpenCV's BGR."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 2] = picture[:, width // 2 :, 0] = 255
    return picture


def near(pixel: np.ndarray, colour: tuple[int, ...], within: int = 12) -> bool:
    return bool(np.abs(pixel[:3].astype(int) - colour).max() <= within)


def written(path: Path, picture: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff", "a.JPEG"])
def test_formats_are_told_by_their_bytes(tmp_path: Path, name: str) -> None:
    frame, notes = read_photo(written(tmp_path / name, halves()).rename(tmp_path / "without_ending"))
    assert frame.shape == (48, 64, 4)
    assert near(frame[20, 10], RED)
    assert near(frame[20, 50], BLUE)
    assert (frame[..., 3] == 255).all()
    assert notes == ()


def with_orientation(jpeg: bytes, value: int) -> bytes:
    """The JPEG with an Exif segment that says how the camera was held (Exif 3.0, tag 0x0112)."""
    tiff = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, value, 0) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize(
    ("value", "shape", "red"),
    [(1, (48, 64), (20, 10)), (3, (48, 64), (20, 50)), (6, (64, 48), (10, 20)), (8, (64, 48), (50, 20))],
)
def test_a_photo_is_turned_as_the_camera_was_held(
    tmp_path: Path, value: int, shape: tuple[int, int], red: tuple[int, int]
) -> None:
    plain = written(tmp_path / "a.jpg", halves()).read_bytes()
    (tmp_path / "b.jpg").write_bytes(with_orientation(plain, value))
    frame, _ = read_photo(tmp_path / "b.jpg")
    assert frame.shape[:2] == shape
    assert near(frame[red], RED)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    frame, _ = read_photo(written(tmp_path / "a.png", halves().astype(np.uint16) * 257))
    assert near(frame[20, 10], RED, 1)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_alpha_is_kept_and_premultiplied(tmp_path: Path, kind: type) -> None:
    picture = np.dstack([halves(), np.full((48, 64), 128, np.uint8)])
    scale = 257 if kind is np.uint16 else 1
    frame, _ = read_photo(written(tmp_path / "a.png", picture.astype(kind) * scale))
    assert (frame[..., 3] == 128).all()
    assert near(frame[20, 10], (128, 0, 0), 1)


def test_grey_pictures_are_read(tmp_path: Path) -> None:
    frame, _ = read_photo(written(tmp_path / "a.png", np.full((40, 40), 90, np.uint8)))
    assert near(frame[5, 5], (90, 90, 90), 0)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims to be enormous."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(60_000), 9)) + chunk(b"IEND", b"")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(20_000, 20_000))
    with pytest.raises(InputError, match="20000 x 20000"):
        read_photo(tmp_path / "bomb.png")


def test_a_jpeg_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    data = written(tmp_path / "a.jpg", halves()).read_bytes()
    at = data.index(b"\xff\xc0") + 5
    (tmp_path / "a.jpg").write_bytes(data[:at] + struct.pack(">HH", 60_000, 60_000) + data[at + 4 :])
    with pytest.raises(InputError, match="60000 x 60000"):
        read_photo(tmp_path / "a.jpg")


def test_a_large_photo_is_scaled_and_says_so(tmp_path: Path) -> None:
    frame, notes = read_photo(written(tmp_path / "a.jpg", halves(4000, 3000)))
    assert frame.shape[:2] == (LONGEST * 3 // 4, LONGEST)
    assert "4000x3000" in notes[0]


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_a_file_cut_short_is_refused(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path / f"a.{ending}", cv2.resize(halves(), (640, 480)))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(InputError, match="cut short"):
        read_photo(path)


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def cmyk_jpeg(ink: tuple[bool, bool, bool, bool]) -> bytes:
    """16x16 pixels of one colour in four inks, as Adobe stores them: inverted (ITU-T T.81; T.872 for APP14)."""
    parts = [
        b"\xff\xd8", segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"), segment(0xDB, b"\0" + b"\1" * 64),
        segment(0xC0, struct.pack(">BHHB", 8, 16, 16, 4) + b"".join(bytes([i, 0x11, 0]) for i in range(1, 5))),
        segment(0xC4, b"\0" + b"\1\1" + bytes(14) + b"\0\x0a"),  # no change: 0; a change of ten bits: 10
        segment(0xC4, b"\x10" + b"\1" + bytes(15) + b"\0"),  # nothing but the end of the block: 0
        segment(0xDA, b"\4" + b"".join(bytes([i, 0]) for i in range(1, 5)) + b"\0\x3f\0"),
    ]  # fmt: skip
    first = "".join("10" + f"{7 if wet else 1016:010b}" + "0" for wet in ink)
    bits = first + "00" * 4 * 3
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"".join(parts) + scan + b"\xff\xd9"


@pytest.mark.parametrize(("ink", "colour"), [((0, 1, 1, 0), RED), ((1, 1, 0, 0), BLUE), ((0, 0, 0, 1), (0, 0, 0))])
def test_four_inks_become_three_lights(tmp_path: Path, ink: tuple[bool, ...], colour: tuple[int, ...]) -> None:
    (tmp_path / "a.jpg").write_bytes(cmyk_jpeg(ink))
    assert near(read_photo(tmp_path / "a.jpg")[0][8, 8], colour, 20)


def test_an_animated_gif_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [
        np.dstack([np.full((48, 64, 3), shade, np.uint8), np.full((48, 64), 255, np.uint8)]) for shade in (200, 20)
    ]
    write_gif(iter(frames), tmp_path / "a.gif", fps=10, size=(64, 48))
    if not cv2.haveImageReader(str(tmp_path / "a.gif")):
        pytest.skip("this OpenCV was built without GIF")
    frame, notes = read_photo(tmp_path / "a.gif")
    assert near(frame[20, 20], (200, 200, 200), 16)
    assert "first frame" in notes[0]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (b"just some words, no picture at all", "not a picture"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif", "AVIF"),
        (b"\xff\xd8\xff\xe0" + b"garbage" * 40, "cut short"),
        (b"\x89PNG\r\n\x1a\n" + b"garbage" * 40, "cut short"),
        (b"\x89PNG\r\n\x1a\n" + b"garbage" * 40 + b"IEND", "not a picture|claims"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(InputError, match=says) as refused:
        read_photo(tmp_path / "a.jpg")
    assert "\n" not in refused.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_photo(path)
