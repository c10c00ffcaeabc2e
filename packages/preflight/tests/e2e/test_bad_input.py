"""What strangers send: indexes, wheels, files and projects that are damaged, hostile or odd."""

import json
from pathlib import Path
from typing import Any

import pytest

CELLS = ("--python", "3.11-3.12", "--platform", "linux-x86_64", "--as-of", "2026-11-01")


def audit(preflight: Any, index: Any, *arguments: object, code: int | set[int] = 0, **environment: str) -> Any:
    done = preflight("audit", *arguments, *CELLS, "--index-url", index.url, "--format", "json", **environment)
    assert done.returncode in (code if isinstance(code, set) else {code}), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return json.loads(done.stdout)


def reasons(report: Any) -> str:
    return " ".join(each["reason"] for each in report["unknown"])


def test_a_page_that_fails_is_unknown_and_never_a_package_that_is_not_there(preflight: Any, index: Any) -> None:
    index.add("outer", "1.0", requires=("inner",), day="2026-10-01")
    index.broken_for["inner"] = (500, b"")
    report = audit(preflight, index, "outer", code=3)
    assert report["verdicts"]["outer"] == "UNKNOWN"
    assert "status 500" in reasons(report)
    assert not [each for each in report["findings"] if each["id"] == "PF109"]


def test_an_older_release_is_not_taken_for_a_newer_one_that_cannot_be_read(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-01-01")
    index.add("lib", "2.0", day="2026-10-01", data=b"PK no zip")
    report = audit(preflight, index, "lib", code=3)
    assert report["verdicts"]["lib"] == "UNKNOWN"
    assert not [each for each in report["findings"] if "silently" in each["message"]]


def test_an_html_index_answers_as_a_json_one_does(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-10-01", python=">=3.8,<3.12", modules={"lib/__init__.py": "x = 1\n"})
    index.add("lib", "1.1", day="2026-10-02", yanked="broken")
    index.html = True
    report = audit(preflight, index, "lib", "--uses", "lib.x", code=1)
    assert {pins["lib"] for pins in report["resolved"].values()} == {"1.0"}
    found = next(each for each in report["findings"] if each["id"] == "PF101")
    assert found["cells"] == ["3.12 linux-x86_64"]
    assert found["evidence"][0]["uploaded"] == "2026-10-01"


def test_an_index_without_upload_times_cannot_tell_a_past_day(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", **{"upload-time": None})
    done = preflight("audit", "lib", *CELLS, "--index-url", index.url)
    assert done.returncode == 3
    assert "no upload times" in done.stderr


def test_a_slow_index_is_waited_for(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    index.pause = 0.3
    assert audit(preflight, index, "lib")["verdicts"] == {"lib": "GREEN"}


def test_a_login_in_the_address_or_in_netrc_is_used_and_never_said(preflight: Any, index: Any, tmp_path: Path) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    index.login = "somebody:s3cret"
    closed = preflight("audit", "lib", *CELLS, "--index-url", index.url)
    assert closed.returncode == 3
    assert "401" in closed.stderr
    bare = index.url.removeprefix("http://")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password s3cret\n")
    netrc.chmod(0o600)
    for url, environment in (
        (f"http://somebody:s3cret@{bare}", {}),
        (index.url, {"NETRC": str(netrc)}),
    ):
        done = preflight("audit", "lib", *CELLS, "--index-url", url, "--refresh", "--format", "json", **environment)
        assert done.returncode == 0, done.stderr
        assert "s3cret" not in done.stdout + done.stderr
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"s3cret" not in kept


def test_the_index_that_pip_is_set_to_is_the_one_asked(preflight: Any, index: Any, tmp_path: Path) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {index.url}\n")
    done = preflight("audit", "lib", *CELLS, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert done.returncode == 0, done.stderr
    assert index.asked


def test_an_sdist_is_read_and_not_run(preflight: Any, index: Any, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    index.add("dep", "1.0", day="2026-10-01")
    members = {
        "setup.py": f"open({str(proof)!r}, 'w')\n",
        "src.egg-info/requires.txt": "dep\n",
    }
    index.add_sdist("src", "1.0", members, day="2026-10-01")
    report = audit(preflight, index, "src")
    assert {tuple(sorted(pins)) for pins in report["resolved"].values()} == {("dep", "src")}
    assert "none was built to confirm" in reasons(report)
    assert not proof.exists()


def test_an_sdist_with_a_name_that_leaves_its_folder_is_not_read(preflight: Any, index: Any) -> None:
    index.add_sdist("src", "1.0", {"../../etc/passwd": "x"}, day="2026-10-01")
    assert "leaves its folder" in reasons(audit(preflight, index, "src", code=3))


def test_metadata_that_lies_about_its_name_and_version_is_unknown(preflight: Any, index: Any) -> None:
    other = "Metadata-Version: 2.1\nName: another\nVersion: 9.9\n\n"
    index.add("liar", "1.0", day="2026-10-01", metadata=other)
    report = audit(preflight, index, "liar", code=3)
    assert report["verdicts"]["liar"] == "UNKNOWN"
    assert "another 9.9" in reasons(report)


def test_ten_thousand_requirements_of_which_one_is_unknown_are_one_line(
    preflight: Any, index: Any, tmp_path: Path
) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    (tmp_path / "r.txt").write_text("lib\n" * 9_999 + "never-heard-of\n")
    done = preflight("audit", "-r", tmp_path / "r.txt", *CELLS, "--index-url", index.url)
    assert done.returncode == 2
    assert done.stderr.startswith("error: no package is called 'never-heard-of'")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"r.txt": b"-r s.txt\n", "s.txt": b"-r r.txt\n"}, "include each other"),
        ({"r.txt": b"caf\xe9\n"}, "is not UTF-8 text: byte 4"),
        ({"r.txt": b"lib>=2,<1\n"}, "can never be met"),
        ({"r.txt": b"lib @@ 3\n"}, "r.txt:1"),
        ({"r.txt": b"-r nowhere.txt\n"}, "cannot be read"),
        ({"r.txt": b"# nothing\n"}, "nothing to audit"),
    ],
    ids=["cyclic", "not utf-8", "impossible", "no requirement", "missing", "empty"],
)
def test_requirement_files_that_cannot_be_read_are_exit_2(
    preflight: Any, index: Any, tmp_path: Path, files: dict[str, bytes], says: str
) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = preflight("audit", "-r", tmp_path / "r.txt", "--index-url", index.url)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_project_with_syntax_errors_is_audited_and_they_are_named(preflight: Any, index: Any, tmp_path: Path) -> None:
    index.add("lib", "1.0", day="2026-10-01", modules={"lib/__init__.py": "x = 1\n"})
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("lib\n")
    (project / "good.py").write_text("import lib\nlib.gone()\n")
    (project / "bad.py").write_text("def (:\n")
    (project / "nul.py").write_bytes(b"x = 1\0\n")
    report = audit(preflight, index, "--project", project, code=1)
    assert [each["message"] for each in report["findings"] if each["id"] == "PF104"]
    assert "bad.py" in reasons(report)
    assert "nul.py" in reasons(report)


ADVISORY = {
    "id": "OSV-1",
    "summary": "reads what it should not",
    "published": "2026-10-05T00:00:00Z",
    "affected": [{"package": {"name": "Lib"}, "ranges": [{"events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}],
}


def test_known_vulnerabilities_are_said_with_the_release_that_fixes_them(preflight: Any, index: Any) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    index.known["lib", "1.0"] = [{"id": "OSV-1"}]
    index.files["vulns/OSV-1"] = json.dumps(ADVISORY).encode()
    service = index.url.removesuffix("/simple")
    report = audit(preflight, index, "lib", PREFLIGHT_OSV=service)
    found = next(each for each in report["findings"] if "OSV-1" in each["message"])
    assert found["severity"] == "yellow"
    assert found["advice"] == "resolve to 1.1 or newer"
    done = preflight(
        *("audit", "lib", "--python", "3.11", "--as-of", "2026-10-02", "--index-url", index.url, "--format", "json"),
        PREFLIGHT_OSV=service,
    )
    assert "OSV-1" not in done.stdout  # nobody knew of it then


@pytest.mark.parametrize("service", ["off", "http://127.0.0.1:9"])
def test_without_an_advisory_service_vulnerabilities_are_not_checked(preflight: Any, index: Any, service: str) -> None:
    index.add("lib", "1.0", day="2026-10-01")
    assert "known vulnerabilities of what is resolved" in reasons(audit(preflight, index, "lib", PREFLIGHT_OSV=service))
