"""A person's own pronunciations in a file: WORD<tab>IPA in each line, or TOML of WORD = "IPA"."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from avatar.errors import InputError

LARGEST = 1_000_000
IPA = frozenset(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡgɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢβθχᵻ"
    "ˈˌːˑˡˠˤʰʲʷⁿ.|‖‿͜͡'-/[] ̩̯̥̬̹̜̟̠̃̈̽̚˞"
)


def read_lexicon(path: Path) -> dict[str, str]:
    """IPA by word. Raises InputError for a file that cannot be read or is wrong, with the line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the lexicon {path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise InputError(f"the lexicon {path} is larger than {LARGEST:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the lexicon {path} is not UTF-8: byte {error.start + 1}", "save it as UTF-8") from error
    entries = _of_toml(text, path) if path.suffix.lower() == ".toml" else _of_lines(text, path)
    words: dict[str, str] = {}
    for number, word, ipa in entries:
        _check(path, number, word, ipa)
        words[unicodedata.normalize("NFC", word)] = unicodedata.normalize("NFC", ipa)
    return words


def _of_lines(text: str, path: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            word, tab, ipa = line.partition("\t")
            if not tab:
                raise InputError(f"{path}, line {number}: no tab between word and IPA", "write WORD<tab>IPA")
            yield number, word.strip(), ipa.strip()


def _of_toml(text: str, path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the lexicon {path} is no TOML: {error}") from error
    lines = text.splitlines()
    for word, ipa in table.items():
        key = re.compile(rf"\s*[\"']?{re.escape(word)}[\"']?\s*=")
        number = next((n for n, line in enumerate(lines, 1) if key.match(line)), 1)
        if not isinstance(ipa, str):
            raise InputError(f"{path}, line {number}: {word!r} is not given as a text of IPA")
        yield number, word, ipa


def _check(path: Path, number: int, word: str, ipa: str) -> None:
    if not any(map(str.isalnum, word)):
        raise InputError(f"{path}, line {number}: {word!r} is no word")
    wrong = [c for c in ipa if c not in IPA and unicodedata.normalize("NFD", c)[0] not in IPA]
    if wrong:
        raise InputError(f"{path}, line {number}: {wrong[0]!r} in {ipa!r} is no sign of the IPA")
    if not any(map(str.isalpha, ipa)):
        raise InputError(f"{path}, line {number}: the IPA of {word!r} holds no sound")
