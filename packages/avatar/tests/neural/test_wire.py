"""The protocol between a worker and its caller: whatever comes through the pipe, an answer or one clear error."""

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from avatar.workers import wire

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
ARRAYS = st.sampled_from([np.uint8, np.int32, np.float16, np.float32, np.bool_]).flatmap(
    lambda dtype: arrays.arrays(dtype, SHAPES)
)


def through(message: wire.Message) -> wire.Message:
    pipe = io.BytesIO()
    wire.send(pipe, message)
    pipe.seek(0)
    return wire.receive(pipe)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text() | st.none()), st.dictionaries(st.text(), ARRAYS))
def test_what_is_sent_arrives(header: dict[str, object], parts: dict[str, np.ndarray]) -> None:
    got = through(wire.Message("part", header, parts))
    assert (got.kind, dict(got.header), list(got.arrays)) == ("part", header, list(parts))
    for name, array in parts.items():
        assert got.arrays[name].dtype == array.dtype
        assert np.array_equal(got.arrays[name], array, equal_nan=array.dtype.kind == "f")


@given(st.binary(max_size=200), st.booleans())
def test_noise_is_refused(noise: bytes, framed: bool) -> None:
    data = wire.MAGIC + noise if framed else noise
    try:
        wire.receive(io.BytesIO(data))
    except wire.WireError:
        return
    raise AssertionError("noise was taken for a message")


@pytest.mark.parametrize(
    "shapes",
    [{"x": ["object", 1]}, {"x": ["float32", -1]}, {"x": ["float32", 2**31]}, {"x": ["uint8", 2**30, 2**30]}],
)
def test_arrays_that_cannot_be_are_refused_before_memory_is_taken(shapes: dict[str, object]) -> None:
    header = json.dumps({"kind": "part", "arrays": shapes, "header": {}}).encode()
    with pytest.raises(wire.WireError):
        wire.receive(io.BytesIO(wire.MAGIC + struct.pack("<I", len(header)) + header))


def test_a_broken_off_message_is_not_an_end() -> None:
    pipe = io.BytesIO()
    wire.send(pipe, wire.Message("part", {}, {"x": np.zeros(100, np.float32)}))
    whole = pipe.getvalue()
    for size in range(1, len(whole)):
        with pytest.raises(wire.WireError) as caught:
            wire.receive(io.BytesIO(whole[:size]))
        assert not isinstance(caught.value, wire.Closed)
    with pytest.raises(wire.Closed):
        wire.receive(io.BytesIO(b""))


def test_objects_cannot_be_sent() -> None:
    with pytest.raises(wire.WireError):
        wire.send(io.BytesIO(), wire.Message("part", {}, {"x": np.array([object()])}))
