"""Alignment against flite's own phone times: starts of the phones both name alike, and 15-viseme frame agreement.

Run by `make bench-align`, in an environment that has pocketsphinx.
"""

import subprocess
import sys
import tempfile
import time
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np

from avatar.codec import read_recording
from avatar.engine.alignment import Aligner, sphinx
from avatar.engine.alignment.arpabet import TO_IPA, arpabet
from avatar.engine.visemes import SOUND_TO_VISEME, spell
from avatar.media import Audio, Phone

VOICES = ("rms", "slt", "awb")
TEXTS = (
    "The quick brown fox jumps over the lazy dog.",
    "She had your dark suit in greasy wash water all year.",
    "Don't ask me to carry an oily rag like that.",
    "We were away a year ago, and nobody noticed.",
    "Each of us saw the weather change before noon.",
    "A large size in stockings is hard to sell.",
    "The birch canoe slid on the smooth planks.",
    "Please help me find a quiet place to think about the problem.",
)
FLITE = {"ax": "AH", "axr": "ER", "ix": "IH", "pau": ""}


def flite(text: str, voice: str, folder: Path) -> tuple[Audio, list[Phone]]:
    """The sound, and its phones in ARPAbet with flite's times."""
    path = folder / "speech.wav"
    command = ["flite", "-psdur", "-voice", voice, "-t", text, "-o", str(path)]
    marks = [
        m.rsplit(":", 1) for m in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ]
    ends = [0.0, *(float(end) for _, end in marks)]
    names = [FLITE.get(name, name.upper()) for name, _ in marks]
    return read_recording(path).audio, [Phone(n, a, b) for n, (a, b) in zip(names, pairwise(ends), strict=True)]


def offsets(found: list[Phone], truth: list[Phone]) -> list[float]:
    """Seconds by which the starts of phones of one name differ."""
    mine = [(" ".join(arpabet(p.symbol)), p.start) for p in found if p.symbol]
    known = [(p.symbol, p.start) for p in truth if p.symbol]
    blocks = SequenceMatcher(None, [n for n, _ in mine], [n for n, _ in known], autojunk=False).get_matching_blocks()
    return [mine[b.a + k][1] - known[b.b + k][1] for b in blocks for k in range(b.size)]


def visemes(phones: list[Phone], duration: float) -> list[str]:
    """The mouth shape of each hundredth of a second."""
    out = ["sil"] * int(duration * 100)
    for phone in phones:
        sounds = spell(phone.symbol) or [""]
        step = (phone.end - phone.start) / len(sounds)
        for i, sound in enumerate(sounds):
            first, last = (int((phone.start + k * step) * 100) for k in (i, i + 1))
            out[first:last] = [SOUND_TO_VISEME.get(sound, "sil")] * len(out[first:last])
    return out


def measure(name: str, aligner: Aligner, with_text: bool) -> None:
    """One line of figures."""
    wrong: list[float] = []
    agreed = []
    lost, spent, heard = 0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for voice in VOICES:
            for text in TEXTS:
                audio, truth = flite(text, voice, Path(folder))
                began = time.process_time()
                found = aligner.align(audio, text if with_text else "", "en")
                spent, heard = spent + time.process_time() - began, heard + audio.duration
                lost += with_text and found.method != name
                wrong += offsets(list(found.phones), truth) if with_text else []
                spelt = [Phone(TO_IPA.get(p.symbol, ""), p.start, p.end) for p in truth]
                pairs = zip(visemes(list(found.phones), audio.duration), visemes(spelt, audio.duration), strict=True)
                agreed += [a == b for a, b in pairs]
    line = f"{name:22} viseme frames agreed {100 * np.mean(agreed):.1f} %, real-time factor {spent / heard:.3f}"
    if wrong:
        off = 1000 * np.array(wrong)
        median, late = np.percentile(np.abs(off), [50, 95])
        line += f", {len(off)} phones: median {median:.1f} ms, p95 {late:.0f} ms, bias {np.median(off):+.0f} ms"
        line += f", {lost} utterances lost"
    print(line)


if __name__ == "__main__":
    if not sphinx.installed():
        print("pocketsphinx is not installed: its lines are left out", file=sys.stderr)
    for use in (True, False) if sphinx.installed() else (False,):
        with Aligner(use_pocketsphinx=use) as aligner:
            measure("aligned:pocketsphinx" if use else "aligned:dtw", aligner, True)
            measure("recognised" if use else "sound", aligner, False)
