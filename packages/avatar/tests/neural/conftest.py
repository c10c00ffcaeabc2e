"""A small backend with an environment of its own, really built, and a hub that serves its model."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import hub as hubs

from avatar.workers import manifest
from avatar.workers.environments import Environments
from avatar.workers.manifest import Manifest
from avatar.workers.models import Models

TOY = Path(__file__).parent / "toy" / "toy.toml"


@pytest.fixture
def toy() -> Manifest:
    return manifest.read(TOY)


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of hub repositories; the weights are larger than the hub's client writes at once."""
    folder = tmp_path_factory.mktemp("hub")
    for repo in ("toys/hum", "toys/gated-hum"):
        (folder / repo / "weights").mkdir(parents=True)
        (folder / repo / "config.json").write_text(json.dumps({"of": repo}))
    (folder / "toys/hum/weights/hum.bin").write_bytes(random.Random(0).randbytes(26 << 20))
    return folder


@pytest.fixture
def hub(repositories: Path) -> Iterator[hubs.Hub]:
    with hubs.serve(repositories) as served:
        yield served


@pytest.fixture
def models(tmp_path: Path, hub: hubs.Hub) -> Models:
    return Models(tmp_path / "models", endpoint=hub.url)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Environments:
    """Environments with the toy's own: numpy by its lock, and nothing of ours."""
    environments = Environments(tmp_path_factory.getbasetemp().parent / "environments")
    environments.build(manifest.read(TOY), "locked", print)
    return environments
