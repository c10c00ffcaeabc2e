"""The embedded engine passes the contracts."""

from avatar.engine.presenter import EmbeddedLipSync, EmbeddedPainter
from avatar.engine.speech import EmbeddedSpeech
from avatar.media import Portrait
from avatar.testing.contracts import SIZE, LipSyncContract, PainterContract, SpeechContract


class TestEmbeddedSpeech(SpeechContract):
    def make(self) -> EmbeddedSpeech:
        return EmbeddedSpeech()


class TestEmbeddedPainter(PainterContract):
    def make(self) -> EmbeddedPainter:
        return EmbeddedPainter()


class TestEmbeddedLipSync(LipSyncContract):
    def make(self) -> EmbeddedLipSync:
        return EmbeddedLipSync()

    def portrait(self) -> Portrait:
        return EmbeddedPainter().paint("a woman, plain background", 1, SIZE)
