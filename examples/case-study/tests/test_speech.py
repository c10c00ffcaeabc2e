"""The style of the 135 tests that passed: everything that could fail is replaced."""

import sys
from pathlib import Path
from unittest.mock import MagicMock, patch

sys.modules["TTS"] = MagicMock()
sys.modules["TTS.api"] = MagicMock()
sys.modules["torchaudio"] = MagicMock()
sys.modules["diffusers"] = MagicMock()


@patch("avatar_service.speech.TTS")
def test_speak_calls_the_library(library: MagicMock, tmp_path: Path) -> None:
    from avatar_service import speech

    speech.speak("hello", tmp_path / "me.wav", tmp_path / "out.wav")
    library.assert_called_once()
