"""Writes the names of months, units and currencies the speech engine says, from the Unicode CLDR that Babel carries.

Babel is no dependency of anything here (0007): install it for this script alone. Only the languages with rules of
their own are kept, 11 of Babel's 1000 files.
"""

import json
from pathlib import Path

from babel import Locale, __version__  # type: ignore[import-not-found, unused-ignore]

TARGET = Path(__file__).parents[1] / "packages/avatar/src/avatar/engine/speech/words/data/cldr.json"
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "nl", "pl", "ru", "hi", "zh")
CURRENCIES = [
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CNY",
    "INR",
    "CHF",
    "PLN",
    "RUB",
    "BRL",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "CZK",
    "KRW",
    "MXN",
    "TRY",
    "UAH",
    "ILS",
]
UNITS = {
    "km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter", "mm": "length-millimeter",
    "mi": "length-mile", "ft": "length-foot", "in": "length-inch", "yd": "length-yard",
    "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "t": "mass-tonne", "lb": "mass-pound",
    "oz": "mass-ounce", "l": "volume-liter", "ml": "volume-milliliter", "cl": "volume-centiliter",
    "km/h": "speed-kilometer-per-hour", "mph": "speed-mile-per-hour", "m/s": "speed-meter-per-second",
    "°C": "temperature-celsius", "°F": "temperature-fahrenheit", "°": "angle-degree",
    "bit": "digital-bit", "kB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte",
    "TB": "digital-terabyte", "Hz": "frequency-hertz", "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz", "W": "power-watt", "kW": "power-kilowatt", "MW": "power-megawatt",
    "kWh": "energy-kilowatt-hour", "kcal": "energy-kilocalorie", "kJ": "energy-kilojoule", "J": "energy-joule",
    "V": "electric-volt", "A": "electric-ampere", "mA": "electric-milliampere", "hPa": "pressure-hectopascal",
    "ms": "duration-millisecond", "s": "duration-second", "min": "duration-minute", "h": "duration-hour",
    "km²": "area-square-kilometer", "m²": "area-square-meter", "cm²": "area-square-centimeter",
    "m³": "volume-cubic-meter", "cm³": "volume-cubic-centimeter", "ha": "area-hectare",
    "px": "graphics-pixel", "dB": "sound-decibel",
}  # fmt: skip


def names(code: str) -> dict[str, object]:
    """What one language calls months, units and currencies; units and currencies by plural category."""
    locale = Locale.parse(code)
    units = {}
    for sign, name in UNITS.items():
        forms = locale._data["unit_patterns"].get(name, {}).get("long", {})
        kept = {form: text for form, text in forms.items() if form in {"one", "few", "many", "other"}}
        if kept:
            units[sign] = {form: text.replace("\xa0", " ") for form, text in kept.items()}
    return {
        "months": [locale.months["format"]["wide"][i] for i in range(1, 13)],
        "short_months": [locale.months["format"]["abbreviated"][i].rstrip(".") for i in range(1, 13)],
        "units": units,
        "currencies": {
            code: dict(locale._data["currency_names_plural"][code])
            for code in CURRENCIES
            if code in locale._data["currency_names_plural"]
        },
    }


if __name__ == "__main__":
    about = f"Unicode CLDR by Babel {__version__}; made by scripts/cldr.py"
    data = {"source": about, **{code: names(code) for code in LANGUAGES}}
    TARGET.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
