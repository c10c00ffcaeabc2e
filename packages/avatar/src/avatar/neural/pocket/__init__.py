"""Pocket TTS by Kyutai: speech on a CPU."""
