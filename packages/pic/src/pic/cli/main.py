"""`main`: parse, find the repository, act, print. Expected errors are one line and what to do."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pic.cli.answer import Answer
from pic.cli.parser import build_parser, spelled_out
from pic.errors import InputError, PicError
from pic.store.files import REFUSALS, refusal

__all__ = ["build_parser", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run `pic`. Exit codes: 0 done, 1 refused by a rule, 2 usage, 3 record damaged or locked, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    gc.disable()  # a command is over before collecting would pay
    parser = build_parser()
    options = parser.parse_args(spelled_out(sys.argv[1:] if argv is None else argv))
    if options.act is None:
        parser.error("a command is needed; see: pic --help")
    try:
        answer = _act(options)
        _say(options, answer)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the edge: one line for a person, the rest in a file
        return _fail(options, error)
    return answer.code


def _fail(options: argparse.Namespace, error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in REFUSALS:
        error = refusal(error)
    return _refuse(options, error) if isinstance(error, PicError) else _unexpected(error)


def _act(options: argparse.Namespace) -> Answer:
    from pic.cli import settings
    from pic.store.place import find
    from pic.workflow.context import Context

    place = find(Path.cwd())
    context = Context(place, settings.actor(place, options.actor, options.token))
    answer: Answer = options.act(context, options)
    return answer


def _say(options: argparse.Namespace, answer: Answer) -> None:
    if options.json:
        print(json.dumps(answer.data, indent=2, ensure_ascii=False))
    elif answer.lines:
        print("\n".join(answer.lines))


def _refuse(options: argparse.Namespace, error: PicError) -> int:
    from pic.model.text import shown

    message, hint = shown(error.message), shown(error.hint)
    if options.json:
        print(json.dumps({"error": message, "hint": hint, "exit": error.exit_code}))
    print(f"pic: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr)
    return error.exit_code


def _unexpected(error: BaseException) -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="pic-error-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    wrapped = InputError(f"unexpected {type(error).__name__}: {error}", f"the whole story: {log.name}")
    print(f"pic: {wrapped.message}\n  {wrapped.hint}", file=sys.stderr)
    return 3
