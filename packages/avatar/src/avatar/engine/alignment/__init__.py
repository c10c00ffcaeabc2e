"""Where each sound and word of a recording is."""

from avatar.engine.alignment.aligner import Aligner, Alignment

__all__ = ["Aligner", "Alignment"]
