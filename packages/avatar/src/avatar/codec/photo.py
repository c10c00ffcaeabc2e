"""Photos as people bring them: any format OpenCV reads, turned as the camera was held, never larger than is sane."""

import struct
from pathlib import Path

import cv2
import numpy as np

from avatar.codec.heif import Heif
from avatar.errors import InputError
from avatar.media import Frame

MOST_PIXELS, MOST_BYTES = 80_000_000, 100_000_000
"""More is a mistake or a decompression bomb: a file of a few kilobytes can ask for gigabytes."""
LONGEST = 2560
"""Photos are kept no longer than this: more than any video shows."""
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
)  # fmt: skip
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_CANNOT = {b"msf1": "a HEIF sequence", b"hevc": "a HEIF sequence", b"avif": "AVIF", b"avis": "AVIF"}
_SAVE_IT = "save it as JPEG or PNG"


def read_photo(path: Path) -> tuple[Frame, tuple[str, ...]]:
    """A photo as an RGBA frame no longer than LONGEST, and notes on what was done to it.

    Raises InputError, naming the file and what to do: missing, empty, no picture, cut short, far too large;
    BackendUnavailable for HEIC without the package that reads it.
    """
    data = _bytes(path)
    kind = _kind(data, path)
    frame = _from_heif(Heif(data, path), path) if kind == "HEIC" else _from_file(data, kind, path)
    notes = ["an animated picture: only its first frame is used"] if _animated(data, kind) else []
    k = LONGEST / max(frame.shape[:2])
    if k < 1:
        notes.append(f"the photo was scaled from {frame.shape[1]}x{frame.shape[0]} to {LONGEST} pixels at its longest")
        frame = np.asarray(cv2.resize(frame, None, fx=k, fy=k, interpolation=cv2.INTER_AREA), np.uint8)
    return frame, tuple(notes)


def _from_heif(photo: Heif, path: Path) -> Frame:
    _allow(photo.size, path)
    frame, premultiplied = photo.pixels()
    return frame if premultiplied else _premultiplied(frame[..., :3], frame[..., 3])


def _from_file(data: bytes, kind: str, path: Path) -> Frame:
    if _cut_short(data, kind):
        raise InputError(f"the photo {path} is cut short: its end is missing", "copy or save it again")
    _allow(_stated_size(data, kind), path)
    return _decoded(data, path)


def _allow(size: tuple[int, int], path: Path) -> None:
    """Refuse what claims more pixels than any photo has, before one of them is decoded."""
    width, height = size
    if width * height > MOST_PIXELS:
        raise InputError(
            f"the photo {path} claims {width} x {height} pixels; {MOST_PIXELS // 1_000_000} million is the most",
            "make it smaller first",
        )


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                f"the photo {path} has {size:,} bytes; {MOST_BYTES:,} is the most", "make it smaller first"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the photo {path} cannot be read: {error.strerror}") from error
    if not data:
        raise InputError(f"the photo {path} is empty: 0 bytes", "copy or save it again")
    return data


def _kind(data: bytes, path: Path) -> str:
    for start, kind in _KINDS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "HEIC"
    if data[4:8] == b"ftyp" and data[8:12] in _CANNOT:
        raise InputError(f"the photo {path} is {_CANNOT[data[8:12]]}, which is not read here", _SAVE_IT)
    raise InputError(f"{path} is not a picture that can be read", "give a PNG, JPEG or WebP")


def _stated_size(data: bytes, kind: str) -> tuple[int, int]:
    """Width and height by the file's own header; (0, 0) where it does not say so early."""
    if kind == "PNG" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if kind == "JPEG":
        return _jpeg_size(data)
    if kind == "GIF" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return int(width), int(height)
    if kind == "WebP" and data[12:16] == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == "BMP" and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        return abs(int(width)), abs(int(height))
    return 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """From the frame header (ITU-T T.81, B.2.2): the first SOF marker."""
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            at += 1
            continue
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width), int(height)
        length = 0 if marker in {0x01, 0xFF, *range(0xD0, 0xD9)} else int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + length if length else (1 if marker == 0xFF else 2)
    return 0, 0


def _cut_short(data: bytes, kind: str) -> bool:
    """Decoders fill what is missing with grey and say nothing."""
    if kind == "PNG":
        return b"IEND" not in data[-64:] and b"IEND" not in data
    if kind == "JPEG":
        return data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda") or b"\xff\xda" not in data
    if kind == "WebP":
        return len(data) < int.from_bytes(data[4:8], "little") + 8
    return False


def _animated(data: bytes, kind: str) -> bool:
    if kind == "GIF":
        return data.count(b"\x21\xf9\x04") > 1
    return (kind == "WebP" and b"ANIM" in data[:64]) or (kind == "PNG" and b"acTL" in data[:1024])


def _decoded(data: bytes, path: Path) -> Frame:
    """RGBA, premultiplied. OpenCV turns a picture as EXIF says and makes 16 bits 8 and CMYK RGB, but drops alpha."""
    raw = np.frombuffer(data, np.uint8)
    try:
        colour = cv2.imdecode(raw, cv2.IMREAD_COLOR)
        whole = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InputError(f"the photo {path} cannot be read: {str(error).splitlines()[-1]}", _SAVE_IT) from error
    if colour is None or min(colour.shape[:2]) < 16:
        raise InputError(f"{path} is not a picture that can be read", "give a PNG, JPEG or WebP")
    frame: Frame = np.asarray(cv2.cvtColor(colour, cv2.COLOR_BGR2RGBA), np.uint8)
    if whole is not None and whole.ndim == 3 and whole.shape[2] == 4 and whole.shape[:2] == frame.shape[:2]:
        eight = whole if whole.dtype == np.uint8 else (whole >> 8).astype(np.uint8)
        return _premultiplied(cv2.cvtColor(eight, cv2.COLOR_BGRA2RGB), eight[..., 3])
    return frame


def _premultiplied(straight: Frame, alpha: Frame) -> Frame:
    colour = (straight.astype(np.uint16) * alpha[..., None] + 127) // 255
    return np.dstack([colour.astype(np.uint8), alpha])
