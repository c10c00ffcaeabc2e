"""Speech with its timings, exact, as a folder of `audio.f32` (raw little-endian samples) and `speech.json`."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from avatar.media import Audio, Phone, Utterance, Word


def write_speech(utterance: Utterance, folder: Path) -> None:
    """Fill `folder` with the utterance, bit for bit."""
    # Not numpy.save: on a full disk it raises an error that has lost its number.
    (folder / "audio.f32").write_bytes(np.ascontiguousarray(utterance.audio.samples, "<f4").data)
    about = {
        "text": utterance.text,
        "language": utterance.language,
        "rate": utterance.audio.rate,
        "phones": None if utterance.phones is None else [asdict(phone) for phone in utterance.phones],
        "words": [asdict(word) for word in utterance.words],
        "notes": list(utterance.notes),
    }
    (folder / "speech.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")


def read_speech(folder: Path) -> Utterance:
    """The utterance that `write_speech` put there."""
    about = json.loads((folder / "speech.json").read_text("utf-8"))
    return Utterance(
        text=about["text"],
        language=about["language"],
        audio=Audio(np.fromfile(folder / "audio.f32", "<f4").astype(np.float32, copy=False), about["rate"]),
        phones=None if about["phones"] is None else tuple(Phone(**phone) for phone in about["phones"]),
        words=tuple(Word(**word) for word in about["words"]),
        notes=tuple(about["notes"]),
    )
