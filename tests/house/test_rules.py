"""The checks of `make check` pass here, and see what they are there to see."""

import tomllib
from pathlib import Path

import house
import locks
import pytest
from packaging.requirements import Requirement


def test_every_requirement_is_locked_with_hashes_and_without_addresses() -> None:
    assert list(locks.problems()) == []


def test_there_are_three_packages_and_pic_needs_nothing() -> None:
    asked = {path.parent.name: tomllib.loads(path.read_text())["project"] for path in locks.PYPROJECTS}
    assert set(asked) == {"avatar", "pic", "preflight"}
    assert asked["pic"]["dependencies"] == []


def test_no_package_has_an_upper_bound_on_python() -> None:
    for path in locks.PYPROJECTS:
        assert tomllib.loads(path.read_text())["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize(
    ("asked", "seen"),
    [("left-pad", "which base.txt does not hold"), ("click>=99", "and base.txt holds"), ("Click>=8", "")],
)
def test_what_a_lock_does_not_hold_is_named(asked: str, seen: str) -> None:
    found = list(locks.unmet([Requirement(asked)], locks.pins(locks.BASE), "avatar", "base.txt"))
    assert found == [] if not seen else seen in found[0]


@pytest.mark.parametrize(
    "line",
    ["--index-url https://mirror.example/simple", "click @ file:///srv/click.whl", "--find-links /srv/wheels"],
)
def test_an_address_in_a_lock_is_seen(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "planted.txt"
    lock.write_text(f"{line}\nclick==8.2 \\\n    --hash=sha256:00\n")
    assert "holds an address" in next(locks.malformed(lock))


def test_a_pin_without_a_hash_is_seen(tmp_path: Path) -> None:
    lock = tmp_path / "planted.txt"
    lock.write_text("click==8.2\nrich==14 \\\n    --hash=sha256:00\n")
    assert list(locks.malformed(lock)) == ["planted.txt pins click==8.2 without a hash"]


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("long.py", "x = 1\n" * 500, "500 lines"),
        ("uv.lock", "", "the locks are requirements"),
        ("notes.md", "see https://" + "py" + "pi.org/simple", "registry's address"),
        ("run.sh", "cd " + "/ro" + "ot/project", "path of one machine"),
        ("run.py", 'path = "' + "/ho" + 'me/somebody/project"', "path of one machine"),
        ("clip.bin", "\0" * 300_001, "300,001 bytes"),
    ],
)
def test_a_file_that_breaks_a_rule_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, seen: str
) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    (tmp_path / name).write_text(content)
    assert seen in next(house.offences(tmp_path / name))


@pytest.mark.parametrize("content", ["#!/usr/bin/env python3", "out/work/here", "a/root/b", "the `/tmp` folder"])
def test_what_only_looks_like_one_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr(house, "ROOT", tmp_path)
    (tmp_path / "fine.md").write_text(content)
    assert list(house.offences(tmp_path / "fine.md")) == []


def test_more_than_half_as_much_prose_as_code_is_seen(tmp_path: Path) -> None:
    code, page = tmp_path / "code.py", tmp_path / "page.md"
    code.write_text("x = 1\n" * 10)
    page.write_text("words\n" * 5)
    assert list(house.too_much_prose([code, page])) == []
    page.write_text("words\n" * 6)
    assert list(house.too_much_prose([code, page])) == ["6 lines of prose for 10 of code: say less"]
