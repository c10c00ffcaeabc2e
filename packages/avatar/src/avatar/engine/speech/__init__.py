"""The embedded speech engine: espeak-ng in a process of its own, matched to a reference recording by filters."""

from avatar.engine.speech.engine import EmbeddedSpeech

__all__ = ["EmbeddedSpeech"]
