"""The framed protocol between a worker and who started it: a JSON header and raw arrays. Nothing is unpickled.

A message is the magic ``AVW1``, the header's length (4 bytes, little-endian), the header (JSON, UTF-8) and
the bytes of each array the header's ``arrays`` names, C-contiguous and little-endian, in that order.
Both sides read this module: the worker's Python has numpy and no other package of ours.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

PROTOCOL = 1
MAGIC = b"AVW1"
LONGEST_HEADER = 1 << 20
LARGEST_ARRAYS = 1 << 31
_DTYPES = {"uint8", "int16", "int32", "int64", "float16", "float32", "float64", "bool"}


class WireError(Exception):
    """What came through the pipe is not a message of this protocol."""


class Closed(WireError):
    """The other side ended the pipe between two messages."""


@dataclass(frozen=True, eq=False)
class Message:
    """`kind` says what it is, `header` is JSON, `arrays` are its tensors."""

    kind: str
    header: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def send(pipe: IO[bytes], message: Message) -> None:
    """Write one message. Raises WireError for what the protocol cannot carry, OSError when the pipe is gone."""
    arrays = {name: np.require(array, requirements="C") for name, array in message.arrays.items()}
    shapes = {name: [_dtype(array), *array.shape] for name, array in arrays.items()}
    header = json.dumps({"kind": message.kind, "arrays": shapes, "header": dict(message.header)}).encode()
    if len(header) > LONGEST_HEADER or sum(array.nbytes for array in arrays.values()) > LARGEST_ARRAYS:
        raise WireError(f"a {message.kind!r} message is too large for the pipe")
    pipe.write(MAGIC + struct.pack("<I", len(header)) + header)
    for array in arrays.values():
        pipe.write(array.data if array.size else b"")
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message:
    """Read one message. Raises Closed at the pipe's end, WireError for anything that is not a message."""
    start = pipe.read(len(MAGIC) + 4)
    if not start:
        raise Closed("the pipe was closed")
    if len(start) < len(MAGIC) + 4 or not start.startswith(MAGIC):
        raise WireError(f"something that is no message came through the pipe: {start[:40]!r}")
    (length,) = struct.unpack("<I", start[len(MAGIC) :])
    if length > LONGEST_HEADER:
        raise WireError(f"a header of {length} bytes was announced; {LONGEST_HEADER} are allowed")
    try:
        header = json.loads(_exactly(pipe, length))
        kind, shapes, body = header["kind"], header["arrays"], header["header"]
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"a message's header cannot be read: {error}") from error
    return Message(kind, body, _read_arrays(pipe, shapes))


def _read_arrays(pipe: IO[bytes], shapes: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    room = LARGEST_ARRAYS
    for name, (dtype, *shape) in shapes.items():
        if dtype not in _DTYPES or not all(isinstance(side, int) and 0 <= side < 2**31 for side in shape):
            raise WireError(f"the array {name!r} is announced as {dtype} of {shape}")
        size = np.dtype(dtype).itemsize
        for side in shape:
            size *= side
        room -= size
        if room < 0:
            raise WireError(f"arrays of more than {LARGEST_ARRAYS} bytes were announced")
        arrays[name] = np.frombuffer(_exactly(pipe, size), dtype).reshape(shape)
    return arrays


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise WireError(f"a message broke off: {size} bytes were announced, {len(data)} came")
    return data


def _dtype(array: NDArray[Any]) -> str:
    name = array.dtype.name
    if name not in _DTYPES or array.dtype.byteorder == ">":
        raise WireError(f"arrays of {array.dtype} cannot be sent")
    return name
