"""Chatterbox of the size it is published in, random, laid out as its hub repository: its classes know no other size.

python resemble.py FOLDER

Eight hundred million parameters, at half precision on disk. The language model is made to choose among few tokens, of
which the end is one, so that it comes to an end.
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import torch
from chatterbox.models.s3gen import S3Gen
from chatterbox.models.t3 import T3
from chatterbox.models.voice_encoder import VoiceEncoder
from chatterbox.tts import ChatterboxTTS
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'-"
LIKELY = 8
RATE = 24000


def main(folder: Path) -> None:
    """Write ResembleAI/chatterbox below `folder`."""
    repo = folder / "ResembleAI/chatterbox"
    repo.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    _write_words(repo / "tokenizer.json")
    for name, model in (("ve", VoiceEncoder()), ("t3_cfg", _language_model()), ("s3gen", S3Gen())):
        halves = {key: _half(value) for key, value in model.state_dict().items()}
        save_file(halves, repo / f"{name}.safetensors")
        del model, halves
    _write_voice(repo)


def _half(value: torch.Tensor) -> torch.Tensor:
    value = value.half() if value.dtype == torch.float32 else value
    return value.contiguous().clone()


def _language_model() -> T3:
    """One of its channels is the same for every token; by it a few tokens and the end are likelier than all others.

    What thirty random layers add to a channel is about 3, so it must be far above that to come out unchanged. The end
    is a little less likely, until the penalty on what was said has made the others so: a word has some eight tokens.
    """
    model = T3()
    with torch.no_grad():
        for embedding in (model.speech_emb, model.text_emb):
            embedding.weight.normal_(0, 0.02)
            embedding.weight[:, 0] = 400
        head = model.speech_head.weight
        head[:, 0] = 0
        head[range(LIKELY), 0] = 0.5
        head[model.hp.stop_speech_token, 0] = 0.45
    return model


def _write_words(path: Path) -> None:
    """Letters, with the start and the end where the model's configuration has them."""
    special = {"[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[START]": 255}
    words = special | {letter: 3 + at for at, letter in enumerate(LETTERS)}
    tokenizer = Tokenizer(models.BPE(words, [], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    path.write_text(tokenizer.to_str())
    listed = json.loads(path.read_text("utf-8"))
    listed["added_tokens"] = [
        {"id": number, "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
         "special": True} for word, number in special.items()
    ]  # fmt: skip
    path.write_text(json.dumps(listed), "utf-8")


def _write_voice(repo: Path) -> None:
    """The built-in voice: what the model hears in six seconds of noise."""
    noise = 0.1 * np.random.default_rng(0).normal(size=6 * RATE)
    soundfile.write(repo / "noise.wav", noise.astype(np.float32), RATE)
    model = ChatterboxTTS.from_local(repo, "cpu")
    model.prepare_conditionals(repo / "noise.wav")
    model.conds.save(repo / "conds.pt")
    (repo / "noise.wav").unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
