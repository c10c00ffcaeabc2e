"""What is said of a file: how it came about, from what, and with whose consent. Terms of C2PA 2.2 and IPTC."""

from dataclasses import dataclass
from typing import Any

from avatar import __version__

_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"

SYNTHETIC = _SOURCE_TYPE + "algorithmicMedia"
"""Made by an algorithm that was not trained on recordings of anybody: the drawn presenter, the default voice."""

TRAINED = _SOURCE_TYPE + "trainedAlgorithmicMedia"
"""Made by a model that learnt from recordings: a matched voice, a neural backend."""

COMPOSITE = _SOURCE_TYPE + "compositeWithTrainedAlgorithmicMedia"
"""Of something recorded and something made: a photograph that speaks, a portrait that speaks a recording."""

ASSERTION = "io.avatar-pipeline.making"


@dataclass(frozen=True)
class Ingredient:
    """Something the file was made from: what it was, and the SHA-256 of its file or data."""

    role: str
    sha256: str


@dataclass(frozen=True)
class Claim:
    """What a signature says. `consent` is the id of the consent record; `text` is there only where that was asked."""

    source: str
    ingredients: tuple[Ingredient, ...] = ()
    consent: str | None = None
    engines: tuple[str, ...] = ()
    text: str | None = None

    def manifest(self, title: str, media_type: str) -> dict[str, Any]:
        """The manifest of C2PA: the action "created", and an assertion of our own with the rest."""
        agent = {"name": "avatar-pipeline", "version": __version__}
        created = {"action": "c2pa.created", "digitalSourceType": self.source, "softwareAgent": agent}
        making: dict[str, Any] = {
            "ingredients": [{"role": one.role, "sha256": one.sha256} for one in self.ingredients],
            "engines": list(self.engines),
        }
        if self.consent is not None:
            making["consent"] = self.consent
        if self.text is not None:
            making["text"] = self.text
        return {
            "claim_generator_info": [agent],
            "title": title,
            "format": media_type,
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
                {"label": ASSERTION, "data": making},
            ],
        }
