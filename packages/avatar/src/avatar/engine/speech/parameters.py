"""What a voice of the embedded engine is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from avatar.engine.speech.melody import Melody
from avatar.engine.speech.tone import Tone
from avatar.errors import InputError

DEFAULT_RATE = 160
"""Words a minute, as espeak-ng counts them."""

UNCHECKED = {"result": "unchecked"}
"""What is said of a voice that no recogniser has heard."""

DEFAULT_LIKENESS = 0.6
"""How far matching goes when nobody says: chosen on the tuning list, see docs/voice.md."""

DEFAULT_LEVEL_DB = 8.3
"""Gain that brings the unmatched base to the target loudness."""


@dataclass(frozen=True)
class Parameters:
    """The synthesiser's settings.

    `klatt` chooses its source model, `pitch` are the low and high ends of its range in Hz
    (None: the model's own), `melody` is what becomes of its pitch behind it, `formants` scales the resonances in
    percent, `rate` is in words a minute and `level_db` the fixed gain to the target loudness. `tone` filters,
    `reference` holds the figures of the recording. `likeness` from 0 to 1 is how far matching went, `check` what a
    recogniser said of it.
    """

    klatt: int = 4
    pitch: tuple[int, int] | None = None
    melody: Melody | None = None
    formants: int = 100
    rate: int = DEFAULT_RATE
    level_db: float = DEFAULT_LEVEL_DB
    tone: Tone | None = None
    reference: Mapping[str, Any] = field(default_factory=dict)
    likeness: float = 0.0
    check: Mapping[str, Any] = field(default_factory=lambda: dict(UNCHECKED))

    def variant(self) -> str:
        """The lines of an espeak-ng voice variant."""
        lines = [f"klatt {self.klatt}"]
        if self.pitch is not None:
            lines.append(f"pitch {self.pitch[0]} {self.pitch[1]}")
        if self.formants != 100:
            lines += [f"formant {i} {self.formants} 100 100" for i in range(9)]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "base": f"klatt{self.klatt}",
            "klatt": self.klatt,
            "pitch": None if self.pitch is None else list(self.pitch),
            "melody": None if self.melody is None else self.melody.to_json(),
            "formants": self.formants,
            "rate": self.rate,
            "level_db": self.level_db,
            "gain_db": None if self.tone is None else self.tone.to_json(),
            "reference": dict(self.reference),
            "likeness": self.likeness,
            "check": dict(self.check),
            "similarity": None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Parameters":
        """The inverse of `to_json`; InputError when a value is missing or of the wrong kind."""
        try:
            pitch = values["pitch"]
            return cls(
                klatt=int(values["klatt"]),
                pitch=None if pitch is None else (int(pitch[0]), int(pitch[1])),
                melody=_melody(values),
                formants=int(values["formants"]),
                rate=int(values["rate"]),
                level_db=float(values["level_db"]),
                tone=None if values["gain_db"] is None else Tone.from_json(values["gain_db"]),
                reference=dict(values["reference"]),
                likeness=float(values.get("likeness", 1.0)),
                check=dict(values.get("check", UNCHECKED)),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(f"the voice's parameters are damaged: {error!r}", "learn the voice again") from error


def _melody(values: Mapping[str, Any]) -> Melody | None:
    """Voices learnt by version 9 have a factor in its place, older ones nothing."""
    if (lift := float(values.get("lift", 1.0))) != 1:
        return Melody(1.0, lift, 1.0)
    melody = values.get("melody")
    return None if melody is None else Melody.from_json(melody)
