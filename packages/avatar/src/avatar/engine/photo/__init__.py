"""A photo brought to speak: the picture itself is warped, and a mouth and lids drawn into it."""

from avatar.engine.photo.framing import own_size
from avatar.engine.photo.lipsync import PhotoLipSync, parameters_of

__all__ = ["PhotoLipSync", "own_size", "parameters_of"]
