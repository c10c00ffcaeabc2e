"""Ears for the bench: how many words a recogniser understands, who it sounds like, how clean it is.

Words by pocketsphinx with its own English model, identity by Resemblyzer's weights read with numpy, cleanness by
DNSMOS P.835 from speechmos. None of them is used by the product's base install.
"""

import importlib
import importlib.util
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatar.engine.speech.analysis import resampled
from avatar.engine.speech.checking import Pocketsphinx
from avatar.media import Audio

Floats = NDArray[np.float64]
RATE = 16000


def words_of(text: str) -> list[str]:
    """What is compared: lower-case words."""
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def errors(said: list[str], heard: list[str]) -> int:
    """Words wrong, missing and extra (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]


def word_errors(sentences: list[str], spoken: list[Audio]) -> float:
    """Percent of the words, each sentence heard as if it were the first."""
    heard = Pocketsphinx({})
    wrong = sum(errors(words_of(text), heard(audio)) for text, audio in zip(sentences, spoken, strict=True))
    return 100 * wrong / sum(len(words_of(text)) for text in sentences)


def together(spoken: list[Audio]) -> Audio:
    """One after the other."""
    return Audio(np.concatenate([audio.samples for audio in spoken]), spoken[0].rate)


class Identity:
    """Resemblyzer's encoder: 256 numbers of unit length that tell speakers apart, compared by their product."""

    def __init__(self) -> None:
        self._weights = _torch_weights(_package("resemblyzer") / "pretrained.pt")
        self._mel = _slaney_mel()

    def of(self, audio: Audio) -> Floats:
        """Mean over windows of 1.6 s, each 0.77 s after the one before, as Resemblyzer does it."""
        power = self._powers(_trimmed(resampled(audio.samples, audio.rate, RATE).astype(np.float64)))
        power = np.pad(power, ((0, max(0, 160 - len(power))), (0, 0)))
        windows = np.stack([power[start : start + 160] for start in range(0, len(power) - 159, 77)])
        parts = np.maximum(
            0, self._recurrent(windows) @ self._weights["linear.weight"].T + self._weights["linear.bias"]
        )
        mean = (parts / np.linalg.norm(parts, axis=1, keepdims=True)).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float64)

    def _powers(self, samples: Floats) -> Floats:
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, 200), 400)[::160]
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
        return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2 @ self._mel.T, dtype=np.float64)

    def _recurrent(self, inputs: Floats) -> Floats:
        for layer in range(3):
            wi, wh, bi, bh = (
                self._weights[f"lstm.{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            driven = inputs @ wi.T + bi + bh
            state = cell = np.zeros((len(inputs), 256))
            outputs = np.empty((*inputs.shape[:2], 256))
            for t in range(inputs.shape[1]):
                into, keep, new, out = np.split(driven[:, t] + state @ wh.T, 4, axis=1)
                cell = _sigmoid(keep) * cell + _sigmoid(into) * np.tanh(new)
                state = _sigmoid(out) * np.tanh(cell)
                outputs[:, t] = state
            inputs = outputs
        return state


class Cleanness:
    """DNSMOS P.835: overall quality, 1 to 5."""

    def __init__(self) -> None:
        model = _package("speechmos") / "dnsmos_models" / "sig_bak_ovr.onnx"
        self._model = importlib.import_module("onnxruntime").InferenceSession(
            str(model), providers=["CPUExecutionProvider"]
        )

    def of(self, audio: Audio) -> float:
        """Mean over windows of 9.01 s, one every three seconds, with the published correction."""
        samples = resampled(audio.samples, audio.rate, RATE)
        size = int(9.01 * RATE)
        samples = np.resize(samples, max(size, len(samples)))
        raw = [self._overall(samples[start : start + size]) for start in range(0, len(samples) - size + 1, 3 * RATE)]
        return float(np.mean(np.polyval([-0.06766283, 1.11546468, 0.04602535], raw)))

    def _overall(self, samples: NDArray[np.float32]) -> float:
        return float(self._model.run(None, {"input_1": samples[None].astype(np.float32)})[0][0][2])


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    assert found is not None, f"{name} is missing: make bench-voice sets its environment up"
    assert found.origin is not None
    return Path(found.origin).parent


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)), dtype=np.float64)


def _trimmed(samples: Floats) -> Floats:
    """At least -30 dBFS, long silences shortened: Resemblyzer's own preparation."""
    power = float(np.mean(samples**2)) + 1e-12
    samples = np.clip(samples * max(1.0, 10 ** (-30 / 20) / power**0.5), -1, 1)
    detector = importlib.import_module("webrtcvad").Vad(3)
    windows = samples[: len(samples) // 480 * 480].reshape(-1, 480)
    voiced = [detector.is_speech((window * 32767).astype("<i2").tobytes(), RATE) for window in windows]
    smooth = np.convolve(np.pad(np.asarray(voiced, dtype=float), (3, 4)), np.ones(8) / 8, mode="valid")
    kept = np.convolve(np.round(smooth), np.ones(7), mode="same") > 0
    return np.asarray(windows[kept].reshape(-1), dtype=np.float64)


def _slaney_mel() -> Floats:
    """(40, 201) triangles of equal area on Slaney's scale: straight to 1 kHz, logarithmic above."""
    step = np.log(6.4) / 27
    marks = np.linspace(0, 15 + np.log(8) / step, 42)
    edges = np.where(marks < 15, marks * 200 / 3, 1000 * np.exp(step * (marks - 15)))
    bins = np.linspace(0, RATE / 2, 201)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.maximum(0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    return np.asarray(triangles * 2 / (high - low), dtype=np.float64)


@dataclass
class _Reader:
    """Unpickles nothing but tensors' shapes: every other global becomes a harmless stand-in."""

    kinds: dict[str, str] = field(default_factory=dict)

    def load(self, file: Any) -> Any:
        reader = self

        class Unpickler(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Callable[..., Any] | str:
                if name == "OrderedDict":
                    return OrderedDict
                if name.endswith("Storage"):
                    return name
                return lambda *values: values

            def persistent_load(self, pid: Any) -> str:
                reader.kinds[pid[2]] = pid[1]
                return str(pid[2])

        return Unpickler(file).load()


def _torch_weights(path: Path) -> dict[str, Floats]:
    """The model's tensors from PyTorch's format before 1.6: pickles, then each storage as count and numbers."""
    with path.open("rb") as file:
        for _ in range(3):
            pickle.load(file)
        reader = _Reader()
        model = reader.load(file)["model_state"]
        data = {}
        for key in pickle.load(file):
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            kind = "<f4" if reader.kinds[key] == "FloatStorage" else "<i8"
            data[key] = np.frombuffer(file.read(count * np.dtype(kind).itemsize), kind)
    return {name: _tensor(data, value) for name, value in model.items() if isinstance(value, tuple)}


def _tensor(data: dict[str, Any], value: tuple[Any, ...]) -> Floats:
    storage, start, shape = value[:3]
    size = int(np.prod(shape))
    return np.asarray(data[storage][start : start + size].reshape(shape), dtype=np.float64)
