"""What preflight costs, and how good its judgement of maintenance is: writes docs/benchmarks-preflight.md.

    python scripts/bench_preflight.py [--only cost | --only judgement]

Needs an index. The labels stand in scripts/preflight_labels.csv, each with its source, and were written before the
first score. A half of them, by the hash of the name, may be tuned on; the other half is reported. PF110 reads what a
package says of itself, and for some of the dead that is also the label's source: "told elsewhere" leaves these out.
"""

import argparse
import csv
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from preflight import settings
from preflight.checks.viability import Viability, assess
from preflight.errors import CouldNotCheck
from preflight.index import Cache, Index, configured
from preflight.model import Severity
from preflight.resolve import find_uv

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/benchmarks-preflight.md"
LABELS = ROOT / "scripts/preflight_labels.csv"
DAYS = ("2024-06-30", "2026-02-05")
COMMAND = Path(sys.executable).with_name("preflight")
CELLS = ("--python", "3.10-3.14", "--platform", "linux-x86_64,macos-arm64,windows-x86_64")
FIFTY = (
    "requests httpx aiohttp fastapi uvicorn pydantic sqlalchemy alembic celery redis django flask jinja2 numpy "
    "scipy pandas scikit-learn matplotlib pillow opencv-python-headless torch torchvision torchaudio "
    "transformers diffusers accelerate safetensors librosa soundfile numba grpcio protobuf boto3 cryptography "
    "pyyaml click rich typer pytest hypothesis lxml beautifulsoup4 psycopg2-binary pyarrow polars networkx tqdm "
    "websockets orjson spacy"
)


@dataclass(frozen=True)
class Label:
    """What is known of a package: "dead" from `day` on, otherwise not dead until `day`."""

    package: str
    label: str
    day: str
    source: str

    def dead_on(self, day: str) -> bool | None:
        """The truth on a day; None when the source does not speak of it."""
        if self.label == "dead":
            return True if self.day <= day else None
        return False if self.day > day else None

    @property
    def told_elsewhere(self) -> bool:
        """Whether the source is none that the score reads."""
        return not self.source.startswith("its own description")

    @property
    def tuned_on(self) -> bool:
        """Which half it is in."""
        return hashlib.sha256(self.package.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True)
class Scored:
    """A label with what was said of it on a day."""

    label: Label
    dead: bool
    found: Viability
    quiet_years: bool  # the baseline: no release in two years


def labels() -> list[Label]:
    """The labelled packages."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return [Label(**row) for row in csv.DictReader(file)]


def scored(day: str) -> tuple[list[Scored], list[str]]:
    """Every label that speaks of the day, scored as of that evening; and the packages that could not be."""
    moment = datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    facts = Index(configured(settings.environment(), find_uv()), Cache(settings.cache_folder()), moment)
    asked = [(label, dead) for label in labels() if (dead := label.dead_on(day)) is not None]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda each: _score(facts, each[0], moment, dead=each[1]), asked))
    missing = [label.package for (label, _), found in zip(asked, answers, strict=True) if found is None]
    return [found for found in answers if found], missing


def _score(facts: Index, label: Label, moment: datetime, *, dead: bool) -> Scored | None:
    try:
        project = facts.project(label.package)
        if project is None or project.newest is None:
            return None
        found = assess(facts, project, moment)
        last = max(when for version in project.releases if (when := project.uploaded(version)))
    except CouldNotCheck:
        return None
    return Scored(label, dead, found, (moment - last).days > 730)


def judgement() -> Iterator[str]:
    """The backtest, as Markdown."""
    yield from ("## Is it still maintained? (PF110)", "", __doc__.split("\n\n")[2].replace("\n", " "), "")
    yield from ("| as of | half | dead / not dead | says dead | precision | recall |", "|---|---|---|---|---|---|")
    wrong: list[str] = []
    for day in DAYS:
        every, missing = scored(day)
        reported = [each for each in every if not each.label.tuned_on]
        tuned = [each for each in every if each.label.tuned_on]
        elsewhere = [each for each in every if each.label.told_elsewhere]
        for half, some in (("reported", reported), ("told elsewhere, both halves", elsewhere), ("tuned on", tuned)):
            yield from _rows(day, half, some)
        wrong += [*_wrong(day, "reported", reported), *_wrong(day, "tuned on", tuned)]
        if missing:
            wrong.append(f"- {day}: not scored, for lack of upload times, metadata or releases: {', '.join(missing)}")
    yield from ("", "What RED gets wrong:", "", *wrong, "")


def _rows(day: str, half: str, some: list[Scored]) -> Iterator[str]:
    dead = sum(each.dead for each in some)
    for name, says in RULES.items():
        right = sum(each.dead for each in some if says(each))
        said = sum(says(each) for each in some)
        figures = f"{right / said if said else 0:.2f} | {right / dead if dead else 0:.2f}"
        yield f"| {day} | {half} | {dead} / {len(some) - dead} | {name} | {figures} |"


RULES: dict[str, Callable[[Scored], bool]] = {
    "RED": lambda each: each.found.severity is Severity.RED,
    "RED or YELLOW": lambda each: each.found.severity in {Severity.RED, Severity.YELLOW},
    "no release in two years (baseline)": lambda each: each.quiet_years,
}


def _wrong(day: str, half: str, some: list[Scored]) -> Iterator[str]:
    red = RULES["RED"]
    false = sorted(each.label.package for each in some if red(each) and not each.dead)
    missed = sorted(each.label.package for each in some if each.dead and not red(each))
    yield f"- {day}, {half}: called dead and is not: {', '.join(false) or 'none'}"
    yield f"- {day}, {half}: missed: {', '.join(missed) or 'none'}"


@dataclass(frozen=True)
class Run:
    """What one command took."""

    code: int
    seconds: float
    cpu: float
    megabytes: float  # of all its processes together, sampled


def run(cache: str, *arguments: str) -> Run:
    """Run the command with a cache of its own."""
    before, start = os.times(), time.monotonic()
    environment = {**os.environ, "PREFLIGHT_CACHE": cache}
    with subprocess.Popen([COMMAND, *arguments], stdout=subprocess.DEVNULL, env=environment) as process:
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        code = process.wait()
        watcher.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(code, time.monotonic() - start, cpu, peak[0] / 1e6)


def _watch(process: "subprocess.Popen[bytes]", peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_resident(each) for each in _tree(process.pid)))
        time.sleep(0.05)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0.0


def cost() -> Iterator[str]:
    """What commands take, as Markdown."""
    yield from (
        "## What it costs",
        "",
        f"{os.cpu_count()} cores; the machine's load was {os.getloadavg()[0]:.1f} at first.",
    )
    yield from ("", "| | at most | seconds | CPU seconds | MB, all processes |", "|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        tts = ("audit", "TTS==0.22.0", *CELLS)
        listed = Path(folder) / "fifty.txt"
        listed.write_text(FIFTY.replace(" ", "\n"))
        for name, most, cache, arguments in (
            ("`audit TTS==0.22.0`, 15 cells, cold", "90 s, 400 MB", "one", tts),
            ("the same, warm", "3 s", "one", tts),
            ("`audit` of 50 packages, 15 cells, cold", "180 s", "two", ("audit", "-r", str(listed), *CELLS)),
            ("`api torchaudio.info`, cold", "8 s", "three", ("api", "torchaudio.info")),
        ):
            took = run(f"{folder}/{cache}", *arguments)
            verdict = "" if took.code in {0, 1} else f" (exit code {took.code}: not checked)"
            yield f"| {name}{verdict} | {most} | {took.seconds:.1f} | {took.cpu:.1f} | {took.megabytes:.0f} |"
    yield from ("", _help(), "")


def _help() -> str:
    """`preflight --help` against a bare Python, side by side."""
    bare = _fastest([sys.executable, "-c", "pass"])
    told = _fastest([str(COMMAND), "--help"])
    took = f"`preflight --help` takes {told * 1000:.0f} ms, a bare Python {bare * 1000:.0f} ms"
    return f"{took}: {told / bare:.1f} times (at most 5)."


def _fastest(command: list[str]) -> float:
    times = []
    for _ in range(9):
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - start)
    return min(times)


PARTS = {"cost": ("## What it costs", cost), "judgement": ("## Is it still maintained?", judgement)}


def main() -> None:
    """Write the page, the parts that were not asked for as they stand."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=PARTS)
    only = parser.parse_args().only
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    text = "# preflight: what it costs, and how right it is\n\nWritten by `make bench-preflight`.\n\n"
    for name, (title, part) in PARTS.items():
        if only in {None, name}:
            text += "\n".join(part()) + "\n"
        elif title in old:
            text += title + old.partition(title)[2].partition("\n## ")[0].rstrip() + "\n\n"
    PAGE.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
