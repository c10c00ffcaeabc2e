"""HEIC photos, with the package that reads them and without. The pictures are halves of red and blue, 64 x 48."""

import sys
from pathlib import Path

import numpy as np
import pytest

from avatar.codec import photo
from avatar.codec.photo import read_photo
from avatar.errors import BackendUnavailable, InputError

DATA = Path(__file__).parents[1] / "data" / "photo"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def near(pixel: np.ndarray, colour: tuple[int, ...]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= 16)


def test_a_heic_is_read_as_any_photo() -> None:
    frame, notes = read_photo(DATA / "halves.heic")
    assert frame.shape == (48, 64, 4)
    assert near(frame[20, 10], (*RED, 255))
    assert near(frame[20, 50], (*BLUE, 255))
    assert notes == ()


def test_a_heic_is_turned_as_the_camera_was_held() -> None:
    frame, _ = read_photo(DATA / "turned.heic")
    assert frame.shape == (64, 48, 4)
    assert near(frame[10, 20], (*RED, 255))
    assert near(frame[50, 20], (*BLUE, 255))


def test_a_clear_heic_is_premultiplied() -> None:
    frame, _ = read_photo(DATA / "clear.heic")
    assert near(frame[10, 10], (128, 0, 0, 128))
    assert near(frame[40, 10], (*RED, 255))


@pytest.mark.parametrize("kept", [20, 100, 0.5, 0.9])
def test_a_damaged_heic_is_refused_in_one_line(tmp_path: Path, kept: float) -> None:
    whole = (DATA / "halves.heic").read_bytes()
    (tmp_path / "a.heic").write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(InputError, match="cannot be read") as refused:
        read_photo(tmp_path / "a.heic")
    assert "\n" not in refused.value.message


def test_a_heic_that_claims_too_much_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "MOST_PIXELS", 64 * 48 - 1)
    with pytest.raises(InputError, match="claims 64 x 48"):
        read_photo(DATA / "halves.heic")


def test_without_the_package_one_line_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(BackendUnavailable, match="needs the package pi-heif") as refused:
        read_photo(DATA / "halves.heic")
    assert "avatar-pipeline[heic]" in refused.value.hint
