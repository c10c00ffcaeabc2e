"""Measure, and write docs/benchmarks.md: ratios side by side in one run, with the machine they were taken on.

python scripts/bench.py docs/benchmarks.md
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZE = (1280, 720)
FPS = 25


def main(target: Path) -> None:
    """Run every measurement and write the page."""
    rows = [text_to_video(), memory(), startup()]
    # Drawing last: a process started from this one counts our peak memory as its own.
    rows += [drawing_against_encoding(size, goal) for size, goal in ((SIZE, 110), ((1920, 1080), 55))]
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


def drawing_against_encoding(size: tuple[int, int], goal: int) -> str:
    """Drawing and encoding together, against encoding the same frames alone."""
    from avatar import codec
    from avatar.engine.presenter import EmbeddedLipSync, EmbeddedPainter
    from avatar.engine.speech import EmbeddedSpeech
    from avatar.media import Audio, Utterance, join

    with EmbeddedSpeech() as speech:
        whole = join(speech.speak("The quick brown fox jumps over the lazy dog. " * 4, speech.default_voice(), "en"))
    seconds = 8
    spoken = Utterance(
        whole.text, "en", Audio(whole.audio.samples[: seconds * whole.audio.rate], whole.audio.rate), whole.phones
    )
    portrait = EmbeddedPainter().paint("a woman with long brown hair, office", 1, size)

    def drawn() -> Any:
        return EmbeddedLipSync().animate(portrait, spoken, fps=FPS, size=size, seed=1)

    count = seconds * FPS
    drawing = count / timed(lambda: [None for _ in drawn()])
    frames = [frame.copy() for frame in drawn()]
    with tempfile.TemporaryDirectory() as folder:

        def encode(source: Any) -> None:
            codec.write_mp4(
                source, spoken.audio, Path(folder) / "x.mp4", fps=FPS, size=size, settings=codec.EncoderSettings()
            )

        alone = count / timed(lambda: encode(frames))
        both = count / timed(lambda: encode(drawn()))
    return (
        f"| draw + encode against the encoder alone, same frames, x264 veryfast crf 20, {size[1]}p "
        f"| {both:.0f} fps against {alone:.0f} fps: {both / alone:.0%} (drawing alone {drawing:.0f} fps) "
        f"| ≥ 50 % and ≥ {goal} fps |"
    )


def memory() -> str:
    """Ten minutes of video: the peak must not grow with the length."""
    sentence = "This sentence is spoken again and again, until the ten minutes are over. "
    with tempfile.TemporaryDirectory() as folder:
        result, _, peak = avatar("pipeline", "run", sentence * 150, "--output", f"{folder}/long.mp4", folder=folder)
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
