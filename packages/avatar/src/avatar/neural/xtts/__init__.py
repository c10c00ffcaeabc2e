"""XTTS-v2, by the fork of Coqui's TTS that is alive."""
