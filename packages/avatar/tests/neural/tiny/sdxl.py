"""SDXL with a hundred thousand random parameters, of the real classes, laid out as its hub repository.

python sdxl.py FOLDER REPO [real]

With "real" in the sizes SDXL is published in, three and a half billion parameters.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

TEXT = {
    "bos_token_id": 0, "eos_token_id": 2, "hidden_size": 32, "intermediate_size": 37, "layer_norm_eps": 1e-05,
    "num_attention_heads": 4, "num_hidden_layers": 5, "pad_token_id": 1, "vocab_size": 600,
    "hidden_act": "gelu", "projection_dim": 32,
}  # fmt: skip


UNET = {
    "block_out_channels": (32, 64), "layers_per_block": 1, "sample_size": 32, "attention_head_dim": (2, 4),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "addition_time_embed_dim": 8,
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"), "transformer_layers_per_block": (1, 2),
    "projection_class_embeddings_input_dim": 80, "cross_attention_dim": 64, "norm_num_groups": 8,
}  # fmt: skip
REAL_UNET = {
    "block_out_channels": (320, 640, 1280), "layers_per_block": 2, "sample_size": 128,
    "attention_head_dim": (5, 10, 20),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"), "addition_time_embed_dim": 256,
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10), "projection_class_embeddings_input_dim": 2816,
    "cross_attention_dim": 2048, "norm_num_groups": 32,
}  # fmt: skip
VAE = {"block_out_channels": (8, 8, 16, 16), "norm_num_groups": 4, "sample_size": 128}
REAL_VAE = {"block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "sample_size": 1024}
REAL_TEXT = {
    "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12,
    "hidden_act": "quick_gelu", "projection_dim": 768,
}  # fmt: skip
REAL_TEXT_2 = {
    "hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
    "projection_dim": 1280,
}  # fmt: skip


def main(folder: Path, repo: str, real: bool) -> None:
    """Write the repository below `folder`, in half precision as SDXL's own."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        **(REAL_UNET if real else UNET), in_channels=4, out_channels=4, use_linear_projection=True,
        addition_embed_type="text_time",
    )  # fmt: skip
    sizes = REAL_VAE if real else VAE
    blocks = len(sizes["block_out_channels"])
    vae = AutoencoderKL(
        **sizes, in_channels=3, out_channels=3, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * blocks, up_block_types=("UpDecoderBlock2D",) * blocks,
    )  # fmt: skip
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, steps_offset=1, beta_schedule="scaled_linear"
    )
    pipeline = StableDiffusionXLPipeline(
        unet=unet, vae=vae, scheduler=scheduler, tokenizer=_tokenizer(folder), tokenizer_2=_tokenizer(folder),
        text_encoder=CLIPTextModel(CLIPTextConfig(**TEXT | (REAL_TEXT if real else {}))),
        text_encoder_2=CLIPTextModelWithProjection(CLIPTextConfig(**TEXT | (REAL_TEXT_2 if real else {}))),
    )  # fmt: skip
    pipeline.to(torch.float16).save_pretrained(folder / repo, variant="fp16")
    for name in ("tokenizer", "tokenizer_2"):  # as the published repository has them
        (folder / repo / name / "tokenizer.json").unlink()
        for file in ("vocab.json", "merges.txt", "special_tokens_map.json"):
            shutil.copy(folder / "words" / file, folder / repo / name / file)
    shutil.rmtree(folder / "words")


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """A byte-pair tokenizer that knows letters and no pairs."""
    where = folder / "words"
    where.mkdir(parents=True, exist_ok=True)
    letters = [chr(code) for code in range(33, 127)]
    words = ["<|startoftext|>", "!pad", "<|endoftext|>", *letters, *(letter + "</w>" for letter in letters)]
    (where / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(dict.fromkeys(words))}))
    (where / "merges.txt").write_text("#version: 0.2\n")
    special = {"bos_token": words[0], "pad_token": words[1], "eos_token": words[2], "unk_token": words[2]}
    (where / "special_tokens_map.json").write_text(json.dumps(special))
    return CLIPTokenizer(str(where / "vocab.json"), str(where / "merges.txt"), model_max_length=77)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], "real" in sys.argv)
