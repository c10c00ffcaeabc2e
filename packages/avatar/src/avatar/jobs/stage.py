"""The process that carries out stages: a question a line on standard input, answers a line each on standard output.

It ends with its worker: when standard input closes it kills itself and all that it started.
"""

import dataclasses
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from avatar.cache import StageCache
from avatar.errors import AvatarError
from avatar.jobs.folder import JobFolder
from avatar.jobs.spec import Spec, library_of, unpack
from avatar.jobs.tasks import TASKS
from avatar.pipeline import DubRequest, Result, Studio, dub, open_studio, render
from avatar.settings import Settings

_SECONDS_BETWEEN = 0.5
"""At most two words of progress a second."""


class _Paused(Exception):
    """A stage has been done that was not done before: that is enough for one step."""


class _Watched(StageCache):
    """A cache that notes which stage was made, rather than found."""

    made = ""

    @contextmanager
    def publish(self, stage: str, key: str) -> Iterator[Path]:
        """As StageCache, noting the stage."""
        with super().publish(stage, key) as folder:
            yield folder
        self.made = stage


class _Progress:
    """Says how far it is, and stops the run after the first stage that had to be made."""

    def __init__(self, answers: TextIO, cache: _Watched) -> None:
        self._answers = answers
        self._cache = cache
        self._next = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """As `pipeline.Progress`."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN
            _say(self._answers, {"progress": [stage, round(fraction, 3)]})
        if fraction >= 1.0 and self._cache.made == stage:
            raise _Paused(stage)


def main() -> None:
    """Answer until standard input closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    settings, owner = Settings.model_validate_json(sys.argv[1]), sys.argv[2]
    _limit(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    questions: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    cache = _Watched(settings.cache, owner)
    with open_studio(settings) as studio:
        studio.cache = cache
        while True:
            question = json.loads(questions.get())
            cache.made = ""
            _say(answers, _answer(question, settings, studio, _Progress(answers, cache)))


def _answer(question: dict[str, Any], settings: Settings, studio: Studio, on_progress: _Progress) -> dict[str, Any]:
    """One step of a job, or a task: {"stage", "result"}, or {"error"}."""
    try:
        if "task" in question:
            studio.settings, studio.library = settings, library_of(settings, question["tenant"])
            return {"stage": question["task"], "result": TASKS[question["task"]](studio, **question["arguments"])}
        return _advance(question, settings, studio, on_progress)
    except AvatarError as error:
        message = _without_places(error.message, question, settings)
        return {"error": _about(type(error).__name__, message, error.hint, error.exit_code)}
    except Exception as error:  # noqa: BLE001  the edge of the process: a person gets a line, the log the rest
        traceback.print_exc(file=sys.stderr)
        line = f"something unexpected went wrong: {type(error).__name__}: {error}"
        return {"error": _about("AvatarError", line, "see the worker's log", 1)}


def _advance(question: dict[str, Any], settings: Settings, studio: Studio, on_progress: _Progress) -> dict[str, Any]:
    spec = Spec.load(question["spec"])
    folder = JobFolder(Path(question["root"]), question["job"])
    studio.settings = Settings.model_validate(settings.model_dump() | spec.settings)
    studio.library = library_of(settings, spec.tenant)
    try:
        folder.result.mkdir(parents=True, exist_ok=True)
        request = unpack(spec, folder)
        if isinstance(request, DubRequest):
            result = dub(request, studio, on_progress)
        else:
            result = render(request, studio, on_progress)
    except _Paused as paused:
        return {"stage": str(paused), "result": None}
    return {"stage": "delivery", "result": _plain(result, folder)}


def _without_places(message: str, question: dict[str, Any], settings: Settings) -> str:
    """Where this machine keeps things is nothing to whoever sent them."""
    arguments = question.get("arguments", {})
    for path in filter(None, (arguments.get("path"), arguments.get("recording"))):
        message = message.replace(path, "the upload").replace(Path(path).name, "the upload")
    for folder in (settings.jobs / "work" / question.get("job", "-"), settings.jobs):
        message = message.replace(f"{folder}/", "")
    return message


def _plain(result: Result, folder: JobFolder) -> dict[str, Any]:
    """The result as JSON. Its files are named as they are in the job's folder; a picture within is left out."""
    plain = dataclasses.asdict(result)
    for field in ("output", "poster"):
        plain[field] = Path(plain[field]).name
    plain["captions"] = [Path(name).name for name in plain["captions"]]
    parameters: Mapping[str, Any] = plain["portrait"]["parameters"]
    plain["portrait"]["parameters"] = {key: value for key, value in parameters.items() if key != "background_picture"}
    if plain["voice"] and "/" in plain["voice"]["requested"]:
        plain["voice"]["requested"] = Path(plain["voice"]["requested"]).relative_to(folder.path).as_posix()
    return plain


def _about(kind: str, message: str, hint: str, code: int) -> dict[str, Any]:
    return {"type": kind, "message": message, "hint": hint, "exit_code": code}


def _say(answers: TextIO, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value, default=str) + "\n")
    answers.flush()


def _listen(questions: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        questions.put(line)
    if sys.platform == "win32":
        os._exit(0)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _limit(megabytes: int) -> None:
    """Bound the memory of a process that reads what strangers send. Windows has no such call."""
    if megabytes and sys.platform != "win32":
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
