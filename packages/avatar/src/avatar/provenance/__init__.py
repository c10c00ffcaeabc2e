"""Where a file comes from: signed into it by C2PA, and read from it again.

The EU AI Act asks of who makes synthetic media that a machine can tell (Article 50(2), binding since 2 August 2026).
"""

from avatar.provenance.claim import Claim, Ingredient
from avatar.provenance.reading import Report, verify
from avatar.provenance.signing import sign

__all__ = ["Claim", "Ingredient", "Report", "sign", "verify"]
