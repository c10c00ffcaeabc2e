"""Qwen3-TTS Base (Qwen team 2026) inside its own environment: qwen-tts 0.1.1, loaded from local files only.

The Base model has no voice of its own. With a transcript it hears how the reference says its words; without one it
takes the speaker's embedding alone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from qwen_tts import Qwen3TTSModel, VoiceClonePromptItem
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from avatar.neural.alive import heard

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]
_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
_NAMES = {
    "en": "English", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "de": "German",
    "fr": "French", "ru": "Russian", "pt": "Portuguese", "es": "Spanish", "it": "Italian",
}  # fmt: skip


class Backend:
    """Learns a voice as the model's prompt, and speaks with it."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load the language model, the speaker's encoder and the tokenizer of sound."""
        torch.set_num_threads(int(options.get("threads", 2)))
        self._model = Qwen3TTSModel.from_pretrained(
            models["qwen3"], device_map=options["device"], dtype=_TYPES[options["precision"]]
        )
        if self._model.model.tts_model_type != "base":
            raise ValueError(f"these weights are {self._model.model.tts_model_type!r}, not 'base': they learn no voice")
        self._most = int(options.get("most_tokens", 0))
        rate = int(self._model.model.speech_tokenizer.get_output_sample_rate())
        return {"rate": rate, "reference_rate": rate, "can_clone": True}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`learn`: samples (n,) float32 at `rate` Hz -> state; `speak`: a chunk of text with a state -> samples."""
        if call == "learn":
            yield from self._learn(arrays["samples"], int(options["rate"]), str(options.get("transcript", "")))
        elif call == "speak":
            torch.manual_seed(int(options["seed"]))
            with heard(tell, self._model.model.talker.model):
                yield from self._speak(str(options["text"]), str(options["language"]), arrays.get("state"))
        else:
            raise ValueError(f"there is no call {call!r}")

    def _learn(self, samples: NDArray[np.float32], rate: int, transcript: str) -> Answer:
        (item,) = self._model.create_voice_clone_prompt(
            (samples, rate), ref_text=transcript or None, x_vector_only_mode=not transcript
        )
        tensors = {"speaker": item.ref_spk_embedding.float().cpu().contiguous()}
        if item.ref_code is not None:
            tensors["code"] = item.ref_code.cpu().contiguous()
        state = write_tensors(tensors, {"transcript": transcript})
        yield {}, {"state": np.frombuffer(state, np.uint8)}

    def _speak(self, text: str, language: str, state: NDArray[np.uint8] | None) -> Answer:
        if state is None:
            raise ValueError("this model has no voice of its own: learn one from a recording, and give it as --voice")
        if language not in _NAMES:
            raise ValueError(f"the model speaks no {language!r}: {', '.join(_NAMES)}")
        more = {"max_new_tokens": self._most} if self._most else {}
        spoken, rate = self._model.generate_voice_clone(
            text, language=_NAMES[language], voice_clone_prompt=[self._prompt(state.tobytes())], **more
        )
        yield {"rate": int(rate)}, {"samples": np.asarray(spoken[0], np.float32).reshape(-1)}

    def _prompt(self, state: bytes) -> VoiceClonePromptItem:
        tensors = read_tensors(state)
        transcript = _metadata(state).get("transcript", "")
        weights = self._model.model
        return VoiceClonePromptItem(
            ref_code=tensors["code"].to(weights.device) if "code" in tensors else None,
            ref_spk_embedding=tensors["speaker"].to(weights.device, weights.dtype),
            x_vector_only_mode=not transcript, icl_mode=bool(transcript), ref_text=transcript or None,
        )  # fmt: skip


def _metadata(state: bytes) -> dict[str, str]:
    """The words kept beside the tensors: 8 bytes of length, then JSON (the format's own definition)."""
    size = int.from_bytes(state[:8], "little")
    return json.loads(state[8 : 8 + size]).get("__metadata__", {})  # type: ignore[no-any-return]
