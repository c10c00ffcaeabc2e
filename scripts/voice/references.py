"""The speakers of the bench: two humans where their recordings are at hand, and synthetic voices of Debian's."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from avatar.codec import read_recording
from avatar.media import Audio

ROOT = Path(__file__).parents[2]
HUMANS = ROOT.parent / "shared" / "data" / "voices"
TEXT = (
    "The tall ship left the harbor before dawn, and nobody on the pier waved goodbye. "
    "We measured the garden twice, then planted seven rows of beans along the fence. "
    "A good map shows every path, but only walking teaches you which ones are muddy."
)
"""What the synthetic ones say; it is in neither list."""

SPEECH_OF_1961 = (
    "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
)


@dataclass(frozen=True)
class Reference:
    """A recording and its words; None where they are unknown. `speaker` differs for different people."""

    name: str
    speaker: str
    human: bool
    path: Path
    transcript: str | None

    def audio(self) -> Audio:
        """The recording."""
        return read_recording(self.path).audio


def references(folder: Path) -> list[Reference]:
    """All that can be had here; what is missing is said on stderr."""
    folder.mkdir(parents=True, exist_ok=True)
    example = ROOT / "examples" / "reference.flac"
    words = example.with_suffix(".txt").read_text("utf-8").strip()
    found = [
        Reference("jfk", "jfk", True, HUMANS / "jfk_1961.flac", SPEECH_OF_1961),
        Reference("lj", "lj", True, HUMANS / "lj050_0131.flac", None),
        *(Reference(name, name, False, _flite(name, folder), TEXT) for name in ("rms", "slt", "awb", "kal16")),
        Reference("ked", "ked", False, _festival("ked_diphone", folder), TEXT),
        Reference("demo", "slt", False, example, words),
    ]
    for reference in found:
        if not reference.path.exists():
            print(f"SKIPPED {reference.name}: {reference.path.name} is not here", file=sys.stderr)
    return [reference for reference in found if reference.path.exists()]


def _flite(voice: str, folder: Path) -> Path:
    return _made(folder / f"{voice}.wav", "flite", ["-voice", voice, "-t", TEXT, "-o"])


def _festival(voice: str, folder: Path) -> Path:
    (folder / "text.txt").write_text(TEXT, "utf-8")
    return _made(folder / f"{voice}.wav", "text2wave", ["-eval", f"(voice_{voice})", str(folder / "text.txt"), "-o"])


def _made(path: Path, program: str, arguments: list[str]) -> Path:
    if not path.exists() and shutil.which(program):
        subprocess.run([program, *arguments, str(path)], check=False, capture_output=True)
    return path
