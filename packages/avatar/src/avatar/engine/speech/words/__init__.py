"""Written text to spoken words: numbers, dates, money, units, addresses, abbreviations, by language."""
