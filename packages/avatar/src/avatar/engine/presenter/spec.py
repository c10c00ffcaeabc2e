"""What a presenter looks like: every choice made, as JSON that can be given back and redrawn."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from avatar.engine.presenter import catalogue
from avatar.errors import InputError, nearest

SPEC_VERSION = 1
_LONGEST_PICTURE = 6_000_000


def _choices(name: str) -> tuple[str, ...] | None:
    return catalogue.CHOICES.get(name)


@dataclass(frozen=True)
class Spec:
    """The resolved look. Colours are "rrggbb"; the numbers' ranges stand in `RANGES`."""

    presentation: str
    age: float
    art_style: str
    face_shape: str
    skin: str
    hair_style: str
    parting: str
    hair_colour: str
    eye_colour: str
    lip_colour: str
    beard: str
    glasses: str
    glasses_colour: str
    earrings: str
    garment: str
    garment_colour: str
    under_colour: str
    background: str
    background_light: str
    background_dark: str
    smile: float
    face_width: float
    eye_size: float
    eye_spacing: float
    nose_width: float
    lip_fullness: float
    brow_weight: float
    build: float
    freckles: float
    texture_seed: int
    headwear: str = "none"
    headwear_colour: str = "6f2636"
    hearing_aid: str = "none"
    undertone: str = "neutral"
    mood: str = "neutral"
    background_picture: str = ""  # base64 of a PNG or JPEG, for the background "picture"

    @property
    def bearing(self) -> float:
        """Degrees by which the head rests turned to one side: nobody sits as straight as a passport picture."""
        turn = 3.5 + 2.5 * (self.texture_seed // 2 % 1000) / 1000
        return turn if self.texture_seed % 2 else -turn

    def to_json(self) -> dict[str, Any]:
        """All choices, with the version of this format."""
        return {"spec_version": SPEC_VERSION} | {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, parameters: Mapping[str, Any]) -> "Spec":
        """The spec that `to_json` wrote; other keys are left alone. Raises InputError when it is damaged."""
        if parameters.get("spec_version") != SPEC_VERSION:
            raise InputError(
                f"this portrait's spec has version {parameters.get('spec_version')!r}, not {SPEC_VERSION}",
                "paint the portrait again",
            )
        missing = [f.name for f in fields(cls) if f.name not in parameters and f.default is MISSING]
        if missing:
            raise InputError(f"this portrait's spec lacks {', '.join(missing)}", "paint the portrait again")
        given = [f for f in fields(cls) if f.name in parameters]
        return cls(**{f.name: _checked(f.name, f.type, parameters[f.name]) for f in given})


RANGES: dict[str, tuple[float, float]] = {
    "age": (18, 95),
    "smile": (0, 1),
    "face_width": (0.9, 1.1),
    "eye_size": (0.85, 1.15),
    "eye_spacing": (0.92, 1.08),
    "nose_width": (0.8, 1.3),
    "lip_fullness": (0.7, 1.4),
    "brow_weight": (0.6, 1.6),
    "build": (0.85, 1.2),
    "freckles": (0, 1),
    "texture_seed": (0, 2**32 - 1),
}


def _checked(name: str, kind: Any, value: Any) -> Any:
    if kind is str:
        return _checked_text(name, value)
    number = int if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, number):
        raise InputError(f"this portrait's {name} should be a number, not {value!r}")
    low, high = RANGES[name]
    if not low <= value <= high:
        raise InputError(f"this portrait's {name} is {value!r}, outside {low:g} to {high:g}")
    return value if kind is int else float(value)


def _checked_text(name: str, value: Any) -> str:
    allowed = _choices(name)
    if name == "background_picture":
        if not isinstance(value, str) or len(value) > _LONGEST_PICTURE or not re.fullmatch(r"[0-9A-Za-z+/]*=*", value):
            raise InputError("this portrait's background_picture should be a small picture in base64")
        return value
    if allowed is None:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{6}", value):
            raise InputError(f"this portrait's {name} should be a colour like 27364f, not {value!r}")
    elif value not in allowed:
        raise InputError(f"this portrait's {name} cannot be {value!r}", nearest(str(value), allowed))
    return str(value)
