"""Portraits by diffusers 0.42: SDXL, SDXL Turbo, FLUX.2 klein, Z-Image Turbo, whichever the options name.

Rombach et al. 2022 (arXiv 2112.10752); Podell et al. 2023 (SDXL, arXiv 2307.01952). Loaded from a local folder with
`DiffusionPipeline.from_pretrained`, seeded, no gradients, never from the network.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DiffusionPipeline
from numpy.typing import NDArray

Answer = Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]
_TYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


class Backend:
    """Paints one picture a call."""

    def load(self, models: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
        """Load the pipeline of the first model and put it on the device."""
        folder = Path(next(iter(models.values())))
        torch.set_num_threads(int(options.get("threads", 2)))
        halves = any(folder.rglob("*.fp16.safetensors"))  # published in half; widened where asked for
        self._pipeline = DiffusionPipeline.from_pretrained(
            folder, torch_dtype=_TYPES[options["precision"]], variant="fp16" if halves else None,
            use_safetensors=True, local_files_only=True,
        ).to(options["device"])  # fmt: skip
        self._pipeline.set_progress_bar_config(disable=True)
        self._options = options
        return {"pipeline": type(self._pipeline).__name__, "sizes_in": self._multiple()}

    def run(
        self, call: str, options: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], tell: Callable[[float], None]
    ) -> Answer:
        """`paint`: prompt, negative, seed, size, steps, guidance -> image (h, w, 3) uint8 RGB."""
        if call != "paint":
            raise ValueError(f"there is no call {call!r}")
        width, height = self._native(*options["size"])
        steps = int(options.get("steps") or self._options["steps"])
        guidance = options.get("guidance")
        guidance = float(self._options["guidance"] if guidance is None else guidance)

        def after_step(_pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            tell((step + 1) / steps)
            return tensors

        more = {"negative_prompt": options["negative"]} if guidance > 1 and self._options.get("negative", True) else {}
        painted = self._pipeline(
            prompt=options["prompt"], width=width, height=height, num_inference_steps=steps,
            guidance_scale=guidance, generator=torch.Generator("cpu").manual_seed(int(options["seed"])),
            output_type="np", callback_on_step_end=after_step, **more,
        )  # fmt: skip
        picture = np.asarray(painted.images[0], np.float32)
        if not np.isfinite(picture).all():
            raise ArithmeticError("the model's picture is not finite; a higher precision may help")
        yield {"size": [width, height]}, {"image": (picture.clip(0, 1) * 255).round().astype(np.uint8)}

    def _multiple(self) -> int:
        return max(8, 2 * int(getattr(self._pipeline, "vae_scale_factor", 8)))

    def _native(self, width: int, height: int) -> tuple[int, int]:
        """The size the model was trained for with the wanted aspect, in steps its latents allow."""
        multiple, native = self._multiple(), int(self._options["native"])
        scale = native / (width * height) ** 0.5
        wide, high = (max(multiple, round(side * scale / multiple) * multiple) for side in (width, height))
        return wide, high
