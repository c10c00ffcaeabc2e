"""XTTS-v2 with two small layers of language model and its vocoder as it is, random, laid out as its hub repository.

python xtts.py FOLDER [real]

With "real" its language model has the published thirty layers too.
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
from TTS.tts.models import xtts

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüéèñç0123456789 .,!?'"
SPECIAL = ["[STOP]", "[UNK]", "[SPACE]", "[en]", "[de]", "[es]", "[START]"]
WIDTH = 64


def main(folder: Path, real: bool) -> None:
    """Write coqui/XTTS-v2 below `folder`; the checkpoint holds configuration classes, as the published one does."""
    repo = folder / "coqui/XTTS-v2"
    repo.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(repo / "vocab.json"))
    torch.manual_seed(0)
    width = 1024 if real else WIDTH
    config = _config(tokenizer.get_vocab_size(), real)
    model = xtts.Xtts.init_from_config(config)
    model.tokenizer = xtts.VoiceBpeTokenizer(str(repo / "vocab.json"))
    model.init_models()
    for name, value in model.state_dict().items():
        if value.dtype.is_floating_point and not torch.isfinite(value).all():
            raise SystemExit(f"{name} is not finite")
    config.save_json(str(repo / "config.json"))
    with xtts._legacy_safe_globals():
        torch.save({"config": config, "model": model.state_dict()}, repo / "model.pth")
    voice = {"gpt_cond_latent": torch.randn(1, 32, width), "speaker_embedding": torch.randn(1, 512, 1)}
    torch.save({"Ana Florence": voice}, repo / "speakers_xtts.pth")
    (repo / "LICENSE.txt").write_text("Random numbers belong to nobody.\n")


def _config(words: int, real: bool) -> XttsConfig:
    """The published shape, shrunk where the code allows it."""
    if real:
        return XttsConfig(
            model_args=XttsArgs(
                gpt_number_text_tokens=6681, gpt_start_text_token=261, gpt_stop_text_token=0, gpt_num_audio_tokens=1026,
                gpt_start_audio_token=1024, gpt_stop_audio_token=1025, gpt_use_perceiver_resampler=True,
            )
        )  # fmt: skip
    arguments = XttsArgs(
        gpt_layers=2, gpt_n_model_channels=WIDTH, gpt_n_heads=2, gpt_number_text_tokens=words,
        gpt_start_text_token=words - 1, gpt_stop_text_token=0, gpt_num_audio_tokens=66,
        gpt_start_audio_token=64, gpt_stop_audio_token=65, gpt_max_audio_tokens=24, decoder_input_dim=WIDTH,
        gpt_use_perceiver_resampler=True,
    )  # fmt: skip
    return XttsConfig(model_args=arguments)


def _tokenizer() -> Tokenizer:
    words = {word: number for number, word in enumerate([*SPECIAL[:-1], *LETTERS, SPECIAL[-1]])}
    tokenizer = Tokenizer(models.BPE(words, [], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


if __name__ == "__main__":
    main(Path(sys.argv[1]), "real" in sys.argv)
