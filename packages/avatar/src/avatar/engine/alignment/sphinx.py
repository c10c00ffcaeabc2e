"""Alignment and phone recognition by pocketsphinx, for English, where it is installed.

Every phone is a word of its own to the decoder, so that one search gives the time of each; its own two-pass phone
alignment fails on every other sentence.
"""

import contextlib
import importlib.util
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from avatar.engine.alignment.arpabet import PHONES, TO_IPA, arpabet
from avatar.engine.alignment.dtw import Spans
from avatar.engine.alignment.script import Script
from avatar.engine.speech.analysis import resampled
from avatar.media import Audio, Phone

RATE, FRAME = 16000, 0.010
LEAD_IN = 0.1
"""Seconds of silence put before the sound; the decoder loses what begins at once."""

LATE = 0.012
"""Seconds by which its starts are early, found on a voice that no figure of ours is measured with."""

BEAM = 1e-60

# What else a phone may sound like: the synthesiser's reading is not every speaker's.
_ALSO = {
    "AH": "IH ER", "IH": "AH", "T": "D", "D": "T", "OW": "AO", "AO": "AA", "AA": "AO", "DH": "D", "Z": "S",
    "IY": "IH", "UW": "UH AH", "ER": "AH",
}  # fmt: skip


def installed() -> bool:
    """Whether pocketsphinx can be imported; it is not imported to find out."""
    return importlib.util.find_spec("pocketsphinx") is not None


def align(audio: Audio, script: Script) -> Spans | None:
    """Start and end of each sound of the script; None where the decoder finds no way through."""
    names, owners = [], []
    for index, sound in enumerate(script.sounds):
        for name in arpabet(sound.symbol):
            names.append("_" + name)
            owners.append(index)
    if not names:
        return None
    decoder = _aligner()
    decoder.set_align_text(f"_SIL {' '.join(names)} _SIL")
    found = [s for s in _decoded(decoder, audio) if s.word.startswith("_") and not s.word.startswith("_SIL")]
    if len(found) != len(owners):
        return None
    out: Spans = [None] * len(script.sounds)
    for segment, owner in zip(found, owners, strict=True):
        start, end = _span(segment, audio.duration)
        known = out[owner]
        out[owner] = (start if known is None else known[0], end)
    return out


def recognise(audio: Audio) -> tuple[Phone, ...] | None:
    """English phones heard without a text, tiling the audio; None where nothing was heard."""
    out: list[Phone] = []
    for segment in _decoded(_recogniser(), audio):
        name = segment.word
        start, end = _span(segment, audio.duration)
        start = out[-1].end if out else 0.0
        symbol = TO_IPA.get(name, "")
        if end > start:
            out.append(Phone(symbol, start, end))
    if not any(phone.symbol for phone in out):
        return None
    last = out[-1]
    return (*out[:-1], Phone(last.symbol, last.start, audio.duration))


def _decoded(decoder: Any, audio: Audio) -> Iterator[Any]:
    """The segments of a decoding; none where it failed."""
    samples = resampled(audio.samples, audio.rate, RATE)
    padding = int(LEAD_IN * RATE)
    samples = np.pad(samples / (np.abs(samples).max() + 1e-9) * 0.5, padding)
    samples += np.random.default_rng(0).normal(0, 3e-4, len(samples)).astype(np.float32)
    with contextlib.suppress(RuntimeError):
        decoder.start_utt()
        decoder.process_raw((samples * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        yield from decoder.seg() or ()


def _span(segment: Any, duration: float) -> tuple[float, float]:
    start = segment.start_frame * FRAME - LEAD_IN + LATE
    end = (segment.end_frame + 1) * FRAME - LEAD_IN + LATE
    return min(max(start, 0.0), duration), min(max(end, 0.0), duration)


@cache
def _aligner() -> Any:
    from pocketsphinx import Decoder  # noqa: PLC0415  an optional package

    lines = ["_SIL SIL"]
    for name in PHONES:
        lines += [f"_{name} {name}"]
        lines += [f"_{name}({number}) {other}" for number, other in enumerate(_ALSO.get(name, "").split(), start=2)]
    with tempfile.TemporaryDirectory(prefix="avatar-") as folder:
        path = Path(folder) / "phones.dict"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        beams = {"beam": BEAM, "pbeam": BEAM, "wbeam": BEAM}
        return Decoder(samprate=RATE, loglevel="FATAL", lm=None, dict=str(path), cmn="batch", **beams)


@cache
def _recogniser() -> Any:
    from pocketsphinx import Decoder, get_model_path  # noqa: PLC0415  an optional package

    model = str(Path(get_model_path()) / "en-us" / "en-us-phone.lm.bin")
    return Decoder(samprate=RATE, loglevel="FATAL", lm=None, allphone=model, lw=2.0, cmn="batch")
