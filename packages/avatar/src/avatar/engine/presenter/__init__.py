"""The illustrated presenter: a rigged vector drawing that speaks.

`painter` reads a prompt (`prompt`, `vocabulary`) and casts a `spec` with the seed (`casting`,
`catalogue`). `lipsync` turns sound into poses (`lips`, `motion`) and draws them with the `rig`:
still layers (`background` with its `scenes`, `body`, `head`, `hair`, `accessories`) are cached, eyes and mouth are
redrawn, and the `warp` turns the head.
"""

from avatar.engine.presenter.lipsync import EmbeddedLipSync
from avatar.engine.presenter.painter import EmbeddedPainter

__all__ = ["EmbeddedLipSync", "EmbeddedPainter"]
