"""MuseTalk 1.5 (Zhang et al. 2024, arXiv 2410.10122) without mmcv, mmpose or TensorFlow.

The UNet and the VAE are diffusers', the ears are Whisper tiny's encoder by transformers, box and mask are ours
(geometry.py). One pass per frame at timestep 0, no noise and no guidance; 25 frames a second.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from numpy.typing import NDArray
from transformers import WhisperFeatureExtractor, WhisperModel

from avatar.neural.musetalk import geometry, hearing

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]
_TYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
FPS = 25


class Backend:
    """Makes the mouth of a still picture follow a sound."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load UNet, VAE and Whisper's encoder onto the device."""
        torch.set_num_threads(int(options.get("threads", 2)))
        self._device, self._type = options["device"], _TYPES[options["precision"]]
        self._batch = int(options.get("batch", 8))
        self._unet = self._put(_unet(Path(models["unet"])))
        self._vae = self._put(AutoencoderKL.from_pretrained(models["vae"], local_files_only=True))
        whisper = WhisperModel.from_pretrained(models["whisper"], local_files_only=True)
        self._encoder = self._put(whisper.encoder)
        self._ears = WhisperFeatureExtractor.from_pretrained(models["whisper"], local_files_only=True)
        heard, wanted = whisper.config.d_model, self._unet.config.cross_attention_dim
        if heard != wanted:
            raise ValueError(f"the UNet attends to {wanted} numbers a step, this Whisper gives {heard}")
        self._portrait: tuple[bytes, torch.Tensor] | None = None
        return {"fps": FPS, "parameters": sum(p.numel() for p in self._unet.parameters())}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`animate`: image (h, w, 3) uint8 RGB, points (478, 2), samples (n,) at 16 kHz; in options how many
        `frames`, from which one on (`from`, 0) and how many at once (`batch`).

        Answers with batches of the changed square: region (b, h, w, 3) uint8, with its `left` and `top`.
        """
        if call != "animate":
            raise ValueError(f"there is no call {call!r}")
        image, points = arrays["image"], arrays["points"]
        box = geometry.face_box(points, image.shape[1], image.shape[0])
        square = geometry.blending(points, box, image.shape[1], image.shape[0])
        latents = self._latents(image, box)
        frames, batch = int(options["frames"]), int(options.get("batch") or self._batch)
        heard = hearing.windows(self._layers(arrays["samples"], tell), frames, FPS)
        heard += hearing.positions(heard.shape[1], heard.shape[2])
        for at in range(int(options.get("from", 0)), frames, batch):
            faces = self._faces(latents, heard[at : at + batch])
            region = np.stack([geometry.blended(image, face, box, square) for face in faces])
            yield {"left": square.left, "top": square.top}, {"region": region}
            tell(min(1.0, (at + batch) / frames))

    def _put(self, model: Any) -> Any:
        return model.to(self._device, self._type).eval().requires_grad_(False)

    def _latents(self, image: NDArray[np.uint8], box: geometry.Box) -> torch.Tensor:
        """(1, 8, 32, 32): the face with its lower half blanked, then whole; kept for the same portrait."""
        key = image.tobytes() + repr(box).encode()
        if self._portrait is None or self._portrait[0] != key:
            pictures = torch.from_numpy(geometry.model_input(image, box)).to(self._device, self._type)
            latents = self._vae.encode(pictures).latent_dist.mode() * self._vae.config.scaling_factor
            self._portrait = (key, latents.reshape(1, -1, *latents.shape[2:]))
        return self._portrait[1]

    def _layers(self, samples: NDArray[np.float32], tell: Callable[[float], None]) -> NDArray[np.float32]:
        """All hidden states of the encoder, (steps, layers, width), of the sound's own length."""
        parts = []
        for segment in hearing.segments(samples):
            features = self._ears(segment, sampling_rate=hearing.RATE, return_tensors="pt").input_features
            told = self._encoder(features.to(self._device, self._type), output_hidden_states=True)
            parts.append(torch.stack(told.hidden_states, dim=2)[0].float().cpu().numpy())
            tell(0.0)
        layers: NDArray[np.float32] = np.concatenate(parts)[: hearing.steps_of(samples)]
        return layers

    def _faces(self, latents: torch.Tensor, heard: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(b, 256, 256, 3) uint8 RGB for the windows (b, 50, width)."""
        hints = torch.from_numpy(heard).to(self._device, self._type)
        repeated = latents.expand(len(hints), -1, -1, -1)
        zero = torch.zeros(1, dtype=torch.long, device=self._device)
        clean = self._unet(repeated, zero, encoder_hidden_states=hints).sample
        pictures = self._vae.decode(clean / self._vae.config.scaling_factor).sample.float()
        if not torch.isfinite(pictures).all():
            raise ArithmeticError("the model's picture is not finite; a higher precision may help")
        pictures = (pictures / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
        return (pictures * 255).round().to(torch.uint8).cpu().numpy()  # type: ignore[no-any-return]


def _unet(folder: Path) -> UNet2DConditionModel:
    """The published state dict, loaded strictly and without unpickling code."""
    config = json.loads((folder / "musetalkV15/musetalk.json").read_text("utf-8"))
    model = UNet2DConditionModel.from_config(config)
    state = torch.load(folder / "musetalkV15/unet.pth", map_location="cpu", weights_only=True)
    model.load_state_dict(state, strict=True)
    return model
