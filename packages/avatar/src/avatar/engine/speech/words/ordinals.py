"""Ordinal numbers in words where espeak-ng reads the figure as a cardinal: German, Dutch, Polish, Russian."""

GERMAN = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
GERMAN += ["dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
GERMAN_TENS = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
GERMAN_OWN = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}

DUTCH = ["", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
DUTCH_LOW = [
    "eerste",
    "tweede",
    "derde",
    "vierde",
    "vijfde",
    "zesde",
    "zevende",
    "achtste",
    "negende",
    "tiende",
    "elfde",
    "twaalfde",
    "dertiende",
    "veertiende",
    "vijftiende",
    "zestiende",
    "zeventiende",
    "achttiende",
    "negentiende",
]
DUTCH_TENS = ["", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]

GENITIVES = {
    "ru": (
        "первого второго третьего четвёртого пятого шестого седьмого восьмого девятого десятого одиннадцатого "
        "двенадцатого тринадцатого четырнадцатого пятнадцатого шестнадцатого семнадцатого восемнадцатого "
        "девятнадцатого двадцатого",
        "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
        "двадцатого тридцатого сорокового пятидесятого шестидесятого семидесятого восьмидесятого девяностого",
    ),
    "pl": (
        "pierwszego drugiego trzeciego czwartego piątego szóstego siódmego ósmego dziewiątego dziesiątego jedenastego "
        "dwunastego trzynastego czternastego piętnastego szesnastego siedemnastego osiemnastego dziewiętnastego "
        "dwudziestego",
        "dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego siedemdziesiątego "
        "osiemdziesiątego dziewięćdziesiątego",
        "dwudziestego trzydziestego czterdziestego pięćdziesiątego sześćdziesiątego siedemdziesiątego "
        "osiemdziesiątego dziewięćdziesiątego",
    ),
}
"""1 to 20, the tens before ones, the tens."""

CENTURY_YEARS = {
    "ru": {2000: "двухтысячного", 1900: "тысяча девятисотого", 1800: "тысяча восьмисотого"},
    "pl": {2000: "dwutysięcznego", 1900: "tysiąc dziewięćsetnego", 1800: "tysiąc osiemsetnego"},
}
STRESSED = frozenset({"второго", "шестого", "седьмого", "восьмого", "сорокового"})
"""Russian ordinals that end in -ой."""


def german(number: int) -> str:
    """The stem, 1 to 999: "dritt", "einundzwanzigst"; endings are added to it."""
    hundreds, rest = divmod(number, 100)
    head = ("" if not hundreds else "hundert" if hundreds == 1 else GERMAN[hundreds] + "hundert") + ""
    if rest == 0:
        return head + "st"
    if rest < 20:
        return head + GERMAN_OWN.get(rest, GERMAN[rest] + "t")
    ten, one = divmod(rest, 10)
    return head + (GERMAN[one] + "und" if one else "") + GERMAN_TENS[ten] + "st"


def dutch(number: int) -> str:
    """1 to 99: "derde", "tweeëntwintigste"."""
    if number < 20:
        return DUTCH_LOW[number - 1]
    ten, one = divmod(number, 10)
    return (DUTCH[one] + ("ën" if one in {2, 3} else "en") if one else "") + DUTCH_TENS[ten] + "ste"


def genitive(code: str, number: int) -> str:
    """Russian and Polish, 1 to 99, masculine: of the twenty-first."""
    ones, tens, round_ = (words.split() for words in GENITIVES[code])
    if number <= 20:
        return ones[number - 1]
    ten, one = divmod(number, 10)
    return f"{tens[ten - 2]} {ones[one - 1]}" if one else round_[ten - 2]


def year(code: str, number: int) -> str:
    """Russian and Polish, in the genitive: of (the year) 1998; its thousands and hundreds stay in figures."""
    if number in CENTURY_YEARS[code]:
        return CENTURY_YEARS[code][number]
    rest = number % 100
    return f"{number - rest} {genitive(code, rest)}" if rest and number > 999 else str(number)


def declined(code: str, words: str, case: str) -> str:
    """From the masculine genitive to another form: "m", "f", "n" nominative, "plural", "in" locative masculine."""
    return " ".join((_polish if code == "pl" else _russian)(word, case) for word in words.split())


def _polish(word: str, case: str) -> str:
    if not word.endswith("ego"):
        return word
    soft = word.endswith("iego")
    stem = word[:-4] if soft else word[:-3]
    endings = {
        "m": ("i", "y"), "f": ("a", "a"), "n": ("ie", "e"), "in": ("im", "ym"), "in f": ("iej", "ej"),
        "plural": ("ie", "e"),
    }  # fmt: skip
    return "trzecia" if case == "f" and stem == "trzec" else stem + endings[case][0 if soft else 1]


def _russian(word: str, case: str) -> str:
    if not word.endswith("го"):
        return word
    if word == "третьего":
        return {"m": "третий", "f": "третья", "n": "третье", "in": "третьем", "plural": "третьи", "in f": "третьей"}[
            case
        ]
    stem = word[:-3]
    masculine = "ой" if word in STRESSED else "ый"
    return stem + {"m": masculine, "f": "ая", "n": "ое", "in": "ом", "plural": "ые", "in f": "ой"}[case]
