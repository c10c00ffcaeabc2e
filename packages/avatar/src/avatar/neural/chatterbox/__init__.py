"""Chatterbox in the environment of chatterbox-tts."""
