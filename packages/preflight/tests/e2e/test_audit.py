"""Audits of small real wheels on a real index of this machine, through the real command."""

import io
import json
import struct
import tarfile
from typing import Any

import pytest

CELLS = ("--python", "3.11-3.13", "--platform", "linux-x86_64,windows-x86_64")


def audit(preflight: Any, index: Any, *arguments: object, code: int) -> dict[str, Any]:
    day = () if "--as-of" in arguments else ("--as-of", "2026-11-01")
    done = preflight("audit", *arguments, *CELLS, *day, "--index-url", index.url, "--format", "json")
    assert done.returncode == code, done.stdout + done.stderr
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def messages(report: dict[str, Any], check: str) -> list[str]:
    return [found["message"] for found in report["findings"] if found["id"] == check]


def test_a_sound_package_is_green_in_every_cell_and_exit_0(preflight: Any, index: Any) -> None:
    index.add("sound", "1.0", day="2026-10-01")
    report = audit(preflight, index, "sound", code=0)
    assert report["verdicts"] == {"sound": "GREEN"}
    assert len(report["resolved"]) == 6


def test_a_cap_of_something_brought_along_is_red_for_who_brings_it(preflight: Any, index: Any) -> None:
    index.add("capped", "1.0", python=">=3.8,<3.13", day="2026-10-01")
    index.add("outer", "1.0", requires=("capped",), day="2026-10-01")
    report = audit(preflight, index, "outer", code=1)
    found = next(each for each in report["findings"] if each["id"] == "PF101")
    assert found["cells"] == ["3.13 linux-x86_64", "3.13 windows-x86_64"]
    assert "brought by outer" in found["message"]
    assert report["verdicts"]["outer"] == "RED"


def test_an_older_release_that_accepts_the_python_is_named(preflight: Any, index: Any) -> None:
    index.add("capped", "1.0", day="2026-09-01")
    index.add("capped", "2.0", python="<3.13", day="2026-10-01")
    assert (
        "the newest that accepts all of them is 1.0" in messages(audit(preflight, index, "capped", code=1), "PF101")[0]
    )


def test_a_wheel_for_one_platform_only_is_no_answer_for_the_other(preflight: Any, index: Any) -> None:
    index.add("onlylinux", "1.0", tag="cp311-abi3-manylinux_2_28_x86_64", day="2026-10-01")
    report = audit(preflight, index, "onlylinux", code=1)
    found = next(each for each in report["findings"] if each["id"] == "PF109")
    assert {cell.partition(" ")[2] for cell in found["cells"]} == {"windows-x86_64"}


def test_distutils_is_red_from_3_12_on_and_a_guarded_import_is_not(preflight: Any, index: Any) -> None:
    index.add("old", "1.0", modules={"old/__init__.py": "from distutils.util import strtobool\n"}, day="2026-10-01")
    guarded = "try:\n    import distutils\nexcept ImportError:\n    distutils = None\n"
    index.add("careful", "1.0", modules={"careful/__init__.py": guarded}, day="2026-10-01")
    report = audit(preflight, index, "old", "careful", code=1)
    found = [each for each in report["findings"] if each["id"] == "PF103"]
    assert [each["package"] for each in found] == ["old"]
    assert not any(cell.startswith("3.11") for cell in found[0]["cells"])


def test_a_removed_call_is_red_and_a_dynamic_one_is_never_called_removed(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", modules={"lib/__init__.py": "def info(): ...\n"}, day="2026-01-01")
    index.add("lib", "2.0", modules={"lib/__init__.py": "def load(): ...\n"}, day="2026-10-01")
    index.add("lazy", "1.0", modules={"lazy/__init__.py": "def __getattr__(name): ...\n"}, day="2026-10-01")
    report = audit(preflight, index, "lib", "lazy", "--uses", "lib.info,lib.load,lazy.info", code=1)
    assert messages(report, "PF104") == [
        "lib.info does not exist in lib 2.0: removed in 2.0 (2026-10-01); 1.0 still has it"
    ]
    assert any("lazy.info in 1.0 is dynamic" in each["reason"] for each in report["unknown"])


def test_a_hidden_need_of_a_planned_call_is_red(preflight: Any, index: Any) -> None:
    code = (
        "def load():\n    try:\n        import codec\n    except ImportError as e:\n        raise ImportError from e\n"
    )
    index.add("lib", "1.0", modules={"lib/__init__.py": code}, day="2026-10-01")
    assert (
        "lib.load of lib 1.0 needs codec"
        in messages(audit(preflight, index, "lib", "--uses", "lib.load", code=1), "PF105")[0]
    )


def test_a_name_the_neighbour_dropped_is_red(preflight: Any, index: Any) -> None:
    index.add("base", "2.0", modules={"base/__init__.py": "new = 1\n"}, day="2026-10-01")
    index.add(
        "user", "1.0", requires=("base",), modules={"user/__init__.py": "from base import old\n"}, day="2026-10-01"
    )
    assert (
        "user 1.0 needs base.old, which base 2.0 does not have"
        in messages(audit(preflight, index, "user", code=1), "PF107")[0]
    )


def test_a_release_that_must_be_compiled_is_said_with_its_sign(preflight: Any, index: Any) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, text in (("PKG-INFO", "Name: hard\nVersion: 1.0\n"), ("setup.py", "setup(ext_modules=[])\n")):
            info = tarfile.TarInfo(f"hard-1.0/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    index.add("hard", "1.0", day="2026-10-01", filename="hard-1.0.tar.gz", data=data.getvalue())
    found = messages(audit(preflight, index, "hard", code=0), "PF102")
    assert "needs a compiler (setup names ext_modules)" in found[0]


def shared_object(needs: str) -> bytes:
    """The least ELF file that links against a library: one segment, and a dynamic section in it."""
    strings = b"\0" + needs.encode() + b"\0"
    at = 64 + 2 * 56
    dynamic = struct.pack("<qQqQqQ", 5, at, 1, 1, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0, 0, at + len(strings), at + len(strings), 1)
    section = struct.pack("<IIQQQQQQ", 2, 4, at + len(strings), 0, 0, len(dynamic), len(dynamic), 8)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    return head + load + section + strings + dynamic


def test_a_library_that_nothing_brings_is_said(preflight: Any, index: Any) -> None:
    for name, needs in (("gpu", "libcudart.so.13"), ("plain", "libc.so.6")):
        objects = {f"{name}/_ext.abi3.so": shared_object(needs)}
        index.add(name, "1.0", modules=objects, tag="cp311-abi3-manylinux_2_28_x86_64", day="2026-10-01")
        index.add(name, "1.0", tag="cp311-abi3-win_amd64", day="2026-10-01")
    report = audit(preflight, index, "gpu", "plain", code=0)
    assert [each["package"] for each in report["findings"] if each["id"] == "PF108"] == ["gpu"]
    assert "links against libcudart.so.13" in messages(report, "PF108")[0]


def test_of_libraries_for_several_machines_one_that_needs_nothing_is_enough(preflight: Any, index: Any) -> None:
    objects = {
        f"bits/lib{name}.so": shared_object(needs) for name, needs in (("cpu", "libc.so.6"), ("hip", "libamdhip64.so"))
    }
    index.add("bits", "1.0", modules=objects, day="2026-10-01")
    only = {"codec/libcodec4.so": shared_object("libav.so.58"), "codec/libcodec5.so": shared_object("libav.so.59")}
    index.add("codec", "1.0", modules=only, day="2026-10-01")
    found = [each for each in audit(preflight, index, "bits", "codec", code=0)["findings"] if each["id"] == "PF108"]
    assert [(each["package"], each["severity"]) for each in found] == [("codec", "yellow"), ("bits", "note")]


def test_as_of_knows_nothing_of_the_future(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-01-01")
    index.add("lib", "2.0", day="2026-06-01")
    report = audit(preflight, index, "lib", "--as-of", "2026-02-05", code=0)
    assert {pins["lib"] for pins in report["resolved"].values()} == {"1.0"}


def test_the_second_time_asks_nobody(preflight: Any, index: Any) -> None:
    index.add("sound", "1.0", day="2026-10-01")
    audit(preflight, index, "sound", code=0)
    before = len(index.asked)
    audit(preflight, index, "sound", code=0)
    assert len(index.asked) == before


def test_a_lock_that_its_packages_refuse_is_red_and_installed_with_no_deps_yellow(preflight: Any, index: Any) -> None:
    """What is then installed is looked at all the same: here a need that the list lacks."""
    code = {"picky/__init__.py": "import lib, forgotten\n"}
    for version in ("1.0", "2.0"):
        index.add("lib", version, modules={"lib/__init__.py": ""})
    index.add("picky", "1.0", requires=("lib<2",), modules=code)
    report = audit(preflight, index, "picky==1.0", "lib==2.0", code=1)
    assert [(found["id"], found["severity"]) for found in report["findings"]] == [("PF109", "red")]
    report = audit(preflight, index, "picky==1.0", "lib==2.0", "--no-deps", code=1)
    found = {found["id"]: found for found in report["findings"]}
    assert found["PF109"]["severity"] == "yellow"
    assert "lib<2" in found["PF109"]["message"]
    assert "forgotten" in found["PF106"]["message"]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ((500, b""), "status 500"),
        ((200, b'{"name": "lib", "files": ['), "cut off"),
        ((200, b"<html><a href='x'>"), "cut off"),
        ((200, b"gone fishing"), "neither JSON"),
    ],
    ids=["500", "truncated", "truncated html", "words"],
)
def test_an_index_that_does_not_answer_is_one_line_and_exit_3(
    preflight: Any, index: Any, broken: tuple[int, bytes], says: str
) -> None:
    index.broken = broken
    done = preflight("audit", "lib", "--index-url", index.url)
    assert done.returncode == 3
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_index_that_is_down_is_exit_3_and_its_address_is_not_printed(preflight: Any) -> None:
    done = preflight("audit", "lib", "--index-url", "http://somebody:secret@127.0.0.1:9/simple")
    assert done.returncode == 3
    assert "secret" not in done.stdout + done.stderr
    assert "127.0.0.1" not in done.stdout + done.stderr


@pytest.mark.parametrize("typed", ["request", "reqeusts"])
def test_an_unknown_package_is_exit_2_with_names_that_exist(preflight: Any, index: Any, typed: str) -> None:
    index.add("requests", "1.0")
    done = preflight("audit", typed, "--index-url", index.url)
    assert done.returncode == 2
    assert "did you mean requests?" in done.stderr


def test_a_wheel_with_a_name_that_leaves_its_folder_is_not_read(preflight: Any, index: Any) -> None:
    index.add("evil", "1.0", modules={"../../etc/passwd": "x"}, day="2026-10-01")
    done = preflight("audit", "evil", *CELLS, "--index-url", index.url)
    assert done.returncode in {1, 3}
    assert "leaves its folder" in done.stdout


def test_a_zip_bomb_is_not_unpacked(preflight: Any, index: Any) -> None:
    index.add("bomb", "1.0", modules={"bomb/big.py": " " * 20_000_000 + "import distutils"}, day="2026-10-01")
    done = preflight("audit", "bomb", *CELLS, "--index-url", index.url)
    assert "would unpack to" in done.stdout


def test_metadata_that_lies_about_itself_is_said(preflight: Any, index: Any) -> None:
    index.add("liar", "1.0", data=b"PK not a zip at all", day="2026-10-01")
    done = preflight("audit", "liar", *CELLS, "--index-url", index.url)
    assert done.returncode in {1, 3}
    assert "cannot be read as a zip" in done.stdout + done.stderr
