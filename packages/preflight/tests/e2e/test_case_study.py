"""The seven failures of the case study, found before a line was written, on recorded answers of the index.

`examples/case-study` is audited as of 2026-02-05, and offline: no test of this file reaches a network.
"""

import json
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[4] / "examples/case-study"
AUDIT = (
    "audit",
    "--project",
    PROJECT,
    "--as-of",
    "2026-02-05",
    "--offline",
    "--index-url",
    "https://index.test/simple",
)

Findings = list[dict[str, Any]]


@pytest.fixture(scope="module")
def report(recorded: Any) -> dict[str, Any]:
    done = recorded(*AUDIT, "--format", "json")
    assert done.returncode == 1, done.stderr
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def of(report: dict[str, Any], check: str, package: str) -> Findings:
    return [found for found in report["findings"] if (found["id"], found["package"]) == (check, package)]


def test_all_seven_are_named_with_their_true_causes_and_nothing_untrue(report: dict[str, Any]) -> None:
    conflict, cap = of(report, "PF109", "tts")[0], of(report, "PF101", "tts")[0]
    gone, need = of(report, "PF104", "torchaudio")[0], of(report, "PF105", "torchaudio")[0]
    hole = of(report, "PF106", "tts")[0]
    mocked, image = of(report, "PF112", "tts")[0], of(report, "PF112", "torch")[0]

    assert {cell.partition(" ")[0] for cell in conflict["cells"]} == {"3.10"}
    assert "numpy==1.22.0" in conflict["message"]
    assert "numpy>=1.24" in conflict["message"]

    assert {cell.partition(" ")[0] for cell in cap["cells"]} == {"3.12"}
    assert ">=3.9.0, <3.12" in cap["message"]
    assert cap["evidence"][0]["uploaded"] == "2023-12-12"

    assert "removed in 2.9.0 (2025-10-15); 2.8.0 still has it" in gone["message"]
    assert "removed from the 2.9 release" in gone["message"]
    assert "TorchCodec" in gone["advice"]

    assert "needs torchcodec" in need["message"]
    assert "torchaudio/_torchcodec.py" in need["evidence"][0]["file"]

    assert {"tqdm", "yaml", "trainer", "pysbd"} <= set(hole["message"].replace(",", " ").replace(";", " ").split())
    assert not any(
        name in hole["message"].partition(" also needs ")[2] for name in ("coqpit", "unidecode", "num2words")
    )

    assert "only ever replaced by mocks" in mocked["message"]
    assert "torch 2.1.0" in image["message"]

    untrue = ("distutils", "removed in 2.1", "scipy==1.9.3", "librosa==0.9.2")
    said = " ".join(found["message"] for found in report["findings"])
    assert not [word for word in untrue if word in said]


def test_what_was_abandoned_is_red_with_reasons_and_its_fork_is_named(report: dict[str, Any]) -> None:
    found = of(report, "PF110", "tts")[0]
    assert found["severity"] == "red"
    assert "26 months" in found["message"]
    assert "coqui-tts" in found["advice"]
    assert report["verdicts"]["tts"] == "RED"
    assert report["verdicts"]["einops"] == "GREEN"


def test_a_finished_package_is_not_called_abandoned(report: dict[str, Any]) -> None:
    inert = of(report, "PF110", "num2words")[0]
    assert inert["severity"] == "note"
    assert "stale but inert" in inert["message"]
