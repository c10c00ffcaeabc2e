"""Speech that exists already: read from its file and aligned with its text."""

import json
from dataclasses import replace
from pathlib import Path

from avatar import codec
from avatar.codec.speech import read_speech, write_speech
from avatar.media import Utterance
from avatar.pipeline.run import Run
from avatar.pipeline.script import prepare

LONGEST = 3600.0
"""Seconds of speech that are taken."""


def hear(run: Run, path: Path, text: str, language: str) -> tuple[Utterance, str]:
    """The recording as an utterance with phones and, where the text was followed, words; and how they were found.

    An empty text means unknown. Raises InputError for what is no recording.
    """
    sound = codec.read_recording(path, longest=LONGEST)
    run.warnings += sound.notes
    if text.strip():
        text, notes = prepare(text, run.studio.settings.longest_text)
        run.warnings += notes
    aligner = run.studio.aligner
    inputs = {"aligner": aligner.identity, "source": sound.sha256, "text": text, "language": language}

    def make(folder: Path) -> None:
        found = aligner.align(sound.audio, text, language)
        spoken = text if found.words else ""
        write_speech(Utterance(spoken, language, sound.audio, found.phones, found.words), folder)
        about = {"method": found.method, "fit": found.fit, "warnings": found.warnings}
        (folder / "alignment.json").write_text(json.dumps(about), "utf-8")

    def read(folder: Path) -> tuple[Utterance, dict[str, str]]:
        return replace(read_speech(folder), language=language), json.loads((folder / "alignment.json").read_text())

    utterance, about = run.stage("alignment", inputs, make, read)
    run.warnings += about["warnings"]
    return utterance, about["method"]
