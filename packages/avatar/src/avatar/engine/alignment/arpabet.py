"""IPA as espeak-ng writes it, in the ARPAbet of American English; sounds of other languages by their nearest."""

_TABLE = {
    "AA": "ɑ ɑː a aː ɒ ʕ", "AE": "æ", "AH": "ʌ ə ɐ", "AO": "ɔ ɔː ɤ", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ e ɛː",
    "ER": "ɜ ɚ ɝ ɜː ø œ øː ɵ", "EY": "eɪ eː", "IH": "ɪ ᵻ ɨ", "IY": "i iː", "OW": "oʊ əʊ o oː", "OY": "ɔɪ ɔø",
    "UH": "ʊ ʏ", "UW": "u uː y yː ɯ ʉ",
    "B": "b β ɓ", "CH": "tʃ tɕ ʈʂ", "D": "d ɾ ɖ ɗ", "DH": "ð", "F": "f ɸ", "G": "ɡ g ɣ ɟ", "HH": "h ç x χ ħ ɦ",
    "JH": "dʒ dʑ", "K": "k c q", "L": "l ɭ ɫ ʎ ɬ", "M": "m ɱ", "N": "n ɲ ɳ", "NG": "ŋ", "P": "p", "R": "ɹ r ʁ ʀ ɻ ɽ",
    "S": "s", "SH": "ʃ ʂ ɕ", "T": "t ʈ", "TH": "θ", "V": "v ʋ", "W": "w ʍ ɥ", "Y": "j", "Z": "z", "ZH": "ʒ ʐ ʑ ʝ",
    "AY AH": "aɪə", "AY ER": "aɪɚ", "AA R": "ɑːɹ ɑɹ", "AO R": "ɔːɹ oːɹ ɔɹ oɹ", "EH R": "ɛɹ", "IH R": "ɪɹ",
    "UH R": "ʊɹ", "IY AH": "iə", "AH L": "əl", "T S": "ts", "D Z": "dz", "P F": "pf",
}  # fmt: skip
FROM_IPA = {ipa: name.split() for name, several in _TABLE.items() for ipa in several.split()}
TO_IPA = {name: several.split()[0] for name, several in _TABLE.items() if " " not in name}
PHONES = tuple(sorted(TO_IPA))
_LONGEST = max(map(len, FROM_IPA))


def arpabet(symbol: str) -> list[str]:
    """The phones of one IPA symbol; marks that have none are passed over: "oʊ" -> ["OW"], "ts" -> ["T", "S"]."""
    out: list[str] = []
    at = 0
    while at < len(symbol):
        for width in range(min(_LONGEST, len(symbol) - at), 0, -1):
            if (found := FROM_IPA.get(symbol[at : at + width])) is not None:
                out += found
                at += width
                break
        else:
            at += 1
    return out
