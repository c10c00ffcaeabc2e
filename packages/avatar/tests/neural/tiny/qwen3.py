"""Qwen3-TTS Base with a few hundred thousand random parameters, of the real classes, as its hub repository.

python qwen3.py FOLDER
"""

import json
import sys
from pathlib import Path

import torch
from qwen_tts.core import Qwen3TTSTokenizerV2Config, Qwen3TTSTokenizerV2Model
from qwen_tts.core.models import Qwen3TTSConfig, Qwen3TTSForConditionalGeneration
from transformers import EncodecFeatureExtractor

WIDTH, HEADS, GROUPS, CODES = 64, 2, 4, 64
LETTERS = [chr(code) for code in [*range(33, 127), 0x120, 0x10A]]  # with the byte letters of a space and a line's end
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>"]
ATTENTION = {"num_attention_heads": HEADS, "num_key_value_heads": HEADS, "head_dim": WIDTH // HEADS}
ROTARY = {"rope_type": "default", "interleaved": True, "mrope_section": [6, 5, 5]}


def main(folder: Path) -> None:
    """Write Qwen/Qwen3-TTS-12Hz-0.6B-Base below `folder`."""
    repo = folder / "Qwen/Qwen3-TTS-12Hz-0.6B-Base"
    repo.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    words = _write_words(repo)
    model = Qwen3TTSForConditionalGeneration(_config(words))
    _fill(model)
    model.save_pretrained(repo)
    _as_published(repo / "config.json")
    (repo / "generation_config.json").write_text(json.dumps({"max_new_tokens": 24, "do_sample": True}))
    (repo / "preprocessor_config.json").write_text(json.dumps({"processor_class": "Qwen3TTSProcessor"}))
    sound = Qwen3TTSTokenizerV2Model(_sound())
    _fill(sound)
    sound.save_pretrained(repo / "speech_tokenizer")
    EncodecFeatureExtractor(feature_size=1, sampling_rate=24000).save_pretrained(repo / "speech_tokenizer")


def _as_published(path: Path) -> None:
    """The speaker's encoder by its own few words only: its class takes no others back."""
    config = json.loads(path.read_text("utf-8"))
    known = {"mel_dim", "sample_rate"}
    encoder = config["speaker_encoder_config"]
    config["speaker_encoder_config"] = {k: v for k, v in encoder.items() if k in known or k.startswith("enc_")}
    path.write_text(json.dumps(config), "utf-8")


def _fill(model: torch.nn.Module) -> None:
    """Some parameters are left as the memory was."""
    for value in model.state_dict().values():
        if value.dtype.is_floating_point and value.ndim:
            value.normal_(0, 0.02)


def _write_words(repo: Path) -> dict[str, int]:
    words = {word: number for number, word in enumerate([*LETTERS, *SPECIAL])}
    plain = {word: number for word, number in words.items() if word not in SPECIAL}
    (repo / "vocab.json").write_text(json.dumps(plain))
    (repo / "merges.txt").write_text("#version: 0.2\n")
    added = {str(words[word]): {"content": word, "special": True} for word in SPECIAL}
    tokenizer = {
        "tokenizer_class": "Qwen2Tokenizer", "processor_class": "Qwen3TTSProcessor", "unk_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>", "eos_token": "<|im_end|>", "added_tokens_decoder": added,
    }  # fmt: skip
    (repo / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    return words


def _config(words: dict[str, int]) -> Qwen3TTSConfig:
    inner = ATTENTION | {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_code_groups": GROUPS}
    vocabulary = 1024 + CODES  # the last 1024 are never spoken but for the end
    special = ("pad_id", "bos_id", "eos_token_id", "think_id", "nothink_id", "think_bos_id", "think_eos_id")
    talker = inner | {
        "vocab_size": vocabulary, "num_hidden_layers": 2, "text_hidden_size": WIDTH, "text_vocab_size": len(words),
        "rope_scaling": ROTARY, "spk_id": {}, "spk_is_dialect": {},
        "codec_language_id": {"english": CODES + 20, "german": CODES + 21},
        "code_predictor_config": inner | {"vocab_size": CODES, "num_hidden_layers": 1},
    } | {f"codec_{name}": CODES + 32 + at for at, name in enumerate(special)}  # fmt: skip
    return Qwen3TTSConfig(
        talker_config=talker,
        speaker_encoder_config={
            "enc_dim": WIDTH, "enc_channels": [16, 16, 16, 16, 48], "enc_attention_channels": 8,
            "enc_res2net_scale": 4, "enc_se_channels": 8,
        },
        tokenizer_type="qwen3_tts_tokenizer_12hz", tts_model_size="0b6", tts_model_type="base",
        im_start_token_id=words["<|im_start|>"], im_end_token_id=words["<|im_end|>"],
        tts_pad_token_id=words["<tts_pad>"], tts_bos_token_id=words["<tts_text_bos>"],
        tts_eos_token_id=words["<tts_text_eod>"],
    )  # fmt: skip


def _sound() -> Qwen3TTSTokenizerV2Config:
    encoder = {
        "hidden_size": 32, "num_filters": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 64, "codebook_size": CODES, "codebook_dim": 16,
        "vector_quantization_hidden_dimension": 16, "num_quantizers": GROUPS, "num_semantic_quantizers": 1,
        "sampling_rate": 24000, "upsampling_ratios": [8, 6, 5, 4], "frame_rate": 12.5, "upsample_groups": 32,
    }  # fmt: skip
    decoder = {
        "codebook_size": CODES, "hidden_size": 32, "latent_dim": 32, "num_attention_heads": 2, "num_key_value_heads": 2,
        "intermediate_size": 64, "num_hidden_layers": 1, "num_quantizers": GROUPS, "decoder_dim": 32,
        "codebook_dim": 32, "head_dim": 16,
    }  # fmt: skip
    return Qwen3TTSTokenizerV2Config(encoder, decoder, encoder_valid_num_quantizers=GROUPS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
