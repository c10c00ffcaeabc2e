"""The matrix: what it parses, and what each cell accepts."""

import pytest
from packaging.tags import Tag

from preflight.errors import InputError, NotFound
from preflight.model import Cell, parse_cells


def test_ranges_and_lists_of_pythons() -> None:
    assert [cell.python for cell in parse_cells("3.9-3.11,3.13t", "linux-x86_64")] == ["3.9", "3.10", "3.11", "3.13t"]


@pytest.mark.parametrize("text", ["2.7", "3.12-3.10", "", "3.x"])
def test_what_is_no_python_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_cells(text, "linux-x86_64")


def test_an_unknown_platform_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        parse_cells("3.12", "macos-arm")
    assert "macos-arm64" in caught.value.hint


@pytest.mark.parametrize(
    ("cell", "tag", "fits"),
    [
        (Cell("3.12", "linux-x86_64"), Tag("cp312", "cp312", "manylinux_2_28_x86_64"), True),
        (Cell("3.12", "linux-x86_64"), Tag("cp312", "cp312", "manylinux_2_34_x86_64"), False),
        (Cell("3.12", "linux-x86_64"), Tag("cp312", "cp312", "musllinux_1_2_x86_64"), False),
        (Cell("3.13t", "linux-x86_64"), Tag("cp313", "cp313", "manylinux_2_28_x86_64"), False),
        (Cell("3.13t", "linux-x86_64"), Tag("cp313", "cp313t", "manylinux_2_28_x86_64"), True),
        (Cell("3.12", "linux-x86_64"), Tag("cp38", "abi3", "manylinux2014_x86_64"), True),
        (Cell("3.12", "macos-arm64"), Tag("cp312", "cp312", "macosx_11_0_arm64"), True),
        (Cell("3.12", "macos-arm64"), Tag("cp312", "cp312", "macosx_15_0_arm64"), False),
        (Cell("3.12", "windows-x86_64"), Tag("py3", "none", "any"), True),
    ],
)
def test_a_cell_accepts_what_its_pip_would(cell: Cell, tag: Tag, fits: bool) -> None:
    assert (tag in cell.tags()) is fits
