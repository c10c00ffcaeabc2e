"""Requirement files as people have them."""

from pathlib import Path

import pytest

from preflight.errors import InputError
from preflight.source.requirements import parse, read


def test_included_files_are_read_and_reasons_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\n# the last that has info()\ntorchaudio==2.8.0\n--no-deps\n")
    (tmp_path / "b.txt").write_text("numpy>=1.24 ; python_version >= '3.11'\n./local\n")
    listed = read(tmp_path / "a.txt")
    assert [each.name for each in listed.requirements] == ["numpy", "torchaudio"]
    assert listed.reasons == {"torchaudio==2.8.0": "the last that has info()"}
    assert listed.no_deps
    assert listed.unread == ["b.txt:2: a path or address"]


def test_files_that_include_each_other_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\n")
    (tmp_path / "b.txt").write_text("-r a.txt\n")
    with pytest.raises(InputError, match=r"a\.txt -> b\.txt -> a\.txt"):
        read(tmp_path / "a.txt")


@pytest.mark.parametrize("text", ["numpy>=2,<1", "numpy==1.0,>2", "numpy==", "num py"])
def test_what_can_never_be_met_or_read_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


def test_bytes_that_are_no_text_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_bytes(b"numpy\n\xff\xfe")
    with pytest.raises(InputError, match="byte 7"):
        read(tmp_path / "r.txt")


def test_ten_thousand_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("".join(f"package-{number}\n" for number in range(10_000)))
    assert len(read(tmp_path / "r.txt").requirements) == 10_000
