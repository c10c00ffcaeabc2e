"""Chatterbox (Resemble AI 2025) inside its own environment: chatterbox-tts 0.1.7, loaded from local files only.

Everything it says carries Resemble's Perth watermark; where the watermarker is missing it does not load.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import soundfile
import torch
from chatterbox.models.t3.modules.cond_enc import T3Cond
from chatterbox.tts import ChatterboxTTS, Conditionals
from numpy.typing import NDArray
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from avatar.neural.alive import heard

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]


class Backend:
    """Learns a voice as the model's conditions, and speaks with them."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load the speaker's encoder, the language model, the vocoder and the built-in voice."""
        torch.set_num_threads(int(options.get("threads", 2)))
        self._model = ChatterboxTTS.from_local(models["chatterbox"], options["device"])
        self._stock = self._model.conds
        return {"rate": int(self._model.sr), "reference_rate": int(self._model.sr), "can_clone": True}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`learn`: samples (n,) float32 at `rate` Hz -> state; `speak`: a chunk of text with a state -> samples."""
        if call == "learn":
            yield from self._learn(arrays["samples"], int(options["rate"]))
        elif call == "speak":
            torch.manual_seed(int(options["seed"]))
            with heard(tell, self._model.t3.tfmr, self._model.s3gen.flow.decoder.estimator.final_proj):
                yield from self._speak(str(options["text"]), arrays.get("state"))
        else:
            raise ValueError(f"there is no call {call!r}")

    def _learn(self, samples: NDArray[np.float32], rate: int) -> Answer:
        file = io.BytesIO()
        soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
        file.seek(0)
        self._model.prepare_conditionals(file)
        state = write_tensors(_flat(self._model.conds))
        yield {}, {"state": np.frombuffer(state, np.uint8)}

    def _speak(self, text: str, state: NDArray[np.uint8] | None) -> Answer:
        conditions = self._stock if state is None else _nested(read_tensors(state.tobytes()))
        if conditions is None:
            raise ValueError("the weights here hold no voice of their own: learn one from a recording")
        self._model.conds = conditions.to(self._model.device)
        spoken = self._model.generate(text)
        yield {"rate": int(self._model.sr)}, {"samples": spoken.detach().float().cpu().numpy().reshape(-1)}


def _flat(conditions: Conditionals) -> dict[str, torch.Tensor]:
    """The tensors of both halves by name, "t3/…" and "gen/…"; what is None is left out."""
    halves = {"t3": vars(conditions.t3), "gen": conditions.gen}
    return {
        f"{half}/{name}": value.detach().cpu().contiguous().clone()
        for half, values in halves.items()
        for name, value in values.items()
        if torch.is_tensor(value)
    }


def _nested(tensors: Mapping[str, torch.Tensor]) -> Conditionals:
    halves: dict[str, dict[str, Any]] = {"t3": {}, "gen": {"prompt_feat_len": None}}
    for key, value in tensors.items():
        half, _, name = key.partition("/")
        halves[half][name] = value
    return Conditionals(T3Cond(**halves["t3"]), halves["gen"])
