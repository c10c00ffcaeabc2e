"""Learns a voice from a recording and speaks with it."""

from pathlib import Path

import torchaudio
from TTS.api import TTS


def seconds(recording: Path) -> float:
    """How long a recording lasts."""
    facts = torchaudio.info(str(recording))
    return facts.num_frames / facts.sample_rate


def speak(text: str, recording: Path, output: Path) -> None:
    """Speak a text in the voice of a recording."""
    torchaudio.load(str(recording))
    TTS("tts_models/multilingual/multi-dataset/xtts_v2").tts_to_file(
        text, speaker_wav=str(recording), file_path=str(output)
    )
