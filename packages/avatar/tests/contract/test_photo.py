"""The animator of photos passes the contract of lip sync."""

from typing import Any

import pytest

from avatar.engine.photo import PhotoLipSync, parameters_of
from avatar.media import Portrait
from avatar.testing.contracts import LipSyncContract


class TestPhotoLipSync(LipSyncContract):
    @pytest.fixture(autouse=True)
    def _with_face(self, drawn_face: Any) -> None:
        self._face = drawn_face

    def make(self) -> PhotoLipSync:
        return PhotoLipSync()

    def portrait(self) -> Portrait:
        parameters = parameters_of(self._face.points, (), 256.0)
        return Portrait("drawn", "photo", self._face.image, parameters)
