"""From a request and a seed to a full spec: what the words leave open, the seed decides."""

from typing import Any

import numpy as np

from avatar.engine.presenter import catalogue
from avatar.engine.presenter.hair_styles import STYLES
from avatar.engine.presenter.pen import Colour, hex_colour, luminance, mix
from avatar.engine.presenter.prompt import Request
from avatar.engine.presenter.spec import Spec

Generator = np.random.Generator


def cast(request: Request, seed: int) -> Spec:
    """The spec; each field's random choice is drawn whether it is used or not, so one word moves one thing."""
    return _Casting(request, np.random.default_rng([seed % 2**32, 1])).spec()


class _Casting:
    """Resolves one field after the other; later fields look at earlier ones."""

    def __init__(self, request: Request, rng: Generator) -> None:
        self._asked, self._notes, self._rng = request.choices, request.notes, rng
        self._done: dict[str, Any] = {}

    def spec(self) -> Spec:
        self._person()
        self._hair()
        self._details()
        self._worn()
        self._scene()
        self._extras()
        return Spec(**self._done)

    def _one_of(self, options: tuple[str, ...] | list[str], weights: list[float] | None = None) -> str:
        p = np.array(weights or [1.0] * len(options))
        return str(options[int(self._rng.choice(len(options), p=p / p.sum()))])

    def _pick(self, slot: str, fallback: Any) -> Any:
        self._done[slot] = value = self._asked.get(slot, fallback)
        return value

    def _person(self) -> None:
        implied = "masculine" if self._asked.get("beard", "none") != "none" else None
        drawn = self._one_of(["feminine", "masculine"])
        self._pick("presentation", implied or drawn)
        self._pick("age", float(np.clip(round(self._rng.normal(34, 8)), 22, 60)))
        self._pick("art_style", "soft")
        self._pick("face_shape", self._one_of(catalogue.CHOICES["face_shape"], [4, 2, 1.4, 2, 1.3, 1.3]))
        tone = str(self._asked.get("skin", self._one_of(list(catalogue.SKINS), [1, 1.6, 1.4, 1.2, 1.3, 1, 0.8])))
        self._done["skin"] = catalogue.SKINS[tone]
        self._dark = list(catalogue.SKINS).index(tone) >= 4

    def _hair(self) -> None:
        presentation = self._done["presentation"]
        styles = list(catalogue.HAIR_STYLES[presentation])
        if self._dark:
            styles += ["afro", "afro"] if presentation == "feminine" else ["buzz", "afro"]
        drawn = self._one_of(styles)
        self._wave = self._one_of(["long_wavy", "long_straight"], [3, 2])
        self._pick("parting", self._one_of(["left", "right"], [3, 2]))
        look = self._asked.get("hair_look")
        self._pick("hair_style", self._styled(str(look)) if look else drawn)
        if look and "hair_style" in self._asked and self._asked["hair_style"] != self._styled(str(look)):
            self._note_hair(str(look))
        self._done["hair_colour"] = self._hair_colour()

    def _note_hair(self, look: str) -> None:
        style = self._done["hair_style"]
        fits = {
            "long": ("ponytail", "bun", "long_straight", "long_wavy"),
            "short": ("pixie", "crop", "bob", "quiff", "side_part", "slick_back"),
        }
        if style not in fits.get(look, ()):
            self._notes.append(
                f"hair_style: {look.replace('_', ' ')!r} hair and {style!r} were both asked for; {style!r} is used"
            )

    def _styled(self, look: str) -> str:
        feminine = self._done["presentation"] == "feminine"
        return {
            "long": self._wave,
            "short": "pixie" if feminine else "side_part",
            "short_wavy": "pixie" if feminine else "quiff",
        }.get(look, look)

    def _hair_colour(self) -> str:
        names = list(catalogue.HAIR_COLOURS)
        weights = [4.0, 3, 1, 0.2, 0.2, 0, 0.1, 0, 0, 0] if self._dark else [1.6, 2, 2.4, 1.6, 1.2, 1, 1.5, 0.4, 0.1, 0]
        age = self._done["age"]
        if age > 52:
            weights[8] += (age - 52) / 2.0
            weights[9] += max(0.0, (age - 66) / 2.0)
        drawn = self._one_of(names, weights)
        asked = self._asked.get("hair_colour")
        return catalogue.HAIR_COLOURS[drawn] if asked is None else _hair_tone(str(asked))

    def _details(self) -> None:
        rng, feminine = self._rng, self._done["presentation"] == "feminine"
        eyes = self._one_of(
            list(catalogue.EYE_COLOURS), [1, 0.1, 0, 0, 0, 2] if self._dark else [2, 1, 1, 1.2, 0.7, 0.5]
        )
        self._done["eye_colour"] = _palette(catalogue.EYE_COLOURS, self._asked.get("eye_colour", eyes))
        self._done["lip_colour"] = self._lips(feminine)
        beards = ["none", "stubble", "short", "full", "goatee", "moustache"]
        drawn = self._one_of(beards, [5, 2.2, 1.6, 1, 0.4, 0.3])
        self._pick("beard", drawn if self._done["presentation"] == "masculine" else "none")
        self._pick("smile", float(round(rng.uniform(0.30, 0.55), 3)))
        for slot, low, high in (
            ("face_width", 0.96, 1.04), ("eye_size", 0.94, 1.06), ("eye_spacing", 0.97, 1.03),
            ("nose_width", 0.88, 1.08),
            ("lip_fullness", 0.90, 1.14), ("brow_weight", 0.85, 1.15), ("build", 0.95, 1.06),
        ):  # fmt: skip
            self._pick(slot, float(round(rng.uniform(low, high), 3)))
        if self._dark:
            self._done["nose_width"] = round(self._done["nose_width"] * 1.10, 3)
            self._done["lip_fullness"] = round(self._done["lip_fullness"] * 1.12, 3)
        freckled = rng.random() < 0.12 and self._done["skin"] in (catalogue.SKINS["fair"], catalogue.SKINS["light"])
        self._pick("freckles", 0.7 if freckled else 0.0)
        self._done["texture_seed"] = int(rng.integers(0, 2**32 - 1))

    def _lips(self, feminine: bool) -> str:
        skin = hex_colour(self._done["skin"])
        asked = self._asked.get("lip_colour")
        if asked is not None:
            return _written(mix(hex_colour(_palette(catalogue.COLOURS, asked)), skin, 0.12))
        rose = hex_colour("c04f56") if not self._dark else hex_colour("b0515a")
        return _written(mix(skin, rose, 0.56 if feminine else 0.32))

    def _worn(self) -> None:
        feminine = self._done["presentation"] == "feminine"
        self._pick("glasses", self._one_of(["none", "round", "square", "browline"], [7, 1, 1.3, 0.6]))
        drawn = self._one_of(["black", "charcoal", "brown", "gold", "navy"])
        self._done["glasses_colour"] = _palette(catalogue.COLOURS, self._asked.get("glasses_colour", drawn))
        self._pick("earrings", self._one_of(["none", "stud", "hoop"], [3, 2, 1] if feminine else [30, 1, 0]))
        weights = _WORN_BY["women" if feminine else "men"]
        self._pick("garment", self._one_of(catalogue.CHOICES["garment"], weights))
        cloth = self._one_of(catalogue.GARMENT_COLOURS)
        self._done["garment_colour"] = _palette(catalogue.COLOURS, self._asked.get("garment_colour", cloth))
        under = self._one_of(catalogue.UNDER_COLOURS, [4, 2, 1.5, 1, 0.8, 0.8])
        self._done["under_colour"] = _palette(catalogue.COLOURS, self._asked.get("under_colour", under))

    def _extras(self) -> None:
        """What came to the spec later draws later, so that older seeds keep their people."""
        self._pick("undertone", self._one_of(["neutral", "warm", "cool"], [3, 1, 1]))
        self._pick("headwear", "none")
        cloth = self._one_of(["burgundy", "navy", "teal", "mustard", "lavender", "charcoal"])
        asked = self._asked.get("headwear_colour", cloth)
        self._done["headwear_colour"] = _palette(catalogue.COLOURS, asked)
        self._pick("hearing_aid", "none")
        self._pick("mood", "neutral")
        self._contradictions()

    def _contradictions(self) -> None:
        """Choices of which one hides the other, said aloud."""
        done, asked = self._done, self._asked
        if done["headwear"] != "none" and not {"hair_style", "hair_look"}.isdisjoint(asked):
            self._notes.append(f"hair_style: the {done['headwear']} covers the hair")
        hidden = done["headwear"] == "scarf" or STYLES[done["hair_style"]]().covers_ears
        for slot in ("hearing_aid", "earrings"):
            if hidden and asked.get(slot, "none") != "none":
                self._notes.append(f"{slot}: the ears are covered, so it is not seen")

    def _scene(self) -> None:
        kinds = [k for k in catalogue.CHOICES["background"] if k not in _NEVER_DRAWN]
        self._pick("background", self._one_of(kinds))
        backdrop = catalogue.BACKDROPS[int(self._rng.integers(len(catalogue.BACKDROPS)))]
        if self._asked.get("scene_light") == "night":
            backdrop = catalogue.BACKDROPS[6]
        elif self._asked.get("scene_light") == "day" and luminance(hex_colour(backdrop[0])) < 0.45:
            backdrop = catalogue.BACKDROPS[0]
        asked = self._asked.get("background_colour")
        if self._done["background"] == "brand":
            colour = hex_colour(_palette(catalogue.COLOURS, asked or "blue"))
            backdrop = (_written(colour), _written(mix(colour, (0.05, 0.06, 0.1, 1), 0.30)))
        elif asked is not None:
            colour = hex_colour(_palette(catalogue.COLOURS, asked))
            backdrop = (_written(mix(colour, (1, 1, 1, 1), 0.22)), _written(mix(colour, (0.05, 0.06, 0.1, 1), 0.38)))
        self._done["background_light"], self._done["background_dark"] = backdrop


_NEVER_DRAWN = ("plain", "brand", "picture", "transparent")
"""Backgrounds that only words choose."""

_WORN_BY = {
    "women": [4, 0.3, 1.2, 1, 1.4, 1.4, 1.2, 0.5, 1.3, 1.0, 0.3, 0.2],
    "men": [3, 1.3, 2, 1, 1.2, 1.3, 0.5, 1, 0.7, 0, 1.2, 0.2],
}
"""How often each garment of the catalogue is drawn."""


def _palette(palette: dict[str, str], name: str | float) -> str:
    """A named colour, from the palette itself or from the common one."""
    text = str(name)
    if text.startswith("#"):
        return text[1:].lower()
    found = palette.get(text) or catalogue.COLOURS.get(text) or catalogue.HAIR_COLOURS.get(text)
    return found or next(iter(palette.values()))


def _hair_tone(name: str) -> str:
    """Hair takes natural tones by name and dyed ones from the common palette."""
    alias = {
        "dark": "dark brown",
        "gold": "blonde",
        "yellow": "blonde",
        "silver": "grey",
        "orange": "red",
        "tan": "light brown",
    }
    return _palette(catalogue.HAIR_COLOURS, alias.get(name, name))


def _written(colour: Colour) -> str:
    return "".join(f"{round(255 * min(1.0, max(0.0, v))):02x}" for v in colour[:3])
