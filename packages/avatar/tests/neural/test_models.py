"""Models are pulled from a hub-like server on loopback by the hub's own client: resumed, hashed, explained."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hub import Hub

from avatar.errors import BackendUnavailable
from avatar.workers import models as weights
from avatar.workers.manifest import Manifest, ModelFile
from avatar.workers.models import Corrupt, Models

HUM = "weights/hum.bin"


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)


def bytes_so_far(path: str, so_far: int, total: int) -> None:
    """Nobody watches."""


def test_what_a_pull_would_fetch_is_known_before(models: Models, toy: Manifest) -> None:
    plan = models.plan(toy.model("hum"))
    assert dict(plan.missing)[HUM] == 26 << 20
    assert models.found(toy) == {}


def test_a_pull_brings_every_file_and_says_how_far_it_is(models: Models, toy: Manifest, hub: Hub) -> None:
    seen: list[tuple[int, int]] = []
    folder = models.pull(toy.model("hum"), lambda path, so_far, total: seen.append((so_far, total)))
    assert (folder / HUM).read_bytes() == (hub.folder / "toys/hum" / HUM).read_bytes()
    assert max(so_far for so_far, _ in seen) == 26 << 20
    assert models.find(toy.model("hum")) == folder
    assert models.verify(toy.model("hum")) == []
    before = len(hub.asked)
    models.pull(toy.model("hum"), bytes_so_far)
    assert len(hub.asked) == before, "what is here is not asked for again"


def test_a_download_that_breaks_off_goes_on_where_it_was(models: Models, toy: Manifest, hub: Hub) -> None:
    hub.break_off = {HUM: 1}
    models.pull(toy.model("hum"), bytes_so_far)
    ranges = [asked[2] for asked in hub.asked if asked[0] == "GET" and asked[1].endswith(HUM)]
    assert ranges[0] == ""
    assert ranges[1].startswith("bytes=")
    assert ranges[1] != "bytes=0-"
    assert models.verify(toy.model("hum")) == []


def test_other_bytes_than_promised_are_refused_and_deleted(models: Models, toy: Manifest, hub: Hub) -> None:
    hub.forge = {HUM}
    with pytest.raises(Corrupt, match="SHA-256"):
        models.pull(toy.model("hum"), bytes_so_far)
    assert models.find(toy.model("hum")) is None
    assert not list(models.root.rglob("hum.bin"))


def test_a_manifests_hash_counts_more_than_the_hubs(models: Models, toy: Manifest) -> None:
    model = toy.model("hum")
    pinned = model.model_copy(update={"files": (ModelFile(path="config.json", sha256="0" * 64),)})
    with pytest.raises(Corrupt):
        models.pull(pinned, bytes_so_far)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"gated": {"toys/hum": "right"}}, ("gated", "HF_TOKEN")),
        ({"gone": {"toys/hum"}}, ("not on the hub", "HF_TOKEN")),
        ({"gone": {"0123456789abcdef0123456789abcdef01234567"}}, ("no longer has the revision 0123456789", "rewrote")),
    ],
)
def test_what_the_hub_refuses_is_explained(
    models: Models, toy: Manifest, hub: Hub, fault: dict[str, object], said: tuple[str, str]
) -> None:
    for name, value in fault.items():
        setattr(hub, name, value)
    with pytest.raises(BackendUnavailable, match=said[0]) as caught:
        models.pull(toy.model("hum"), bytes_so_far)
    assert said[1] in caught.value.hint


@pytest.mark.parametrize("token", [None, "wrong", "right"])
def test_a_gated_model_comes_with_the_right_account_only(
    tmp_path: Path, toy: Manifest, hub: Hub, token: str | None
) -> None:
    hub.gated = {"toys/gated-hum": "right"}
    models = Models(tmp_path / "models", endpoint=hub.url, token=token)
    if token == "right":
        assert models.pull(toy.model("cloning"), bytes_so_far).is_dir()
    else:
        with pytest.raises(BackendUnavailable, match="gated"):
            models.pull(toy.model("cloning"), bytes_so_far)


def test_no_network_is_said_and_what_is_here_still_works(tmp_path: Path, models: Models, toy: Manifest) -> None:
    folder = models.pull(toy.model("hum"), bytes_so_far)
    offline = Models(tmp_path / "models", endpoint="http://127.0.0.1:9")
    assert offline.find(toy.model("hum")) == folder
    assert offline.pull(toy.model("hum"), bytes_so_far) == folder
    with pytest.raises(BackendUnavailable, match="cannot be reached"):
        offline.pull(toy.model("cloning"), bytes_so_far)


def test_no_room_is_said_before_anything_is_fetched(
    models: Models, toy: Manifest, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda path: usage._replace(free=20 << 20))
    with pytest.raises(BackendUnavailable, match="GB are free"):
        models.pull(toy.model("hum"), bytes_so_far)
    assert not [asked for asked in hub.asked if asked[0] == "GET"]


def test_a_file_that_changed_is_found(models: Models, toy: Manifest) -> None:
    folder = models.pull(toy.model("hum"), bytes_so_far)
    data = bytearray((folder / HUM).read_bytes())
    data[1000] ^= 1
    (folder / HUM).write_bytes(data)
    assert models.verify(toy.model("hum")) == [f"{HUM} is not what was pulled"]
    (folder / HUM).unlink()
    assert models.verify(toy.model("hum")) == [f"{HUM} is missing"]
    assert models.find(toy.model("hum")) is None


def test_a_file_that_was_cut_short_is_fetched_again_alone(models: Models, toy: Manifest, hub: Hub) -> None:
    folder = models.pull(toy.model("hum"), bytes_so_far)
    (folder / HUM).write_bytes(b"cut short")
    assert models.find(toy.model("hum")) is None
    assert dict(models.plan(toy.model("hum")).missing) == {HUM: 26 << 20}
    models.pull(toy.model("hum"), bytes_so_far)
    assert models.verify(toy.model("hum")) == []


def test_what_is_wrong_is_forgotten_and_what_is_whole_stays(models: Models, toy: Manifest, hub: Hub) -> None:
    folder = models.pull(toy.model("hum"), bytes_so_far)
    data = bytearray((folder / HUM).read_bytes())
    data[1000] ^= 1
    (folder / HUM).write_bytes(data)
    assert models.forget_wrong(toy.model("hum")) == [f"{HUM} is not what was pulled"]
    assert [path for path, _ in models.plan(toy.model("hum")).missing] == [HUM]
    assert (folder / "config.json").is_file()
    models.pull(toy.model("hum"), bytes_so_far)
    assert models.forget_wrong(toy.model("hum")) == []


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("HF_HUB_OFFLINE", "1", "HF_HUB_OFFLINE forbids"), ("HF_ENDPOINT", "mirror.local", "no address")],
)
def test_settings_of_the_hubs_client_that_stand_in_the_way_are_named(
    tmp_path: Path, setting: str, value: str, said: str
) -> None:
    """The command, for the client reads them when it is imported."""
    own = {f"AVATAR_{name}": str(tmp_path / name.lower()) for name in ("MODELS", "WORKERS", "LIBRARY", "CACHE")}
    command = [sys.executable, "-m", "avatar", "models", "pull", "musetalk"]
    environment = os.environ | own | {setting: value}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert setting in done.stderr
    assert "Traceback" not in done.stderr


def test_removing_frees_what_was_pulled(models: Models, toy: Manifest) -> None:
    models.pull(toy.model("hum"), bytes_so_far)
    assert models.remove(toy.model("hum")) > 26 << 20
    assert models.found(toy) == {}
    assert models.verify(toy.model("hum"))


def test_a_backend_without_its_weights_says_what_to_type(models: Models, toy: Manifest) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        models.need(toy)
    assert "avatar models pull toy" in caught.value.hint
    models.pull(toy.model("hum"), bytes_so_far)
    assert list(models.need(toy)) == ["hum"], "what only cloning needs may be missing"
