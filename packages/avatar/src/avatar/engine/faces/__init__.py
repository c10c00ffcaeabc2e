"""Faces in pictures: where they are, their mesh, how they are turned, and whether they could speak."""

from avatar.engine.faces.finder import FaceFinder
from avatar.engine.faces.reading import Face

__all__ = ["Face", "FaceFinder"]
