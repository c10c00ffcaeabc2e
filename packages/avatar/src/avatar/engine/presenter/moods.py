"""How a mood moves a person: factors on what the speech asks for, and where the face rests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """1 and 0 are neutral. The smile is kept between `least` and `most`; brows rest `raised`, `worried` inside."""

    nods: float = 1.0
    brows: float = 1.0
    turns: float = 1.0
    tilts: float = 1.0
    least: float = 0.0
    most: float = 1.0
    raised: float = 0.0
    worried: float = 0.0
    wide: float = 0.0

    def smile(self, own: float) -> float:
        """The face's own smile, in this mood."""
        return min(self.most, max(self.least, own))


MOODS: dict[str, Mood] = {
    "neutral": Mood(),
    "warm": Mood(nods=1.15, turns=0.9, tilts=1.5, least=0.55, raised=0.06, worried=0.14),
    "serious": Mood(nods=0.8, brows=0.55, turns=0.65, tilts=0.5, most=0.06, raised=-0.16, worried=-0.42, wide=-0.06),
    "excited": Mood(nods=1.5, brows=1.6, turns=1.35, tilts=1.2, least=0.62, raised=0.20, wide=0.22),
}
