"""Qwen3-TTS in the environment of qwen-tts."""
