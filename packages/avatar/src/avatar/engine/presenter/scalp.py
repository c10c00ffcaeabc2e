"""Hair that is too short for strands."""

from typing import Any

import numpy as np
import skia

from avatar.engine.presenter.anatomy import Face
from avatar.engine.presenter.pen import clipped, fade, fill, glow, mirrored, shade, spline, stroke, tint


def draw_stubble(canvas: Any, face: Face, opacity: float) -> None:
    """Clipped hair over the skull down to the sideburns."""
    if opacity <= 0:
        return
    w = face.width
    hairline = [(w + 6, 20.0), (w - 12, 14), (w - 15, -30), (w - 22, -72), (w - 42, -104), (58, -115), (0.0, -120)]
    right = [(0.0, -181), (60, -173), (112, -136), (w + 10, -70), *hairline]
    shape = spline([*right, *mirrored(right)[1:]])
    with clipped(canvas, _skull(face)):
        canvas.drawPath(shape, fill(fade(face.hair, opacity), 0 if face.flat else 4.5))
        if not face.flat:
            _grain(canvas, face, shape)
            with clipped(canvas, shape):
                glow(canvas, (-48, -136), (72, 44), fade(tint(face.hair, 0.55), 0.30))
                glow(canvas, (84, -101), (60, 100), fade(shade(face.hair, 0.7), 0.35))


def _skull(face: Face) -> Any:
    """The head's outline, a finger's breadth wider above the ears."""
    return spline([(x * (1.02 if y < -20 else 1.0), y * (1.025 if y < -20 else 1.0)) for x, y in face.contour])


def _grain(canvas: Any, face: Face, shape: Any) -> None:
    rng = np.random.default_rng([face.spec.texture_seed, 41])
    for colour in (fade(shade(face.hair, 0.45), 0.40), fade(tint(face.hair, 0.35), 0.28)):
        path = skia.Path()
        for _ in range(1500):
            x, y = float(rng.uniform(-136, 136)), float(rng.uniform(-200, 12))
            if shape.contains(x, y):
                path.moveTo(x, y)
                path.lineTo(x + x / 60 + float(rng.normal(0, 0.7)), y + 3.2)
        canvas.drawPath(path, stroke(colour, 0.9))
