"""What of a photo moves, how far, and what stays as it was."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from avatar.engine.photo.anatomy import anatomy_of
from avatar.engine.photo.lipsync import pose
from avatar.engine.photo.rig import Pose, Rig
from avatar.engine.presenter.lips import Mouth, channels, mouth, opening
from avatar.engine.presenter.motion import cues, move
from avatar.engine.visemes import VISEMES, track
from avatar.testing.contracts import babble

MOST_SHAKE = 0.3


@pytest.fixture(scope="module")
def rig(drawn_face: Any) -> Rig:
    return Rig(drawn_face.image, drawn_face.points)


def shape(viseme: str) -> Mouth:
    weights = np.zeros((1, len(VISEMES)), np.float32)
    weights[0, VISEMES.index(viseme)] = 1
    return mouth(channels(weights)[0])


def shown(rig: Rig, **pose: Any) -> np.ndarray:
    return rig.draw(Pose(**pose)).astype(np.int16)[..., :3]


def patch(points: np.ndarray, indices: list[int], margin: float = 0) -> tuple[slice, slice]:
    low, high = points[indices, :2].min(0) - margin, points[indices, :2].max(0) + margin
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


FOREHEAD, EYES, LIPS = [67, 297, 9, 151], [33, 263, 159, 145], [61, 291, 0, 17]


def test_at_rest_it_is_the_photo(rig: Rig, drawn_face: Any) -> None:
    off = np.abs(shown(rig) - drawn_face.image[..., :3])
    assert off.mean() < 0.3
    assert np.percentile(off, 99.9) <= 8


def dark_inside(rig: Rig, drawn_face: Any, **pose: Any) -> int:
    """Pixels as dark as only the inside of the mouth is."""
    part = shown(rig, **pose)[patch(drawn_face.points, LIPS, 30)]
    return int((part.max(2) < 70).sum())


def test_the_lips_part_as_far_as_they_are_told(rig: Rig, drawn_face: Any) -> None:
    shapes = [Mouth(open=k, jaw=k) for k in np.linspace(0, 1, 9)]
    areas = [dark_inside(rig, drawn_face, mouth=m) for m in shapes]
    assert areas[0] == 0
    assert np.corrcoef(areas, [opening(m) for m in shapes])[0, 1] > 0.97


def lips_width(rig: Rig, drawn_face: Any, viseme: str) -> int:
    part = shown(rig, mouth=shape(viseme))[patch(drawn_face.points, LIPS, 25)]
    red = cv2.medianBlur(((part[..., 0] - part[..., 1]) > 66).astype(np.uint8), 5)
    columns = np.flatnonzero(red.sum(0) > 2)
    return int(np.ptp(columns))


def test_rounded_lips_are_narrow_and_spread_ones_wide(rig: Rig, drawn_face: Any) -> None:
    ou, rest, ih = (lips_width(rig, drawn_face, viseme) for viseme in ("ou", "sil", "ih"))
    assert ou < 0.82 * rest < rest < ih


def test_rounded_lips_part_in_a_ring_that_is_narrower_than_they_are(rig: Rig, drawn_face: Any) -> None:
    part = shown(rig, mouth=shape("ou"))[patch(drawn_face.points, LIPS, 30)]
    opening = np.flatnonzero((part.max(2) < 70).any(0))
    assert np.ptp(opening) < 0.72 * lips_width(rig, drawn_face, "ou")


def test_closed_lips_show_nothing_of_the_mouth(rig: Rig, drawn_face: Any) -> None:
    assert dark_inside(rig, drawn_face, mouth=shape("PP")) == 0


def test_the_chin_falls_with_the_jaw_and_the_forehead_does_not(rig: Rig, drawn_face: Any) -> None:
    chin = patch(drawn_face.points, [152], 14)
    rest, wide = shown(rig), shown(rig, mouth=shape("aa"))
    assert np.abs(wide[chin] - rest[chin]).mean() > 8
    forehead = patch(drawn_face.points, FOREHEAD)
    assert np.abs(wide[forehead] - rest[forehead]).max() <= 3


def test_a_blink_covers_the_eyes_and_nothing_else(rig: Rig, drawn_face: Any) -> None:
    eyes = patch(drawn_face.points, EYES, 4)
    rest, shut = shown(rig), shown(rig, blink=1.0)
    white = (rest[eyes].min(2) > 200).sum()
    assert white > 200
    assert (shut[eyes].min(2) > 200).sum() < 0.03 * white
    away = np.abs(shut - rest).max(2)
    away[patch(drawn_face.points, EYES, 60)] = 0
    assert away.max() == 0


def inked(drawn_face: Any) -> tuple[np.ndarray, np.ndarray]:
    """The face in even colours, with a drawn line on one eye's upper lid, and that line."""
    flat = drawn_face.image.copy()
    flat[..., :3] = cv2.medianBlur(np.ascontiguousarray(flat[..., :3]), 9)
    lid = drawn_face.points[[33, 246, 161, 160, 159, 158, 157, 173, 133], :2]
    cv2.polylines(flat, [np.round(lid).astype(np.int32)], False, (20, 14, 12, 255), 3, cv2.LINE_AA)
    return flat, lid


def test_the_pale_end_of_a_crease_goes_with_its_lid(drawn_face: Any) -> None:
    flat, lid = inked(drawn_face)
    crease = np.round(np.concatenate([lid[1:2], lid[2:7] - (0, 10)])).astype(np.int32)
    skin = flat[crease[4][1], crease[4][0]].astype(int)
    for start, end, paler in ((0, 3, 70), (2, 6, 14)):
        colour = tuple((skin - (paler, paler, paler, 0)).tolist())
        cv2.polylines(flat, [crease[start:end]], False, colour, 2, cv2.LINE_AA)
    pale = slice(crease[3:, 1].min() - 3, crease[3:, 1].max() + 4), slice(crease[3, 0], crease[5, 0])
    left = [(skin[0] - shown(Rig(flat, drawn_face.points), blink=k)[pale][..., 0] > 6).sum() for k in (0.0, 1.0)]
    assert left[0] > 12
    assert left[1] == 0


def test_a_drawn_eyes_lashes_go_with_its_lid(drawn_face: Any) -> None:
    """Ink above an eye that a lid has left is a second row of lashes."""
    points, (flat, lid) = drawn_face.points, inked(drawn_face)
    for x, y in lid[1:-1]:
        cv2.line(flat, (round(x), round(y)), (round(x - 4), round(y - 8)), (20, 14, 12, 255), 2, cv2.LINE_AA)
    above = patch(points, [33, 159, 133], 6)
    above = slice(above[0].start - 6, int(lid[4, 1]) + 1), above[1]
    ink = [(shown(Rig(flat, points), blink=k)[above].max(2) < 70).sum() for k in (0.0, 1.0)]
    assert ink[0] > 60
    assert ink[1] < 0.15 * ink[0]


def test_brows_are_raised(rig: Rig, drawn_face: Any) -> None:
    brow = patch(drawn_face.points, [70, 66, 105], 12)
    dark = [np.flatnonzero((shown(rig, brow=k)[brow].max(2) < 110).any(1)).mean() for k in (0.0, 1.0)]
    assert 2 < dark[0] - dark[1] < 12


def test_the_borders_are_the_photos_own_however_the_head_turns(rig: Rig, drawn_face: Any) -> None:
    turned = shown(rig, yaw=12, pitch=-8, roll=4, shift=(0.02, 0.02), mouth=shape("aa"))
    for edge in (np.s_[:3], np.s_[-3:], np.s_[:, :3], np.s_[:, -3:]):
        assert np.abs(turned[edge] - drawn_face.image[edge][..., :3]).max() <= 2


def test_what_is_near_moves_further_than_what_is_far(rig: Rig, drawn_face: Any) -> None:
    rest, turned = shown(rig), shown(rig, yaw=12)
    nose, ear = (moved(rest, turned, patch(drawn_face.points, ids, 24)) for ids in ([4], [93]))
    assert nose[0] > ear[0] + 2


def moved(before: np.ndarray, after: np.ndarray, part: tuple[slice, slice]) -> np.ndarray:
    """By how many pixels (x, y) the grain in that part of the picture went on."""
    a, b = (cv2.cvtColor(f[part].astype(np.uint8), cv2.COLOR_RGB2GRAY).astype(np.float32) for f in (before, after))
    window = cv2.createHanningWindow(a.shape[::-1], cv2.CV_32F)
    return np.array(cv2.phaseCorrelate(a, b, window)[0])


@pytest.mark.parametrize("indices", [FOREHEAD, [168, 6, 122, 351], [50, 101, 36, 205]])
def test_talking_leaves_the_rest_of_the_face_still(drawn_face: Any, indices: list[int]) -> None:
    """With the head held, no frame of speech moves forehead, nose or cheek by 0.3 pixels."""
    rig = Rig(drawn_face.image, drawn_face.points)
    speech = babble(1.6)
    rows = channels(track(speech, 25))
    part = patch(drawn_face.points, indices, 8)
    frames = [shown(rig, mouth=mouth(row)) for row in rows]
    jumps = [np.hypot(*moved(a, b, part)) for a, b in pairwise(frames)]
    assert max(jumps) <= (MOST_SHAKE if indices[0] != 50 else 1.5)  # a cheek follows its jaw


def test_a_moving_head_does_not_tremble(drawn_face: Any) -> None:
    """Its path has no corner: in no frame does the forehead stray 0.3 pixels from between its neighbours."""
    rig = Rig(drawn_face.image, drawn_face.points)
    speech = babble(1.6)
    rows, motion = channels(track(speech, 25)), move(cues(speech), 40, 25, 3, 0.0)
    part = patch(drawn_face.points, FOREHEAD, 10)
    frames = [rig.draw(pose(motion, rows, i, blinks=False)).astype(np.int16)[..., :3] for i in range(40)]
    path = np.array([moved(frames[0], frame, part) for frame in frames])
    assert np.abs(path).max() > 0.5
    assert np.abs(path[1:-1] - (path[:-2] + path[2:]) / 2).max() <= MOST_SHAKE


def test_what_is_clear_stays_clear(drawn_face: Any) -> None:
    image = drawn_face.image.copy()
    image[:, :40] = 0
    frame = Rig(image, drawn_face.points).draw(Pose(mouth=shape("aa"), yaw=6))
    assert (frame[:, :20] == 0).all()
    assert (frame[100:400, 200:300, 3] == 255).all()


def with_teeth(drawn_face: Any) -> tuple[np.ndarray, np.ndarray]:
    """The face laughing: its lips moved apart in mesh and picture, pale teeth between them."""
    image, points = drawn_face.image.copy(), drawn_face.points.copy()
    upper, lower = [191, 80, 81, 82, 13, 312, 311, 310, 415], [95, 88, 178, 87, 14, 317, 402, 318, 324]
    points[[*lower, 146, 91, 181, 84, 17, 314, 405, 321, 375], 1] += 18
    outline = np.concatenate([points[[78, *upper, 308], :2], points[[*lower[::-1]], :2]])
    cv2.fillPoly(image, [np.round(outline).astype(np.int32)], (235, 228, 214, 255))
    return image, points


def test_a_photos_own_teeth_are_kept_and_hidden_when_the_lips_close(drawn_face: Any) -> None:
    image, points = with_teeth(drawn_face)
    rig = Rig(image, points)
    part = patch(points, LIPS, 20)
    wide, shut = (shown(rig, mouth=shape(v))[part] for v in ("E", "PP"))
    assert ((wide.min(2) > 150) & (wide.max(2) > 180)).sum() > 150
    assert (shut.min(2) > 150).sum() < 8


def test_the_line_between_the_lips_is_found_where_the_picture_shows_it(drawn_face: Any) -> None:
    shifted = drawn_face.points.copy()
    shifted[:, 1] -= 5
    a = anatomy_of(drawn_face.image, shifted)
    true = anatomy_of(drawn_face.image, drawn_face.points)
    off = a.pixels(a.closed)[2:-2, 1] - true.pixels(true.closed)[2:-2, 1]
    assert np.abs(off).max() < 2.0


def test_lips_that_the_mesh_takes_for_parted_open_on_their_line(drawn_face: Any) -> None:
    """A mesh may see a gap in drawn lips that are closed; what lies in it has the lips' own colour."""
    points = drawn_face.points.copy()
    points[[95, 88, 178, 87, 14, 317, 402, 318, 324], 1] += 5
    assert anatomy_of(drawn_face.image, points).parted == 0
    assert anatomy_of(*with_teeth(drawn_face)).parted > 0.2


def test_corners_drawn_beyond_the_mesh_belong_to_the_lips(drawn_face: Any) -> None:
    plain = anatomy_of(drawn_face.image, drawn_face.points)
    image = drawn_face.image.copy()
    for end, out in ((78, -16), (308, 16)):
        x, y = drawn_face.points[end, :2]
        cv2.line(image, (round(x), round(y)), (round(x) + out, round(y)), (90, 30, 34, 255), 2, cv2.LINE_AA)
    wide = anatomy_of(image, drawn_face.points)
    assert wide.closed[0, 0] < plain.closed[0, 0] - 0.08
    assert wide.closed[-1, 0] > plain.closed[-1, 0] + 0.08


@pytest.mark.parametrize("viseme", ["ou", "oh"])
def test_rounded_lips_do_not_fold_the_cheek_beside_them(drawn_face: Any, viseme: str) -> None:
    """A spot beside the mouth's corner is seen once: not torn in two, nor smeared out."""
    image = drawn_face.image.copy()
    image[..., :3] = cv2.GaussianBlur(image[..., :3], (0, 0), 3)
    x, y = drawn_face.points[61, :2]
    cv2.circle(image, (round(x) - 8, round(y)), 3, (20, 200, 40, 255), -1, cv2.LINE_AA)
    frame = Rig(image, drawn_face.points).draw(Pose(mouth=shape(viseme))).astype(int)
    green = (frame[..., 1] > np.maximum(frame[..., 0], frame[..., 2]) + 25).astype(np.uint8)
    assert cv2.connectedComponents(green)[0] == 2
    assert 20 < green.sum() < 80


def test_the_same_pose_is_the_same_picture(drawn_face: Any) -> None:
    frames = []
    for _ in range(2):
        rig = Rig(drawn_face.image, drawn_face.points)
        rig.draw(Pose(mouth=shape("aa"), yaw=5, blink=0.7))
        frames.append(rig.draw(Pose(mouth=shape("oh"), yaw=-2, blink=0.3)).copy())
    assert np.array_equal(*frames)


def test_a_face_at_the_edge_is_drawn(drawn_face: Any) -> None:
    points = drawn_face.points - np.array([150, 60, 0], np.float32)
    image = np.ascontiguousarray(drawn_face.image[60:, 150:])
    frame = Rig(image, points).draw(Pose(mouth=shape("aa"), yaw=-8, blink=1.0))
    assert frame.shape == image.shape


def test_a_photo_in_black_and_white_has_a_mouth_in_black_and_white(drawn_face: Any) -> None:
    image = drawn_face.image.copy()
    image[..., :3] = cv2.cvtColor(image, cv2.COLOR_RGBA2GRAY)[..., None]
    frame = shown(Rig(image, drawn_face.points), mouth=shape("aa"))
    assert np.ptp(frame, axis=2).max() <= 2


def test_in_the_dark_the_mouth_does_not_shine(drawn_face: Any) -> None:
    image = drawn_face.image.copy()
    image[..., :3] = (image[..., :3] * 0.2).astype(np.uint8)
    part = patch(drawn_face.points, LIPS, 20)
    frame = shown(Rig(image, drawn_face.points), mouth=shape("ih"))[part]
    assert frame.max() <= 1.5 * np.percentile(image[part][..., :3], 99)
