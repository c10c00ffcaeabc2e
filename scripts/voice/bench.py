"""make bench-voice: how well learnt voices are understood and how like they are; writes docs/benchmarks-voice.md.

The held list and the later one are reported, never chosen on; the curve and the default likeness come from the tuning
list.
"""

import argparse
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

from voice.cells import HERE, Bench, Cell, sentences
from voice.ears import words_of
from voice.references import ROOT, Reference, references

from avatar.engine.speech import EmbeddedSpeech
from avatar.engine.speech.parameters import DEFAULT_LIKENESS

CURVE = (0.25, 0.6, 1.0)
MOST_MORE_ERRORS, LEAST_SIMILARITY, LEAST_QUALITY = 5.0, 0.75, -0.1

HEAD = """<!-- written by `make bench-voice` -->
# Voice matching, measured

What the columns mean, and what matching is, stands in [voice.md](voice.md). Words are heard by pocketsphinx (each
sentence as if it were the first), likeness is the cosine of Resemblyzer's speaker vectors with both sounds brought to
the same level ("as is": at the levels they have), quality is DNSMOS P.835. Held list: {sentences} sentences, {words}
words, `scripts/voice/held.txt`, on which nothing was chosen. Learning, with the check, and the speed of speaking are
in CPU time. Version {version} of the engine.

"""


def rows(cells: Iterable[Cell], base: dict[str, Cell]) -> list[str]:
    """The table of the held list."""
    lines = [
        "| reference | word errors, base → matched | likeness, base → matched | as is | taken for | quality | "
        "likeness kept | heard by the check | learnt in | RTF |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for cell in cells:
        own = base[cell.reference]
        lines.append(
            f"| {cell.reference} | {own.errors:.1f} → {cell.errors:.1f} % | {own.similarity:.3f} → "
            f"{cell.similarity:.3f} | {cell.similarity_as_is:.3f} | {cell.likest} | {own.quality:.2f} → "
            f"{cell.quality:.2f} | {cell.kept:g} | {cell.check} | {cell.seconds_learning:.1f} s | {cell.speed:.3f} |"
        )
    return lines


def verdicts(everyone: list[Reference], cells: dict[str, Cell], base: dict[str, Cell]) -> list[str]:
    """Each goal, and whether it holds."""
    more = {name: cell.errors - base[name].errors for name, cell in cells.items()}
    worse = {name: cell.quality - base[name].quality for name, cell in cells.items()}
    known = sum(cells[reference.name].likest == reference.speaker for reference in everyone)
    lines = [
        _verdict(f"word errors at most {MOST_MORE_ERRORS:g} points over the base's", more, MOST_MORE_ERRORS.__ge__),
        _verdict("quality at most 0.1 below the base's", worse, LEAST_QUALITY.__le__),
        f"- taken for the right speaker of {len(everyone)} references: {known} of {len(everyone)}",
    ]
    for people, human in (("humans", True), ("synthetic voices", False)):
        found = [cells[reference.name].similarity for reference in everyone if reference.human == human]
        if found:
            mean = statistics.fmean(found)
            lines.append(f"- mean likeness over {people} at least 0.75: {_yes(mean >= LEAST_SIMILARITY)} ({mean:.3f})")
    return lines


def _verdict(what: str, values: dict[str, float], good: Callable[[float], bool]) -> str:
    missed = ", ".join(f"{name} {value:+.2f}" for name, value in values.items() if not good(value))
    return f"- {what}: {'no: ' + missed if missed else 'yes'}"


def _yes(good: bool) -> str:
    return "yes" if good else "no"


def later(bench: Bench, everyone: list[Reference], cells: dict[str, Cell], base: dict[str, Cell]) -> list[str]:
    """Words on a longer list, written when the version was finished, and on both."""
    counts = {which: sum(len(words_of(text)) for text in sentences(which)) for which in ("held", "later")}
    unmatched = bench.cell(everyone[0], "later", None, checked=True).errors
    lines = [
        f"The {counts['held']} words of the held list leave a difference about 4 points of chance. So a second list,",
        f"`scripts/voice/later.txt` ({counts['later']} words), was written when version 11 was finished.",
        "",
        "| reference | word errors, base → matched | more than the base | on both lists |",
        "|---|---|---|---|",
    ]
    both = {}
    for one in everyone:
        found = bench.cell(one, "later", DEFAULT_LIKENESS, checked=True).errors
        more = {"held": cells[one.name].errors - base[one.name].errors, "later": found - unmatched}
        both[one.name] = sum(more[which] * count for which, count in counts.items()) / sum(counts.values())
        lines.append(f"| {one.name} | {unmatched:.1f} → {found:.1f} % | {more['later']:+.1f} | {both[one.name]:+.1f} |")
    goal = f"word errors at most {MOST_MORE_ERRORS:g} points over the base's on both lists"
    return [*lines, "", _verdict(goal, both, MOST_MORE_ERRORS.__ge__)]


def curve(bench: Bench, everyone: list[Reference]) -> list[str]:
    """Likeness against words, on the tuning list, unchecked."""
    base = bench.cell(everyone[0], "tuning", None, checked=False).errors
    lines = [
        f"The base alone is heard with {base:.1f} % errors on the tuning list. Each cell: likeness / word errors in %.",
        "",
        "| reference | " + " | ".join(f"{likeness:g}" for likeness in CURVE) + " |",
        "|---" * (len(CURVE) + 1) + "|",
    ]
    for reference in everyone:
        cells = [bench.cell(reference, "tuning", likeness, checked=False) for likeness in CURVE]
        lines.append(
            f"| {reference.name} | " + " | ".join(f"{c.similarity:.3f} / {c.errors:.1f}" for c in cells) + " |"
        )
    return lines


def main() -> None:
    """Measure what is not yet measured and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--no-curve", action="store_true", help="leave the tuning list out")
    lists = sorted(file.stem for file in HERE.glob("*.txt"))
    parser.add_argument(
        "--list", choices=lists, help="only say how all are heard on this list, unchecked; the page stays as it is"
    )
    given = parser.parse_args()
    folder = ROOT / "out" / "bench-voice"
    everyone = references(folder / "references")
    with EmbeddedSpeech() as speech:
        bench = Bench(speech, everyone, folder)
        if given.list:
            on_list(bench, everyone, given.list)
            return
        page: list[str] = []
        base: dict[str, Cell] = {}
        cells: dict[str, Cell] = {}
        for one in sorted(everyone, key=lambda r: not bench.measured(r, "held", DEFAULT_LIKENESS, checked=True)):
            base[one.name] = bench.cell(one, "held", None, checked=True)
            cells[one.name] = bench.cell(one, "held", DEFAULT_LIKENESS, checked=True)
            page = held(everyone, cells, base)
            write(given.page, speech.version, page)
        page += ["", "## A second list", "", *later(bench, everyone, cells, base)]
        write(given.page, speech.version, page)
        if not given.no_curve:
            page += ["", "## The curve of likeness against words", "", *curve(bench, everyone)]
            write(given.page, speech.version, page)


def on_list(bench: Bench, everyone: list[Reference], which: str) -> None:
    """Say a list's words and likeness: how docs/voice.md compares what was tried."""
    base = bench.cell(everyone[0], which, None, checked=False).errors
    print(f"{which}: the base is misheard {base:.1f} %")
    for one in everyone:
        cell = bench.cell(one, which, DEFAULT_LIKENESS, checked=False)
        print(f"{one.name}: {cell.errors - base:+.1f} points, likeness {cell.similarity:.3f}", flush=True)


def held(everyone: list[Reference], cells: dict[str, Cell], base: dict[str, Cell]) -> list[str]:
    """The held list's table and verdicts over what is measured, and what is not yet: a stop loses little."""
    measured = [one for one in everyone if one.name in cells]
    missing = [one.name for one in everyone if one.name not in cells]
    note = [f"**Stopped before the end. Not measured yet: {', '.join(missing)}.**", ""] if missing else []
    return [*note, *rows([cells[one.name] for one in measured], base), "", *verdicts(measured, cells, base)]


def write(path: Path, version: str, page: list[str]) -> None:
    """Put the page where it belongs."""
    words = sum(len(words_of(text)) for text in sentences("held"))
    head = HEAD.format(sentences=len(sentences("held")), words=words, version=version)
    path.write_text(head + "\n".join(page) + "\n", "utf-8")


if __name__ == "__main__":
    main()
