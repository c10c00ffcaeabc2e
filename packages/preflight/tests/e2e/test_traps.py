"""Traps that real packages hold and audits once passed over, each as the least index that holds it."""

import json
from pathlib import Path
from typing import Any

LINUX = ("--python", "3.11-3.13", "--platform", "linux-x86_64")


def audit(preflight: Any, index: Any, *arguments: object, cells: tuple[str, ...] = LINUX) -> dict[str, Any]:
    done = preflight("audit", *arguments, *cells, "--index-url", index.url, "--format", "json")
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def messages(report: dict[str, Any], check: str) -> list[str]:
    return [found["message"] for found in report["findings"] if found["id"] == check]


def test_the_modules_of_an_sdist_are_read_and_what_it_compiles_is_no_missing_need(preflight: Any, index: Any) -> None:
    module = "import distutils\nimport _vad\nclass Vad: ...\n"
    members = {"vad.py": module, "setup.py": "import imp\n", "tests/__init__.py": "import imp\n"}
    index.add_sdist("vad", "1.0", members, day="2026-10-01")
    report = audit(preflight, index, "vad", "--uses", "vad.Vad,vad.Gone")
    assert messages(report, "PF103") == [
        "importing vad of vad 1.0 imports distutils, which Python 3.12 removed: it fails on Python 3.12, 3.13"
    ]
    assert messages(report, "PF105") == []
    assert any("vad.Gone in 1.0 is unknown" in each["reason"] for each in report["unknown"])


FALLS_BACK = "try:\n    import audioop\nexcept ImportError:\n    import pyaudioop as audioop\n"


def test_a_removed_module_whose_stand_in_nobody_brings_fails(preflight: Any, index: Any) -> None:
    index.add("dub", "1.0", modules={"dub/__init__.py": FALLS_BACK}, day="2026-10-01")
    index.add("pyaudioop", "1.0", day="2026-10-01")
    said = messages(audit(preflight, index, "dub"), "PF103")[0]
    assert "in its place pyaudioop, which nothing resolved brings: it fails on Python 3.13" in said
    assert messages(audit(preflight, index, "dub", "pyaudioop"), "PF103") == []


TAKES = """
import base
import base.sub as sub
KINDS = base.kinds
HERE = base.__file__
OLD = base.old if hasattr(base, "old") else None
def call(given):
    if given:
        return base.newer
    return base.never
def other(base):
    return base.shadowed
def late():
    return base.late
base.made = 1
"""


def test_attributes_of_a_neighbour_are_looked_up_where_nothing_guards_them(preflight: Any, index: Any) -> None:
    index.add("base", "2.0", modules={"base/sub.py": "", "base/__init__.py": "kept = 1\n"}, day="2026-10-01")
    index.add("user", "1.0", requires=("base",), modules={"user/__init__.py": TAKES}, day="2026-10-01")
    report = audit(preflight, index, "user")
    assert messages(report, "PF107") == [
        "user 1.0 needs base.kinds, which base 2.0 does not have: importing what the plan uses fails"
    ]
    details = [each["detail"] for found in report["findings"] for each in found["evidence"]]
    assert [each for each in details if "imports" in each] == ["imports kinds", "imports late"]


HOOKED = """
from .star import *
from ._gone import gone_since
former = {name: name for name, _ in [("float", 1), ("int", 2)]}
for kind in ["float96", "float128"]:
    globals()[kind] = 1
def __getattr__(name):
    if name == "lazy":
        import numpy.lazy as lazy
        return lazy
    elif name == "core":
        raise AttributeError("it moved")
    if name in former:
        raise AttributeError(former[name])
    if name in gone_since:
        raise AttributeError(name)
    raise AttributeError(name)
"""


def test_names_for_which_a_module_raises_are_gone(preflight: Any, index: Any) -> None:
    code = {
        "lib/__init__.py": HOOKED,
        "lib/star.py": "__all__ = ['listed']\nlisted = unlisted = float = 1\n",
        "lib/_gone.py": "gone_since = {'trapz': 'use trapezoid'}\n",
    }
    index.add("lib", "1.0", modules=code, day="2026-10-01")
    names = ["lazy", "listed", "float96", "core", "float", "int", "trapz", "unlisted", "never"]
    said = messages(audit(preflight, index, "lib", "--uses", ",".join(f"lib.{name}" for name in names)), "PF104")
    assert [text.split()[0].removeprefix("lib.") for text in said] == names[3:]


AMENDED = """
from builtins import float
__all__ = ["int8"]
__all__.append("int16")
int8 = int16 = 1
"""
TWICE = """
from .kinds import *
table = ["int8"]
former = {name: "" for name in table}
table = ["float"]
def __getattr__(name):
    if name in former:
        raise AttributeError(name)
    raise AttributeError(name)
"""


def test_what_cannot_be_told_of_an_older_release_is_not_told(preflight: Any, index: Any) -> None:
    index.add("num", "1.0", modules={"num/__init__.py": TWICE, "num/kinds.py": AMENDED}, day="2026-01-01")
    index.add("num", "2.0", modules={"num/__init__.py": ""}, day="2026-10-01")
    found = audit(preflight, index, "num", "--uses", "num.float")["findings"][0]
    assert "gone by 2.0 (2026-10-01); 1.0 may still have it" in found["message"]
    assert "bound" not in found["advice"]
    report = audit(preflight, index, "num<2", "--uses", "num.int8,num.int16")
    assert messages(report, "PF104") == []


LAZY = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)\n"


def test_a_module_that_reads_its_names_from_a_stub_has_those(preflight: Any, index: Any) -> None:
    code = {"lib/__init__.py": LAZY, "lib/__init__.pyi": "from .io import load\n", "lib/io.py": "def load(): ...\n"}
    index.add("lib", "1.0", modules=code, day="2026-10-01")
    said = messages(audit(preflight, index, "lib", "--uses", "lib.load,lib.output"), "PF104")
    assert [text.partition(" ")[0] for text in said] == ["lib.output"]


def test_a_need_that_an_extra_brings_is_said_with_the_extra(preflight: Any, index: Any) -> None:
    code = {"web/__init__.py": "def client(fast=False):\n    if fast:\n        import h2\n"}
    index.add("h2", "1.0", day="2026-10-01")
    index.add("web", "1.0", requires=('h2; extra == "http2"',), modules=code, day="2026-10-01")
    said = messages(audit(preflight, index, "web", "--uses", "web.client"), "PF105")[0]
    assert "web.client of web 1.0 may need h2, which only its extra http2 brings" in said


def test_a_name_in_a_namespace_is_looked_for_in_the_package_that_has_it(preflight: Any, index: Any) -> None:
    for name, path in (("acore", "goo/api/core.py"), ("store", "goo/cloud/store.py")):
        index.add(name, "1.0", modules={path: "class Client: ...\n"}, day="2026-10-01")
    report = audit(preflight, index, "acore", "store", "--uses", "goo.cloud.store.Client,goo.cloud.store.Gone")
    assert [text.partition(" ")[0] for text in messages(report, "PF104")] == ["goo.cloud.store.Gone"]


def test_the_plans_own_removed_modules_are_told(preflight: Any, index: Any, tmp_path: Path) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("lib\n")
    (project / "app.py").write_text(
        "import cgi\nimport lib\ntry:\n    import imp\nexcept ImportError:\n    imp = None\n"
    )
    said = messages(audit(preflight, index, "--project", project, "--uses", "distutils.version"), "PF103")
    assert said == [
        "the plan imports distutils, which Python 3.12 removed: it fails on Python 3.12, 3.13",
        "the plan imports cgi, which Python 3.13 removed: it fails on Python 3.13",
    ]


def test_a_wheel_for_the_macos_of_the_cells_is_taken(preflight: Any, index: Any) -> None:
    mac = ("--python", "3.12", "--platform", "macos-arm64")
    index.add("lib", "1.0", day="2026-01-01")
    index.add("lib", "2.0", tag="cp312-cp312-macosx_14_0_arm64", day="2026-10-01")
    assert audit(preflight, index, "lib", cells=mac)["resolved"] == {"3.12 macos-arm64": {"lib": "2.0"}}


def test_a_silent_package_that_no_longer_imports_is_not_inert(preflight: Any, index: Any) -> None:
    index.add("nose", "1.0", modules={"nose/__init__.py": "import imp\n"}, day="2020-01-01")
    index.add("done", "1.0", day="2020-01-01")
    index.add("plug", "1.0", requires=("nose>=0.5",), day="2020-01-01")
    report = audit(preflight, index, "nose", "done", "plug")
    said = {found["package"]: found for found in report["findings"] if found["id"] == "PF110"}
    assert said["nose"]["severity"] == "red"
    assert "importing it imports imp, which Python 3.12 removed" in said["nose"]["message"]
    assert "it needs nose, and importing that imports imp" in said["plug"]["message"]
    assert "stale but inert" in said["done"]["message"]


def test_a_call_that_is_gone_is_no_harm_to_who_needs_the_same_package(preflight: Any, index: Any) -> None:
    index.add("web", "1.0", day="2026-10-01")
    index.add("rest", "1.0", requires=("web",), day="2026-10-01")
    verdicts = audit(preflight, index, "web", "rest", "--uses", "web.gone")["verdicts"]
    assert verdicts == {"web": "RED", "rest": "GREEN"}
