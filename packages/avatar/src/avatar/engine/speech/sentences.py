"""Cuts a text into pieces to speak one after the other: sentences, and parts of sentences too long for one breath."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 260
"""Most characters in one piece; about 17 s of English."""

LOOK_AHEAD = 60
"""Characters behind a mark that tell whether a sentence begins there."""

WIDE_LIMIT = 80
"""The same for scripts in which a character is a syllable or a word."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A dot after these is never the end: a name follows, or an explanation.
TITLES = _words(
    "mr mrs ms dr prof st gen col capt lt sgt rev hon pres gov sen rep vs e.g i.e cf approx "  # en
    "mme mlle mgr p.ex hr fr bzw vgl bspw ggf evtl ca z.b d.h u.a "  # fr, de
    "sra srta dña ud uds lic ing p.ej sig dott avv egr gent "  # es, pt, it
    "dhr mevr mw drs tzn tzw ul inż г ул им "  # nl, pl, ru
)

# A dot after these is not the end before a number.
NUMBERED = _words("no nos nr núm fig figs vol p pp ch sec eq art abs abb np стр рис")

# A dot after these is the end only where a new sentence plainly begins.
SHORTENED = _words(
    "sr jr etc inc ltd corp co dept est a.m p.m u.s u.k u.n d.c ph.d b.c a.d ave blvd rd "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun "
    "usw sog m.w т.д т.п др itd itp enz ecc"
)

STARTERS = _words(
    "a an and as at but by for from he her his how i if in is it its my no not of on our she so that the their then "
    "there these they this those to we what when where which who why with yes you your"
)

# Written before capital letters as day or rank: "am 3. Mai", "3. maja".
ORDINAL_DOT = frozenset({"de", "pl", "cs", "sk", "da", "nb", "fi", "hu", "hr", "sl", "tr", "et", "lv"})

END = re.compile(
    r"""(?P<mark>[.!?…]+|[。！？｡।॥؟۔።။។]+)   # Latin and others' marks
        (?P<close>["'”’»)\]」』】）]*)      # what closes with the sentence
        (?P<space>\s*)""",
    re.VERBOSE,
)
SPACELESS_MARKS = frozenset("。！？｡")
UNSPOKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `complete` when a sentence ends here, not merely a breath."""

    text: str
    complete: bool


def split(text: str, language: str) -> list[Piece]:
    """The speakable pieces of a text, in order; none when there is nothing to say."""
    return list(pieces(text, language))


def pieces(text: str, language: str) -> Iterator[Piece]:
    """The same one by one: the first is there before the rest of a long text is looked at."""
    for paragraph in re.split(r"\n\s*\n|\u2029", UNSPOKEN.sub("", text)):
        for sentence in _sentences(" ".join(paragraph.split()), language.split("-", maxsplit=1)[0]):
            parts = [part for part in _breaths(sentence) if speakable(part)]
            yield from (Piece(part, complete=i == len(parts) - 1) for i, part in enumerate(parts))


def speakable(text: str) -> bool:
    """Whether anything in it has a sound: letters, digits, or signs that are read by name (%, €, an emoji)."""
    return any(c.isalnum() or unicodedata.category(c) in {"So", "Sc", "Sm"} or c in "%&@#§" for c in text)


def wide(char: str) -> bool:
    """Whether its script, or mark, knows no spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""
    code = ord(char)
    return (
        0x3000 <= code <= 0x30FF
        or 0xFF00 <= code <= 0xFFEF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
        or 0x0E00 <= code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
    )


def _sentences(text: str, language: str) -> Iterator[str]:
    """One paragraph, already on one line, cut behind its sentences."""
    start = 0
    for match in END.finditer(text):
        if match.end() == len(text) or _ends(text, start, match, language):
            if speakable(sentence := text[start : match.end()].strip()):
                yield sentence
            start = match.end()
    if speakable(rest := text[start:].strip()):
        yield rest


def _ends(text: str, start: int, match: re.Match[str], language: str) -> bool:
    """Whether the mark inside a paragraph ends a sentence."""
    mark, following = match["mark"], text[match.end() : match.end() + LOOK_AHEAD]
    if mark[-1] in SPACELESS_MARKS:
        return True
    if not match["space"]:
        return False
    opening = following.lstrip("\"'“‘«([¿¡—–- ")
    if not opening or opening[0].islower():
        return False
    return mark != "." or bool(match["close"]) or _dot_ends(text[start : match.start()], opening, language)


def _dot_ends(before: str, after: str, language: str) -> bool:
    """Whether a single dot between these two ends a sentence, and not an abbreviation, an initial or an ordinal."""
    last = re.split(r"[\s(\[“\"‘'«-]", before)[-1].lower()
    first = re.match(r"[^\W_]*", after)
    begins = first is not None and first[0].lower() in STARTERS
    if last in TITLES or (last in NUMBERED and after[0].isdigit()):
        return False
    if last in SHORTENED or re.fullmatch(r"(\w\.)+\w", last):
        return begins
    if len(last) == 1 and last.isalpha() and last != "i" and not wide(last):
        return begins
    return not (last.isdigit() and len(last) <= 2 and language in ORDINAL_DOT)


def _breaths(sentence: str) -> list[str]:
    """A sentence in pieces within the limit, cut behind commas where it can, else between words, else anywhere."""
    out: list[str] = []
    while len(sentence) > (limit := WIDE_LIMIT if _mostly_wide(sentence) else LIMIT):
        cut = _cut(sentence[:limit])
        out.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*out, sentence]


def _mostly_wide(text: str) -> bool:
    head = text[:LIMIT]
    return sum(map(wide, head)) * 2 > len(head)


def _cut(head: str) -> int:
    """Where to cut: behind the last clause mark in the later two thirds, else the last space there, else the end."""
    earliest = len(head) // 3
    for pattern in (r"[;:—–]\s|[；：]", r"[,،、，]\s*(?!\d)", r"\s"):
        ends = [m.end() for m in re.finditer(pattern, head) if m.end() > earliest]
        if ends:
            return ends[-1]
    return len(head)
