"""Photos of phones: HEIC, where the extra `avatar-pipeline[heic]` is installed.

pi-heif's wheels carry libheif and libde265 (LGPL) as shared libraries of their own, and no encoder.
"""

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from avatar.errors import BackendUnavailable, InputError
from avatar.media import Frame

_GET_IT = "pip install 'avatar-pipeline[heic]', or save it as JPEG"
_SAVE_IT = "save it as JPEG or PNG"


class Heif:
    """One HEIC file: `size` is known before any of its pixels is decoded."""

    def __init__(self, data: bytes, path: Path) -> None:
        """Raises BackendUnavailable without the extra, InputError for a damaged file."""
        library = _library(path)
        self._path = path
        try:
            self._file = library.open_heif(io.BytesIO(data))
        except (ValueError, EOFError, OSError, RuntimeError, SyntaxError) as error:
            raise self._damaged(error) from error
        width, height = self._file.size
        self.size = int(width), int(height)

    def pixels(self) -> tuple[Frame, bool]:
        """(h, w, 4) RGBA, turned as the camera was held, and whether its colours are premultiplied."""
        try:
            picture = np.asarray(self._file)
        except (ValueError, EOFError, OSError, RuntimeError, SyntaxError) as error:
            raise self._damaged(error) from error
        colour = picture if picture.ndim == 3 else picture[..., None]
        frame = np.full((*picture.shape[:2], 4), 255, np.uint8)
        frame[..., :3] = colour[..., :3] if colour.shape[2] >= 3 else colour[..., :1]
        if self._file.has_alpha:
            frame[..., 3] = colour[..., -1]
        return frame, bool(self._file.premultiplied_alpha)

    def _damaged(self, error: Exception) -> InputError:
        said = (str(error).splitlines() or ["damaged"])[0]
        return InputError(f"the photo {self._path} cannot be read: {said}", _SAVE_IT)


def _library(path: Path) -> Any:
    try:
        return importlib.import_module("pi_heif")
    except ImportError as error:
        raise BackendUnavailable(f"the photo {path} is HEIC, which needs the package pi-heif", _GET_IT) from error
