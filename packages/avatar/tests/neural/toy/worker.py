"""A worker that needs numpy only, does what it is told, and breaks in every way a worker can."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Backend:
    """Doubles numbers, hums, or misbehaves."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing to load; prints, which must not disturb the protocol."""
        print("loading", *models)
        os.write(1, b"and straight to the file descriptor\n")
        return {"rate": 16000, "can_clone": "cloning" in models, "models": sorted(models), "numpy": np.__version__}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]:
        """What the call's name says."""
        if call == "double":
            for step in range(3):
                tell(step / 3)
                yield {"step": step}, {"x": arrays["x"] * 2}
        elif call == "learn":
            spectrum = np.abs(np.fft.rfft(arrays["samples"][:16000]))
            yield {}, {"state": np.frombuffer(np.float32(spectrum.argmax()).tobytes(), np.uint8)}
        elif call == "speak":
            hertz = float(np.frombuffer(arrays["state"].tobytes(), np.float32)[0]) if "state" in arrays else 220.0
            times = np.arange(len(options["text"]) * 800) / 16000
            yield {"rate": 16000}, {"samples": (0.3 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)}
        else:
            yield from getattr(self, f"_{call}")(options, tell)

    def _count(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        for step in range(10_000):
            tell(step / 10_000)
            time.sleep(0.01)
        yield {}, {}

    def _refuse(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        raise ValueError("the text is too blue")
        yield

    def _exhaust(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        raise MemoryError("14 GB wanted")
        yield

    def _break(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        raise RuntimeError("a wheel came off")
        yield

    def _abort(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        print("about to abort", file=sys.stderr)
        os.abort()
        yield

    def _hang(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        time.sleep(600)
        yield

    def _child(self, options: Mapping[str, Any], tell: Callable[[float], None]) -> Iterator[Any]:
        import subprocess

        yield {"pid": subprocess.Popen(["sleep", "600"]).pid}, {}
