"""XTTS-v2 in the environment of coqui-tts."""
