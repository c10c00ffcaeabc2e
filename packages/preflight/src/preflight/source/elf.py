"""Which libraries a shared object needs: the DT_NEEDED entries of an ELF file (System V ABI, chapter 5)."""

import struct
from collections.abc import Iterator

_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRINGS = 1, 5


def needed(data: bytes) -> list[str]:
    """Names of needed libraries, in order; nothing for what is not a whole 64-bit little-endian ELF file."""
    if data[:6] != b"\x7fELF\x02\x01":
        return []
    try:
        headers = list(_headers(data))
        dynamic = next((header for header in headers if header[0] == _DYNAMIC), None)
        return _names(data, headers, dynamic) if dynamic else []
    except struct.error:
        return []


def _headers(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, file offset, address and size of each program header."""
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", data, start + number * size)
        yield kind, offset, address, length


def _names(data: bytes, headers: list[tuple[int, int, int, int]], dynamic: tuple[int, int, int, int]) -> list[str]:
    entries = [struct.unpack_from("<qQ", data, dynamic[1] + at) for at in range(0, dynamic[3], 16)]
    strings = next((value for tag, value in entries if tag == _STRINGS), 0)
    base = next((o + strings - a for kind, o, a, size in headers if kind == _LOAD and a <= strings < a + size), 0)
    found = []
    for value in (value for tag, value in entries if tag == _NEEDED):
        end = data.find(b"\0", base + value)
        found.append(data[base + value : end].decode("ascii", "replace"))
    return found
