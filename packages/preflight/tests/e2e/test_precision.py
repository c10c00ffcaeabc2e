"""What audits of real plans once said and was not so, each as the least index that provokes it."""

import json
from typing import Any

import pytest

from preflight.checks.viability import NOTICE

LINUX = ("--python", "3.11-3.13", "--platform", "linux-x86_64")


def audit(preflight: Any, index: Any, *arguments: object) -> dict[str, Any]:
    done = preflight("audit", *arguments, *LINUX, "--index-url", index.url, "--format", "json")
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def messages(report: dict[str, Any], check: str) -> list[str]:
    return [found["message"] for found in report["findings"] if found["id"] == check]


RECREATED = """
from typing import TYPE_CHECKING
from . import local
__all__ = ("Celery",)
if TYPE_CHECKING:
    from .base import Task
local.recreate_module(__name__, by_module={"lazy.base": ["Queue"]})
"""


@pytest.mark.parametrize("name", ["Celery", "Task", "Queue"])
def test_a_name_that_a_module_promises_and_sets_while_it_runs_is_never_called_gone(
    preflight: Any, index: Any, name: str
) -> None:
    index.add("lazy", "1.0", modules={"lazy/__init__.py": RECREATED, "lazy/local.py": ""}, day="2026-10-01")
    assert messages(audit(preflight, index, "lazy", "--uses", f"lazy.{name}"), "PF104") == []


LAZY = """
from typing import TYPE_CHECKING
_import_structure = {"a": ["A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13",
    "A14", "A15", "A16", "A17", "A18", "A19", "A20"]}
if TYPE_CHECKING:
    from .models import *
else:
    import sys
    sys.modules[__name__] = Lazy(__name__, find_structure("models") | _import_structure)
"""


def test_what_a_lazy_package_finds_in_its_modules_by_itself_is_there_and_nothing_else_is(
    preflight: Any, index: Any
) -> None:
    code = {
        "lazy/__init__.py": LAZY,
        "lazy/models/__init__.py": "if False:\n    from .auto import *\n",
        "lazy/models/auto.py": 'class Model: ...\nclass Config: ...\n__all__ = [\n    "Config",\n    "Model",\n]\n',
    }
    index.add("lazy", "1.0", modules=code, day="2026-10-01")
    report = audit(preflight, index, "lazy", "--uses", "lazy.Config,lazy.Model,lazy.A7,lazy.Gone")
    assert [text.partition(" ")[0] for text in messages(report, "PF104")] == ["lazy.Gone"]


def test_with_no_deps_what_is_vendored_or_used_only_where_it_is_there_is_no_hole(preflight: Any, index: Any) -> None:
    way_out = "try:\n import hue\nexcept ImportError:\n pass\nelse:\n from hue import red\n"
    code = {"lib/__init__.py": f"import carried, missing\n{way_out}", "lib/_vendor/carried/__init__.py": ""}
    index.add("lib", "1.0", modules=code, day="2026-10-01")
    (found,) = messages(audit(preflight, index, "lib", "--no-deps"), "PF106")
    assert found.endswith("lib 1.0 also needs missing; of these lib does not declare missing itself")


def test_a_name_reached_through_a_renamed_module_is_found(preflight: Any, index: Any) -> None:
    code = {
        "lib/__init__.py": "import lib.python.solutions as solutions\nfrom lib import python\n",
        "lib/python/__init__.py": "",
        "lib/python/solutions.py": "mesh = 1\n",
    }
    index.add("lib", "1.0", modules=code, day="2026-10-01")
    report = audit(preflight, index, "lib", "--uses", "lib.solutions.mesh,lib.solutions.gone,lib.python.solutions.mesh")
    assert [text.partition(" ")[0] for text in messages(report, "PF104")] == ["lib.solutions.gone"]


def test_what_stands_in_when_an_import_fails_is_no_missing_name(preflight: Any, index: Any) -> None:
    code = "def call():\n try:\n  from base import new\n except ImportError:\n  from base import old as new\n"
    index.add("base", "2.0", modules={"base/__init__.py": "new = 1\n"}, day="2026-10-01")
    index.add("user", "1.0", requires=("base",), modules={"user/__init__.py": code}, day="2026-10-01")
    assert messages(audit(preflight, index, "user"), "PF107") == []


def test_releases_that_could_not_be_read_are_not_said_to_lack_a_name(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-01-01", filename="lib-1.0.tar.gz", data=b"")
    index.add("lib", "2.0", day="2026-10-01")
    said = messages(audit(preflight, index, "lib", "--uses", "lib.editor"), "PF104")[0]
    assert "older releases (1.0) could not be read" in said


def test_a_release_without_a_wheel_for_the_cell_is_not_advised(preflight: Any, index: Any) -> None:
    index.add("capped", "1.0", python="<3.13", day="2026-09-01")
    index.add("capped", "2.0", tag="cp311-abi3-manylinux_2_39_x86_64", day="2026-10-01")
    said = messages(audit(preflight, index, "capped"), "PF101")[0]
    assert "refuses Python 3.13" in said
    assert "2.0" not in said


def test_who_holds_a_package_back_is_named_when_it_is_a_third(preflight: Any, index: Any) -> None:
    index.add("core", "1.0", day="2026-01-01")
    index.add("core", "2.0", day="2026-10-01")
    index.add("boto", "1.0", requires=("core<2",), day="2026-01-01")
    index.add("boto", "2.0", requires=("core>=2",), day="2026-10-01")
    index.add("aio", "1.0", requires=("core<2",), day="2026-10-01")
    said = messages(audit(preflight, index, "aio", "boto"), "PF109")[0]
    assert "boto 2.0 wants core>=2, and aio 1.0 wants core<2" in said
    assert "1 release on" in said


def test_a_need_that_no_release_meets_in_the_cell_is_the_reason(preflight: Any, index: Any) -> None:
    index.add("runtime", "1.0", tag="cp311-abi3-win_amd64", day="2026-10-01")
    index.add("chroma", "0.3", day="2026-01-01")
    index.add("chroma", "1.5", requires=("runtime>=1",), day="2026-10-01")
    said = messages(audit(preflight, index, "chroma"), "PF109")[0]
    assert "chroma 1.5 wants runtime>=1, of which no release installs on 3.11 linux-x86_64" in said


def test_a_pre_release_that_nobody_asked_for_is_said(preflight: Any, index: Any) -> None:
    index.add("flow", "1.0", tag="cp311-abi3-win_amd64", day="2026-01-01")
    index.add("flow", "2.0rc1", day="2026-10-01")
    assert (
        "flow 2.0rc1, a pre-release that the plan does not ask for"
        in messages(audit(preflight, index, "flow"), "PF109")[0]
    )
    assert "PF109" not in {found["id"] for found in audit(preflight, index, "flow>=2.0rc1")["findings"]}


def test_a_page_that_serves_metadata_with_its_hash_is_read(preflight: Any, index: Any) -> None:
    index.add("sound", "1.0", day="2026-10-01", **{"core-metadata": {"sha256": "0" * 64}})
    assert audit(preflight, index, "sound")["verdicts"] == {"sound": "GREEN"}


def test_a_wheel_whose_tags_are_none_is_passed_over(preflight: Any, index: Any) -> None:
    index.add("odd", "1.0", day="2026-01-01")
    index.add("odd", "2.0", tag="py36+-none-any", day="2026-10-01")
    assert {pins["odd"] for pins in audit(preflight, index, "odd")["resolved"].values()} == {"1.0"}


def test_modules_that_are_gone_are_one_finding_of_the_module_that_imports_them(preflight: Any, index: Any) -> None:
    index.add("plac", "1.0", modules={"plac_ext.py": "import imp\nimport asyncore\n"}, day="2026-10-01")
    said = messages(audit(preflight, index, "plac"), "PF103")
    assert len(said) == 1
    assert said[0].startswith("importing plac_ext of plac 1.0 imports imp, which Python 3.12 removed, asyncore")


def test_one_vulnerability_under_two_names_is_one_and_belongs_to_the_release_it_is_told_of(
    preflight: Any, index: Any
) -> None:
    index.add("chroma", "1.0", day="2026-01-01")
    index.add("chroma", "2.0", day="2026-10-01")
    both = [{"id": "GHSA-1", "aliases": ["PYSEC-1"], "details": "a\nb", "fixed_in": []}]
    both.append({"id": "PYSEC-1", "aliases": ["GHSA-1"], "details": "a", "fixed_in": []})
    index.legacy["chroma"] = {"info": {"version": "2.0"}, "vulnerabilities": both}
    assert "chroma 2.0: the index lists GHSA-1: a b" in messages(audit(preflight, index, "chroma"), "PF111")
    assert not any("GHSA" in text for text in messages(audit(preflight, index, "chroma<2"), "PF111"))


def test_a_badge_is_no_word_of_a_package_about_itself() -> None:
    assert not NOTICE.search("A decorator. \n![Deprecated: a picture](logo.svg)")
    assert NOTICE.search("x.\n**DEPRECATED**: use another")


DEPRECATES = """
def old(**parts):
    return lambda function: function

@old(returning=("2.0", "The :paramref:`_make.returning` parameter is deprecated and will be removed."))
def make(**parts):
    return parts

@old(all=("2.0", "The make_all function is deprecated and will be removed in 3.0; its option stays."))
def make_all(**parts):
    return parts
"""


def test_the_end_of_a_parameter_is_not_the_end_of_the_function(preflight: Any, index: Any) -> None:
    index.add("lib", "2.0", modules={"lib/__init__.py": DEPRECATES}, day="2026-10-01")
    said = messages(audit(preflight, index, "lib", "--uses", "lib.make,lib.make_all"), "PF104")
    assert [text.partition(" ")[0] for text in said] == ["lib.make_all"]
