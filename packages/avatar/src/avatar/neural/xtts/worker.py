"""XTTS-v2 (Casanova et al. 2024, arXiv 2406.04904) inside its own environment: coqui-tts 0.28.0, local files only.

References come as arrays: torchaudio reads files through torchcodec, whose published builds need CUDA and FFmpeg.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models import xtts

from avatar.neural.alive import heard

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]
REFERENCE_RATE = 22050
_KNOBS = ("temperature", "length_penalty", "repetition_penalty", "top_k", "top_p")


class _Xtts(xtts.Xtts):  # type: ignore[misc]  # the package has no types
    """Loads the published checkpoint, which holds classes beside tensors, as data; upstream rewrites the file."""

    def _load_checkpoint(self, model_path: Path) -> dict[str, Any]:
        with xtts._legacy_safe_globals():  # noqa: SLF001  the list of what that checkpoint may hold
            checkpoint = torch.load(model_path, map_location="cpu", weights_only=True)
        return checkpoint["model"]  # type: ignore[no-any-return]


class Backend:
    """Learns a voice as the model's two embeddings, and speaks with them."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load configuration, vocabulary, built-in voices and weights."""
        torch.set_num_threads(int(options.get("threads", 2)))
        folder = Path(models["xtts"])
        self._config = XttsConfig()
        self._config.load_json(str(folder / "config.json"))
        self._model = _Xtts.init_from_config(self._config)
        self._model.load_checkpoint(self._config, checkpoint_dir=folder, eval=True)
        self._model.to(options["device"])
        self._voice = str(options["voice"])
        return {"rate": self._rate, "reference_rate": REFERENCE_RATE, "can_clone": True}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`learn`: samples (n,) float32 at 22,050 Hz -> state; `speak`: a chunk of text with a state -> samples."""
        if call == "learn":
            yield from self._learn(arrays["samples"], int(options["rate"]))
        elif call == "speak":
            torch.manual_seed(int(options["seed"]))
            with heard(tell, self._model.gpt.gpt):
                yield from self._speak(str(options["text"]), str(options["language"]), arrays.get("state"))
        else:
            raise ValueError(f"there is no call {call!r}")

    @property
    def _rate(self) -> int:
        return int(self._config.audio.output_sample_rate)

    def _learn(self, samples: NDArray[np.float32], rate: int) -> Answer:
        if rate != REFERENCE_RATE:
            raise ValueError(f"the recording must be at {REFERENCE_RATE} Hz, not {rate}")
        heard = torch.from_numpy(samples)[None].to(self._model.device)
        config = self._config
        short = heard[:, : rate * int(config.max_ref_len)]
        state = {
            "speaker": self._model.get_speaker_embedding(short, rate),
            "latents": self._model.get_gpt_cond_latents(
                heard, rate, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
            ),
        }
        flat = {key: value.float().cpu().contiguous() for key, value in state.items()}
        yield {}, {"state": np.frombuffer(write_tensors(flat), np.uint8)}

    def _speak(self, text: str, language: str, state: NDArray[np.uint8] | None) -> Answer:
        if language not in self._config.languages:
            raise ValueError(f"the model speaks no {language!r}: {', '.join(self._config.languages)}")
        latents, speaker = self._state(state)
        knobs = {name: self._config[name] for name in _KNOBS}
        try:
            spoken = self._model.inference(text, language, latents, speaker, **knobs)
        except NotImplementedError as error:
            raise ValueError(f"numbers in {language!r} cannot be read by this model: write them as words") from error
        except AssertionError as error:
            raise ValueError(f"the text is too long for the model at once: {text[:40]!r}…") from error
        yield {"rate": self._rate}, {"samples": np.asarray(spoken["wav"], np.float32).reshape(-1)}

    def _state(self, state: NDArray[np.uint8] | None) -> tuple[torch.Tensor, torch.Tensor]:
        """(1, T, width) for the language model and (1, 512, 1) for the vocoder."""
        if state is not None:
            tensors = read_tensors(state.tobytes())
            return tensors["latents"], tensors["speaker"]
        speakers = self._model.speaker_manager.speakers
        if self._voice not in speakers:
            raise ValueError(f"the weights hold no voice {self._voice!r}")
        return speakers[self._voice]["gpt_cond_latent"], speakers[self._voice]["speaker_embedding"]
