"""Pocket TTS (Kyutai, 2026) inside its own environment: pocket-tts 4.0.1, loaded from local files only.

The package falls back to weights that cannot clone when the gated ones are not to be had; here that is said
(`can_clone` false) and learning is refused, never a stock voice in its place.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pocket_tts
import torch
import yaml
from numpy.typing import NDArray
from pocket_tts import TTSModel
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]
CONFIG = "languages/english/config.yaml"
"""A configuration beside the weights counts before the one the package brings."""


class Backend:
    """Learns a voice as the model's own state, and speaks with it."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load the cloning weights where they are, else the others."""
        torch.set_num_threads(int(options.get("threads", 2)))
        self._folders = {key: Path(path) for key, path in models.items()}
        clones = "cloning" in models
        weights = self._folders["cloning" if clones else "stock"]
        self._model = TTSModel.load_model(config=self._configured(weights))
        self._model.has_voice_cloning = clones
        self._model.max_decoder_frames_per_call = 1  # as many as are queued would depend on what else the machine does
        return {"rate": int(self._model.sample_rate), "can_clone": clones}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`learn`: samples (n,) float32 at `rate` Hz -> state; `speak`: a chunk of text with a state -> samples."""
        # the package generates in threads of its own, under no_grad; inference mode is a thread's own affair, and
        # its tensors may not be changed in another
        with torch.inference_mode(False), torch.no_grad():
            if call == "learn":
                yield from self._learn(arrays["samples"], int(options["rate"]))
            elif call == "speak":
                yield from self._speak(str(options["text"]), int(options["seed"]), arrays.get("state"), tell)
            else:
                raise ValueError(f"there is no call {call!r}")

    def _configured(self, weights: Path) -> Path:
        """The package's configuration with local files in the place of addresses."""
        own = weights / CONFIG
        packaged = Path(pocket_tts.__file__).parent / "config" / "english.yaml"
        config = yaml.safe_load((own if own.exists() else packaged).read_text("utf-8"))
        config["weights_path"] = str(weights / "languages/english/model.safetensors")
        config.pop("weights_path_without_voice_cloning", None)
        tokenizer = self._folders["tokenizer"] / "languages/english/tokenizer.json"
        config["flow_lm"]["lookup_table"]["tokenizer_path"] = str(tokenizer)
        self._scratch = tempfile.TemporaryDirectory(prefix="avatar-pocket-")
        path = Path(self._scratch.name) / "config.yaml"
        path.write_text(yaml.safe_dump(config), "utf-8")
        return path

    def _learn(self, samples: NDArray[np.float32], rate: int) -> Answer:
        if not self._model.has_voice_cloning:
            raise ValueError("the weights here cannot learn voices: the ones that can are gated")
        if rate != self._model.sample_rate:
            raise ValueError(f"the recording must be at {self._model.sample_rate} Hz, not {rate}")
        state = self._model.get_state_for_audio_prompt(torch.from_numpy(samples)[None])
        flat = {f"{part}/{key}": value.contiguous() for part, values in state.items() for key, value in values.items()}
        yield {}, {"state": np.frombuffer(write_tensors(flat), np.uint8)}

    def _speak(self, text: str, seed: int, state: NDArray[np.uint8] | None, tell: Callable[[float], None]) -> Answer:
        torch.manual_seed(seed)
        chunks = []
        for chunk in self._model.generate_audio_stream(self._state(state), text):
            chunks.append(chunk.detach().float().cpu().numpy().reshape(-1))
            tell(-1.0)
        samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
        yield {"rate": int(self._model.sample_rate)}, {"samples": samples.astype(np.float32)}

    def _state(self, state: NDArray[np.uint8] | None) -> dict[str, dict[str, torch.Tensor]]:
        if state is None:
            stock = self._folders["stock"] / "languages/english/embeddings/alba.safetensors"
            return self._model.get_state_for_audio_prompt(stock)  # type: ignore[no-any-return]
        nested: dict[str, dict[str, torch.Tensor]] = {}
        for key, value in read_tensors(state.tobytes()).items():
            module, _, name = key.rpartition("/")
            nested.setdefault(module, {})[name] = value
        return nested
