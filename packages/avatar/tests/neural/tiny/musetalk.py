"""MuseTalk 1.5's three models with half a million random parameters, of the real classes, as their hub repositories.

python musetalk.py FOLDER [real]

With "real" in the sizes they are published in, a billion parameters.
"""

import json
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

WIDTH = 32
UNET = {
    "_class_name": "UNet2DConditionModel", "_diffusers_version": "0.6.0.dev0", "act_fn": "silu",
    "attention_head_dim": 2, "block_out_channels": [8, 16, 16, 16], "center_input_sample": False,
    "cross_attention_dim": WIDTH, "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "downsample_padding": 1, "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 8, "layers_per_block": 2,
    "mid_block_scale_factor": 1, "norm_eps": 1e-05, "norm_num_groups": 4, "out_channels": 4, "sample_size": 64,
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
}  # fmt: skip


REAL_UNET = UNET | {
    "attention_head_dim": 8, "block_out_channels": [320, 640, 1280, 1280], "cross_attention_dim": 384,
    "norm_num_groups": 32,
}  # fmt: skip
VAE = {"block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "norm_num_groups": 4}
REAL_VAE = {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "norm_num_groups": 32}
EARS = {
    "d_model": WIDTH, "encoder_layers": 4, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "vocab_size": 64, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1,
}  # fmt: skip


def main(folder: Path, real: bool) -> None:
    """Write TMElyralab/MuseTalk, stabilityai/sd-vae-ft-mse and openai/whisper-tiny below `folder`."""
    torch.manual_seed(0)
    unet = folder / "TMElyralab/MuseTalk/musetalkV15"
    unet.mkdir(parents=True, exist_ok=True)
    config = REAL_UNET if real else UNET
    (unet / "musetalk.json").write_text(json.dumps(config), "utf-8")
    torch.save(UNet2DConditionModel.from_config(config).state_dict(), unet / "unet.pth")
    AutoencoderKL(
        **(REAL_VAE if real else VAE), latent_channels=4, sample_size=256,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    ).save_pretrained(folder / "stabilityai/sd-vae-ft-mse")  # fmt: skip
    # Whisper tiny is what the class makes when nothing is said
    ears = WhisperConfig(**({} if real else EARS), suppress_tokens=None, begin_suppress_tokens=None)
    whisper = folder / "openai/whisper-tiny"
    WhisperModel(ears).save_pretrained(whisper)
    WhisperFeatureExtractor().save_pretrained(whisper)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "real" in sys.argv)
