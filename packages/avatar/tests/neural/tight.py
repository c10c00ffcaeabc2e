"""A worker with little memory: it takes thirty characters, small pictures, one frame at once. Copied beside a toy."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOM = {"speak": 40, "paint": 200 * 200, "animate": 1}


class Backend:
    """Answers each call small enough; says MemoryError to the others."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to load."""
        self._room = {call: room * options.get("room", 1) for call, room in ROOM.items()}
        return {"rate": 16000}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]:
        """Speak a tone, paint grey, or number the frames."""
        if call == "speak":
            self._check(call, len(options["text"]))
            yield {"rate": 16000}, {"samples": np.full(800 * len(options["text"]), 0.1, np.float32)}
        elif call == "paint":
            width, height = options["size"]
            self._check(call, width * height)
            yield {}, {"image": np.full((height, width, 3), 128, np.uint8)}
        else:
            batch, frames = options.get("batch", 4), options["frames"]
            for at in range(options.get("from", 0), frames, batch):
                if at:
                    self._check(call, batch)  # the first batch still fits
                numbers = np.arange(at, min(at + batch, frames), dtype=np.uint8)
                yield {"left": 0, "top": 0}, {"region": np.tile(numbers[:, None, None, None], (1, 2, 2, 3))}

    def _check(self, call: str, size: int) -> None:
        if size > self._room[call]:
            raise MemoryError(f"{size} is more than {self._room[call]}")
