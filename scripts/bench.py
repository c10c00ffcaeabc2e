"""Measure, and write docs/benchmarks.md: ratios side by side in one run, with the machine they were taken on.

python scripts/bench.py docs/benchmarks.md

STUDY=DIR in the environment names a folder with an earlier draft of the presenter to compare with (`bench_draft.py`).
"""

import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZE = (1280, 720)
FPS = 25
SECONDS = 8


def main(target: Path) -> None:
    """Run every measurement and write the page."""
    # Drawing last: a process started from this one counts our peak memory as its own.
    measured = (
        text_to_video, startup, large_memory, memory,
        lambda: against_draft(film(SIZE)), lambda: drawing_against_encoding(film(SIZE), 110),
        lambda: drawing_against_encoding(film((1920, 1080)), 55), lambda: it_runs((3840, 2160), FPS),
        lambda: it_runs(SIZE, 60),
    )  # fmt: skip
    rows = [told(row()) for row in measured]
    lines = [
        "# Benchmarks",
        "",
        f"`make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}.",
        "Each row is one run; ratios compare things measured side by side in that run.",
        "",
        "| what | measured | goal |",
        "|---|---|---|",
        *rows,
        "",
    ]
    target.write_text("\n".join(lines), "utf-8")
    print(target.read_text("utf-8"))


def told(row: str) -> str:
    """The row, shown as soon as it is known: a run cut short has said what it found."""
    print(f"{time.perf_counter():.0f} s {row}", file=sys.stderr, flush=True)
    return row


def machine() -> str:
    """The processor, the cores and the Python, in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"


def avatar(*arguments: str, folder: str) -> tuple[dict[str, Any], float, int]:
    """Run the command with a cache of its own; its JSON, its seconds and its peak memory in bytes."""
    own = {"AVATAR_CACHE": f"{folder}/cache", "AVATAR_LIBRARY": f"{folder}/library"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "avatar", *arguments, "--json"], stdout=subprocess.PIPE, env=os.environ | own
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"avatar {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}: {out.decode()}")
    scale = 1 if sys.platform == "darwin" else 1024
    return json.loads(out), time.perf_counter() - began, usage.ru_maxrss * scale


def text_to_video() -> str:
    """All stages, nothing cached, with a voice matched to the demo's recording."""
    with tempfile.TemporaryDirectory() as folder:
        result, seconds, peak = avatar(
            "pipeline", "run", "@" + str(ROOT / "examples" / "hello.txt"),
            "--voice", str(ROOT / "examples" / "reference.flac"), "--consent", "nobody, a benchmark",
            "--transcript", "@" + str(ROOT / "examples" / "reference.txt"),
            "--output", f"{folder}/talk.mp4", folder=folder,
        )  # fmt: skip
    stages = ", ".join(f"{stage['name']} {stage['seconds']:.1f} s" for stage in result["stages"])
    ratio = result["duration_s"] / seconds
    return (
        f"| text → mp4, 720p25, matched voice, {result['duration_s']:.0f} s of speech, all stages and start-up "
        f"| {ratio:.1f} × real time ({stages}; peak {peak / 1e6:.0f} MB) | ≥ 2 × |"
    )


@dataclass(frozen=True)
class Film:
    """One speech by one person, to be drawn and encoded again and again."""

    portrait: Any
    spoken: Any
    size: tuple[int, int]
    fps: int = FPS

    def drawn(self) -> Iterator[Any]:
        """Its frames, the person already set up: the first is drawn before anything is timed."""
        from avatar.engine.presenter import EmbeddedLipSync

        frames = EmbeddedLipSync().animate(self.portrait, self.spoken, fps=self.fps, size=self.size, seed=1)
        return itertools.chain([next(frames)], frames)

    def encoded(self, frames: Any) -> None:
        """The frames and the speech as an mp4, in a folder that goes away."""
        from avatar import codec

        settings = codec.EncoderSettings()
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "x.mp4"
            codec.write_mp4(frames, self.spoken.audio, target, fps=self.fps, size=self.size, settings=settings)

    @property
    def frames(self) -> int:
        """How many."""
        duration: float = self.spoken.audio.duration
        return round(duration * self.fps)


def film(size: tuple[int, int], seconds: int = SECONDS, fps: int = FPS) -> Film:
    """A woman with long hair, in an office, who speaks."""
    from avatar.engine.presenter import EmbeddedPainter
    from avatar.engine.speech import EmbeddedSpeech
    from avatar.media import Audio, Utterance, join

    with EmbeddedSpeech() as speech:
        whole = join(speech.speak("The quick brown fox jumps over the lazy dog. " * 4, speech.default_voice(), "en"))
    audio = Audio(whole.audio.samples[: seconds * whole.audio.rate], whole.audio.rate)
    portrait = EmbeddedPainter().paint("a woman with long brown hair, office", 1, size)
    return Film(portrait, Utterance(whole.text, "en", audio, whole.phones), size, fps)


def drawing_against_encoding(shot: Film, goal: int) -> str:
    """Drawing and encoding together, against encoding the same frames alone; medians of three, taken in turn."""
    kept = [frame.copy() for frame in shot.drawn()]
    alone, both, drawing = in_turn(
        lambda: partial(shot.encoded, kept),
        lambda: partial(shot.encoded, shot.drawn()),
        lambda: partial(deque, shot.drawn(), 0),
    )
    both, alone, drawing = (shot.frames / seconds for seconds in (both, alone, drawing))
    return (
        f"| draw + encode against the encoder alone, same frames, x264 veryfast crf 20, {shot.size[1]}p "
        f"| {both:.0f} fps against {alone:.0f} fps: {both / alone:.0%} (drawing alone {drawing:.0f} fps) "
        f"| ≥ 50 % and ≥ {goal} fps |"
    )


def in_turn(*makers: Callable[[], Callable[[], Any]]) -> list[float]:
    """Of each the median of three timings, one after the other so that a busy moment meets all; making is not timed."""
    times = [[timed(make()) for make in makers] for _ in range(3)]
    return [sorted(column)[1] for column in zip(*times, strict=True)]


def against_draft(shot: Film) -> str:
    """Drawing and encoding, ours and an earlier draft's in turn, as long and as large, by the same settings."""
    what = f"| draw + encode against the earlier draft's code, {shot.size[1]}p "
    draft = os.environ.get("STUDY")
    if not draft:
        return f"{what}| not compared: `make bench STUDY=DIR` names the draft's folder | ≥ 1.7 × |"
    ours, theirs = [], []
    for _ in range(3):
        work = partial(shot.encoded, shot.drawn())
        spent, seconds = time.process_time(), timed(work)
        ours.append((shot.frames / seconds, (time.process_time() - spent) / shot.frames))
        line = [sys.executable, str(ROOT / "scripts" / "bench_draft.py"), draft, f"{shot.size[0]}x{shot.size[1]}"]
        found = json.loads(subprocess.run([*line, str(SECONDS)], check=True, capture_output=True).stdout)
        theirs.append((found["frames"] / found["seconds"], found["cpu"] / found["frames"]))
    (fps, cpu), (fps_then, cpu_then) = sorted(ours)[1], sorted(theirs)[1]
    return (
        f"{what}| {fps:.0f} fps against {fps_then:.0f} fps: {fps / fps_then:.2f} × "
        f"({1000 * cpu:.1f} ms of processor time a frame against {1000 * cpu_then:.1f}) | ≥ 1.7 × |"
    )


def it_runs(size: tuple[int, int], fps: int) -> str:
    """Two seconds, drawn and encoded."""
    shot = film(size, 2, fps)
    frames = shot.drawn()
    seconds = timed(partial(shot.encoded, frames))
    return f"| draw + encode, {size[1]}p at {fps} fps | {shot.frames / seconds:.0f} fps | runs |"


def large_memory() -> str:
    """The peak of a 1080p video, all stages in one process."""
    sentence = "This sentence is spoken again and again, until it is over. "
    with tempfile.TemporaryDirectory() as folder:
        result, _, peak = avatar(
            "pipeline", "run", sentence * 8, "--size", "1920x1080", "--output", f"{folder}/x.mp4", folder=folder
        )
    return f"| peak memory, 1080p25, {result['duration_s']:.0f} s | {peak / 1e6:.0f} MB | ≤ 350 MB |"


def memory() -> str:
    """Ten minutes of video: the peak must not grow with the length."""
    sentence = "This sentence is spoken again and again, until the ten minutes are over. "
    with tempfile.TemporaryDirectory() as folder:
        result, _, peak = avatar("pipeline", "run", sentence * 110, "--output", f"{folder}/long.mp4", folder=folder)
        short, _, small = avatar("pipeline", "run", sentence * 5, "--output", f"{folder}/short.mp4", folder=folder)
    return (
        f"| peak memory, 720p25 | {peak / 1e6:.0f} MB for {result['duration_s'] / 60:.1f} minutes, "
        f"{small / 1e6:.0f} MB for {short['duration_s'] / 60:.1f} | < 400 MB for 10 minutes |"
    )


def startup() -> str:
    """`avatar --help` against a bare Python, medians of nine, taken in turn."""
    bare = [sys.executable, "-c", "pass"]
    command = [str(Path(sys.executable).with_name("avatar")), "--help"]
    times: list[list[float]] = [[], []]
    for _ in range(9):
        for line, kept in zip((bare, command), times, strict=True):
            kept.append(timed(partial(subprocess.run, line, stdout=subprocess.DEVNULL, check=True)))
    python, ours = (sorted(kept)[4] * 1000 for kept in times)
    ratio = f"{ours:.0f} ms against {python:.0f} ms: {ours / python:.1f} ×"
    return f"| `avatar --help` against `python -c pass` | {ratio} | ≤ 5 × |"


def timed(work: Callable[[], Any]) -> float:
    """Wall-clock seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(Path(sys.argv[1]))
