"""Draw and encode with an earlier draft of the presenter, which is no part of this repository: `make bench STUDY=DIR`.

python scripts/bench_draft.py DIR WIDTHxHEIGHT SECONDS    prints {"frames": ..., "seconds": ..., "cpu": ...}
"""

import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(draft: str, size: str, seconds: str) -> None:
    """The draft's own person, speech, motion and encoder (x264 veryfast, crf 20), as its demo calls them."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the draft wants it
    sys.path.insert(0, draft)
    presenter, encoder, sheet, synth = (importlib.import_module(name) for name in ("avatar", "enc", "sheet", "synth"))
    width, height = (int(side) for side in size.split("x"))
    sound, events, duration = synth.make(1, float(seconds))
    mouths = synth.track(events, duration)
    motion = synth.motion(len(mouths), 25, events)
    rig = presenter.Avatar(_person(presenter, sheet), width, height)
    began, spent = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "draft.mp4")
        frames = encoder.encode(target, _frames(rig, mouths, motion), width, height, audio=sound)
    print(json.dumps({
        "frames": frames, "seconds": time.perf_counter() - began, "cpu": time.process_time() - spent,
    }))  # fmt: skip


def _person(presenter: Any, sheet: Any) -> Any:
    return presenter.Spec(
        1, fem=True, hair="long", skin=sheet.SKIN[1], haircol=sheet.HAIR[2], cloth="blazer", clothcol="27364f",
        beard=None, glasses=False, style="soft", bgkind="window", bg=sheet.BG[0], jawline=-0.4, lipfull=1.1,
        earrings=False,
    )  # fmt: skip


def _frames(rig: Any, mouths: Any, motion: Any) -> Iterator[Any]:
    for i, mouth in enumerate(mouths):
        turn = {name: motion[name][i] for name in ("blink", "brow", "yaw", "pitch", "roll", "breath")}
        yield rig.draw(mouth, gaze=(motion["gx"][i], motion["gy"][i]), smile=0.35, **turn)


if __name__ == "__main__":
    main(*sys.argv[1:])
