"""International Phonetic Alphabet to espeak-ng's own notation of phonemes."""

import unicodedata

from avatar.errors import InputError

COMMON = {
    "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "ɡ": "g", "g": "g", "m": "m", "n": "n", "ŋ": "N", "f": "f",
    "v": "v", "s": "s", "z": "z", "ʃ": "S", "ʒ": "Z", "θ": "T", "ð": "D", "x": "x", "h": "h", "l": "l", "r": "r",
    "j": "j", "w": "w", "tʃ": "tS", "dʒ": "dZ", "ts": "ts", "ɲ": "n^", "ç": "C", "ʎ": "l^", "ʁ": "r", "ɾ": "*",
    "a": "a", "e": "e", "i": "i", "o": "o", "u": "u", "ɛ": "E", "ɔ": "O", "ə": "@", "y": "y", "ø": "Y", "œ": "W",
    "ˈ": "'", "ˌ": ",", "ː": ":", ".": "", "-": "", " ": " ", "͡": "", "ʔ": "?",
}  # fmt: skip
OWN = {
    "en": {
        "ɹ": "r", "r": "r", "ʁ": "r", "ɾ": "t#", "iː": "i:", "i": "i", "ɪ": "I", "ɛ": "E", "e": "E", "æ": "a", "a": "a",
        "ɑː": "A:", "ɑ": "A:", "ɒ": "0", "ɔː": "O:", "ɔ": "O:", "ʊ": "U", "uː": "u:", "u": "u:", "ʌ": "V", "ə": "@",
        "ɜː": "3:", "ɜ": "3:", "ɝ": "3:", "ɚ": "3", "əɹ": "3", "ɜːɹ": "3:", "eɪ": "eI", "aɪ": "aI", "ɔɪ": "OI",
        "aʊ": "aU", "oʊ": "oU", "əʊ": "oU", "ɪə": "i@3", "eə": "e@", "ʊə": "U@", "ɪɹ": "i@3", "ɛɹ": "e@", "ʊɹ": "U@",
        "ɑːɹ": "A@", "ɑɹ": "A@", "ɔːɹ": "O@", "ɔɹ": "O@", "o": "oU", "oː": "oU", "eː": "eI", "ᵻ": "I2", "ʍ": "w",
        "ɫ": "l", "y": "u:", "ø": "3:", "œ": "3:", "ç": "h", "ɲ": "nj", "ʎ": "lj", "ts": "ts",
    },
    "de": {"ʁ": "r", "ɪ": "I", "ʏ": "y", "ʊ": "U", "ɛː": "E:", "aː": "A:", "aɪ": "aI", "aʊ": "aU", "ɔʏ": "OY",
           "ɔɪ": "OY", "ɐ": "3", "pf": "pF", "œ": "W", "øː": "Y:", "yː": "y:"},
    "es": {"β": "B", "ɣ": "Q", "r": "R", "ɾ": "*", "tʃ": "tS", "ʝ": "j^"},
    "fr": {"ɑ̃": "A~", "ɛ̃": "E~", "ɔ̃": "O~", "œ̃": "W~", "ɥ": "y", "ɑ": "a"},
    "it": {"ɾ": "*", "dz": "dz", "r": "R"},
}  # fmt: skip
"""What differs by language. Another language has the common ones alone: their phonemes are named by these letters."""


def notation(ipa: str, tag: str) -> str:
    """The IPA, with or without slashes, in the brackets that espeak-ng obeys.

    Raises InputError that names the first sign which the language's voice has no phoneme for.
    """
    sounds = unicodedata.normalize("NFC", ipa.strip().strip("/[]").replace("͡", "").replace("'", "ˈ"))
    table = COMMON | OWN.get(tag.split("-", maxsplit=1)[0], {})
    out: list[str] = []
    at = 0
    while at < len(sounds):
        size = next((n for n in (3, 2, 1) if sounds[at : at + n] in table), 0)
        if not size:
            raise InputError(f"{sounds[at]!r} in the IPA {ipa!r} is no sound that {tag!r} has")
        out.append(table[sounds[at : at + size]])
        at += size
    if not any(c.isalpha() or c in "@03" for c in "".join(out)):
        raise InputError(f"the IPA {ipa!r} holds no sound")
    return "[[" + "|".join(_joined(out)).replace("|:", ":") + "]]"


def _joined(sounds: list[str]) -> list[str]:
    """A stress mark stays with the sound behind it; spaces part words and are no phonemes."""
    out: list[str] = []
    mark = ""
    for sound in sounds:
        if sound in {"'", ","}:
            mark = sound
        elif sound.strip():
            out.append(mark + sound)
            mark = ""
    return out
