"""FLUX.2 klein and Z-Image Turbo with a few hundred thousand random parameters, of the real classes, as hub folders.

python flow.py FOLDER REPO
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)  # fmt: skip
from safetensors.torch import load_file, save_file
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM

WIDTH = 32
LETTERS = [chr(code) for code in [*range(33, 127), 0x120, 0x10A]]  # with the byte letters of a space and a line's end
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BLOCKS = {
    "block_out_channels": (8, 8, 16, 16), "layers_per_block": 1, "norm_num_groups": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
}  # fmt: skip


def main(folder: Path, repo: str) -> None:
    """Write the repository below `folder`, in shards where the published one has them."""
    torch.manual_seed(0)
    made = {"black-forest-labs/FLUX.2-klein-4B": _flux, "Tongyi-MAI/Z-Image-Turbo": _z_image}[repo]
    made(_words(folder / "words"), folder / repo)
    _as_published(folder / "words", folder / repo / "tokenizer", whole=repo.startswith("Tongyi"))
    shutil.rmtree(folder / "words")


def _flux(tokenizer: Qwen2TokenizerFast, repo: Path) -> None:
    transformer = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=3 * WIDTH, timestep_guidance_channels=16, mlp_ratio=2.0, axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )  # fmt: skip
    Flux2KleinPipeline(
        FlowMatchEulerDiscreteScheduler(), AutoencoderKLFlux2(latent_channels=4, **BLOCKS),
        _reader(len(tokenizer), 28), tokenizer, transformer, is_distilled=True,
    ).to(torch.bfloat16).save_pretrained(repo)  # fmt: skip
    _shards(repo / "text_encoder", "model", 2)


def _z_image(tokenizer: Qwen2TokenizerFast, repo: Path) -> None:
    transformer = ZImageTransformer2DModel(
        in_channels=4, dim=48, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=WIDTH,
        axes_dims=[8, 8, 8],
    )  # fmt: skip
    ZImagePipeline(
        FlowMatchEulerDiscreteScheduler(shift=3.0),
        AutoencoderKL(latent_channels=4, scaling_factor=0.3611, shift_factor=0.1159, **BLOCKS),
        _reader(len(tokenizer), 2), tokenizer, transformer,
    ).to(torch.bfloat16).save_pretrained(repo)  # fmt: skip
    _shards(repo / "text_encoder", "model", 3)
    _shards(repo / "transformer", "diffusion_pytorch_model", 3)


def _as_published(words: Path, tokenizer: Path, *, whole: bool) -> None:
    """Words and merges as files of their own; with `whole` the one file too, and the template among the settings."""
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(words / name, tokenizer / name)
    template = tokenizer / "chat_template.jinja"
    if whole:
        settings = json.loads((tokenizer / "tokenizer_config.json").read_text("utf-8"))
        settings["chat_template"] = template.read_text("utf-8")
        (tokenizer / "tokenizer_config.json").write_text(json.dumps(settings))
        template.unlink()
        return
    (tokenizer / "tokenizer.json").unlink()
    known = json.loads((words / "vocab.json").read_text("utf-8"))
    (tokenizer / "added_tokens.json").write_text(json.dumps({word: known[word] for word in SPECIAL}))
    (tokenizer / "special_tokens_map.json").write_text(json.dumps({"pad_token": SPECIAL[0], "eos_token": SPECIAL[2]}))


def _reader(words: int, layers: int) -> Qwen3ForCausalLM:
    """Layers as many as the pipeline looks into."""
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=words, hidden_size=WIDTH, intermediate_size=WIDTH, num_hidden_layers=layers, head_dim=16,
            num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=True,
        )
    )  # fmt: skip


def _words(folder: Path) -> Qwen2TokenizerFast:
    folder.mkdir(parents=True, exist_ok=True)
    words = {word: number for number, word in enumerate([*LETTERS, *SPECIAL])}
    (folder / "vocab.json").write_text(json.dumps(words))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = Qwen2TokenizerFast(str(folder / "vocab.json"), str(folder / "merges.txt"), pad_token=SPECIAL[0])
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL[1:]})
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _shards(folder: Path, stem: str, count: int) -> None:
    """The one file of tensors as `count` and an index."""
    whole = folder / f"{stem}.safetensors"
    tensors = load_file(whole)
    names, where = sorted(tensors), {}
    for at in range(count):
        shard = f"{stem}-{at + 1:05}-of-{count:05}.safetensors"
        part = {name: tensors[name] for name in names[at::count]}
        save_file(part, folder / shard, {"format": "pt"})
        where |= dict.fromkeys(part, shard)
    index = {"metadata": {"total_size": whole.stat().st_size}, "weight_map": where}
    (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(index))
    whole.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
