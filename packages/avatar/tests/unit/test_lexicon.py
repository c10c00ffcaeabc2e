"""Pronunciations in a file, and what is wrong with it by line."""

from pathlib import Path

import pytest

from avatar.errors import InputError
from avatar.media import Delivery
from avatar.pipeline.lexicon import read_lexicon
from avatar.pipeline.script import prepare, recognised


def kept(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    tabs = kept(tmp_path, "words.tsv", "# mine\nGIF\tˈdʒɪf\n\nNew York\tnu jɔɹk\n")
    toml = kept(tmp_path, "words.toml", "GIF = 'ˈdʒɪf'\n\"New York\" = 'nu jɔɹk'\n")
    assert read_lexicon(tabs) == read_lexicon(toml) == {"GIF": "ˈdʒɪf", "New York": "nu jɔɹk"}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.tsv", "gif ˈdʒɪf\n", "line 1: no tab"),
        ("a.tsv", "a\tɑ\n\ngif\tj1f\n", "line 3: '1'"),
        ("a.tsv", "gif\t\n", "line 1: the IPA of 'gif' holds no sound"),
        ("a.tsv", "...\tɑ\n", "line 1: '...' is no word"),
        ("a.toml", "a = 'ɑ'\ngif = 'j1f'\n", "line 2: '1'"),
        ("a.toml", "a = 'ɑ'\n\ngif = 5\n", "line 3: 'gif' is not given"),
        ("a.toml", "gif = \n", "no TOML: Invalid value \\(at line 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_lexicon(kept(tmp_path, name, text))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_lexicon(tmp_path / "none.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"caf\xe9\tkafe\n")
    with pytest.raises(InputError, match="byte 4"):
        read_lexicon(tmp_path / "latin.tsv")
    with pytest.raises(InputError, match="larger"):
        read_lexicon(kept(tmp_path, "big.tsv", "a\tɑ\n" * 300_000))


def test_markup_is_recognised_and_keeps_its_lines() -> None:
    marked, _ = prepare("\n\n<speak>Hello.</speak>\n", 1000)
    assert marked == "\n\n<speak>Hello.</speak>"
    assert recognised(marked, Delivery()).ssml
    assert not recognised("Say <speak>.", Delivery()).ssml
