"""MuseTalk's numbers, as published at commit 0a89dec, against a plain restatement written from its description.

Only what needs no torch: which sound a frame sees, what the model is shown, and what of its answer is used.
"""

import math

import cv2
import numpy as np
import pytest

from avatar.neural.musetalk import geometry, hearing
from avatar.workers.lipsync import assumed_points

SIZE = (640, 480)
FACE = (0.36, 0.14, 0.64, 0.72)


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_each_frame_hears_its_two_hundred_milliseconds(fps: int) -> None:
    """Written out: pad p*2 steps before, then ten steps from floor(i * 50 / fps), each with its five layers."""
    rng = np.random.default_rng(0)
    layers = rng.normal(size=(137, 5, 8)).astype(np.float32)
    frames = int(137 / 50 * fps)
    got = hearing.windows(layers, frames, fps)
    assert got.shape == (frames, 50, 8)
    pad = math.ceil(50 / fps) * 2
    for i in range(frames):
        for step in range(10):
            source = math.floor(i * 50 / fps) + step - pad
            wanted = layers[source] if 0 <= source < 137 else np.zeros((5, 8), np.float32)
            assert np.array_equal(got[i, step * 5 : step * 5 + 5], wanted)


def test_at_25_frames_a_second_the_window_is_centred() -> None:
    """Frame i sees steps 2i-4 to 2i+5: two frames back, its own, two ahead."""
    steps = np.arange(100, dtype=np.float32)[:, None, None]
    seen = hearing.windows(steps, 40, 25)[20, :, 0]
    assert seen.tolist() == list(range(36, 46))


def test_positions_are_those_of_the_transformer_paper() -> None:
    table = hearing.positions(50, 384)
    for row in (0, 1, 17, 49):
        for i in (0, 1, 100, 191):
            angle = row / 10000 ** (2 * i / 384)
            assert table[row, 2 * i] == pytest.approx(math.sin(angle), abs=1e-5)
            assert table[row, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-5)


@pytest.mark.parametrize(("seconds", "parts"), [(0.0, 1), (29.9, 1), (30.0, 1), (30.1, 2), (95.0, 4)])
def test_sound_is_heard_in_pieces_of_thirty_seconds(seconds: float, parts: int) -> None:
    sound = np.zeros(round(seconds * 16000), np.float32)
    pieces = hearing.segments(sound)
    assert len(pieces) == parts
    assert sum(map(len, pieces)) == len(sound)
    assert hearing.steps_of(sound) == math.floor(len(sound) / 16000 * 50)


def test_the_box_reaches_as_far_above_the_nose_as_below() -> None:
    points = assumed_points(FACE, SIZE)
    box = geometry.face_box(points, *SIZE)
    chin, nose = points[152, 1], points[5, 1]
    assert box.bottom - chin == pytest.approx(0.04 * 2 * (chin - nose), abs=1.5), "the margin below the chin"
    assert nose - box.top == pytest.approx(chin - nose, abs=1.5)
    assert (box.left, box.right) == (round(points[127, 0]), round(points[356, 0]))


def test_the_model_is_shown_the_face_blanked_below_and_whole() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    box = geometry.face_box(assumed_points(FACE, SIZE), *SIZE)
    masked, whole = geometry.model_input(frame, box)
    assert masked.dtype == np.float32
    assert (masked[:, 128:] == -1).all()
    assert np.array_equal(masked[:, :128], whole[:, :128])
    face = cv2.resize(frame[box.top : box.bottom, box.left : box.right], (256, 256), interpolation=cv2.INTER_LANCZOS4)
    assert np.allclose(whole[0], face[..., 0].astype(np.float32) / 127.5 - 1, atol=1e-5), "red first"


def test_the_jaws_kernel_is_the_published_one() -> None:
    """373 ones, which move an edge 16 up, 6 down and 10 to each side."""
    kernel = geometry._jaw_kernel()
    assert (kernel.sum(), kernel.shape) == (373, (33, 33))
    dot = np.zeros((101, 101), np.uint8)
    dot[50, 50] = 1
    rows, columns = np.nonzero(cv2.dilate(dot, kernel))
    assert (50 - rows.min(), rows.max() - 50) == (16, 6)
    assert (50 - columns.min(), columns.max() - 50) == (10, 10)


def test_only_the_lower_face_is_replaced_and_softly() -> None:
    points = assumed_points(FACE, SIZE)
    box = geometry.face_box(points, *SIZE)
    square = geometry.blending(points, box, *SIZE)
    mask = np.zeros((480, 640), np.float32)
    rows, columns = square.mask.shape
    mask[square.top : square.top + rows, square.left : square.left + columns] = square.mask
    assert mask.min() >= 0
    assert mask.max() <= 1
    mouth, eyes = points[0], (points[5, 0], box.top + 20)
    assert mask[int(mouth[1]) + 5, int(mouth[0])] > 0.9, "the mouth is the model's"
    assert mask[int(eyes[1]), int(eyes[0])] == 0, "the eyes are the picture's"
    outside = mask.copy()
    outside[box.top - 8 : box.bottom + 8, box.left - 8 : box.right + 8] = 0
    assert outside.max() == 0, "nothing beyond the box but the blur's edge"
    assert np.abs(np.diff(mask, axis=0)).max() < 0.25, "no edge"


def test_blending_changes_the_mouth_and_nothing_else() -> None:
    frame = np.full((480, 640, 3), 90, np.uint8)
    points = assumed_points(FACE, SIZE)
    box = geometry.face_box(points, *SIZE)
    square = geometry.blending(points, box, *SIZE)
    region = geometry.blended(frame, np.full((256, 256, 3), 200, np.uint8), box, square)
    assert region.shape[:2] == square.mask.shape
    assert (region[square.mask == 0] == 90).all()
    assert (region[square.mask > 0.99] >= 198).all()


@pytest.mark.parametrize(
    "face", [(0.0, 0.0, 0.3, 0.5), (0.8, 0.6, 1.1, 1.2), (-0.1, 0.1, 0.2, 0.7), (0.1, 0.1, 0.9, 0.95)]
)
def test_faces_at_the_edge_are_cut_not_lost(face: tuple[float, float, float, float]) -> None:
    points = assumed_points(face, SIZE)
    box = geometry.face_box(points, *SIZE)
    assert 0 <= box.left < box.right <= 640
    assert 0 <= box.top < box.bottom <= 480
    square = geometry.blending(points, box, *SIZE)
    frame = np.zeros((480, 640, 3), np.uint8)
    region = geometry.blended(frame, np.full((256, 256, 3), 255, np.uint8), box, square)
    assert square.top + region.shape[0] <= 480
    assert square.left + region.shape[1] <= 640


def test_a_face_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="16 pixels"):
        geometry.face_box(assumed_points((0.5, 0.5, 0.51, 0.52), SIZE), *SIZE)
