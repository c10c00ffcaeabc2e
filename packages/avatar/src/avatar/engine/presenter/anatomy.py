"""Where things are on a face, in head units, and the colours its spec gives it.

Head units: x to the viewer's right from the midline, y down from the line of the pupils; a head
is about 256 wide at the cheekbones and 350 from crown to chin. Light comes from the upper left.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from avatar.engine.presenter.pen import Colour, Point, hex_colour, luminance, mirrored, mix, shade, spline, tint
from avatar.engine.presenter.spec import Spec

EYE_Y = 2.0
EYE_X = 55.0
NOSE_Y = 66.0
MOUTH_Y = 111.0
CHIN_Y = 178.0
CROWN_Y = -170.0

# Right half of the skull and jaw, crown to chin, for the oval face.
_OVAL: tuple[Point, ...] = (
    (0, CROWN_Y), (54, -162), (100, -125), (125, -64), (127, 0), (121, 54),
    (106, 104), (76, 148), (36, 173), (0, CHIN_Y),
)  # fmt: skip

# How each face shape moves those points: index -> (dx, dy).
_SHAPES: dict[str, dict[int, Point]] = {
    "oval": {},
    "round": {4: (3, 0), 5: (6, 1), 6: (8, 1), 7: (8, -2), 8: (4, -4), 9: (0, -6)},
    "square": {5: (3, 2), 6: (7, 7), 7: (11, 6), 8: (10, 2), 9: (0, 1)},
    "heart": {2: (3, 0), 3: (4, 0), 4: (3, 0), 5: (-2, 0), 6: (-8, -2), 7: (-10, -1), 8: (-8, 1), 9: (0, 2)},
    "long": {3: (-3, 0), 4: (-4, 0), 5: (-3, 4), 6: (-2, 8), 7: (2, 11), 8: (3, 10), 9: (0, 9)},
    "diamond": {2: (-5, 0), 3: (-3, 0), 4: (3, 0), 5: (3, 2), 6: (-3, 2), 7: (-7, 2), 8: (-6, 3), 9: (0, 4)},
}


@dataclass(frozen=True)
class Face:
    """Derived shapes and colours of one spec."""

    spec: Spec

    @cached_property
    def masculine(self) -> float:
        """0 feminine, 1 masculine; what weights, lashes and jaws follow."""
        return {"feminine": 0.0, "androgynous": 0.5, "masculine": 1.0}[self.spec.presentation]

    @cached_property
    def aged(self) -> float:
        """0 up to 42 years, 1 at 80."""
        return min(1.0, max(0.0, (self.spec.age - 42) / 38))

    @cached_property
    def flat(self) -> bool:
        """Drawn in even areas, without soft shading."""
        return self.spec.art_style != "soft"

    @cached_property
    def inked(self) -> bool:
        """Drawn with a contour round everything."""
        return self.spec.art_style == "line"

    @cached_property
    def contour(self) -> list[Point]:
        """The head's outline, clockwise from the crown; a masculine jaw is wider, an old one softer."""
        moves = _SHAPES[self.spec.face_shape]
        own = 0.62 + 0.38 * self.masculine
        right: list[Point] = []
        for i, (x, y) in enumerate(_OVAL):
            dx, dy = moves.get(i, (0.0, 0.0))
            jaw = {4: 1.0, 5: 5.0, 6: 13.0, 7: 19.0, 8: 16.0}.get(i, 0.0) * (self.masculine - 0.42)
            sag = {6: 3.0, 7: 4.0}.get(i, 0.0) * self.aged
            lower = 6 * self.masculine if i > 6 else 0.0
            right.append(((x + dx * own + jaw + sag) * self.spec.face_width, y + dy * own + lower))
        right[0], right[-1] = (0.0, right[0][1]), (0.0, right[-1][1])
        return right + mirrored(right[1:-1])

    @cached_property
    def outline(self) -> Any:
        """`contour` as a path."""
        return spline(self.contour)

    @cached_property
    def chin(self) -> float:
        """y of the chin's lowest point at rest."""
        return self.contour[9][1]

    @cached_property
    def width(self) -> float:
        """Half-width at the cheekbones."""
        return self.contour[4][0]

    @cached_property
    def eye_x(self) -> float:
        """Distance of each pupil from the midline."""
        return EYE_X * self.spec.eye_spacing * (0.4 + 0.6 * self.spec.face_width)

    @cached_property
    def nose(self) -> float:
        """Width of the nose, 1 for a common one."""
        return self.spec.nose_width * (1 + 0.13 * self.masculine)

    @cached_property
    def depth(self) -> float:
        """0 for the fairest skin, 1 for the deepest."""
        return min(1.0, max(0.0, (0.86 - luminance(self.skin)) / 0.6))

    @cached_property
    def skin(self) -> Colour:
        """Skin in even light, with its undertone."""
        base = hex_colour(self.spec.skin)
        target = {"warm": hex_colour("d89a3e"), "cool": hex_colour("c07a90")}.get(self.spec.undertone)
        return base if target is None else mix(base, target, 0.10)

    @cached_property
    def skin_lit(self) -> Colour:
        """Skin turned to the light."""
        return tint(mix(self.skin, hex_colour("c98a63"), 0.22 * self.depth), 0.22 - 0.05 * self.depth)

    @cached_property
    def skin_shade(self) -> Colour:
        """Skin turned away from the light: redder before it is darker."""
        base = shade(self.skin, 0.24 + 0.06 * self.depth)
        return mix(base, (0.72, 0.30, 0.22, 1.0), 0.14 * (1 - self.depth))

    @cached_property
    def skin_deep(self) -> Colour:
        """Skin in creases and cast shadows."""
        return mix(shade(self.skin, 0.50), (0.45, 0.13, 0.10, 1.0), 0.14)

    @cached_property
    def line(self) -> Colour:
        """Lashes and the lips' meeting line."""
        return mix(shade(self.skin, 0.92), hex_colour("1d1214"), 0.45)

    @cached_property
    def blush(self) -> Colour:
        """Blood under the skin of the cheeks."""
        return mix(hex_colour("e2574f"), self.skin, 0.15 + 0.25 * self.depth + 0.30 * self.masculine)

    @cached_property
    def lip(self) -> Colour:
        """The lower lip in even light."""
        return hex_colour(self.spec.lip_colour)

    @cached_property
    def hair(self) -> Colour:
        """Hair in even light."""
        return hex_colour(self.spec.hair_colour)
