"""Rules that turn signs and figures into words, for every language that `language` knows.

A rule is a pattern and what is said for a match, None to leave it to the rules behind it. The order matters.
"""

import re
from collections.abc import Callable
from functools import cache

from avatar.engine.speech.words import english_rules, figures, ordinal_rules
from avatar.engine.speech.words.figures import Figures
from avatar.engine.speech.words.language import Language, language
from avatar.engine.speech.words.roman import ROMAN, roman

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]

SCHEME = r"(?:https?://|ftp://|www\.)"
ENDINGS = (
    "com|org|net|edu|gov|io|ai|dev|app|info|co|uk|de|fr|es|it|nl|pl|ru|in|cn|eu|ch|at|be|br|pt|jp|us|ca|au|me|tv|xyz"
)
HOST = r"(?!m\.in\.)(?:[\w-]+\.)+"  # Polish: among others
URL = rf"(?<![\w@.])(?:{SCHEME}[^\s<>\"”)]*[\w/#]|{HOST}(?:{ENDINGS})(?![\w.-]*\w)(?:/[^\s<>\"”)]*[\w/#])?)"
EMAIL = r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
EMOJI_MARKS = "[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]+"


@cache
def rules_of(code: str) -> tuple[Rule, ...]:
    """The rules of one language, first the ones that come first."""
    spoken = language(code)
    assert spoken is not None
    f = Figures(spoken)
    own = english_rules.rules(f) if code == "en" else ordinal_rules.rules(f)
    shared = [*_addresses(f), *own, *figures.rules(f), *_signs(f), *_abbreviations(spoken), *_romans(f)]
    if code == "en":
        shared.append((re.compile(rf"(?<![\w.]){f.number}(?!\w)"), lambda m: f.said(m[0])))
    return tuple((re.compile(p) if isinstance(p, str) else p, speak) for p, speak in shared)


def _addresses(f: Figures) -> list[Rule]:
    return [
        (re.compile(EMAIL), lambda m: _spelt(f, m[0])),
        (re.compile(URL, re.IGNORECASE), lambda m: _spelt(f, re.sub(r"^\w+://", "", m[0]).rstrip("/"))),
    ]


def _spelt(f: Figures, address: str) -> str:
    """An address with its signs said by name."""
    signs = f.spoken.signs
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", "?": "question", "=": "equals"}
    names |= {"#": "hashtag", "+": "plus", "&": "and", "%": "percent", ":": "colon"}
    out = []
    for part in re.findall(r"[^\W\d_]+|\d+|[^\w\s]|_", address):
        if part.isdecimal():
            out.append(f.said(part) if len(part) < 4 and part[0] != "0" else f.one_by_one(part))
        else:
            out.append(signs[names[part]] if part in names else part)
    return " ".join(out)


def _signs(f: Figures) -> list[Rule]:
    """Hashtags, handles, emoji and arithmetic."""
    signs = f.spoken.signs
    return [
        (re.compile(r"(?<!\w)#(?=[^\W\d_])(\w+)"), lambda m: f"{signs['hashtag']} {_camel(m[1])}"),
        (re.compile(r"(?<![\w.])@(\w[\w.]*\w)"), lambda m: f"{signs['at']} {_camel(m[1])}"),
        (re.compile(f"❤{EMOJI_MARKS}"), lambda _: "red heart" if f.spoken.code == "en" else "❤"),
        (re.compile(EMOJI_MARKS), lambda _: " "),
        (re.compile(r"[~≈]\s?(?=\d)"), lambda _: signs["about"] + " "),
        (re.compile(r"(?<![\w)\]])[-−](?=\d)"), lambda _: signs["minus"] + f.gap),
        (re.compile(r"(?<=\d)\s?[-−]\s(?=\d)|(?<=\d)\s?−(?=\d)"), lambda _: f" {signs['minus']} "),
        (re.compile(r"(?<=[\w)])\s?\+\s?(?=\d)|(?<!\w)\+(?=\d)"), lambda _: f" {signs['plus']} "),
        (re.compile(r"(?<=\d)\s?[×*]\s?(?=\d)|(?<=\d)\sx\s(?=\d)"), lambda _: f" {signs['times']} "),
        (re.compile(r"(?<=[\w)])\s?=\s?(?=[\w-])"), lambda _: f" {signs['equals']} "),
    ]


def _camel(name: str) -> str:
    """NewYork_Times as three words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z\d])|(?<=\d)(?=[A-Z])", " ", name.replace("_", " ").replace(".", " "))


def _abbreviations(spoken: Language) -> list[Rule]:
    if not spoken.abbreviations:
        return []
    names = sorted(spoken.abbreviations, key=len, reverse=True)
    pattern = r"(?<![\w.-])(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s?") for name in names) + r")(?!\w)"
    known = {name.replace(" ", ""): said for name, said in spoken.abbreviations.items()}

    def say(match: re.Match[str]) -> str | None:
        written = match[0]
        if "." not in written and written.isupper():
            return None
        return known.get("".join(written.lower().split()))

    return [(re.compile(pattern, re.IGNORECASE), say)]


def _romans(f: Figures) -> list[Rule]:
    """Numerals of two letters or more, and any behind a name of king, chapter or century where English says so."""
    suffixed = re.compile(rf"\b(?=[IVX]{{1,6}}(?:e|ème)\b)({ROMAN})(e|ème)\b")
    rules: list[Rule] = []
    if f.spoken.code == "fr":
        rules.append((suffixed, lambda m: f"{roman(m[1])}ème"))
    if f.spoken.code in {"it", "es"}:
        return rules  # espeak-ng reads them, as ordinals where due
    rules.append((re.compile(rf"\b(?=[IVX]{{2,7}}\b)({ROMAN})\b"), lambda m: f.said(str(roman(m[1])))))
    return rules
