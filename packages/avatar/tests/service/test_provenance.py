"""Every file says what it is, and one flipped byte is found."""

import json
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from avatar.codec import write_audio, write_picture
from avatar.errors import ConsentMissing, InputError, Tampered, Unsigned
from avatar.media import Audio
from avatar.pipeline import Silent, learn_voice, open_studio, render, speak
from avatar.pipeline.sealing import sealing, spoken
from avatar.provenance import Claim, Ingredient, sign, signing, verify
from avatar.provenance.claim import SYNTHETIC, TRAINED
from avatar.settings import Settings

from .conftest import environment, eventually, film

EXAMPLE = Path(__file__).parents[4] / "examples/reference.flac"
CLAIM = Claim(TRAINED, (Ingredient("voice recording", "ab" * 32),), "cd" * 32)


def made(folder: Path, kind: str) -> Path:
    path = folder / f"a{kind}"
    if kind == ".wav":
        write_audio(Audio(np.sin(np.arange(9000, dtype=np.float32) / 20), 24000), path)
    elif kind == ".png":
        write_picture(np.random.default_rng(1).integers(0, 255, (64, 64, 4), np.uint8) | 128, path)
    else:
        with open_studio(Settings(library=folder / "l", cache=folder / "c")) as studio:
            render(film(), studio, Silent())
        (Path("talk.mp4")).rename(path)
    return path


@pytest.mark.parametrize("kind", [".mp4", ".wav", ".png"])
def test_one_flipped_byte_is_found(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = made(tmp_path, kind)
    assert sign(path, CLAIM, tmp_path / "keys", own=False).signed
    report = verify(path)
    assert (report.source, report.consent, report.trusted) == (TRAINED, "cd" * 32, False)
    assert report.by.startswith("avatar-pipeline ")
    whole, chance = path.read_bytes(), random.Random(7)
    # The signature's own box is padded with zeros that nothing covers: what is flipped here is the media.
    media = whole.index({".mp4": b"moov", ".wav": b"data", ".png": b"IDAT"}[kind])
    end = media + 8 + 2 * 9000 if kind == ".wav" else len(whole)  # in a wav the signature comes last
    for place in (chance.randrange(media, end) for _ in range(12)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((Tampered, Unsigned)):
            verify(path)


def test_a_certificate_that_ends_is_followed_by_one_of_the_same_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_LEAF_DAYS", (5 * 60 + 3) / 86400)  # it begins five minutes ago
    path, keys = made(tmp_path, ".png"), tmp_path / "keys"
    first = sign(path, CLAIM, keys, own=False)
    assert not verify(path).expired
    key = (keys / "key.pem").read_bytes()
    eventually(lambda: verify(path).expired, seconds=10)
    report = verify(path)
    assert (report.by, report.trusted) == (first.by, False), "the file is as it was signed, whatever day it is"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    with pytest.raises(Tampered):
        verify(path)
    monkeypatch.undo()
    again = made(tmp_path, ".png")
    assert sign(again, CLAIM, keys, own=False).by == first.by
    assert not verify(again).expired
    assert (keys / "key.pem").read_bytes() == key


def test_a_damaged_signer_is_named(tmp_path: Path) -> None:
    path, keys = made(tmp_path, ".png"), tmp_path / "keys"
    sign(path, CLAIM, keys, own=False)
    (keys / "chain.pem").write_text("no certificate")
    with pytest.raises(InputError, match="is damaged"):
        sign(made(tmp_path, ".png"), CLAIM, keys, own=False)


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        sign(made(tmp_path / name, ".wav"), CLAIM, tmp_path / "keys", own=False)
    assert verify(tmp_path / "one/a.wav").by == verify(tmp_path / "two/a.wav").by
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "keys/key.pem").stat().st_mode) == 0o600


def test_a_signer_of_ones_own(tmp_path: Path) -> None:
    path = made(tmp_path, ".wav")
    with pytest.raises(InputError, match="has no key"):
        sign(path, CLAIM, tmp_path / "mine", own=True)
    sign(path, CLAIM, tmp_path / "mine", own=False)
    assert sign(path, CLAIM, tmp_path / "mine", own=True).signed
    (tmp_path / "mine/key.pem").write_text("this is no key")
    before = path.read_bytes()
    with pytest.raises(InputError, match="no private key"):
        sign(path, CLAIM, tmp_path / "mine", own=True)
    assert path.read_bytes() == before


def test_what_is_unsigned_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unsigned):
        verify(made(tmp_path, ".wav"))
    assert sign(tmp_path / "a.mp3", CLAIM, tmp_path / "keys", own=False).why == (
        "C2PA is not written into .mp3 files here"
    )


def test_without_the_extra_the_card_and_the_json_say_unsigned(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "c2pa.py").write_text("raise ImportError('not installed')\n")
    more = environment(settings) | {"PYTHONPATH": str(tmp_path)}
    line = [sys.executable, "-m", "avatar", "pipeline", "run", "Hi.", "--size", "64x64", "-o", str(tmp_path / "a.mp4")]
    card = subprocess.run(line, env=more, capture_output=True, text=True, check=True).stdout
    assert "unsigned: the signer is not installed" in card
    plain = subprocess.run([*line, "--json"], env=more, capture_output=True, text=True, check=True).stdout
    assert json.loads(plain)["provenance"]["signed"] is False
    done = subprocess.run([sys.executable, "-m", "avatar", "verify", str(tmp_path / "a.mp4")], env=more, check=False)
    assert done.returncode == 3


def test_a_video_says_whose_consent_it_was_made_with_until_it_is_revoked(settings: Settings, tmp_path: Path) -> None:
    with open_studio(settings) as studio:
        learn_voice(studio, EXAMPLE, "me", consent="Nobody, a test", transcript=None, on_progress=Silent())
        utterance, _ = speak(studio, "Hello.", "me", language=None, on_progress=Silent())
        write_audio(utterance.audio, tmp_path / "a.wav")
        sealing(studio, spoken(studio, "me", "embedded"))(tmp_path / "a.wav", "a.wav")
        record = json.loads((settings.library / "consent.jsonl").read_text())
        report = verify(tmp_path / "a.wav")
        assert (report.consent, report.source) == (record["id"], TRAINED)
        assert report.making["ingredients"] == [{"role": "voice recording", "sha256": record["source_sha256"]}]
        assert spoken(studio, "default", "embedded").source == SYNTHETIC
        studio.library.revoke_voice("me")
        assert studio.library.voices() == []
        with pytest.raises(ConsentMissing, match="withdrawn"):
            speak(studio, "Hello.", "me", language=None, on_progress=Silent())
        with pytest.raises(ConsentMissing, match="withdrawn"):
            learn_voice(studio, EXAMPLE, "again", consent="Nobody, a test", transcript=None, on_progress=Silent())


@pytest.mark.parametrize(("change", "code"), [("none", 0), ("byte", 5), ("unsigned", 6)])
def test_the_exit_codes_of_verify(tmp_path: Path, change: str, code: int) -> None:
    path = made(tmp_path, ".png")
    if change != "unsigned":
        sign(path, CLAIM, tmp_path / "keys", own=False)
    if change == "byte":
        whole = path.read_bytes()
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    done = subprocess.run(
        [sys.executable, "-m", "avatar", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
