"""What may happen when. State is a pure fold: `apply(workflow, event)` gives the next state or refuses."""

from pic.rules.authority import allowed, authority, denied, right_model
from pic.rules.fold import apply, fold, replay
from pic.rules.gates import blocking, gate_state

__all__ = [
    "allowed",
    "apply",
    "authority",
    "blocking",
    "denied",
    "fold",
    "gate_state",
    "replay",
    "right_model",
]
