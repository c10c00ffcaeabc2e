"""One and two change with what they count, and in Russian and Polish ordinals with case: what figures cannot show.

Genders are told by endings and by short lists, so they hold for units, money, time and everyday nouns, not for all.
"""

import re

FEMININE = {
    "es": r"\w+as?",
    "pt": r"\w+as?",
    "it": r"(?:\w+a|ore|sterline|rupie|miglia)",
    "fr": r"(?:heures?|minutes?|secondes?|livres?|roupies?|tonnes?|semaines?|années?|onces?|fois|personnes?|pages?)",
    "de": r"(?:Sekunde|Minute|Stunde|Tonne|Meile|Rupie|Woche|Unze|Person|Seite|Million|Milliarde)",
    "pl": r"(?:\w+a|minuty|sekundy|godziny|osoby|tony|strony|kobiety|książki|rzeczy|części|sztuki|rupie|mile)",
}
MASCULINE = {
    "es": r"(?:d[ií]as?|mapas?|problemas?|yenes)",
    "pt": r"(?:\w*gramas?|dias?|mapas?|problemas?)",
    "pl": r"mężczyzna",
}
NEUTER = {"pl": r"\w+[oeęu]m?"}

ONE = {
    "es": ("un", "una", "un"),
    "it": ("un", "una", "un"),
    "pt": ("um", "uma", "um"),
    "fr": ("un", "une", "un"),
    "de": ("ein", "eine", "ein"),
    "ru": ("один", "одна", "одно"),
    "pl": ("jeden", "jedna", "jedno"),
}
TWO = {"pt": ("dois", "duas"), "ru": ("два", "две"), "pl": ("dwa", "dwie")}
TENS = {
    "es": {21: "veintiun", 31: "treinta y un", 41: "cuarenta y un", 51: "cincuenta y un", 61: "sesenta y un",
           71: "setenta y un", 81: "ochenta y un", 91: "noventa y un"},
}  # fmt: skip
"""Masculine; the feminine adds an a."""

RU_GENITIVE = {2: "двадцати", 3: "тридцати", 4: "сорока", 5: "пятидесяти", 6: "шестидесяти", 7: "семидесяти",
               8: "восьмидесяти", 9: "девяноста"}  # fmt: skip
RU_MASCULINE_OF = r"(?:часа|года|дня|месяца|человека|раза|рубля|миллиона|дома)"
"""Behind a number that ends in one these and nouns in -ы or -и are genitives: "без двадцати одного рубля"."""

COUNTED = {
    "es": "días? horas? minutos? segundos? semanas? mes meses años? personas? páginas? euros? vez veces libras?",
    "pt": "dias? horas? minutos? segundos? semanas? mês meses anos? pessoas? páginas? euros? vez vezes libras?",
    "ru": "минут[аы] секунд[аы] часа? недел[яи] года? день дня месяца? человека? книг[аи] раза? страниц[аы] рубл[ья] "
    "тысяч[аи] миллиона? женщин[аы] мужчин[аы] девочк[аи] комнат[аы] копейк[аи] штук[аи] задач[аи] точк[аи] дом дома",
    "pl": "osob[ay] minut[ay] godzin[ay] sekund[ay] stron[ay] kobiet[ay] książk[ai] sztuk[ai] rok lata dzień dni "
    "tydzień tygodnie miesiąc miesiące raz razy dziecko jajko okno piwo",
}
"""Nouns that are counted in running text: "страница 2 начинается" must stay as it is."""


def agreed(code: str, figures: str, word: str) -> str:
    """Bare figures, with the last one or two in words where its gender shows: ("ru", "22", "минуты") -> "20 две"."""
    if code not in ONE or not figures.isdecimal() or len(figures) > 9:
        return figures
    number = int(figures)
    if code == "ru" and number % 10 == 1 and number % 100 != 11 and (said := _of_one(number, word.strip())):
        return said
    gender = _gender(code, word, number % 10)
    if number in {1, 2} or number in TENS.get(code, {}):
        return _alone(code, number, gender) or figures
    rest, last = number - number % 10, number % 10
    # dwadzieścia jeden, whatever is counted; masculine is what the synthesiser says
    fixed = number % 100 in {11, 12} or last not in {1, 2} or code not in TWO or (last == 1 and code == "pl")
    if fixed or gender == 0:
        return figures
    said = ONE[code][gender] if last == 1 else TWO[code][gender == 1]
    return f"{rest} e {said}" if code == "pt" else f"{rest} {said}"


def _of_one(number: int, word: str) -> str | None:
    """A Russian number that ends in one before a genitive; the figures themselves where they have hundreds."""
    masculine = re.match(rf"{RU_MASCULINE_OF}\b", word)
    if not masculine and not re.match(r"\w+[ыи]\b", word):
        return None
    if number > 100:
        return str(number)
    last = "одного" if masculine else "одной"
    return f"{RU_GENITIVE[number // 10]} {last}" if number > 1 else last


def _alone(code: str, number: int, gender: int) -> str | None:
    """One, two, and the tens with one that are a word of their own."""
    if number == 1:
        return ONE[code][gender]
    if number == 2:
        return TWO[code][gender == 1] if code in TWO else None
    said = TENS[code][number]
    return said + "a" if gender == 1 else "veintiún" if number == 21 else said


def _gender(code: str, word: str, last: int) -> int:
    """0 masculine, 1 feminine, 2 neuter, of what stands behind a number that ends in `last`."""
    word = word.strip().split()[0] if word.strip() else ""
    if code == "ru":  # одна минута, две минуты, but два часа
        return 1 if word[-1:] in ("ыи" if last == 2 else "ая") and word else 2 if last == 1 and word[-1:] in "ое" else 0
    if re.fullmatch(MASCULINE.get(code, r"(?!)"), word):
        return 0
    if re.fullmatch(FEMININE[code], word):
        return 1
    return 2 if re.fullmatch(NEUTER.get(code, r"(?!)"), word) else 0
