"""The fakes pass the contracts they are shipped with."""

from avatar.media import Portrait
from avatar.testing.contracts import SIZE, LipSyncContract, PainterContract, SpeechContract
from avatar.testing.fakes import PlainLipSync, PlainPainter, ToneSpeech


class TestToneSpeech(SpeechContract):
    def make(self) -> ToneSpeech:
        return ToneSpeech()


class TestPlainPainter(PainterContract):
    def make(self) -> PlainPainter:
        return PlainPainter()


class TestPlainLipSync(LipSyncContract):
    def make(self) -> PlainLipSync:
        return PlainLipSync()

    def portrait(self) -> Portrait:
        return PlainPainter().paint("", 1, SIZE)
