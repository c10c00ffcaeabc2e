"""Settings merge in order and refuse what they do not know."""

from pathlib import Path

import pytest

from avatar import settings
from avatar.errors import InputError


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "avatar.toml"
    monkeypatch.setenv("AVATAR_CONFIG", str(path))
    for key in ("AVATAR_FPS", "AVATAR_LIBRARY", "AVATAR_CACHE"):
        monkeypatch.delenv(key, raising=False)
    return path


def test_each_source_overrides_the_one_before(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().fps == 25
    own_file.write_text("fps = 30\ncrf = 18\n")
    assert settings.load().fps == 30
    monkeypatch.setenv("AVATAR_FPS", "50")
    assert settings.load().fps == 50
    merged = settings.load({"fps": 60, "size": None})
    assert (merged.fps, merged.crf, merged.size) == (60, 18, "1280x720")


def test_an_unknown_key_is_refused_with_the_nearest(own_file: Path) -> None:
    own_file.write_text('languge = "de"\n')
    with pytest.raises(InputError, match="'languge'") as refused:
        settings.load()
    assert "language" in refused.value.hint


def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATAR_FSP", "25")
    with pytest.raises(InputError, match="'fsp' in the environment"):
        settings.load()


@pytest.mark.parametrize("text", ["fps = 1000", 'fps = "many"', 'size = "big"', 'preset = "warp"'])
def test_a_wrong_value_is_refused_with_key_and_file(own_file: Path, text: str) -> None:
    own_file.write_text(text)
    with pytest.raises(InputError, match=text.partition(" ")[0]) as refused:
        settings.load()
    assert "avatar.toml" in str(refused.value)


def test_a_broken_file_is_refused(own_file: Path) -> None:
    own_file.write_text("fps = = 3")
    with pytest.raises(InputError, match="cannot be read"):
        settings.load()
