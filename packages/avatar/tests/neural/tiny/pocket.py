"""Pocket TTS with 92 thousand random parameters, laid out as its hub repositories. Run in that backend's environment.

python pocket.py FOLDER
"""

import sys
from pathlib import Path

import pocket_tts
import torch
import yaml
from pocket_tts import TTSModel
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?'"


def main(folder: Path) -> None:
    """Write kyutai/pocket-tts and kyutai/pocket-tts-without-voice-cloning below `folder`."""
    cloning, stock = folder / "kyutai/pocket-tts", folder / "kyutai/pocket-tts-without-voice-cloning"
    for repo in (cloning, stock):
        (repo / "languages/english/embeddings").mkdir(parents=True, exist_ok=True)
    tokenizer = stock / "languages/english/tokenizer.json"
    _tokenizer().save(str(tokenizer))
    config = _config(tokenizer)
    for repo in (cloning, stock):
        (repo / "languages/english/config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    model = TTSModel.load_model(config=cloning / "languages/english/config.yaml")
    torch.manual_seed(0)
    for value in model.state_dict().values():
        if value.dtype.is_floating_point and not torch.isfinite(value).all():
            value.normal_(0, 0.02)
    weights = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    for repo in (cloning, stock):
        save_file(weights, repo / "languages/english/model.safetensors")
    pocket_tts.export_model_state(
        model.get_state_for_audio_prompt(torch.randn(1, 24000) * 0.1),
        stock / "languages/english/embeddings/alba.safetensors",
    )


def _tokenizer() -> Tokenizer:
    words = {letter: i for i, letter in enumerate(LETTERS)} | {"<unk>": len(LETTERS)}
    tokenizer = Tokenizer(models.WordLevel(words, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return tokenizer


def _config(tokenizer: Path) -> dict[str, object]:
    """The packaged configuration, shrunk."""
    packaged = Path(pocket_tts.__file__).parent / "config" / "english.yaml"
    config = yaml.safe_load(packaged.read_text("utf-8"))
    for key in ("weights_path", "weights_path_without_voice_cloning"):
        config.pop(key)
    flow, mimi = config["flow_lm"], config["mimi"]
    flow["flow"] |= {"depth": 1, "dim": 32}
    flow["transformer"] |= {"d_model": 32, "hidden_scale": 2, "num_heads": 2, "num_layers": 1}
    flow["lookup_table"] |= {"dim": 32, "n_bins": len(LETTERS) + 1, "tokenizer_path": str(tokenizer)}
    mimi["inner_dim"], mimi["outer_dim"] = 8, 32
    mimi["seanet"] |= {"dimension": 32, "n_filters": 4}
    mimi["transformer"] |= {
        "d_model": 32, "num_heads": 2, "num_layers": 1, "context": 50, "dim_feedforward": 64,
        "input_dimension": 32, "output_dimensions": [32],
    }  # fmt: skip
    mimi["quantizer"] |= {"dimension": 8, "output_dimension": 32}
    return config  # type: ignore[no-any-return]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
