"""Portraits as PNG files that carry the words they were drawn from (PNG specification, third edition)."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

from avatar.codec.publish import publish
from avatar.errors import InputError
from avatar.media import Frame

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_picture(image: Frame, path: Path, text: dict[str, str] | None = None) -> None:
    """Write an RGBA frame as PNG, with `text` in international text chunks (keyword -> UTF-8)."""
    if path.suffix.lower() != ".png":
        raise InputError(f"cannot write {path}: pictures are written as .png")
    png = cv2.imencode(".png", cv2.cvtColor(_straight(image), cv2.COLOR_RGBA2BGRA))[1].tobytes()
    header = len(_SIGNATURE) + 25  # the IHDR chunk is always 25 bytes and always first
    chunks = b"".join(_text_chunk(key, value) for key, value in (text or {}).items())
    with publish(path) as part:
        part.write_bytes(png[:header] + chunks + png[header:])


def read_picture(path: Path) -> Frame:
    """A picture file as an RGBA frame. Raises InputError when it cannot be read."""
    if not path.is_file():
        raise InputError(f"there is no picture {path}")
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED) if path.stat().st_size else None
    if pixels is None or pixels.dtype != np.uint8:
        raise InputError(f"{path} is not a picture that can be read")
    code = {1: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_BGR2RGBA, 4: cv2.COLOR_BGRA2RGBA}[
        1 if pixels.ndim == 2 else pixels.shape[2]
    ]
    frame: Frame = cv2.cvtColor(pixels, code)
    frame[..., :3] = (frame[..., :3].astype(np.uint16) * frame[..., 3:] + 127) // 255
    return frame


def read_picture_text(path: Path) -> dict[str, str]:
    """The international text chunks of a PNG (keyword -> text), {} for any other file."""
    if not path.is_file():
        raise InputError(f"there is no picture {path}")
    data = path.read_bytes()
    found: dict[str, str] = {}
    at = len(_SIGNATURE)
    while data.startswith(_SIGNATURE) and at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"iTXt":
            keyword, _, rest = data[at + 8 : at + 8 + length].partition(b"\0")
            found[keyword.decode("latin-1")] = rest[2:].split(b"\0", 2)[-1].decode("utf-8", "replace")
        at += 12 + length
    return found


def _text_chunk(keyword: str, text: str) -> bytes:
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    kind = b"iTXt"
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _straight(image: Frame) -> Frame:
    """Straight alpha from premultiplied, as PNG wants it."""
    alpha = image[..., 3:].astype(np.uint16)
    if int(alpha.min()) == 255:
        return image
    straight = image.copy()
    straight[..., :3] = np.minimum(255, image[..., :3].astype(np.uint16) * 255 // np.maximum(alpha, 1))
    return straight
