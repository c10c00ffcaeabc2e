"""The sync meter: are the lips of a finished mp4 where the speech wants them, when it wants them?

Looks with an independent detector (`lip_gaps`, in an environment of its own) and listens to the file's
own sound, so whatever drawing, encoding or muxing did wrong is in the figures.

python -m avatar.testing.sync PYTHON-WITH-MEDIAPIPE
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatar import backends, codec
from avatar.engine.presenter.lips import channels, mouth, opening
from avatar.engine.visemes import LEAD, track
from avatar.media import Audio, Utterance, join

Floats = NDArray[np.float64]

TEXT = (
    "Papa may buy a bar of soap, and Mama bought a map. The quick brown fox jumps over the lazy dog. "
    "Who would choose five smooth shoes? Nine thin thieves think of cheese. Yes, I hear your voice!"
)
PROMPT = "a woman, light skin, hair in a bun, no glasses, plain background"
LEAST_MATCH, MOST_OFFSET, SEEDS = 0.97, 0.020, 24
_SIZE, _FPS = (1280, 720), 25
_FINE = 1000.0  # steps a second in which offsets are searched
_LISTENED = 200.0  # of the sound's envelope


@dataclass(frozen=True)
class Sync:
    """`match` is the correlation of the gap seen with the opening driven; times in seconds, late is positive."""

    match: float
    picture_late: float
    sound_late: float
    frames_without_face: int

    @property
    def offset(self) -> float:
        """How far the lead of the lips over the sound misses the one intended."""
        return self.picture_late - self.sound_late


def gaps(python: str, files: Sequence[Path]) -> list[Floats]:
    """Of each file the lip gap in each frame, by the detector; NaN where it sees no face."""
    line = [python, str(Path(__file__).with_name("lip_gaps.py")), *map(str, files)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the detector ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return [np.array(json.loads(row), np.float64) for row in done.stdout.splitlines()]


def driven(utterance: Utterance, fps: int) -> Floats:
    """How far the rig is told to part the lips in each frame, in head units."""
    rows = np.asarray(channels(track(utterance, fps)), np.float64)
    return np.array([opening(mouth(row)) for row in rows])


def lateness(seen: Floats, meant: Floats, rate: float, reach: float = 0.2) -> tuple[float, float]:
    """By how many seconds `seen` runs behind `meant`, both at `rate`, and their correlation there."""
    n = min(len(seen), len(meant))
    at = np.arange(n) / rate
    fine = np.arange(reach, at[-1] - reach, 1 / _FINE)
    want = np.interp(fine, at, meant[:n])
    shifts = np.arange(-reach, reach, 1 / _FINE)
    scores = [np.corrcoef(np.interp(fine + shift, at, seen[:n]), want)[0, 1] for shift in shifts]
    best = int(np.argmax(scores))
    return float(shifts[best]), float(scores[best])


def measure(python: str, video: Path, utterance: Utterance, fps: int) -> Sync:
    """The sync of a video that speaks `utterance`."""
    seen = gaps(python, [video])[0]
    found = np.isfinite(seen)
    if found.sum() < 2:
        return Sync(0.0, 0.0, 0.0, int((~found).sum()))
    seen = np.interp(np.arange(len(seen)), np.flatnonzero(found), seen[found])
    meant = driven(utterance, fps)
    n = min(len(seen), len(meant))
    match = float(np.corrcoef(seen[:n], meant[:n])[0, 1])
    heard = codec.read_recording(video).audio
    sound, _ = lateness(_envelope(heard), _envelope(utterance.audio), _LISTENED)
    return Sync(match, lateness(seen, meant, fps)[0], sound, int((~found).sum()))


def _envelope(audio: Audio) -> Floats:
    steps = np.arange(int(audio.duration * _LISTENED)) * audio.rate // int(_LISTENED)
    return np.asarray(np.add.reduceat(np.abs(audio.samples.astype(np.float64)), steps))


def film(folder: Path) -> tuple[Path, Utterance]:
    """Real speech by the embedded engines, as an mp4."""
    speech = backends.load("speech", "embedded")()
    spoken = join(speech.speak(TEXT, speech.default_voice(), "en"))
    portrait = backends.load("painter", "embedded")().paint(PROMPT, 4, _SIZE)
    frames = backends.load("lipsync", "embedded")().animate(portrait, spoken, fps=_FPS, size=_SIZE, seed=4)
    target = folder / "talk.mp4"
    codec.write_mp4(frames, spoken.audio, target, fps=_FPS, size=_SIZE, settings=codec.EncoderSettings())
    speech.close()
    return target, spoken


def faces(python: str, folder: Path) -> int:
    """In how many of the seeds' portraits the detector finds a face."""
    painter, files = backends.load("painter", "embedded")(), []
    for seed in range(SEEDS):
        files.append(folder / f"{seed}.png")
        codec.write_picture(painter.paint("", seed, _SIZE).image, files[-1])
    return sum(bool(np.isfinite(found).all()) for found in gaps(python, files))


def main(python: str) -> int:
    """Measure, say what was found, and 1 when it is not good enough."""
    with tempfile.TemporaryDirectory() as name:
        video, spoken = film(Path(name))
        sync = measure(python, video, spoken, _FPS)
        found = faces(python, Path(name))
    print(f"lip gap seen against opening driven: r = {sync.match:.3f} (goal >= {LEAST_MATCH})")
    print(
        f"lips lead the sound by {1000 * (LEAD - sync.offset):.0f} ms, meant are {1000 * LEAD:.0f} ms: "
        f"off by {1000 * sync.offset:+.0f} ms (goal within {1000 * MOST_OFFSET:.0f} ms; "
        f"picture {1000 * sync.picture_late:+.0f} ms, sound {1000 * sync.sound_late:+.0f} ms)"
    )
    print(f"frames without a face: {sync.frames_without_face}; seeds found as faces: {found} of {SEEDS}")
    good = sync.match >= LEAST_MATCH and abs(sync.offset) <= MOST_OFFSET and found == SEEDS
    return 0 if good and sync.frames_without_face == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
