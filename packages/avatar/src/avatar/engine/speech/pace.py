"""The speed setting at which the synthesiser takes the time that was asked for.

espeak-ng's words a minute shorten vowels more than pauses and consonants, by language: twice the number is 1.6 times
as fast in Russian and 2.3 times in Chinese. So the setting is sought by trying.
"""

from collections.abc import Callable

SLOWEST, FASTEST = 80, 450
"""Words a minute that espeak-ng can do."""

NEAR = 0.01
"""Share of the rate by which it may be missed."""

TRIALS = 5


def setting(seconds: Callable[[int], float], own: int, rate: float) -> int:
    """Words a minute at which `seconds(words a minute)` is `rate` times shorter than at `own`, or as near as can be."""
    base = seconds(own)
    tried: dict[int, float] = {own: 1.0}
    guess = own * rate
    for _ in range(TRIALS):
        pace = round(min(max(guess, SLOWEST), FASTEST))
        if pace in tried or base <= 0:
            break
        tried[pace] = base / max(seconds(pace), 1e-3)
        if abs(tried[pace] / rate - 1) < NEAR:
            break
        guess = pace * rate / tried[pace]
    return min(tried, key=lambda pace: abs(tried[pace] / rate - 1))
